"""Numbers with many reports: what is taken back of them concerns few, and all is as folded anew."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from reputation.counting import (
    DUE,
    Difference,
    Rescored,
    chapters,
    check_one,
    refolding,
    rescore_one,
    revising,
    trust_pass,
)
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
    DecisionError,
    block_reporter,
    mark_reassigned,
    merge_reports,
    reject_report,
    undo,
)
from reputation.moderation.retracting import move
from reputation.reports import (
    PublishedComplaint,
    ReportError,
    ReportNotFound,
    Statement,
    import_complaints,
    mark_stopped,
    submit_block,
    withdraw_report,
)
from reputation.reports.linking import LinkRefused, merge_reporters, unlink
from reputation.rights import DataSubject, erase
from reputation.scoring import Bucket, logit, to_days
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    moderator,
    newcomer,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db

CATEGORIES = ("loan_scam", "telemarketing", "robocall", "legitimate")
REFUSED = (ReportError, ReportNotFound, LinkRefused, DecisionError)


@pytest.fixture(autouse=True)
def short_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chapters, "CHAPTER", 4)
    monkeypatch.setattr(revising, "FARTHEST", 1_000)


def said_of(number: Number) -> dict[str, Any]:
    """All that is derived from what is said of the number, but for its chapters."""
    buckets = EvidenceBucket.objects.filter(number=number)
    return {
        "number": Number.objects.filter(pk=number.pk).values().get(),
        "buckets": sorted(buckets.values_list("side", "kind", "bucket", "short", "long", "at")),
        "reports": sorted(
            Report.objects.filter(number=number).values_list(
                "seq", "weight", "established", "contribution"
            )
        ),
    }


def assert_as_folded_anew(number: Number) -> None:
    found = said_of(number)
    with transaction.atomic():
        again = Number.objects.select_for_update().get(pk=number.pk)
        refolding.refold_all([again])
        again.save()
        assert found == said_of(again)
        assert_chapters_add_up(again)
        transaction.set_rollback(True)
    assert_chapters_add_up(number)


def assert_chapters_add_up(number: Number) -> None:
    whole = Part()
    for _, own in chapters.chapters_of(number):
        whole = whole.then(own)
    if Chapter.objects.filter(number=number).exists():
        assert whole == Part.of(number)
        [(_, own, before)] = chapters.last_chapters([number]).values()
        assert before.then(own) == whole


@contextmanager
def read_whole() -> Iterator[list[str]]:
    """The statements that read all reports of a number."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql in {refolding.OF_NUMBERS.text, refolding.OF_NUMBERS_BUT.text}:
            found.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found


def test_a_part_sets_all_its_columns_and_no_others():
    number, marks = Number(), {name: object() for name in NUMBERS.names}
    vars(number).update(marks)
    Part().put(number)
    assert {name for name in marks if vars(number)[name] is not marks[name]} == {*chapters.COLUMNS}


