"""Groups the reports of half a year into campaigns anew, and publishes the numbers that this
changes.

A single report joins a campaign fast and stays in it (`joining`); here every report is compared
with all others. A group keeps the id that most of its members had. A run may be killed at any
moment: the next run finds what is left to do.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from reputation.campaigns import SPARED
from reputation.counting.publishing import publish_all
from reputation.models import (
    RECORD,
    Campaign,
    CampaignExample,
    CampaignMark,
    CampaignTerm,
    Dispute,
    Number,
    Report,
)
from reputation.scoring import UNWANTED, Action, Record, campaigns, from_days, judge, to_days, trust

# Only reports of half a year are grouped, the newest ones: as many as take five minutes.
DAYS: Final = timedelta(days=180)
MOST: Final = 1_000_000
# How many terms keep their frequency for weighing new reports; all other terms count as new.
TERMS: Final = 100_000
# Reports of a campaign that are searched for phrases, and characters read of each.
READ: Final = 10
LONGEST: Final = 400
# Campaigns that get new phrases in one run, a tenth of a second each. The next run does the others.
WORDED: Final = 300
LOCKED: Final = 200  # numbers at a time
WRITTEN: Final = 5_000  # rows at a time

REPORTS = f"""
SELECT * FROM (
    SELECT r.id, r.number_id, c.key,
        CASE WHEN r.transcript <> '' THEN r.transcript ELSE r.comment END, r.callback_number,
        r.claimed_name, r.category, date_part('epoch', r.counted_at) / 86400 AS at, r.reporter_id,
        p.cluster, p.backers, {", ".join(f"p.{name}" for name in RECORD)}
    FROM reputation_report r JOIN reputation_reporter p ON p.id = r.reporter_id
    JOIN reputation_number n ON n.id = r.number_id
    LEFT JOIN reputation_campaign c ON c.id = r.campaign_id
    WHERE r.status = 'live' AND r.category = ANY(%s) AND r.weight > 0 AND NOT r.hidden
        AND p.blocked_at IS NULL AND r.counted_at >= %s
        AND (n.epoch_at IS NULL OR r.counted_at >= n.epoch_at)
        AND (r.comment <> '' OR r.transcript <> '' OR r.callback_number <> ''
            OR r.claimed_name <> '')
    ORDER BY r.counted_at DESC, r.id DESC LIMIT {MOST}
) newest ORDER BY at, id
"""  # noqa: S608 -- constants
MOVE = """
UPDATE reputation_report r SET campaign_id = v.campaign
FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, campaign) WHERE r.id = v.id
"""
# Updates what linked numbers tell about their campaigns, where it is outdated.
TELL = """
UPDATE reputation_number n SET told = json_build_array(c.key, coalesce(c.phrases[1], ''), c.reports,
    c.numbers, c.confirmed_at IS NOT NULL)::text
FROM reputation_campaign c WHERE c.id = n.campaign_id AND n.id IN (
    SELECT m.id FROM reputation_number m JOIN reputation_campaign d ON d.id = m.campaign_id
    WHERE m.linked <> 0 AND (m.told::json->>2)::int <> d.reports
    ORDER BY m.key FOR NO KEY UPDATE OF m
)
"""
MEMBERS = """
SELECT id FROM reputation_number WHERE id IN (
    SELECT number_id FROM reputation_report WHERE campaign_id = ANY(%s)
    UNION SELECT id FROM reputation_number WHERE campaign_id = ANY(%s)
) ORDER BY key
"""


class Member(NamedTuple):
    """A grouped report. `before`: its campaign so far, or None."""

    report: int
    number: int
    before: str | None
    category: str
    at: float
    reporter: object


@dataclass(frozen=True, slots=True)
class Grouped:
    """The result: how many reports were read, campaigns found, and numbers linked anew."""

    reports: int
    campaigns: int
    numbers: int


def group_anew(*, now: datetime) -> Grouped:
    """Groups all reports anew, then updates campaigns, memberships and links. Needs no
    transaction."""
    Campaign.objects.filter(confirmed_until__lte=now).update(
        confirmed_at=None, confirmed_until=None
    )
    members: dict[int, Member] = {}
    spared = set(Number.objects.filter(SPARED).values_list("key", flat=True))
    index = campaigns.Index(_statements(members, now), official=spared, ordered=True)
    before: dict[Hashable, str | None] = {pk: each.before for pk, each in members.items()}
    first = index.campaigns()
    after: Mapping[Any, str | None] = campaigns.keep_ids(before, first)
    ids = {name: after[pk] for pk, name in first.items() if name is not None}
    by_key: dict[str, list[Member]] = defaultdict(list)
    joined = dict(
        Campaign.objects.exclude(joined_to=None).values_list("key", "joined_to__key").order_by()
    )
    for pk, key in after.items():
        if key is not None:
            by_key[key].append(members[pk])
            if key in joined:
                by_key[joined[key]].append(members[pk])
    changed = _write_campaigns(by_key, now)
    parts, having = list(index.examples()), index.common(TERMS)
    reports = Counter(name for name in first.values() if name is not None)
    likest = campaigns.likest(parts, reports, having=dict(having), texts=index.texts())
    _write_likes({ids[one]: ids[other] for one, other in likest.items()})
    write_examples(index, parts, having, ids)
    numbers = _move(members, after, changed, now)
    with connection.cursor() as cursor:
        cursor.execute(TELL)
    # Campaigns about which a moderator decided stay stored.
    Campaign.objects.filter(reports=0, decisions=None).exclude(key__in=by_key).delete()
    return Grouped(reports=len(members), campaigns=len(by_key), numbers=numbers)


def relink(numbers: Iterable[int], *, now: datetime) -> int:
    """Links these numbers anew and publishes them, in the order of keys; returns how many there
    are. Runs in the caller's transaction."""
    return _relink(numbers, {}, now)


