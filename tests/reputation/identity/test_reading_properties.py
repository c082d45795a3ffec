"""What holds for every input: one number one key, keys are fixed points, one exception."""

from typing import Any

import phonenumbers
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat

from reputation.identity import REGIONS, Identity, InvalidNumber, country_of, identify, line_type

# The machine may be busy: what is tested here is never speed.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
region_names = st.sampled_from(["", *sorted(REGIONS)])
digits = st.text("0123456789", min_size=1, max_size=22)
# National parts as plans trip over them: trunk and carrier prefixes, services, possible lengths.
STARTS = ["", "0", "1", "11", "12593", "15004", "1901", "8", "90", "95", "106", "911"]
national_parts = st.builds(
    str.__add__, st.sampled_from(STARTS), st.text("0123456789", min_size=1, max_size=11)
)


def _examples() -> list[tuple[str, PhoneNumber]]:
    """Valid numbers of every type in every region, but Canada's 310, which has no area code."""
    found = []
    for region in sorted(REGIONS):
        for kind in range(11):
            number = phonenumbers.example_number_for_type(region, kind)
            if number and phonenumbers.is_valid_number(number):
                found.append((region, number))
    return [(region, number) for region, number in found if number.national_number != 3101234]


EXAMPLES = _examples()


def outcome(raw: Any, region: Any = "", allow_fictional: bool = True) -> Identity | str:
    """The identity or the code of the error: all that identify() may do."""
    try:
        return identify(raw, region=region, allow_fictional=allow_fictional)
    except InvalidNumber as error:
        return error.code


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def shapes(number: PhoneNumber, region: str, caller: str) -> dict[str, tuple[str, str]]:
    """How a number is written: name → text and the region it is read in."""
    key = e164(number)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    full_width = str.maketrans("0123456789+- ", "０１２３４５６７８９＋－\u3000")
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    return {
        "e164": (key, caller),
        "international": (international, caller),
        "national": (phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), region),
        "rfc3966": (phonenumbers.format_number(number, PhoneNumberFormat.RFC3966), caller),
        "dialled abroad": (
            phonenumbers.format_out_of_country_calling_number(number, caller),
            caller,
        ),
        "00": (f"00{key[1:]}", ""),
        "sip": (f"sip:{key}@gateway.example;user=phone", caller),
        "name and sip": (f'"Caller" <sips:{key}@gateway.example>;tag=1', caller),
        "url": (f"%2B{key[1:]}", caller),
        "full width": (international.translate(full_width), caller),
        "arabic": (international.translate(arabic), caller),
        "invisible": ("\u200e" + "\u200b".join(international) + "\u202c", caller),
        "extension": (f"{key};ext=123", caller),
    }


@pytest.mark.slow
@pytest.mark.parametrize("caller", ["CN", "US", "GB", "IN", "JP", "KR", "BR"])
def test_all_shapes_of_a_number_meet(caller: str) -> None:
    missed = [
        (name, text, where)
        for region, number in EXAMPLES
        for name, (text, where) in shapes(number, region, caller).items()
        if outcome(text, where) != outcome(e164(number))
    ]
    assert missed == []


def test_every_valid_number_has_a_key_and_its_country() -> None:
    for _, number in EXAMPLES:
        found = outcome(e164(number))
        assert isinstance(found, Identity), (e164(number), found)
        if found.kind == "e164":
            region = phonenumbers.region_code_for_number(number)
            assert found == Identity(e164(number), "" if region == "001" else str(region), "e164")


@untimed
@given(number=st.sampled_from(EXAMPLES), tail=st.integers(0, 99), caller=region_names)
def test_shapes_meet_around_the_examples(
    number: tuple[str, PhoneNumber], tail: int, caller: str
) -> None:
    """The same for their neighbours: numbers nobody chose."""
    region, example = number
    neighbour = PhoneNumber()
    neighbour.merge_from(example)
    neighbour.national_number = int(example.national_number or 0) // 100 * 100 + tail
    assume(phonenumbers.is_valid_number_for_region(neighbour, region))
    assume(neighbour.national_number != 3101234)
    for name, (text, where) in shapes(neighbour, region, caller or "CN").items():
        if where in ("", caller) or name == "national":
            assert outcome(text, where) == outcome(e164(neighbour)), (name, text, where)


@untimed
@given(code=st.sampled_from(CODES), nsn=national_parts, region=region_names)
def test_an_e164_key_is_what_the_library_calls_possible(code: int, nsn: str, region: str) -> None:
    """Whichever path took it: nothing stripped, a possible length, never an emergency number."""
    raw = f"+{code}{nsn}"
    found = outcome(raw, region)
    if isinstance(found, Identity) and found.key == raw:
        number = phonenumbers.parse(raw)
        assert e164(number) == raw
        assert phonenumbers.is_possible_number(number)
        assert len(raw) <= 16
        assert found == Identity(raw, country_of(raw), "e164")


@untimed
@given(code=st.sampled_from(CODES), nsn=national_parts, allow=st.booleans())
def test_fast_and_slow_path_agree(code: int, nsn: str, allow: bool) -> None:
    """A separator bars the fast path, and only that."""
    raw = f"+{code}{nsn}"
    assert outcome(raw, "", allow) == outcome(f" {raw}", "", allow)


