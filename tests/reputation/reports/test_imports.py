"""Published complaints become one capped voice, once, whoever imports them and however often."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from reputation.counting import refolding
from reputation.identity import identify
from reputation.lookup.single import look_up
from reputation.models import EvidenceBucket, ImportedComplaint, Number, Report, Reporter
from reputation.moderation import mark_reassigned
from reputation.reports import withdraw_report
from reputation.reports.imports import Imported, PublishedComplaint
from reputation.scoring import trust
from reputation.scoring.categories import Side
from reputation.scoring.evidence import SOURCE_CAP, BucketKind
from tests.given.concurrency import together
from tests.given.published_complaints import FILED, bring, complaint
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, moderator, row, say, veteran

pytestmark = pytest.mark.django_db


def everything() -> tuple[list[dict], list[dict], list[dict]]:
    """All that is stored of numbers, buckets and complaints."""
    return (
        list(Number.objects.order_by("id").values()),
        list(EvidenceBucket.objects.order_by("number_id", "side", "kind", "bucket").values()),
        list(ImportedComplaint.objects.order_by("id").values()),
    )


def refold_all() -> None:
    for number in Number.objects.order_by("id"):
        with transaction.atomic():
            refolding.refold_all([number])
            number.save()


def test_a_complaint_is_kept_and_counted():
    imported = bring(complaint("a"))
    number = row()
    assert imported == Imported(added=1, known=0, numbers=frozenset([number.pk]))
    stored = ImportedComplaint.objects.values().get()
    weight = trust.weight(trust.Record(), Side.UNWANTED)
    assert stored == {
        "id": stored["id"],
        "source": "ftc",
        "digest": b"a".ljust(32, b"."),
        "number_id": number.pk,
        "category": "robocall",
        "subject": "Other",
        "occurred_at": FILED - timedelta(hours=1),
        "filed_at": FILED,
        "seq": 1,
        "weight": weight,
    }
    assert (number.seq, number.reports, number.complaints) == (1, 0, 1)
    assert (number.first_reported_at, number.last_reported_at) == (FILED, FILED)
    assert (number.imported, number.newcomers, number.networks) == (1, 0, 0)
    assert number.category == "robocall"
    assert 0.0 < number.unwanted_short < SOURCE_CAP
    assert look_up(SCAMMER, now=FILED).reasons[:2] == [
        "Before any report: 45% likely to be unwanted.",
        "1 imported complaint from public sources, each source counted as one limited voice.",
    ]


def test_nothing_to_import():
    assert bring() == Imported(0, 0, frozenset())
    assert everything() == ([], [], [])


def test_no_crowd_of_complaints_flags_a_number():
    bring(*(complaint(str(n), filed_at=FILED + timedelta(minutes=n)) for n in range(300)))
    number = row()
    assert number.complaints == 300
    assert number.unwanted_short <= SOURCE_CAP
    assert number.action == "allow"


def test_two_sources_are_two_voices():
    bring(complaint("a"))
    alone = row().unwanted_short
    bring(complaint("a"), source="fcc")
    assert row().unwanted_short > alone
    kinds = EvidenceBucket.objects.order_by("bucket").values_list("kind", "bucket")
    assert list(kinds) == [(BucketKind.SOURCE, "fcc"), (BucketKind.SOURCE, "ftc")]


def test_old_complaints_are_counted_and_weigh_nothing_today():
    long_ago = datetime(2021, 7, 7, 13, tzinfo=UTC)
    bring(*(complaint(str(n), filed_at=long_ago) for n in range(42)))
    answer = look_up(SCAMMER, now=NOW)
    assert (answer.action, answer.score, answer.confidence, answer.status) == (
        "allow",
        0,
        0.0,
        "unknown",
    )
    assert (answer.reports, answer.reporters) == (42, 0)
    assert answer.first_reported_at == answer.last_reported_at == "2021-07-05T00:00:00Z"
    # A report of today counts as if they had never been.
    today = say(veteran("v"), at=NOW).report
    elsewhere = say(veteran("w"), number=BAKERY, at=NOW).report
    assert today.contribution == pytest.approx(elsewhere.contribution)


def test_twice_adds_nothing():
    complaints = [complaint("a"), complaint("b"), complaint("c", BAKERY)]
    bring(*complaints)
    before = everything()
    assert bring(*complaints) == Imported(0, 3, frozenset())
    assert everything() == before
    more = bring(*complaints, complaint("d", BAKERY))
    assert more == Imported(1, 3, frozenset([row(BAKERY).pk]))
    assert (row().complaints, row(BAKERY).complaints) == (2, 2)


def test_the_same_row_twice_in_a_batch_counts_once():
    assert bring(complaint("a"), complaint("a")) == Imported(1, 1, frozenset([row().pk]))
    assert row().complaints == 1


def test_all_of_a_batch_or_none():
    bad = complaint("b", category="nonsense")
    with pytest.raises(KeyError):
        bring(complaint("a"), bad)
    assert everything() == ([], [], [])


def test_the_batch_folds_as_one_after_the_other_would():
    complaints = [
        complaint("a"),
        complaint("b", BAKERY, "telemarketing"),
        complaint("c", category="telemarketing", filed_at=FILED + 3 * DAY),
        complaint("d", category="impersonation", filed_at=FILED - 90 * DAY),
        complaint("e", category="legitimate", filed_at=FILED - DAY),
        complaint("f", category="legitimate", filed_at=FILED),
    ]

    def folded() -> tuple[list[dict], list[tuple]]:
        numbers = [
            {name: value for name, value in number.items() if name != "id"}
            for number in Number.objects.order_by("key").values()
        ]
        columns = ("number__key", "side", "kind", "bucket", "short", "long", "at")
        return numbers, list(EvidenceBucket.objects.order_by(*columns).values_list(*columns))

    bring(*complaints)
    at_once = folded()
    ImportedComplaint.objects.all().delete()
    Number.objects.all().delete()
    for each in complaints:
        bring(each)
    assert folded() == at_once


def test_between_reports_it_lands_where_a_rebuild_lands():
    first = say(veteran("a"), at=NOW - 9 * DAY).report
    bring(complaint("a", filed_at=NOW - 30 * DAY), complaint("b", filed_at=NOW - 2 * DAY))
    say(veteran("b"), at=NOW - DAY)
    bring(complaint("c", category="telemarketing", filed_at=NOW - 5 * DAY), source="fcc")
    withdraw_report(reporter=first.reporter, public_id=first.public_id, now=NOW)
    bring(complaint("d", filed_at=NOW - 400 * DAY))
    number = row()
    assert (number.reports, number.complaints, number.seq) == (1, 4, 6)
    assert number.first_reported_at == NOW - 400 * DAY
    assert number.last_reported_at == NOW - DAY
    before = everything()
    refold_all()
    assert everything() == before


def test_complaints_about_the_former_holder_are_kept_and_not_counted():
    bring(complaint("a"))
    mark_reassigned(actor=moderator(), identity=SCAMMER, reason="carrier's word", now=NOW)
    imported = bring(complaint("b", filed_at=NOW - DAY), now=NOW + DAY)
    assert imported.added == 1
    number = row()
    assert (number.complaints, number.imported, number.unwanted_short) == (0, 0, 0.0)
    assert (number.first_reported_at, number.last_reported_at) == (None, None)
    assert ImportedComplaint.objects.count() == 2
    bring(complaint("c", filed_at=NOW + DAY), now=NOW + 2 * DAY)
    assert row().complaints == 1
    before = everything()
    refold_all()
    assert everything() == before


def test_nobody_gains_by_agreeing_with_complaints():
    reporter = veteran("a")
    say(reporter, at=NOW)
    bring(*(complaint(str(n)) for n in range(20)))
    record = Reporter.objects.values_list("tp", "fn", "tn", "fp").get(pk=reporter.pk)
    assert record == (10.0, 0.0, 10.0, 0.0)
    assert Report.objects.get().credit == 0.0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_add_it_once():
    numbers = [identify(f"+4930901{n:03}") for n in range(60)]
    complaints = [complaint(f"{n}", number) for n, number in enumerate(numbers)]
    forwards, backwards = complaints, complaints[::-1]

    def bring_all(rows: list[PublishedComplaint]) -> list[Imported]:
        return [bring(*rows[start : start + 20]) for start in range(0, len(rows), 20)]

    results = together(
        lambda: bring_all(forwards), lambda: bring_all(backwards), lambda: bring_all(forwards)
    )
    batches = [imported for result in results for imported in result]
    assert sum(imported.added for imported in batches) == 60
    assert sum(imported.known for imported in batches) == 120
    assert list(Number.objects.values_list("complaints", flat=True)) == [1] * 60
    before = everything()
    refold_all()
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_reports_arrive_while_an_import_runs():
    reporters = [veteran(f"v{n}") for n in range(8)]
    complaints = [complaint(f"{n}", filed_at=FILED - n * DAY) for n in range(24)]
    results = together(
        lambda: [bring(*complaints[start : start + 4]) for start in range(0, 24, 4)],
        lambda: [say(reporter, at=NOW) for reporter in reporters],
    )
    assert [len(result) for result in results] == [6, 8]
    number = row()
    assert (number.reports, number.complaints, number.seq) == (8, 24, 32)
    before = everything()
    refold_all()
    assert everything() == before