def concerned(*keys: str) -> list[int]:
    """The ids of the numbers with a report in these campaigns, in the order of keys."""
    named = Q(key__in=keys) | Q(joined_to__key__in=keys)
    ids = list(Campaign.objects.filter(named).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS, [ids, ids])
        return [number for (number,) in cursor.fetchall()]


def _statements(members: dict[int, Member], now: datetime) -> Iterator[dict[str, Any]]:
    """The statements of reporters with a record link; adds each to `members`."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(REPORTS, [UNWANTED, now - DAYS])
        for row in cursor:
            pk, number, before, text, callback, name, category, at, reporter, cluster, backers = (
                row[:11]
            )
            if not trust.rests_on(Record(*row[11:]), reporter, tuple(backers)):
                continue
            who = f"cluster:{cluster}" if cluster else reporter
            members[pk] = Member(pk, number, before, category, at, who)
            yield {
                "id": pk,
                "text": text,
                "callback_number": callback,
                "claimed_name": name,
                "act": category,
                "at": at,
                "reporter": who,
            }


# --- Campaigns -----------------------------------------------------------------------------------


def _write_campaigns(by_key: Mapping[str, list[Member]], now: datetime) -> set[str]:
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
def _write_likes(likes: Mapping[str | None, str | None]) -> None:
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


# --- Numbers -------------------------------------------------------------------------------------


def _move(
    members: Mapping[int, Member],
    after: Mapping[Any, str | None],
    changed: set[str],
    now: datetime,
) -> int:
    """Moves reports into their campaigns, and links their numbers anew."""
    moved: dict[int, dict[int, str | None]] = defaultdict(dict)
    for pk, key in after.items():
        if key != members[pk].before:
            moved[members[pk].number][pk] = key
    # Reports that are no longer grouped: too old, taken back, or their reporter lost its link.
    left = Report.objects.filter(campaign__isnull=False).values_list("pk", "number_id")
    for pk, number in left.iterator():
        if pk not in members:
            moved[number][pk] = None
    numbers = set(moved) | set(concerned(*changed))
    return _relink(sorted(numbers), moved, now)


def _relink(
    numbers: Iterable[int], moved: Mapping[int, Mapping[int, str | None]], now: datetime
) -> int:
    rows = dict(Campaign.objects.values_list("key", "pk")) if moved else {}
    total = 0
    for some in batched(numbers, LOCKED):
        with transaction.atomic():
            locked = list(Number.objects.filter(pk__in=some).order_by("key").select_for_update())
            reports = {
                pk: rows.get(key) if key else None
                for number in locked
                for pk, key in moved.get(number.pk, {}).items()
            }
            if reports:
                with connection.cursor() as cursor:
                    cursor.execute(MOVE, [list(reports), list(reports.values())])
            for number in locked:
                own = [reports[pk] for pk in moved.get(number.pk, {}) if reports[pk]]
                number.campaign_id = number.campaign_id or (own[0] if own else None)
            publish_all(locked, now=now)
            total += len(locked)
    return total
