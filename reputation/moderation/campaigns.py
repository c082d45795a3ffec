"""Moderators' decisions about campaigns: one decision, on all numbers of a campaign and on those to
come."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation import counting
from reputation.models import Campaign, Number
from reputation.moderation.recording import DecisionError, ParticularWrong, record, require_reason
from reputation.scoring import campaigns as arithmetic

# A confirmation covers numbers that nobody has seen, so a moderator has to look again.
LONGEST = timedelta(days=366)
DEFAULT = timedelta(days=arithmetic.CONFIRMED_DAYS)


class ConfirmationEnd(ParticularWrong):
    """The end of a confirmation is missing, past, or too far away."""

    field = "until"


class NothingLike(DecisionError):
    """The campaign looks like no other, is confirmed, or was joined before."""


class CampaignGone(DecisionError):
    """Nothing speaks of the campaign any more."""


def confirm_campaign(
    *, actor: User, campaign: Campaign, until: datetime, reason: str, now: datetime
) -> Campaign:
    """A moderator confirms that calls of this campaign are unwanted, until that moment.

    Its numbers are flagged, and blocked where enough voices speak: scoring.campaigns.link. Raises
    ConfirmationEnd, CampaignGone.
    """
    if not now < until <= now + LONGEST:
        raise ConfirmationEnd(_("A confirmation ends within a year from now. Give its last day."))
    return _decide(
        actor,
        campaign,
        "confirm_campaign",
        reason,
        now,
        {"confirmed_at": now, "confirmed_until": until, "held": False},
    )


def release_campaign(*, actor: User, campaign: Campaign, reason: str, now: datetime) -> Campaign:
    """Ends the confirmation: what the campaign's words do follows from its numbers again."""
    nothing = {"confirmed_at": None, "confirmed_until": None, "held": False}
    return _decide(actor, campaign, "release_campaign", reason, now, nothing)


def join_campaign(*, actor: User, campaign: Campaign, reason: str, now: datetime) -> Campaign:
    """Says that the campaign is the same caller's as the one that it looks like: its reports count
    as that one's, and still do after each grouping. Raises NothingLike, CampaignGone."""
    like = campaign.like
    into = like and (like.joined_to_id or like.pk)
    is_apart = campaign.joined_to_id is None and not campaign.joined.exists()
    if into in (None, campaign.pk) or not is_apart or campaign.confirmed_at is not None:
        raise NothingLike(_("There is no campaign that this one can join."))
    return _decide(actor, campaign, "join_campaign", reason, now, {"joined_to_id": into})


@transaction.atomic
def _decide(
    actor: User,
    campaign: Campaign,
    verb: str,
    reason: str,
    now: datetime,
    values: dict[str, Any],
) -> Campaign:
    require_reason(reason)
    campaign = lock(campaign)
    if not campaign.reports:
        raise CampaignGone(_("No report speaks of this campaign any more."))
    before = {name: getattr(campaign, name) for name in values}
    actions = Counter(number.action for number in _numbers(campaign))
    _put(campaign, values, now)
    actions_after = Counter(number.action for number in _numbers(campaign))
    record(
        actor=actor,
        verb=verb,
        reason=reason,
        now=now,
        before=before | {"numbers": dict(actions)},
        after=values | {"numbers": dict(actions_after)},
        campaign=campaign,
    )
    return campaign


def lock(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update().get(pk=campaign.pk)


def put_back(campaign: Campaign, values: dict[str, Any], *, now: datetime) -> None:
    """For an undo: gives a locked campaign these values, and links its numbers anew."""
    _put(campaign, values, now)


def _put(campaign: Campaign, values: dict[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(values))
    counting.relink(counting.concerned(campaign.key), now=now)


def _numbers(campaign: Campaign) -> list[Number]:
    found = Number.objects.filter(pk__in=counting.concerned(campaign.key))
    return list(found.order_by("-last_reported_at", "-id"))
