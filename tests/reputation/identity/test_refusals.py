"""What names nobody is refused, and the error names the remedy."""

import pytest

from reputation.identity import (
    InvalidNumber,
    identify,
)


def key(raw: str, region: str = "") -> str:
    return identify(raw, region=region).key


@pytest.mark.parametrize(
    ("raw", "region", "code"),
    [
        ("", "", "empty"),
        (" \u200b ", "", "empty"),
        ("tel:", "", "empty"),
        ("none", "US", "empty"),
        ("N/A", "US", "empty"),
        ("anonymous", "", "withheld"),
        ("Private Number", "US", "withheld"),
        ("sip:anonymous@anonymous.invalid", "", "withheld"),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', "", "withheld"),
        ("未知号码", "CN", "withheld"),
        ("【未知】", "CN", "withheld"),
        ("CN@UNKNOWN", "", "withheld"),
        ("-2", "", "withheld"),
        ("P", "US", "withheld"),
        ("OUT-OF-AREA", "US", "withheld"),
        ("NO-NUMBER", "US", "withheld"),
        ("US@NO_CALLER_ID", "", "withheld"),
        ("asterisk", "US", "withheld"),
        # in the words of phones, networks and routers, in whatever order
        ("Unbekannter Teilnehmer", "DE", "withheld"),
        ("Rufnummer unterdrückt", "DE", "withheld"),
        ("unterdrückte Rufnummer", "DE", "withheld"),
        ("Privat", "DE", "withheld"),
        ("Numéro privé", "FR", "withheld"),
        ("Appel masqué", "FR", "withheld"),
        ("Número oculto", "ES", "withheld"),
        ("Numero sconosciuto", "IT", "withheld"),
        ("Número particular", "BR", "withheld"),
        ("Privénummer", "NL", "withheld"),
        ("Anoniem", "NL", "withheld"),
        ("Numer zastrzeżony", "PL", "withheld"),
        ("Dolt nummer", "SE", "withheld"),
        ("Неизвестный номер", "RU", "withheld"),
        ("Приватний номер", "UA", "withheld"),
        ("Özel numara", "TR", "withheld"),
        ("Άγνωστος", "GR", "withheld"),
        ("رقم خاص", "AE", "withheld"),
        ("חסוי", "IL", "withheld"),
        ("निजी नंबर", "IN", "withheld"),
        ("私密号码", "CN", "withheld"),
        ("未顯示號碼", "TW", "withheld"),
        ("私人號碼", "HK", "withheld"),
        ("表示圏外", "JP", "withheld"),
        ("ﾋﾂｳﾁ", "JP", "withheld"),
        ("비공개 번호", "KR", "withheld"),
        ("Số cá nhân", "VN", "withheld"),
        ("DE@PRIVAT", "", "withheld"),
        ("+8656696", "CN", "withheld"),  # Twilio: UNKNOWN, on a keypad
        ("+266696687", "", "withheld"),
        ("undefined", "US", "empty"),
        ("4915112345678@lid", "", "not_a_number"),  # WhatsApp hides who that is
        ("[Number]", "US", "empty"),  # a template of 3CX that was not filled in
        ("[NUMBER]", "US", "empty"),  # FreePBX
        ("<callerid>", "US", "empty"),
        ("Phone number", "US", "empty"),
        ("Rufnummer", "DE", "empty"),
        ("【号码】", "CN", "empty"),
        ("NaN", "US", "empty"),
        ("13812345678", "", "region_required"),
        ("13012345678", "", "region_required"),  # also a landline in Maryland
        ("95533", "", "region_required"),
        ("106575258192001234", "", "region_required"),
        ("BANKNAME", "", "letters"),
        ("hello abc", "", "letters"),
        ("800FLOWERS", "", "letters"),
        ("12345678901234567890", "", "region_required"),
        ("13812345678", "XX", "unknown_region"),
        ("+8613812345678", "XX", "unknown_region"),
        ("+8613812345678", "CHN", "unknown_region"),
        ("+8613812345678", "001", "unknown_region"),
        ("+8613812345678", "中国", "unknown_region"),
        ("1" * 201, "CN", "too_long"),
        ("+" + "1" * 40, "", "too_long"),
        ("106575258192001234567", "CN", "too_long"),
        ("ABCDEFGHIJKL", "GB", "too_long"),
        ("a loan for you today", "CN", "too_long"),
        ("?", "CN", "not_a_number"),
        ("*67", "US", "not_a_number"),
        ("138+12345678", "CN", "not_a_number"),
        ("foo@bar.com", "US", "not_a_number"),
        ("sip:alice@example.com", "US", "not_a_number"),
        ("sip:10.0.0.1:5060", "CN", "not_a_number"),
        ("skype:echo123", "US", "not_a_number"),
        ("'", "CN", "not_a_number"),
        ('""', "CN", "not_a_number"),
        ("anonymous;x=1", "CN", "not_a_number"),
        ("CN:BANK", "", "not_a_number"),
        ("4242972172,347284638", "US", "not_a_number"),
        ("781558****", "US", "not_a_number"),
        ("951677xxxx", "US", "not_a_number"),
        ("138XXXX5678", "CN", "not_a_number"),
        # a spreadsheet rounded these: many numbers would become one sender
        ("4.93023E+12", "DE", "not_a_number"),
        ("1,2026e+10", "US", "not_a_number"),
        ("https://x.example", "US", "not_a_number"),
        ("%FF%FE", "US", "not_a_number"),
        ("%" + "25" * 20 + "41", "US", "not_a_number"),  # encoded twenty times over
        ("\udcff", "US", "not_a_number"),
        ("+8613812345678\x00", "", "not_a_number"),
        ("+999 123 456 789", "", "impossible"),  # no such calling code
        ("+95533", "", "impossible"),
        ("+999123", "US", "impossible"),
        ("+999123", "CN", "impossible"),
        ("+1202", "", "impossible"),  # an area code without the rest
        ("+1202", "US", "impossible"),
        ("+1202", "GB", "impossible"),
        ("+1 (800)", "CA", "impossible"),
        ("+4922122", "", "impossible"),
        ("+861381234567890", "", "impossible"),
        ("22661234", "IN", "impossible"),
        ("310-1234", "CA", "impossible"),
        ("65529988", "CN", "impossible"),  # the area code is missing
        ("456-1111", "US", "impossible"),
        ("12", "US", "impossible"),
        ("1234567890", "US", "impossible"),
        ("+10234567890", "", "impossible"),
        ("0000000000", "US", "impossible"),
        ("000 000 000", "ES", "impossible"),
        ("+34000000000", "", "impossible"),
        ("70611454600144", "US", "impossible"),
        ("+49 301234 5678901234", "", "impossible"),  # the library would take 16 digits
    ],
)
def test_what_is_refused(raw: str, region: str, code: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        identify(raw, region=region, allow_fictional=True)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("110", "CN"),
        ("１１０", "CN"),
        ("1 1 0", "CN"),
        ("119", "CN"),
        ("120", "CN"),
        ("122", "CN"),
        ("999", "CN"),
        ("CN:110", ""),
        ("CN:110", "US"),
        ("tel:110", "CN"),
        ("tel:110;phone-context=+86", ""),
        ("sip:110@host", "CN"),
        ("110;ext=1", "CN"),
        ("110;npdi", "CN"),
        ("'110", "CN"),
        ('="110"', "CN"),
        ("0110", "CN"),
        ("+110", "CN"),
        ("+86110", ""),
        ("+86 0 110", ""),
        ("+86-110", "US"),
        ("0086110", ""),
        ("0086110", "CN"),
        ("86110", "CN"),
        ("%2B86110", ""),
        ("911", "US"),
        ("911", "CN"),
        ("911", ""),
        ("+1 911", ""),
        ("1911", "US"),
        ("+1 911", "CA"),
        ("112", "DE"),
        ("112", ""),
        ("112", "US"),
        ("110", "DE"),
        ("+49110", ""),
        ("999", "GB"),
        ("+44 999", ""),
        ("999", "JE"),
        ("000", "AU"),
        ("+61000", ""),
        ("118", "JP"),
        ("119", "JP"),
        ("15", "FR"),
        ("17", "FR"),
        ("102", "RU"),
        ("100", "IN"),
        ("190", "BR"),
    ],
)
@pytest.mark.parametrize("allow_fictional", [False, True])
def test_emergency_numbers_have_no_key(raw: str, region: str, allow_fictional: bool) -> None:
    with pytest.raises(InvalidNumber) as caught:
        identify(raw, region=region, allow_fictional=allow_fictional)
    assert caught.value.code == "emergency"


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("376118", "AD"),  # a landline, though 118 behind Andorra's calling code would be one
        ("+86 755 110 1101", ""),
        ("+1 911 555 2368", ""),
        ("12110", "CN"),
    ],
)
def test_what_only_looks_like_an_emergency_number(raw: str, region: str) -> None:
    assert key(raw, region)


