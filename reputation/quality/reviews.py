"""Second judgements of decisions; where the two differ, a senior settles it. All go on record."""

from typing import Any, Unpack

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation.models import QueueItem, SecondReview
from reputation.moderation import By, DecisionError, permissions, queue, record, require_reason
from reputation.quality.questions import ANSWERS, question_of


class NotYourReview(DecisionError):
    """Another judges it now, or this user knows the decision."""


class NothingToJudge(DecisionError):
    """It was judged or settled before, or the decision was taken back meanwhile."""


@transaction.atomic
def judge(*, review: SecondReview, verdict: str, **by: Unpack[By]) -> SecondReview:
    """Stores the second judgement. Submitted twice, it is one.

    Raises ReasonMissing, NotYourReview, NothingToJudge, ValueError for a verdict that is no answer.
    """
    require_reason(by["reason"])
    review = _locked(review)
    if verdict not in ANSWERS[question_of(review.entry)]:
        raise ValueError(f"{verdict} answers nothing about {review}.")
    if review.reviewer_id != by["actor"].pk:
        raise NotYourReview(_("Somebody else judges this now. Take the next one."))
    if review.judged_at is not None:
        if review.verdict == verdict:
            return review
        raise NothingToJudge(_("You judged this before."))
    if hasattr(review.entry, "undone_by"):
        raise NothingToJudge(_("The decision was taken back meanwhile: there is nothing to judge."))
    review.verdict, review.reason, review.judged_at = verdict, by["reason"].strip(), by["now"]
    review.save(update_fields=["verdict", "reason", "judged_at"])
    queue.rest(kind=QueueItem.Kind.REVIEW, subject=review, now=by["now"])
    # Without the number: its page would tell the next reader how the second judged.
    after = {"second_review": review.pk, "verdict": verdict}
    record(verb="judge_again", after=after, **by)
    return review


@transaction.atomic
def settle(*, review: SecondReview, outcome: str, **by: Unpack[By]) -> SecondReview:
    """A senior says who was right: SecondReview.Outcome. Takes nothing back by itself.

    Raises ReasonMissing, NotYourReview, NothingToJudge.
    """
    require_reason(by["reason"])
    actor, now = by["actor"], by["now"]
    review = _locked(review)
    if not may_settle(actor, review):
        raise NotYourReview(_("A senior moderator who is neither of the two settles this."))
    if review.settled_at is not None:
        if (review.settled_by_id, review.outcome) == (actor.pk, outcome):
            return review
        raise NothingToJudge(_("Somebody settled this before."))
    if review.judged_at is None or review.verdict == review.entry.verb:
        raise NothingToJudge(_("The two do not differ."))
    review.outcome, review.settled_by = SecondReview.Outcome(outcome).value, actor
    review.settled_reason, review.settled_at = by["reason"].strip(), now
    review.save(update_fields=["outcome", "settled_by", "settled_reason", "settled_at"])
    queue.rest(kind=QueueItem.Kind.SPLIT, subject=review, now=now)
    after = {"second_review": review.pk, "outcome": outcome}
    record(verb="settle_review", after=after, **by)
    return review


def may_settle(user: User, review: SecondReview) -> bool:
    two = (review.entry.actor_id, review.reviewer_id)
    return user.has_perm(permissions.SETTLE_REVIEW) and user.pk not in two


def _locked(review: SecondReview) -> Any:
    related = SecondReview.objects.select_related("entry__undone_by")
    return related.select_for_update(of=("self",)).get(pk=review.pk)
