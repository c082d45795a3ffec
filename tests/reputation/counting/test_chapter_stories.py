"""Whatever people and moderators do with a number of several chapters, it is as folded anew."""

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from reputation.counting import refolding
from reputation.models import (
    AuditEntry,
    Chapter,
    ChapterBucket,
    EvidenceBucket,
    ImportedComplaint,
    Number,
    Report,
    Reporter,
    VoiceLink,
)
from reputation.moderation import (
    DecisionError,
    block_reporter,
    mark_reassigned,
    merge_report,
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
from reputation.reports.linking import LinkRefused, merge_reporters
from reputation.reports.unlinking import unlink
from tests.given.chapters import assert_as_folded_anew
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, moderator, newcomer, row, say, veteran

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("short_chapters")]

CATEGORIES = ("loan_scam", "telemarketing", "robocall", "legitimate")
REFUSED = (ReportError, ReportNotFound, LinkRefused, DecisionError)


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
            merge_report(actor=self.judge, report=other, keep=kept, reason="twins", now=self.now)

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
        known = list(ImportedComplaint.objects.order_by("pk").values_list("pk", flat=True))
        some = self.chance.sample(known, min(3, len(known)))
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
