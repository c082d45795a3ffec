"""What is read without the serializer is what the serializer would have read."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from api.plain_rows import PlainRows
from api.shapes.reports import ReportRequest

SERIALIZER = ReportRequest()
PLAIN = PlainRows(SERIALIZER)

SOUND: dict[str, st.SearchStrategy[Any]] = {
    "number": st.sampled_from(["+12025550173", " 138 1234 5678 ", "MyBank"]),
    "category": st.sampled_from(["loan_scam", "legitimate"]),
    "occurred_at": st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
    "conduct": st.lists(st.sampled_from(["threats", "privacy_disclosure"]), max_size=7),
    "comment": st.text(max_size=40),
    "region": st.sampled_from(["CN", "us"]),
    "attestation": st.sampled_from(["A", "none"]),
    "callback_number": st.sampled_from(["", "95533"]),
    "claimed_name": st.text(max_size=40),
    "call_count": st.integers(1, 10_000),
    "was_warned": st.booleans(),
    "channel": st.sampled_from(["call", "sms"]),
    "transcript": st.text(max_size=40),
    "other_accounts": st.text(max_size=40),
}
ODD = st.one_of(
    st.none() | st.booleans() | st.floats() | st.integers() | st.dictionaries(st.text(), st.none()),
    st.sampled_from(["", " ", "\0", "\ud800", "x" * 201, "x" * 2001, "x" * 4001, "a\u2028b", "1"]),
    st.sampled_from(["2026-11-24", "2026-11-24T10:00", "2026-W48-2T10:00Z", "20261124T100000+08"]),
    st.sampled_from(["2026-11-24 10:00:00.123456789Z", "0001-01-01T00:00:00+14:00", "TRUE", "A "]),
    st.lists(st.sampled_from(["threats", "nonsense", None, ["threats"]]), max_size=9),
)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    optional = SOUND.keys() - {"number", "category"}
    names = draw(st.sets(st.sampled_from(sorted(optional)))) | {"number", "category"}
    row = {name: draw(SOUND[name]) for name in names}
    for name in draw(st.lists(st.sampled_from([*SOUND, "unknown"]), max_size=2)):
        row[name] = draw(ODD | st.sampled_from(sorted(SOUND)).flatmap(SOUND.__getitem__))
    if draw(st.integers(0, 9)) == 0:
        del row["category"]
    return row


@settings(max_examples=100)
@given(rows())
def test_a_plain_row_is_what_the_serializer_reads(row: dict[str, Any]):
    plain = PLAIN.read(row)
    try:
        read = dict(SERIALIZER.run_validation(row))
    except ValidationError:
        assert plain is None
    else:
        assert plain is None or plain == read
        # The types, too: True is 1.
        assert plain is None or {name: type(value) for name, value in plain.items()} == {
            name: type(value) for name, value in read.items()
        }


@given(st.fixed_dictionaries(SOUND))
@settings(max_examples=10)
def test_rows_that_nothing_is_wrong_with_are_plain(row: dict[str, Any]):
    try:
        SERIALIZER.run_validation(row)
    except ValidationError:  # a NUL among the words, or a moment before the first year
        return
    assert PLAIN.read(row) is not None