@untimed
@given(code=st.sampled_from(CODES), nsn=national_parts)
def test_the_line_type_is_that_of_the_number_as_the_library_reads_it(code: int, nsn: str) -> None:
    for text in (f"+{code}{nsn}", e164(EXAMPLES[int(nsn) % len(EXAMPLES)][1])):
        found = outcome(text)
        if isinstance(found, Identity) and found.kind == "e164":
            kind = phonenumbers.number_type(phonenumbers.parse(found.key))
            told = phonenumbers.PhoneNumberType.to_string(kind).lower()
            assert line_type(found.key) == {
                "fixed_line_or_mobile": "fixed_or_mobile",
                "personal_number": "personal",
            }.get(told, told)


@pytest.mark.slow
def test_the_paths_agree_on_every_prefix_a_library_might_strip() -> None:
    """Every calling code, start and length: what chance would seldom meet."""
    parts = [start + "23456789012"[:n] for start in STARTS for n in range(3, 12)]
    for raw in (f"+{code}{part}" for code in CODES for part in parts):
        found = outcome(raw)
        assert found == outcome(f" {raw}")
        if isinstance(found, Identity) and found.key == raw:
            assert e164(phonenumbers.parse(raw)) == raw


@untimed
@given(nsn=digits, region=region_names)
@example(nsn="86950000000", region="AC")
def test_a_national_key_is_its_own_shape(nsn: str, region: str) -> None:
    found = outcome(nsn, region)
    if isinstance(found, Identity) and found.kind == "national":
        where, _, rest = found.key.partition(":")
        code = phonenumbers.country_code_for_region(where)
        # Another country's service code has its calling code in front, with or without a prefix.
        assert where == region or nsn.startswith(("0", str(code))) or region in ("", "CN")
        assert outcome(rest, where) == found
        written = outcome(f"+{code}{rest}", where)
        # What is in no table there is an area code without the rest: +1202.
        assert written == found or (code, written) == (1, "impossible")


def test_no_region_has_a_key_for_its_emergency_numbers() -> None:
    listed = []
    for region in sorted(REGIONS):
        short = PhoneMetadata.short_metadata_for_region(region)
        if short and short.emergency and short.emergency.example_number:
            number = short.emergency.example_number
            code = phonenumbers.country_code_for_region(region)
            shapes = [number, f"tel:{number}", f"{region}:{number}", f"+{code} {number}"]
            shapes += [f"00{code}{number}", f"sip:{number}@host"]
            landline = phonenumbers.parse(f"+{code}{code}{number}")
            if not phonenumbers.is_valid_number(landline):  # 376 110 is somebody's in Andorra
                shapes.append(f"{code}{number}")
            listed += [(s, region) for s in shapes if outcome(s, region) != "emergency"]
    assert listed == []


service_codes = st.one_of(
    st.from_regex(r"106[0-9]{8,17}", fullmatch=True),
    st.from_regex(r"95[0-9]{3}", fullmatch=True),
    st.from_regex(r"100[0-9]{2}", fullmatch=True),
    st.from_regex(r"12[3-9][0-9]{2}", fullmatch=True),
)


@untimed
@given(code=service_codes, prefix=st.sampled_from(["", "+86", "0086", "86", "+86 ", "0"]))
def test_chinese_service_codes_meet(code: str, prefix: str) -> None:
    assert outcome(prefix + code, "CN") == Identity(f"CN:{code}", "CN", "national")


texts = st.one_of(
    st.text(max_size=30),
    st.text("0123456789+-() .,;#x:@%2B", max_size=30),
    st.text("ABCDEFGabcdefgßŉİ银行ßǅﬁ²①٣ १-&.'", max_size=14),
    st.from_regex(r"(tel:|sip:|[A-Z]{2}[:@]|%2B|00|\+)?[0-9A-Z@;=+.]{0,20}", fullmatch=True),
)


@untimed
@given(raw=texts, region=region_names, other=region_names, allow=st.booleans())
def test_keys_are_fixed_points(raw: str, region: str, other: str, allow: bool) -> None:
    found = outcome(raw, region, allow)
    if isinstance(found, Identity):
        assert identify(found.key, region=other, allow_fictional=allow) == found
        assert found.country == country_of(found.key)
        assert found.kind in {"e164", "national", "sender"}


anything = st.one_of(
    st.text(st.characters(), max_size=250),  # surrogates too
    st.binary(max_size=20),
    st.none() | st.integers() | st.floats() | st.lists(st.text(max_size=3), max_size=2),
)


@untimed
@given(raw=anything | texts, region=anything | region_names)
def test_nothing_but_its_own_error(raw: Any, region: Any) -> None:
    found = outcome(raw, region)
    assert isinstance(found, Identity) or found in {
        "empty",
        "withheld",
        "not_a_number",
        "region_required",
        "letters",
        "unknown_region",
        "too_long",
        "impossible",
        "emergency",
        "fictional",
    }


@pytest.mark.parametrize("unit", ["1", "+", "%25", "(", "x1", "%", "𝟙", "ﷺ", "\u0300", "1 x"])
def test_long_inputs(unit: str) -> None:
    """At the limit nothing explodes, beyond it nothing is looked at."""
    assert isinstance(outcome((unit * 200)[:200], "CN"), str)
    assert outcome(unit * 1_000_000, "CN") == "too_long"