FICTIONAL = [
    "+12025550100",
    "+12025550199",
    "+18005550123",
    "+447700900000",
    "+447700900999",
    "+441134960000",
    "+441214960999",
    "+441914980000",
    "+442079460000",
    "+442079460958",
    "+442896496000",
    "+442890180000",
    "+442920180999",
    "+441632960000",
    "+448081570000",
    "+449098790999",
    "+443069990000",
    "+33199001234",
    "+33639980000",
    "+46701740605",
    "+46701740699",
    "+4684650042" + "0",
    "+493023125000",
    "+4917139200" + "42",
    "+61255501234",
    "+61870101234",
    "+61491570006",
    "+61491579455",
    "+611800160401",
]


@pytest.mark.parametrize("number", FICTIONAL)
def test_numbers_reserved_for_fiction(number: str) -> None:
    for shape in (number, f"tel:{number}", f"00{number[1:]}"):
        with pytest.raises(InvalidNumber) as caught:
            identify(shape)
        assert caught.value.code == "fictional"
        assert identify(shape, allow_fictional=True).key == number


@pytest.mark.parametrize(
    "number",
    [
        "+12025550099",
        "+12025550200",
        "+12025560100",
        "+447700901000",
        "+447700899999",
        "+442079461000",
        "+441632961000",
        "+33639990000",
        "+46701740604",
        "+46701740700",
        "+61491570007",
        "+61255511234",
    ],
)
def test_the_neighbours_of_fiction_are_real(number: str) -> None:
    assert key(number) == number


