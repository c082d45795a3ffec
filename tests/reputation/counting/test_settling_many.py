"""Of many reports settling reads few: credits are those of the rule for each of them."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from reputation.counting import (
    DUE,
    early_reports,
    lock_number,
    publish,
    settle,
    settling,
    trust_pass,
)
from reputation.models import FEW_REPORTS, AuditEntry, Number, Report, Reporter, VoiceLink
from reputation.moderation import (
    DecisionError,
    clear_number,
    confirm_number,
    mark_reassigned,
    reject_report,
    undo,
)
from reputation.reports import withdraw_report
from reputation.reports.linking import LinkRefused, merge_reporters
from reputation.reports.unlinking import unlink
from reputation.scoring import from_days, logit, to_days, trust
from tests.given.reporters import DAY, NOW, SCAMMER, crowd, moderator, newcomer, row, say, veteran

pytestmark = pytest.mark.django_db
ACTS = 45


def many(seq: int = FEW_REPORTS) -> None:
    """The number has had so many reports already."""
    say(newcomer("long ago"), at=NOW - 300 * DAY)
    Number.objects.filter(key=SCAMMER.key).update(seq=seq)


def left_to_settle(number: Number, now: datetime) -> dict[int, float]:
    """The credits that the rule gives, applied to each early report, where they are others."""
    at = to_days(now)
    total = logit(number.evidence, at, number.prior)
    side = 1 if total > 0 else -1
    if not trust.is_settled(total) or number.moderated not in (0, side):
        return {}
    settling.note_truth(number, side)
    since = from_days(at - trust.SETTLE_WINDOW)
    early = [report for report in early_reports(number) if report.counted_at >= since]
    said = [
        trust.decayed_contribution(each.category, each.contribution, to_days(each.counted_at), at)
        for each in early
    ]
    return {
        report.pk: credit
        for report, credit in zip(early, trust.settle(total, said), strict=True)
        if credit != report.credit and not abs(report.credit) >= trust.MODERATOR_CREDIT
    }


def credits() -> dict[int, float]:
    return dict(Report.objects.values_list("pk", "credit"))


def check(now: datetime, *, settled: bool) -> None:
    """`settled`: what has just happened to the number settled it, at this moment."""
    left = left_to_settle(row(), now)
    if settled:
        assert left == {}
    expected = credits() | left
    with transaction.atomic():
        number = lock_number(SCAMMER, now=now)
        settle([number], now=now)
        publish(number, now=now)
    assert credits() == expected
    for report in Report.objects.exclude(full_side=0):
        assert report.full_side == trust.full_side(report.credit, report.contribution)


class Story:
    """What may happen to one number. Each act tells whether it settles the number at once."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.judge = chance, moderator()
        self.people: list[Reporter] = []
        self.lean = 0.5  # how likely a report says that the number is unwanted

    def somebody(self, now: datetime) -> bool:
        make = self.chance.choice((newcomer, newcomer, newcomer, veteran))
        self.people.append(who := make(f"person {len(self.people)}"))
        if self.chance.random() < 0.2:
            Reporter.objects.filter(pk=who.pk).update(kind="sms")
        return self._say(who, now)

    def _say(self, who: Reporter, now: datetime) -> bool:
        unwanted = self.chance.random() < self.lean
        say(
            who,
            self.chance.choice(("loan_scam", "robocall")) if unwanted else "legitimate",
            at=now,
            network=self.chance.choice(("", "one", "two")),
            was_warned=self.chance.random() < 0.05,
        )
        return True

    def crowd(self, now: datetime) -> bool:
        """A handful who say the same: the truth becomes plain, or turns."""
        self.lean = self.chance.choice((0.1, 0.5, 0.9))
        category = self.chance.choice(("loan_scam", "legitimate"))
        for ago in reversed(range(self.chance.randrange(3, 9))):
            self.people.append(who := veteran(f"person {len(self.people)}"))
            say(who, category, at=now - ago * DAY)
        return True

    def again(self, now: datetime) -> bool:
        return self._say(self.chance.choice(self.people), now)

    def take_back(self, now: datetime) -> bool:
        live = Report.objects.live().order_by("pk").select_related("reporter")
        report = self.chance.choice(live)
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=now)
        return True

    def decide(self, now: datetime) -> bool:
        by = {"actor": self.judge, "reason": "heard it", "now": now}
        act = self.chance.choice((confirm_number, clear_number, reject_report, mark_reassigned))
        if act is reject_report:
            act(report=self.chance.choice(Report.objects.order_by("pk")), **by)
        else:
            act(identity=SCAMMER, **by)
        return False

    def undo(self, now: datetime) -> bool:
        entries = AuditEntry.objects.order_by("-pk")[:3]
        if entries:
            undo(actor=self.judge, entry=self.chance.choice(entries), reason="no", now=now)
        return False

    def link(self, now: datetime) -> bool:
        into = Reporter.objects.filter(kind="person", merged_into=None).order_by("pk")
        other = Reporter.objects.filter(kind="sms", merged_into=None).order_by("pk")
        if links := VoiceLink.objects.filter(undone_at=None):
            unlink(link=links[0], now=now)
        elif other:
            merge_reporters(into=self.chance.choice(into), other=other[0], now=now)
        return False

    def weigh(self, now: datetime) -> bool:
        """The trust pass has learnt of somebody what they are worth."""
        pks = [each.pk for each in self.chance.sample(self.people, len(self.people) // 2)]
        worth = self.chance.choice((0.0, 6.0))
        Reporter.objects.filter(pk__in=pks).update(tp=worth, tn=worth, created_at=NOW - 400 * DAY)
        Number.objects.update(trust_seq=DUE)
        trust_pass.reweigh_due()
        return False


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 14))]
)
def test_whatever_happens_credits_are_those_of_the_whole_rule(seed: int):
    chance = random.Random(seed)
    many(seq=chance.choice((FEW_REPORTS - 5, FEW_REPORTS)))
    story, now = Story(chance), NOW - 100 * DAY
    acts: list[Callable[[datetime], bool]] = [
        *[story.somebody] * 8, *[story.crowd] * 2, *[story.again] * 2, story.take_back,
        story.decide, *[story.undo] * 2, story.link, story.weigh,
    ]  # fmt: skip
    story.somebody(now)
    for _ in range(ACTS):
        now += chance.choice((0, 1, 1, 2, 12, -1)) * DAY / 4
        with suppress(DecisionError, LinkRefused):
            check(now, settled=chance.choice(acts)(now))


def test_reports_that_have_the_full_credit_are_not_read_again():
    many()
    for n in range(12):  # of whom the number never becomes plain, and most add next to nothing
        say(newcomer(f"quiet {n}"), at=NOW - 20 * DAY, network="one")
    crowd(5, at=NOW - 2 * DAY)
    read = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if sql == settling.OPEN.text:
            read.append(found[0].ntuples)
        return found

    with connection.execute_wrapper(watch):
        say(veteran("late"), at=NOW - DAY)
        say(newcomer("later"), at=NOW)
    assert row().settled_seq > FEW_REPORTS + 12
    assert len(read) == 2
    assert max(read) < 6