class Story:
    """Twelve people, and what happens to one number."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.judge, self.now = moderator(), NOW
        self.people = [veteran(f"v{place}") for place in range(6)]
        self.people += [newcomer(f"n{place}") for place in range(6)]
        self.rejected: list[Any] = []

    def one(self) -> Reporter:
        return self.chance.choice(self.people)

    def report_of(self, who: Reporter, *status: str) -> Report | None:
        return Report.objects.filter(reporter=who, status__in=status or ["live"]).first()

    def report(self) -> None:
        say(
            self.one(),
            self.chance.choice(CATEGORIES),
            at=self.now,
            network=f"net{self.chance.randrange(4)}",
            was_warned=self.chance.random() < 0.1,
        )

    def withdraw(self) -> None:
        who = self.one()
        if mine := self.report_of(who):
            take = self.chance.choice([withdraw_report, mark_stopped])
            take(reporter=who, public_id=mine.public_id, now=self.now)

    def reject(self) -> None:
        if report := self.report_of(self.one(), "live", "withdrawn"):
            reject_report(actor=self.judge, report=report, reason="untrue", now=self.now)
            self.rejected.append(report.decisions.latest("pk"))

    def take_back(self) -> None:
        if self.rejected:
            entry = self.rejected.pop(self.chance.randrange(len(self.rejected)))
            undo(actor=self.judge, entry=entry, reason="true after all", now=self.now)

    def merge(self) -> None:
        kept, other = map(self.report_of, self.chance.sample(self.people, 2))
        if kept and other:
            merge_reports(
                actor=self.judge, keep=kept, duplicates=[other], reason="twins", now=self.now
            )

    def complain(self) -> None:
        some = [
            PublishedComplaint(
                identity=SCAMMER,
                category="robocall",
                subject="",
                digest=self.chance.randbytes(32),
                filed_at=self.now - self.chance.uniform(0, 3) * DAY,
                occurred_at=None,
            )
            for _ in range(self.chance.randrange(1, 7))
        ]
        import_complaints(some, source="ftc", now=self.now)

    def hand_over(self) -> None:
        if self.chance.random() < 0.2 and Number.objects.exists():
            mark_reassigned(actor=self.judge, identity=SCAMMER, reason="a new holder", now=self.now)
            self.rejected.clear()

    def go_on(self) -> None:
        self.now += timedelta(hours=self.chance.uniform(-2, 40))
        deeds = [
            *[self.report] * 12,
            *[self.withdraw] * 4,
            *[self.reject] * 3,
            *[self.take_back] * 2,
            *(self.merge, self.complain, self.hand_over),
        ]
        self.chance.choice(deeds)()


def tell(seed: int, deeds: int) -> None:
    story = Story(seed)
    for _ in range(deeds):
        story.go_on()
        if Number.objects.exists():
            assert_as_folded_anew(row())


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_taken_back_the_number_is_as_folded_anew(seed: int):
    tell(seed, 60)
    assert Chapter.objects.count() > 4
    assert ChapterBucket.objects.exists()
    assert ImportedComplaint.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 22))
def test_as_folded_anew_in_many_stories(seed: int):
    tell(seed, 120)


class Wider(Story):
    """Also four who report by SMS, and the ways in which many reports change at once. What cannot
    be done just then is left."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.senders = [
            Reporter.objects.create(kind="sms", handle=f"s{place}", created_at=NOW, tp=place)
            for place in range(4)
        ]
        self.people += self.senders
        self.moved: list[list[int]] = []

    def one(self) -> Reporter:
        who = super().one()
        who.refresh_from_db()
        return who.merged_into or who

    def link(self) -> None:
        into = self.chance.choice(self.people[:12])
        merge_reporters(into=into, other=self.chance.choice(self.senders), now=self.now)

    def unlink(self) -> None:
        if found := VoiceLink.objects.filter(undone_at=None).order_by("-pk").first():
            unlink(link=found, now=self.now)

    def block(self) -> None:
        block_reporter(actor=self.judge, reporter=self.one(), reason="lies", now=self.now)
        self.rejected.append(AuditEntry.objects.latest("pk"))

    def retract(self) -> None:
        some = list(ImportedComplaint.objects.order_by("?").values_list("pk", flat=True)[:3])
        move(some, count=False, now=self.now)
        self.moved.append(some)

    def put_back(self) -> None:
        if self.moved:
            move(self.moved.pop(), count=True, now=self.now)

    def tell_many(self) -> None:
        entries = [(each, Statement(category="threat")) for each in (SCAMMER, BAKERY)]
        submit_block(reporter=self.one(), entries=entries, network="net1", now=self.now)

    def go_on(self) -> None:
        deeds = [self.link, self.unlink, self.block, self.retract, self.put_back, self.tell_many]
        deed = self.chance.choice([super().go_on, super().go_on, *deeds])
        with suppress(*REFUSED), transaction.atomic():
            deed()


def buckets_as_chapters_began(number: Number) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    opened = ChapterBucket.objects.filter(number=number)
    held = opened.values_list("side", "kind", "bucket", "chapter", "short", "long", "at")
    return {tuple(each[:4]): tuple(each[4:]) for each in held}


def assert_noted_as_folded_anew(number: Number) -> None:
    """What a chapter no longer changes may be noted as well."""
    found = buckets_as_chapters_began(number)
    with transaction.atomic():
        refolding.refold_all([Number.objects.select_for_update().get(pk=number.pk)])
        anew = buckets_as_chapters_began(number)
        ends = {
            tuple(each[:3]): tuple(each[3:])
            for each in EvidenceBucket.objects.filter(number=number).values_list(
                "side", "kind", "bucket", "short", "long", "at"
            )
        }
        transaction.set_rollback(True)
    assert anew.keys() <= found.keys()
    for (*key, chapter), held in found.items():
        later = [place for *other, place in sorted(anew) if other == key and place >= chapter]
        end = ends.get(tuple(key), (0.0, 0.0, None))
        assert held == (anew[*key, later[0]] if later else end)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_as_folded_anew_whatever_becomes_of_many_at_once(seed: int):
    story = Wider(seed)
    for _ in range(90):
        story.go_on()
        for number in Number.objects.all():
            assert_as_folded_anew(number)
            assert_noted_as_folded_anew(number)
    assert VoiceLink.objects.exists()


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
        merge_reports(
            actor=judge,
            keep=reports[3],
            duplicates=[reports[4], reports[28]],
            reason="one person",
            now=now + DAY,
        )
    assert whole == []
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
            if sql == refolding.CLEAR_BUCKETS.text:
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
    parts = dict(chapters.chapters_of(number))
    Chapter.objects.filter(chapter=2).delete()
    Chapter.objects.filter(chapter=3).update(own=right[3]["own"] | {"reports": 9})
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