@pytest.mark.parametrize("raw", [None, 8613812345678, b"+8613812345678", ["+86"], 1.5, object()])
def test_what_is_not_text(raw: object) -> None:
    with pytest.raises(InvalidNumber) as caught:
        identify(raw)  # type: ignore[arg-type]
    assert caught.value.code == "not_a_number"


@pytest.mark.parametrize("region", [None, 86, b"CN", ["CN"], {}])
def test_a_region_that_is_not_text(region: object) -> None:
    with pytest.raises(InvalidNumber) as caught:
        identify("+8613812345678", region=region or 1)  # type: ignore[arg-type]
    assert caught.value.code == "unknown_region"


@pytest.mark.parametrize(
    ("raw", "region", "remedy"),
    [
        ("", "", "send the number"),
        ("anonymous", "", "block withheld calls"),
        ("?", "CN", "send one number"),
        ("95533", "", "pass region"),
        ("95533", "XX", "pass an ISO 3166"),
        ("1" * 201, "", "at most 20 digits"),
        ("456-1111", "US", "missing area code"),
        ("110", "CN", "report the call-back number"),
        ("+12025550123", "", "report the number that called"),
    ],
)
def test_errors_name_the_remedy(raw: str, region: str, remedy: str) -> None:
    with pytest.raises(InvalidNumber, match=remedy):
        identify(raw, region=region)
