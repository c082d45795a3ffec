"""Keeps `Number.linked` true: what the words of a number's reports do, renewed before it is judged.

Runs inside its caller's transaction on numbers that are locked, like the fold.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import chain

import orjson
from django.db.models import Q
from django.db.models.functions import Coalesce

from reputation.models import RECORD, Campaign, Number, Report
from reputation.scoring import (
    EPOCH,
    UNWANTED,
    Record,
    campaigns,
    from_days,
    to_days,
    trust,
)

# The newest voices of a number that a link may rest on.
HEARD = 50


def renew(numbers: Iterable[Number], *, now: datetime) -> None:
    """Sets campaign, linked, linked_until and told of the numbers that have one. Saves nothing."""
    for number in numbers:
        if number.campaign_id is None and not number.linked:
            continue
        number.campaign, voices, others = _voices(number)
        number.linked, number.linked_until, number.told = 0, None, ""
        campaign = number.campaign
        if campaign is None:
            continue
        link = campaigns.link(
            voices,
            others=others,
            known=campaign.known,
            confirmed=_confirmed(campaign, now),
            held=campaign.held,
            now=to_days(now),
        )
        if link.level:
            number.linked, number.linked_until = link.level, from_days(link.until)
            number.told = orjson.dumps(tuple(campaign.told)).decode()


def may_link(report: Report) -> bool:
    """Whether the report's words may link its number: see `accounts`."""
    reporter = report.reporter
    return (
        report.status == Report.Status.LIVE
        and report.category in UNWANTED
        and report.weight > 0
        and not report.hidden
        and reporter.blocked_at is None
        and bool(trust.rests_on(reporter.record, reporter.pk, tuple(reporter.backers)))
    )


def _voices(
    number: Number,
) -> tuple[Campaign | None, list[campaigns.Spoken], list[campaigns.Spoken]]:
    """The campaign that most of the number's linked voices use, these voices, and all others."""
    spoken = (
        Report.objects.live()
        .filter(
            Q(reporter__firsts__gte=trust.ANCHORED_FIRSTS) | ~Q(reporter__backers=[]),
            number=number,
            category__in=UNWANTED,
            weight__gt=0,
            hidden=False,
            reporter__blocked_at=None,
            counted_at__gte=number.epoch_at or EPOCH,
        )
        .newest_first()
        .values_list(
            Coalesce("campaign__joined_to_id", "campaign_id"),
            *("counted_at", "network", "attestation", "reporter_id", "reporter__cluster"),
            *("reporter__backers", *(f"reporter__{name}" for name in RECORD)),
        )[:HEARD]
    )
    found: dict[int | None, list[campaigns.Spoken]] = defaultdict(list)
    for campaign, at, network, attestation, reporter, cluster, backers, *record in spoken:
        accounts = trust.rests_on(Record(*record), reporter, tuple(backers))
        if accounts:
            origin = f"cluster:{cluster}" if cluster else network
            attested = attestation in trust.ATTESTED
            found[campaign].append(campaigns.Spoken(to_days(at), origin, accounts, attested))
    named = {campaign: len(voices) for campaign, voices in found.items() if campaign is not None}
    if not named:
        return None, [], []
    chosen = min(named, key=lambda campaign: (-named[campaign], campaign))
    voices = found.pop(chosen)
    return Campaign.objects.get(pk=chosen), voices, list(chain.from_iterable(found.values()))


def _confirmed(campaign: Campaign, now: datetime) -> tuple[float, float] | None:
    since, until = campaign.confirmed_at, campaign.confirmed_until
    if since is None or until is None or until <= now:
        return None
    return to_days(since), to_days(until)
