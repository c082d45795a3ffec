"""What a key tells: its country, its kind of line, its block, how it is shown and dialled."""

import pytest

from reputation.identity import block_of, country_of, dialled, display, identify, line_type

GATEWAY = "CN:106575258192001234"


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+12024561111", "US"),
        ("+14169671111", "CA"),
        ("+16002012345", "CA"),
        ("+12423456789", "BS"),
        ("+17872345678", "PR"),
        ("+18092345678", "DO"),
        ("+18002345678", "US"),
        ("+79123456789", "RU"),
        ("+77012345678", "KZ"),
        ("+447400123456", "GB"),
        ("+447911123456", "GG"),
        ("+447781123456", "GG"),
        ("+441534456789", "JE"),
        ("+447624123456", "IM"),
        ("+61412345678", "AU"),
        ("+61891621234", "CC"),
        ("+393471234567", "IT"),
        ("+390669812345", "VA"),
        ("+35818123456", "AX"),
        ("+4740612345", "NO"),
        ("+4779123456", "SJ"),
        ("+8613812345678", "CN"),
        ("+85291234567", "HK"),
        ("+80012345678", ""),
        ("+883510012345", ""),
        ("CN:95533", "CN"),
        ("HK@BANK", "HK"),
    ],
)
def test_a_key_has_a_country_even_where_a_code_has_many(number: str, country: str) -> None:
    assert identify(number).country == country
    assert country_of(number) == country


@pytest.mark.parametrize(
    ("number", "kind", "shown"),
    [
        ("+8613812345678", "mobile", "+86 138 1234 5678"),
        ("+861065529988", "fixed_line", "+86 10 6552 9988"),
        ("+864001234567", "shared_cost", "+86 400 123 4567"),
        ("+12024561111", "fixed_or_mobile", "+1 202-456-1111"),
        ("+18002345678", "toll_free", "+1 800-234-5678"),
        ("+449012345678", "premium_rate", "+44 901 234 5678"),
        ("+445612345678", "voip", "+44 56 1234 5678"),
        ("+447012345678", "personal", "+44 70 1234 5678"),
        ("+447640123456", "pager", "+44 76 4012 3456"),
        ("+445512345678", "uan", "+44 55 1234 5678"),
        ("+19999999999", "unknown", "+1 999-999-9999"),
        ("CN:95533", "short_code", "95533 (CN)"),
        ("CN:106575258192001234", "sms_gateway", "106575258192001234 (CN)"),
        ("CN@建设银行", "sender", "建设银行 (CN)"),
    ],
)
def test_a_key_has_a_kind_of_line_and_is_shown_as_written(
    number: str, kind: str, shown: str
) -> None:
    assert line_type(number) == kind
    assert display(number) == shown


@pytest.mark.parametrize(
    ("number", "country", "digits"),
    [
        ("+8613812345678", "CN", "13812345678"),
        ("+861065529999", "CN", "01065529999"),
        ("+864001234567", "CN", "4001234567"),
        ("+8613812345678", "US", "+8613812345678"),
        ("+8613812345678", "", "+8613812345678"),
        ("+12025550123", "US", "2025550123"),
        ("+12025550123", "CA", "2025550123"),
        ("+4930901820", "DE", "030901820"),
        (GATEWAY, "CN", "106575258192001234"),
        ("CN:95533", "CN", "95533"),
        ("CN@BANKNAME", "CN", "BANKNAME"),
    ],
)
def test_a_key_is_dialled_as_its_country_does_it(number: str, country: str, digits: str) -> None:
    assert dialled(number, country=country) == digits


@pytest.mark.parametrize(
    ("number", "block"),
    [
        ("+8613812345678", "+861381234"),
        ("+4915112345678", "+491511234"),
        ("+436641234567", "+43664123"),
        ("+12024561111", "+1202456"),
        ("+33123456789", "+3312345"),
        ("+4930901820", "+4930"),
        ("+493090182055555", "+4930"),
        ("+43151450012345", "+431"),
        ("+437201234567", "+43720"),
        ("+442079460123", "+44207946"),
        ("+862112345678", "+86211234"),
        ("+80012345678", "+8001234"),
    ],
)
def test_numbers_of_one_hand_share_a_block(number: str, block: str) -> None:
    assert block_of(number) == block
