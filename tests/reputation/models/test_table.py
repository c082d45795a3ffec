"""Rows by constant statements are the rows of the ORM, to the last digit."""

import sys
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from reputation.models import Number, Prepared, Report, Reporter, Table, table

pytestmark = pytest.mark.django_db

NUMBERS, REPORTERS, REPORTS = Table(Number), Table(Reporter), Table(Report)
MOMENT = datetime(2026, 11, 24, 23, 59, 59, 999_999, UTC)
FLOATS = (0.0, 1.0, 0.1 + 0.2, 1 / 3, 1e-300, 5e-324, sys.float_info.max, 123456789.123456789)
TEXTS = ("", "a\nb\\c\"d'e", "\u202e\U0001f4de\x7f", "null", "{}", "2026-01-01")


def numbers() -> list[Number]:
    return [
        Number(
            key=f"+86138{place:08}",
            name=TEXTS[place % len(TEXTS)],
            created_at=MOMENT - timedelta(microseconds=place),
            evidence_at=MOMENT,
            immune_until=MOMENT if place % 2 else None,
            prior=0.45,
            unwanted_short=FLOATS[place],
            legitimate=FLOATS[-1 - place],
            # Of a greater one the ORM makes a whole number of hundreds of digits.
            category_mix={"other": min(FLOATS[place], 2.0**63)} if place else {},
            promoted=bool(place % 2),
        )
        for place in range(len(FLOATS))
    ]


def columns(each: object) -> dict[str, object]:
    return {name: value for name, value in vars(each).items() if name != "_state"}


@pytest.fixture(params=[False, True], ids=["few", "many"])
def _as_many(request, monkeypatch):
    """Few rows are written as many are."""
    if request.param:
        monkeypatch.setattr(table, "MANY", 1)


@pytest.mark.usefixtures("_as_many")
def test_what_is_inserted_and_changed_is_read_as_the_orm_reads_it():
    written = numbers()
    NUMBERS.insert(written)
    assert all(number.pk and not number._state.adding for number in written)
    for number, new in zip(written, reversed(numbers()), strict=True):
        number.legitimate, number.name, number.seq = new.legitimate, "not written", 7
    NUMBERS.update(written, ("legitimate", "seq"))
    kept = list(Number.objects.order_by("pk"))
    assert [each.name for each in kept] == [each.name for each in numbers()]
    assert [each.legitimate for each in kept] == [each.legitimate for each in written]
    query = f"SELECT {NUMBERS.columns('n')} FROM reputation_number n ORDER BY id"  # noqa: S608
    assert [columns(NUMBERS.load(row)) for row in Prepared(query).all()] == list(map(columns, kept))


def test_of_some_columns_the_others_are_read_when_asked_for():
    NUMBERS.insert(numbers()[:2])
    names = ("id", "seq", "key")
    query = f"SELECT {NUMBERS.columns('n', names)} FROM reputation_number n ORDER BY id"  # noqa: S608
    loaded = [NUMBERS.load(row, names) for row in Prepared(query).all()]
    kept = list(Number.objects.order_by("pk"))
    assert list(map(columns, loaded)) == [
        {"id": each.pk, "seq": each.seq, "key": each.key} for each in kept
    ]
    assert [each.name for each in loaded] == [each.name for each in kept]


def test_related_objects_are_set_as_their_fields_set_them():
    reporter = Reporter(kind="key", handle="a", created_at=MOMENT)
    REPORTERS.insert([reporter])
    NUMBERS.insert(numbers()[:1])
    number = Number.objects.get()
    report, usual = REPORTS.new(), Report(reporter=reporter, number=number)
    REPORTS.relate(report, reporter=reporter, number=number)
    assert (report.reporter_id, report.number_id) == (usual.reporter_id, usual.number_id)
    assert report.reporter is reporter
    assert report.number is number


def test_many_are_changed_as_few(monkeypatch):
    NUMBERS.insert(written := numbers())
    for number, new in zip(written, reversed(numbers()), strict=True):
        number.__dict__.update(columns(new) | {"id": number.pk, "key": number.key})
    with monkeypatch.context() as few:
        few.setattr(table, "MANY", 1)
        NUMBERS.update(written)
    changed = list(map(columns, Number.objects.order_by("pk")))
    NUMBERS.update(written)
    assert changed == list(map(columns, Number.objects.order_by("pk")))
    assert [each["name"] for each in changed] == [each.name for each in reversed(numbers())]


LISTS = ([], ["threats", "insult_or_defamation"], ["", "NULL", "{a,b}", 'a"b', "a\\", "\n 叫"])


@pytest.mark.usefixtures("_as_many")
def test_arrays_references_and_identifiers():
    reporter = Reporter(kind="key", handle="a", created_at=MOMENT, backers=[1, 2**40])
    REPORTERS.insert([reporter])
    NUMBERS.insert(numbers()[: len(LISTS)])
    reports = [
        Report(
            reporter=reporter,
            number=number,
            category="other",
            conduct=conduct,
            filed_at=MOMENT,
            counted_at=MOMENT,
            seq=1,
            weight=0.1,
            established=False,
        )
        for number, conduct in zip(Number.objects.order_by("pk"), LISTS, strict=True)
    ]
    REPORTS.insert(reports)
    assert list(map(columns, Report.objects.order_by("pk"))) == list(map(columns, reports))
    for report, conduct in zip(reports, reversed(LISTS), strict=True):
        report.conduct, report.public_id = conduct, uuid.uuid4()
    reporter.backers = [3, -1]
    REPORTS.update(reports)
    REPORTERS.update([reporter])
    assert list(map(columns, Report.objects.order_by("pk"))) == list(map(columns, reports))
    assert Reporter.objects.get().backers == [3, -1]


def test_new_objects_have_the_defaults_of_their_fields():
    for made, usual in ((NUMBERS.new(key="a"), Number(key="a")), (REPORTS.new(), Report())):
        assert columns(made) | {"public_id": ""} == columns(usual) | {"public_id": ""}
        assert made._state.adding
    assert REPORTS.new().conduct is not REPORTS.new().conduct
    assert REPORTS.new().public_id != REPORTS.new().public_id


def test_what_is_there_stays():
    NUMBERS.insert(numbers()[:1])
    NUMBERS.insert_missing([Number(**columns(each) | {"name": "new"}) for each in numbers()[:2]])
    assert list(Number.objects.order_by("pk").values_list("name", flat=True)) == ["", "new"]


@pytest.mark.usefixtures("_as_many")
def test_constraints_hold():
    NUMBERS.insert(numbers()[:1])
    with pytest.raises(IntegrityError, match="number_key_unique"):
        NUMBERS.insert(numbers()[:1])
