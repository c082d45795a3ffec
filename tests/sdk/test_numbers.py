"""Numbers are read offline as the server reads them, in whatever form a telephone, a PBX or an
address book hands them on."""

import json

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType
from ringscore import (
    Contacts,
    InvalidNumber,
    OnFailure,
    Screener,
    Source,
    _numbers,
    _requests,
    _written,
)

from reputation.identity import REGIONS, addresses, digits, plans
from tests.given.written_numbers import AROUND, BRANCHES, ENDS, read_by_server, written_numbers


def read(raw: str, region: str = "") -> str:
    try:
        return _numbers.canonical(raw, region=region)
    except InvalidNumber:
        return ""


def test_what_is_around_a_number_is_read_as_the_server_reads_it() -> None:
    forms = list(written_numbers())
    assert {raw: read(raw) for raw in forms} == {raw: read_by_server(raw) for raw in forms}


def test_without_a_numbering_plan_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_numbers, "_plans", lambda: None)
    forms = list(written_numbers())
    assert {raw: read(raw) for raw in forms} == {raw: read_by_server(raw) for raw in forms}


def test_without_a_plan_an_extension_behind_a_dash_makes_no_other_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert {raw: read(raw) for raw in BRANCHES} == {raw: read_by_server(raw) for raw in BRANCHES}
    monkeypatch.setattr(_numbers, "_plans", lambda: None)
    assert {raw: read(raw) for raw in BRANCHES} == {
        raw: read_by_server(raw) if raw.startswith("+4") and "+48" not in raw else ""
        for raw in BRANCHES
    }


@given(
    region=st.sampled_from(sorted(REGIONS)),
    kind=st.sampled_from([PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE]),
    end=st.sampled_from(ENDS),
    around=st.sampled_from(AROUND),
)
def test_a_number_of_any_country_is_read_as_no_other(
    region: str, kind: int, end: str, around: str
) -> None:
    if (example := phonenumbers.example_number_for_type(region, kind)) is None:
        return
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    raw = around.format(f"{number}{end}")
    assert read(raw) in {read_by_server(raw), ""}, raw


@pytest.mark.parametrize(
    ("raw", "region", "key"),
    [
        ("(202) 555-0101 (3)", "US", "+12025550101"),
        ("95533 (2)", "CN", "CN:95533"),
        ("021-62345678-8", "CN", "+862162345678"),
        ("010-65529988-8001", "CN", "+861065529988"),
        ("010-65529988转8001", "CN", "+861065529988"),
        ("+86 21 62345678-8", "", "+862162345678"),
        ("030 90182-0", "DE", "+4930901820"),
        ("030 9018205-12", "DE", "+4930901820512"),
    ],
)
def test_counts_and_extensions_of_national_formats_are_no_part_of_a_number(
    raw: str, region: str, key: str
) -> None:
    assert read(raw, region) == key == read_by_server(raw, region)


def test_the_forms_are_the_servers() -> None:
    assert [_written.EXTENSION, _written.COUNTED, _written.BRANCH] == [
        addresses._EXTENSION,
        addresses._COUNTED,
        digits._BRANCH,
    ]
    assert {str(code) for code in _numbers._EXTENDED} == plans.EXTENDED


@pytest.mark.parametrize("book", ["\u202a+1 (202) 555-0101\u202c", "+1 202-555-0101 x12"])
def test_a_contact_is_known_however_the_address_book_writes_it(book: str) -> None:
    screener = Screener(on_failure=OnFailure.BLOCK)
    for caller in ("+12025550101", "+1 202-555-0101 (3)"):
        assert screener.screen(caller, contacts=Contacts([book])).source is Source.CONTACTS


def test_one_number_given_for_a_list_is_not_taken_for_its_characters() -> None:
    number = "+12025550101"
    screener = Screener(on_failure=OnFailure.ALLOW, block=number, block_names="loans")
    assert screener.screen(number).source is Source.BLOCK_LIST
    assert screener.screen("+12025550102", caller_name="Loans").source is Source.BLOCK_LIST
    assert screener.screen("+447700900123", contacts="+447700900123").source is Source.CONTACTS
    assert json.loads(_requests.lookup_many(number, region="").body) == {"numbers": [number]}


def test_what_is_too_long_for_a_number_is_refused_without_being_searched() -> None:
    with pytest.raises(InvalidNumber) as error:
        _numbers.canonical("+1" + " " * 20_000 + "a")
    assert error.value.code == "too_long"
