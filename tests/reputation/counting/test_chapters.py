"""Numbers with many reports: what is taken back of them concerns few, and reads few."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from reputation.counting import (
    DUE,
    Difference,
    Rescored,
    chapters,
    check_one,
    rescore_one,
    revising,
    trust_pass,
)
from reputation.counting.bucket_rows import CLEAR_BUCKETS
from reputation.counting.chapters import Part
from reputation.counting.locking import NUMBERS
from reputation.models import (
    AuditEntry,
    Chapter,
    ChapterBucket,
    EvidenceBucket,
    ImportedComplaint,
    IntakeMessage,
    IntakeSender,
    Number,
    Report,
    Reporter,
    VoiceLink,
)
from reputation.moderation import (
    block_reporter,
    confirm_number,
    merge_report,
    reject_report,
    undo,
)
from reputation.moderation.retracting import move
from reputation.reports import withdraw_report
from reputation.reports.linking import merge_reporters
from reputation.reports.unlinking import unlink
from reputation.rights import DataSubject, erase
from reputation.scoring import Bucket, logit, to_days
from tests.given.chapters import assert_as_folded_anew, read_whole
from tests.given.published_complaints import bring, complaint
from tests.given.reporters import DAY, NOW, SCAMMER, moderator, newcomer, row, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("short_chapters")]


def test_a_part_sets_all_its_columns_and_no_others():
    number, marks = Number(), {name: object() for name in NUMBERS.names}
    vars(number).update(marks)
    Part().put(number)
    assert {name for name in marks if vars(number)[name] is not marks[name]} == {*chapters.COLUMNS}


def a_crowd(size: int) -> list[Report]:
    return [
        say(
            newcomer(f"c{place}"), at=NOW + place * timedelta(hours=1), network=f"net{place % 7}"
        ).report
        for place in range(size)
    ]


def test_nothing_reads_all_reports_of_a_number_with_several_chapters():
    reports = a_crowd(30)
    judge, now = moderator(), NOW + 3 * DAY
    with read_whole() as whole:
        say(reports[1].reporter, "robocall", at=now)
        withdraw_report(reporter=reports[9].reporter, public_id=reports[9].public_id, now=now + DAY)
        reject_report(actor=judge, report=reports[20], reason="untrue", now=now + DAY)
        undo(
            actor=judge,
            entry=reports[20].decisions.get(),
            reason="true after all",
            now=now + DAY,
        )
        for twin in (reports[4], reports[28]):
            merge_report(
                actor=judge, report=twin, keep=reports[3], reason="one person", now=now + DAY
            )
        confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=now + DAY)
        entry = AuditEntry.objects.get(verb="confirm_number")
        undo(actor=judge, entry=entry, reason="a slip", now=now + DAY)
    assert whole == []
    assert_as_folded_anew(row())


def test_complaints_that_are_retracted_have_no_number_of_several_chapters_read_whole():
    reports = a_crowd(20)
    bring(*(complaint(f"c{place}", filed_at=NOW + place * DAY) for place in range(6)))
    for place in range(20):
        say(newcomer(f"d{place}"), at=NOW + 8 * DAY, network=f"net{place % 5}")
    # The ids of a report and of a complaint may be the same.
    ids = [*ImportedComplaint.objects.order_by("seq").values_list("pk", flat=True)[1:4]]
    ImportedComplaint.objects.filter(pk=ids[0]).update(id=reports[7].pk)
    ids[0] = reports[7].pk
    for count, complaints in ((False, 3), (True, 6)):
        with read_whole() as whole:
            move(ids, count=count, now=NOW + 9 * DAY)
        assert whole == []
        assert (row().complaints, row().reports, row().trust_seq) == (complaints, 40, DUE)
        assert_as_folded_anew(row())


def test_who_is_blocked_linked_or_erased_has_no_number_of_several_chapters_read_whole():
    reports = a_crowd(30)
    judge, now = moderator(), NOW + 3 * DAY
    # Once linked the account counts as one of a cluster as well.
    sender = Reporter.objects.create(kind="email", handle="sender", created_at=NOW, cluster=1)
    account = reports[6].reporter
    Reporter.objects.filter(pk=account.pk).update(kind="person")
    mailed = say(sender, at=now, network="of the sender").report
    IntakeMessage.objects.create(
        channel="email",
        digest="a",
        sealed=b"",
        sender=IntakeSender.objects.create(
            channel="email", handle="sender", reporter=sender, first_seen_at=NOW
        ),
        report=mailed,
        received_at=now,
    )
    with read_whole() as whole:
        block_reporter(actor=judge, reporter=reports[9].reporter, reason="lies", now=now)
        undo(actor=judge, entry=AuditEntry.objects.get(), reason="true after all", now=now)
        assert_as_folded_anew(row())
        merge_reporters(into=Reporter.objects.get(pk=account.pk), other=sender, now=now)
        assert_as_folded_anew(row())
        unlink(link=VoiceLink.objects.get(), now=now)
        assert_as_folded_anew(row())
        erase(who=DataSubject([("email", "sender")]), now=now)
        assert_as_folded_anew(row())
    assert Report.objects.get(pk=mailed.pk).network == ""
    # To compare reads all.
    assert len(whole) == 4


@pytest.mark.parametrize("again", [False, True])
def test_what_lies_far_behind_is_left_to_the_trust_pass(
    again: bool, monkeypatch: pytest.MonkeyPatch
):
    """Of newcomers alone: how much of their bucket fades fast hangs on each of them for months."""
    monkeypatch.setattr(revising, "FARTHEST", 1)
    said = ("loan_scam", "threat")  # they fade at different speed
    reports = [
        say(
            newcomer(f"c{place}"),
            said[place % 2],
            at=NOW + place * timedelta(hours=9),
            network=f"net{place}",
        ).report
        for place in range(40)
    ]
    early, now = reports[2], NOW + 16 * DAY
    before = row()
    with read_whole() as whole:
        if again:
            say(early.reporter, said[0], at=now)
        else:
            withdraw_report(reporter=early.reporter, public_id=early.public_id, now=now)
    assert whole == []
    number = row()
    assert number.trust_seq == DUE
    assert number.reports == before.reports - (not again)
    counted = Report.objects.get(pk=early.pk).contribution if again else 0.0
    left = logit(number.evidence, to_days(now)) - counted
    trust_pass.reweigh_due()
    number = row()
    assert number.trust_seq == number.seq
    anew = logit(number.evidence, to_days(now)) - counted
    assert left != anew
    assert left == pytest.approx(anew, abs=0.01)
    assert_as_folded_anew(number)


def test_a_number_that_is_reweighed_to_what_it_was_is_not_written_anew():
    reports = a_crowd(30)
    trust_pass.reweigh_due()

    def rewritten() -> int:
        """Of how many numbers reweighing deletes the buckets."""
        Number.objects.update(trust_seq=DUE)
        deleted: list[int] = []

        def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            if sql == CLEAR_BUCKETS.text:
                deleted.append(rest[0] != ("{}",))
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            trust_pass.reweigh_due()
        assert_as_folded_anew(row())
        return sum(deleted)

    assert rewritten() == 0
    # What one says weighs less; then two count as one; then something is not as it was made.
    Reporter.objects.filter(pk=reports[3].reporter_id).update(fp=4.0)
    assert rewritten() == 1
    assert rewritten() == 0
    Reporter.objects.filter(pk=reports[4].reporter_id).update(cluster=1)
    assert rewritten() == 1
    EvidenceBucket.objects.filter(kind=3).update(short=0.5)
    assert rewritten() == 1
    Chapter.objects.filter(chapter=2).delete()
    assert rewritten() == 1
    assert rewritten() == 0


def test_chapters_that_are_not_what_the_number_is_are_folded_anew():
    """As a program leaves them that knows of none, beside which this one is started."""
    reports = a_crowd(30)
    Number.objects.update(unwanted_short=0.25)
    with read_whole() as whole:
        withdraw_report(reporter=reports[9].reporter, public_id=reports[9].public_id, now=NOW + DAY)
    assert len(whole) == 1
    assert_as_folded_anew(row())


def test_what_lies_before_a_marked_chapter_is_not_read():
    reports = a_crowd(30)
    first = Chapter.objects.filter(chapter=1)
    right = first.values_list("own", flat=True).get()
    first.update(own={"not": "read"})
    with read_whole() as whole:
        for place in (13, 29, 25):  # in chapters 3, 7 and 6
            withdraw_report(
                reporter=reports[place].reporter,
                public_id=reports[place].public_id,
                now=NOW + DAY + place * timedelta(hours=1),
            )
    assert whole == []
    first.update(own=right)
    assert_as_folded_anew(row())


@pytest.mark.parametrize("before", [None, "stale"])
def test_a_mark_that_is_not_what_lies_before_it_is_not_believed(before: str | None):
    """As an older program leaves them, which knows no marks, or changes what lies before one."""
    reports = a_crowd(30)
    marked = Chapter.objects.filter(chapter=3)
    right = marked.values_list("before", flat=True).get()
    marked.update(before=before and right | {"reports": 9})
    with read_whole() as whole:
        withdraw_report(reporter=reports[14].reporter, public_id=reports[14].public_id, now=NOW)
    assert len(whole) == (before is not None)
    assert_as_folded_anew(row())


def test_a_number_from_before_there_were_chapters_gets_them_when_it_is_folded_anew():
    reports = a_crowd(30)
    for model in (Chapter, ChapterBucket):
        model.objects.all().delete()
    say(newcomer("late"), at=NOW + 2 * DAY)
    for report, times in ((reports[2], 1), (reports[3], 0)):
        with read_whole() as whole:
            withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW + 2 * DAY)
        assert len(whole) == times
    assert_as_folded_anew(row())


@pytest.mark.django_db(transaction=True)  # to check is a transaction of its own
def test_a_rebuild_tells_which_chapters_are_wrong_and_puts_them_right():
    reports = a_crowd(30)
    now = NOW + 2 * DAY
    # What its chapter noted of the report's buckets stays on record, and is not wrong.
    withdraw_report(reporter=reports[9].reporter, public_id=reports[9].public_id, now=now)
    trust_pass.reweigh_due()
    assert check_one(key=SCAMMER.key, now=now) == Rescored([SCAMMER.key], [])
    right = list(Chapter.objects.order_by("chapter").values())
    [number] = Number.objects.all()
    parts = {chapter: own for chapter, own, _ in chapters.chapters_of(number)}
    Chapter.objects.filter(chapter=2).delete()
    Chapter.objects.filter(chapter=3).update(own=right[3]["own"] | {"reports": 9})
    Chapter.objects.filter(chapter=6).update(before=None)  # one that is not kept is not wrong
    Chapter.objects.filter(chapter=7).update(before=right[7]["before"] | {"complaints": 5})
    network = ChapterBucket.objects.get(number=number, kind=5, bucket="net2", chapter=4)
    assert network.at is not None
    held = Bucket(network.short, network.long, to_days(network.at))
    ChapterBucket.objects.filter(pk=network.pk).update(short=0.5)
    lost = Number()
    parts[2].put(lost)
    expected = [
        Difference(SCAMMER.key, "before chapter 7: complaints", 5, 0),
        *(
            Difference(SCAMMER.key, f"chapter 2: {name}", None, getattr(lost, name))
            for name in sorted(chapters.COLUMNS)
            if getattr(lost, name) is not None
        ),
        Difference(SCAMMER.key, "chapter 3: reports", 9, 4),
        Difference(SCAMMER.key, "chapter 4: bucket 1:5:net2", held._replace(short=0.5), held),
    ]
    assert check_one(key=SCAMMER.key, now=now).differences == expected
    assert rescore_one(key=SCAMMER.key, now=now).differences == expected
    assert list(Chapter.objects.order_by("chapter").values()) == right
    assert check_one(key=SCAMMER.key, now=now) == Rescored([SCAMMER.key], [])
