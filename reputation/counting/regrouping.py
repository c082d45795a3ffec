"""Groups the reports of half a year into campaigns anew, and publishes the numbers that this
changes.

A single report joins a campaign fast and stays in it (`joining`); here every report is compared
with all others. A group keeps the id that most of its members had. A run may be killed at any
moment: the next run finds what is left to do.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q

from reputation.campaigns import SPARED
from reputation.counting.campaign_rows import Member, write_campaigns, write_examples, write_likes
from reputation.counting.publishing import publish_all
from reputation.models import RECORD, Campaign, Number, Report, alone
from reputation.scoring import UNWANTED, Record, campaigns, trust

# Only reports of half a year are grouped, the newest ones: as many as take five minutes.
DAYS: Final = timedelta(days=180)
MOST: Final = 1_000_000
# How many terms keep their frequency for weighing new reports; all other terms count as new.
TERMS: Final = 100_000
BUSY: Final = "Another process groups reports. Try again when it has ended."
LOCKED: Final = 200  # numbers at a time

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


@dataclass(frozen=True, slots=True)
class Grouped:
    """The result: how many reports were read, campaigns found, and numbers linked anew."""

    reports: int
    campaigns: int
    numbers: int


def group_anew(*, now: datetime) -> Grouped:
    """Groups all reports anew, then updates campaigns, memberships and links. Needs no
    transaction. Raises Busy."""
    with alone("ringscore grouping", busy=BUSY):
        return _group(now)


def _group(now: datetime) -> Grouped:
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
    changed = write_campaigns(by_key, now)
    parts, having = list(index.examples()), index.common(TERMS)
    reports = Counter(name for name in first.values() if name is not None)
    likest = campaigns.likest(parts, reports, having=dict(having), texts=index.texts())
    write_likes({ids[one]: ids[other] for one, other in likest.items()})
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
            locked = list(
                Number.objects.filter(pk__in=some).order_by("key").select_for_update(no_key=True)
            )
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
