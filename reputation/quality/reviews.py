"""The second judgement, and who was right where the two differ. Both go on record."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation.models import QueueItem, SecondReview
from reputation.moderation import DecisionError, queue, record, require_reason
from reputation.quality.questions import ANSWERS, question_of

SETTLE = "reputation.settle_secondreview"


class NotYours(DecisionError):
    """Another judges it now, or this user knows the decision."""


class NothingToJudge(DecisionError):
    """It was judged or settled before, or the decision was taken back meanwhile."""


@transaction.atomic
def judge(
    *, actor: User, review: SecondReview, verdict: str, reason: str, now: datetime
) -> SecondReview:
    """Stores the second judgement. Submitted twice, it is one.

    Raises ReasonMissing, NotYours, NothingToJudge, ValueError for a verdict that is no answer.
    """
    require_reason(reason)
    review = _locked(review)
    if verdict not in ANSWERS[question_of(review.entry)]:
        raise ValueError(f"{verdict} answers nothing about {review}.")
    if review.reviewer_id != actor.pk:
        raise NotYours(_("Another judges this by now. Take the next one."))
    if review.judged_at is not None:
        if review.verdict == verdict:
            return review
        raise NothingToJudge(_("You judged this before."))
    if hasattr(review.entry, "undone_by"):
        raise NothingToJudge(_("The decision was taken back meanwhile: there is nothing to judge."))
    review.verdict, review.reason, review.judged_at = verdict, reason.strip(), now
    review.save(update_fields=["verdict", "reason", "judged_at"])
    queue.rest(kind=QueueItem.Kind.REVIEW, subject=review, now=now)
    # Without the number: its page would tell the next reader how the second judged.
    record(
        actor=actor,
        verb="judge_again",
        reason=reason,
        now=now,
        after={"second_review": review.pk, "verdict": verdict},
    )
    return review


@transaction.atomic
def settle(
    *, actor: User, review: SecondReview, outcome: str, reason: str, now: datetime
) -> SecondReview:
    """A senior says who was right: SecondReview.Outcome. Takes nothing back by itself.

    Raises ReasonMissing, NotYours, NothingToJudge.
    """
    require_reason(reason)
    review = _locked(review)
    if not may_settle(actor, review):
        raise NotYours(_("A senior settles this who is neither of the two."))
    if review.settled_at is not None:
        if (review.settled_by_id, review.outcome) == (actor.pk, outcome):
            return review
        raise NothingToJudge(_("Somebody settled this before."))
    if review.judged_at is None or review.verdict == review.entry.verb:
        raise NothingToJudge(_("The two do not differ."))
    review.outcome, review.settled_by = SecondReview.Outcome(outcome).value, actor
    review.settled_reason, review.settled_at = reason.strip(), now
    review.save(update_fields=["outcome", "settled_by", "settled_reason", "settled_at"])
    queue.rest(kind=QueueItem.Kind.SPLIT, subject=review, now=now)
    record(
        actor=actor,
        verb="settle_review",
        reason=reason,
        now=now,
        after={"second_review": review.pk, "outcome": outcome},
    )
    return review


def may_settle(user: User, review: SecondReview) -> bool:
    two = (review.entry.actor_id, review.reviewer_id)
    return user.has_perm(SETTLE) and user.pk not in two


def _locked(review: SecondReview) -> Any:
    related = SecondReview.objects.select_related("entry__undone_by")
    return related.select_for_update(of=("self",)).get(pk=review.pk)
