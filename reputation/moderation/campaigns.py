"""Moderators' decisions about campaigns: one decision covers all numbers of a campaign, also later
ones."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from reputation import counting
from reputation.models import Campaign, Number, take_turn
from reputation.moderation.recording import (
    By,
    DecisionError,
    ParticularWrong,
    record,
    require_reason,
)
from reputation.scoring import campaigns as arithmetic

# A confirmation covers numbers that no moderator has seen, so it has to be renewed.
LONGEST = timedelta(days=366)
CONFIRMED_FOR = timedelta(days=arithmetic.CONFIRMED_DAYS)


def confirm_campaign(*, campaign: Campaign, until: datetime, **by: Unpack[By]) -> Campaign:
    """Confirms that calls of this campaign are unwanted, until the moment `until`.

    Its numbers are flagged, and blocked where enough voices speak: scoring.campaigns.link. Raises
    DecisionError.
    """
    now = by["now"]
    if not now < until <= now + LONGEST:
        raise ParticularWrong(
            "until", _("A confirmation ends within a year from now. Give its last day.")
        )
    confirmed = {"confirmed_at": now, "confirmed_until": until, "held": False}
    return _decide("confirm_campaign", campaign, confirmed, by)


def release_campaign(*, campaign: Campaign, **by: Unpack[By]) -> Campaign:
    """Ends the confirmation: the campaign's effect follows from its numbers again."""
    nothing = {"confirmed_at": None, "confirmed_until": None, "held": False}
    return _decide("release_campaign", campaign, nothing, by)


@transaction.atomic
def join_campaign(*, campaign: Campaign, **by: Unpack[By]) -> Campaign:
    """Decides that the campaign and the one that it resembles come from the same caller: its
    reports count for that one, also after later groupings. Raises DecisionError."""
    campaign = lock(campaign)
    like = campaign.like
    into = like and (like.joined_to or like)
    if into is None or campaign.confirmed_at is not None or not may_join(campaign, into):
        raise DecisionError(_("There is no campaign that this one can join."))
    return _decide("join_campaign", campaign, {"joined_to_id": into.pk}, by)


def may_join(campaign: Campaign, into: Campaign) -> bool:
    """Whether every campaign stays one step from where its reports count. It is locked."""
    is_apart = campaign.joined_to_id is None and not campaign.joined.exists()
    return is_apart and into.joined_to_id is None and into != campaign


@transaction.atomic
def _decide(verb: str, campaign: Campaign, values: dict[str, Any], by: By) -> Campaign:
    require_reason(by["reason"])
    campaign = lock(campaign)
    if not campaign.reports:
        raise DecisionError(_("No report speaks of this campaign any more."))
    before = {name: getattr(campaign, name) for name in values}
    actions = Counter(number.action for number in _numbers(campaign))
    put(campaign, values, now=by["now"])
    actions_after = Counter(number.action for number in _numbers(campaign))
    record(
        verb=verb,
        before=before | {"numbers": dict(actions)},
        after=values | {"numbers": dict(actions_after)},
        campaign=campaign,
        **by,
    )
    return campaign


def lock(campaign: Campaign) -> Campaign:
    """One decision about campaigns at a time: what one may do depends on those joined to it."""
    take_turn("campaigns")
    return Campaign.objects.select_for_update().get(pk=campaign.pk)


def put(campaign: Campaign, values: dict[str, Any], *, now: datetime) -> None:
    """Sets these values on a locked campaign, and links its numbers anew."""
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(values))
    counting.relink(counting.concerned(campaign.key), now=now)


def _numbers(campaign: Campaign) -> list[Number]:
    found = Number.objects.filter(pk__in=counting.concerned(campaign.key))
    return list(found.order_by("-last_reported_at", "-id"))
