"""Publishing: writes the public answer about a number to its row and to the feed.

Runs inside its caller's transaction on numbers that are locked, like the fold.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import Min

from reputation import campaigns
from reputation.counting.locking import NUMBERS
from reputation.feeds import log
from reputation.models import Number, Report
from reputation.scoring import (
    Action,
    Evidence,
    Standing,
    from_days,
    judge,
    leading,
    reassess_all,
    reassess_at,
    to_days,
)

# From this many numbers on, their next reassessments are computed together.
SEVERAL: Final = 20
# The columns that publication sets.
PUBLISHED: Final = (
    *("campaign_id", "linked", "linked_until", "told"),
    *("pinned", "pinned_until", "pinned_after", "pinned_after_until"),
    *("action", "score", "status", "category", "reassess_at"),
)


def publish(number: Number, *, now: datetime) -> None:
    """`publish_all` for one number."""
    publish_all([number], now=now)


def publish_all(
    numbers: Collection[Number], *, now: datetime, changed: Collection[str] | None = None
) -> None:
    """Decides the public answer about each number, and saves the numbers. No other code does so.

    `changed`: the columns that the caller may have changed; None: any.
    """
    before = [(number, log.public_state(number)) for number in numbers]
    campaigns.renew(numbers, now=now)
    decide_all(numbers, now=now)
    names = () if changed is None else tuple(dict.fromkeys((*changed, *PUBLISHED)))
    NUMBERS.update(numbers, names)
    log.append(before, now=now)


def find_campaigns(numbers: Collection[Number]) -> None:
    """Gives each number without a campaign one of its reports' campaigns. Publication decides
    whether it keeps the campaign."""
    spoken = Report.objects.filter(number__in=numbers, campaign__isnull=False).order_by()
    found = dict(spoken.values_list("number_id").annotate(Min("campaign_id")))
    for number in numbers:
        number.campaign_id = number.campaign_id or found.get(number.pk)


def decide(number: Number, *, now: datetime) -> None:
    """Sets the public answer, on the given object only."""
    evidence, standing, prior = _judge(number, now)
    _set_reassessment(number, reassess_at(evidence, standing, to_days(now), prior=prior))


def decide_all(numbers: Collection[Number], *, now: datetime) -> None:
    """`decide` for each."""
    if len(numbers) < SEVERAL:
        for number in numbers:
            decide(number, now=now)
        return
    due = reassess_all([_judge(number, now) for number in numbers], to_days(now))
    for number, moment in zip(numbers, due, strict=True):
        _set_reassessment(number, moment)


def _judge(number: Number, now: datetime) -> tuple[Evidence, Standing, float]:
    """Sets the public answer. Returns the evidence, standing and prior on which it rests."""
    while number.pinned_until is not None and number.pinned_until <= now:
        number.pinned, number.pinned_until = number.pinned_after, number.pinned_after_until
        number.pinned_after, number.pinned_after_until = "", None
    evidence, standing = number.evidence, number.standing
    judgement = judge(evidence, standing, to_days(now), prior=number.prior)
    number.action = judgement.action.value
    number.score = judgement.score
    number.status = judgement.status.value
    number.category = leading(number.category_mix, warns=judgement.action is not Action.ALLOW)
    return evidence, standing, number.prior


def _set_reassessment(number: Number, due: float | None) -> None:
    moments = (None if due is None else from_days(due), number.pinned_until)
    number.reassess_at = min(filter(None, moments), default=None)
