"""Writes the rows of campaigns that `regrouping` finds: their figures, the larger campaign that
each resembles, and the examples with which new reports are compared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import batched
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from reputation.models import (
    Campaign,
    CampaignExample,
    CampaignMark,
    CampaignTerm,
    Dispute,
    Number,
    Report,
)
from reputation.scoring import Action, campaigns, from_days, judge, to_days

# Reports of a campaign that are searched for phrases, and characters read of each.
READ: Final = 10
LONGEST: Final = 400
# Campaigns that get new phrases in one run, a tenth of a second each. The next run does the others.
WORDED: Final = 300
WRITTEN: Final = 5_000  # rows at a time


class Member(NamedTuple):
    """A grouped report. `before`: its campaign so far, or None."""

    report: int
    number: int
    before: str | None
    category: str
    at: float
    reporter: object


def write_campaigns(by_key: Mapping[str, list[Member]], now: datetime) -> set[str]:
    """Writes the campaigns as they are now; returns the keys of those whose effect on numbers
    changed."""
    stored = {campaign.key: campaign for campaign in Campaign.objects.all()}
    standing = _standing({each.number for some in by_key.values() for each in some}, now)
    changed: set[str] = set()
    rows = []
    unworded = []
    for key, some in by_key.items():
        campaign = stored.pop(key, None)
        was = campaign and (campaign.known, campaign.held)
        size = campaign and (campaign.reports, campaign.last_at)
        campaign = campaign or Campaign(key=key)
        _describe(campaign, some, standing, now)
        if size != (campaign.reports, campaign.last_at) or not campaign.phrases:
            unworded.append(campaign)
        if was != (campaign.known, campaign.held):
            changed.add(key)
        rows.append(campaign)
    several = [each for each in unworded if each.reporters >= campaigns.REPORTERS]
    for campaign in sorted(several, key=lambda each: (bool(each.phrases), -each.reports))[:WORDED]:
        campaign.phrases = campaigns.phrases(_words(by_key[campaign.key]))
    names = [field.name for field in Campaign._meta.concrete_fields if field.name not in _KEPT]
    for some_rows in batched(rows, WRITTEN):
        Campaign.objects.bulk_create(
            some_rows, update_conflicts=True, unique_fields=["key"], update_fields=names
        )
    # Campaigns without a report.
    gone = Campaign.objects.filter(key__in=stored)
    gone.update(reports=0, numbers=0, reporters=0, listed=0, known=False, grouped_at=now)
    return changed | set(stored)


# Columns that moderators decide, and those that identify the row.
_KEPT: Final = frozenset({"id", "key", "confirmed_at", "confirmed_until", "like", "joined_to"})


class _Standing(NamedTuple):
    """Whether a number is listed for reasons other than a campaign, and whether a moderator cleared
    it."""

    listed: bool
    defended: bool


def _standing(numbers: set[int], now: datetime) -> dict[int, _Standing]:
    at = to_days(now)
    found = {}
    for some in batched(sorted(numbers), WRITTEN):
        for number in Number.objects.filter(pk__in=some):
            alone = replace(number.standing, linked=campaigns.UNLINKED)
            judgement = judge(number.evidence, alone, at, prior=number.prior)
            found[number.pk] = _Standing(
                listed=judgement.action is not Action.ALLOW and not number.official,
                defended=number.official
                or number.moderated < 0
                or number.holder_verified
                or number.spoofed
                or alone.is_immune(at),
            )
    return found


def _describe(
    campaign: Campaign, some: list[Member], standing: Mapping[int, _Standing], now: datetime
) -> None:
    numbers = {each.number for each in some}
    of = [standing[number] for number in numbers if number in standing]
    campaign.reports, campaign.numbers = len(some), len(numbers)
    campaign.reporters = len({each.reporter for each in some})
    campaign.category = Counter(sorted(each.category for each in some)).most_common(1)[0][0]
    campaign.first_at = from_days(min(each.at for each in some))
    campaign.last_at = from_days(max(each.at for each in some))
    campaign.listed = sum(each.listed for each in of)
    campaign.known = campaigns.is_known(
        listed=campaign.listed, decided=sum(each.listed or each.defended for each in of)
    )
    campaign.held = campaign.confirmed_at is not None and campaigns.is_held(
        disputed=_disputed(numbers, campaign.confirmed_at), numbers=len(numbers)
    )
    campaign.grouped_at = now


def _disputed(numbers: set[int], since: datetime) -> int:
    """How many of the numbers have a holder who won a dispute since that moment, or an open dispute
    against a block of the number itself. Other open disputes do not count: a scammer opens and
    loses them."""
    stands = Q(status=Dispute.Status.UPHELD) | Q(status=Dispute.Status.OPEN, held=True)
    found = Dispute.objects.filter(stands, number__in=numbers, verified_at__gte=since)
    return found.values("number").distinct().count()


def _words(some: list[Member]) -> list[dict[str, Any]]:
    """The text of the newest of these reports."""
    newest = sorted(some, key=lambda each: -each.at)[:READ]
    who = {each.report: each.reporter for each in newest}
    texts = Report.objects.filter(pk__in=who).values_list("pk", "transcript", "comment")
    return [
        {"text": (transcript or comment)[:LONGEST], "reporter": who[pk]}
        for pk, transcript, comment in texts
    ]


@transaction.atomic
def write_likes(likes: Mapping[str | None, str | None]) -> None:
    """Notes which larger campaign each campaign's words resemble, so that a moderator can join the
    two."""
    rows = dict(Campaign.objects.values_list("key", "pk"))
    changed = []
    for campaign in Campaign.objects.only("key", "like_id"):
        like = rows.get(likes.get(campaign.key) or "")
        if campaign.like_id != like:
            campaign.like_id = like
            changed.append(campaign)
    Campaign.objects.bulk_update(changed, ["like"], batch_size=WRITTEN)


@transaction.atomic
def write_examples(
    index: campaigns.Index,
    parts: Sequence[Sequence[campaigns.Example]],
    having: Sequence[tuple[int, int]],
    ids: Mapping[str, str | None],
) -> None:
    """Replaces the examples with which new reports are compared."""
    rows = dict(Campaign.objects.values_list("key", "pk"))
    names = {name: rows[key] for name, key in ids.items() if key in rows}
    for model in (CampaignExample, CampaignMark, CampaignTerm):
        model._default_manager.all().delete()
    filed: Counter[int] = Counter()
    examples = (
        CampaignExample(
            campaign_id=names[example.campaign],
            part=part,
            keys=campaigns.keys(example.terms, filed),
            terms=example.terms,
            total=example.total,
            asks=example.asks,
        )
        for part, some in enumerate(parts)
        for example in some
        if example.campaign in names
    )
    for some in batched(examples, WRITTEN):
        CampaignExample.objects.bulk_create(some)
    marks = (
        CampaignMark(mark=mark, campaign_id=names[name], at=from_days(at))
        for mark, name, at in index.marks()
        if name in names
    )
    for some_marks in batched(marks, WRITTEN):
        CampaignMark.objects.bulk_create(some_marks)
    terms = [(CampaignTerm.ALL, index.texts()), *having]
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY reputation_campaignterm (place, texts) FROM STDIN") as copy,
    ):
        for row in terms:
            copy.write_row(row)
