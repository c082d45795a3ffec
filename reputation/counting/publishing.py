"""Publishing: what the public is told of numbers from now on, on their rows and in the feed.

Runs inside its caller's transaction on numbers that are locked, like the fold.
"""

from collections.abc import Collection
from datetime import datetime

from reputation import campaigns
from reputation.counting.locking import NUMBERS
from reputation.feeds import log
from reputation.models import Number
from reputation.scoring import from_days, judge, leading, reassess_at, to_days


def publish(number: Number, *, now: datetime) -> None:
    """`publish_all` for one number."""
    publish_all([number], now=now)


def publish_all(numbers: Collection[Number], *, now: datetime) -> None:
    """Decides what the public is told from now on and saves the numbers: nothing else does."""
    before = {number: log.public_state(number) for number in numbers}
    campaigns.renew(numbers, now=now)
    for number in numbers:
        decide(number, now=now)
    NUMBERS.update(numbers)
    log.append(before, now=now)


def decide(number: Number, *, now: datetime) -> None:
    """Sets what the public is told from now on, on the given object only."""
    if number.pinned_until is not None and number.pinned_until <= now:
        number.pinned, number.pinned_until = "", None
    at, evidence, standing = to_days(now), number.evidence, number.standing
    judgement = judge(evidence, standing, at, prior=number.prior)
    number.action = judgement.action.value
    number.score = judgement.score
    number.status = judgement.status.value
    number.category, number.category_share = leading(number.category_mix)
    due = reassess_at(evidence, standing, at, prior=number.prior)
    moments = (None if due is None else from_days(due), number.pinned_until)
    number.reassess_at = min(filter(None, moments), default=None)
