"""Counts reports on thousands of known numbers in one transaction, once for each group of equals.

PostgreSQL returns the row, the buckets and the other state of each number as bytes. Numbers with
equal bytes and equal new reports end in the same state. So the functions for single reports count
one number of each group, and one statement per table writes the result to the whole group.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from reputation.counting import folding, publishing, refolding
from reputation.counting.bucket_rows import (
    BUCKET_NAMES,
    CLEAR_BUCKETS,
    BucketRow,
    drop_buckets,
    met_by,
    read_buckets,
)
from reputation.counting.chapters import fills_one
from reputation.counting.firsts import COPY_BUCKETS
from reputation.counting.locking import NUMBERS, OWN, Seen
from reputation.counting.settling import is_plain
from reputation.feeds import log
from reputation.models import (
    Number,
    Prepared,
    Reading,
    Report,
    array,
    read_together,
)
from reputation.scoring import Voice, bucket_keys

SHARED = tuple(name for name in NUMBERS.names if name not in OWN)
LOAD = Prepared(
    f"SELECT {NUMBERS.columns('n')} FROM reputation_number n"  # noqa: S608 -- constants
    " WHERE id = ANY(%s::bigint[])"
)
BUCKETS = Prepared(
    "SELECT n.id, (SELECT string_agg("
    "record_send(ROW(b.kind, b.bucket, b.short, b.long, b.at)), ''::bytea ORDER BY kind, bucket)"
    " FROM reputation_evidencebucket b WHERE b.number_id = n.id AND b.side = %s::smallint"
    " AND b.kind = ANY(%s::smallint[]) AND b.bucket = ANY(string_to_array(%s, E'\\n')))"
    " FROM unnest(%s::bigint[]) n(id)"
)
# What counted.COUNTED reads, without the ids of report and reporter.
OTHERS = Prepared(
    "SELECT r.number_id, array_agg(r.id ORDER BY r.seq), string_agg(record_send(ROW("
    "r.category, r.counted_at, r.since, r.filed_at, r.weight, r.established, r.network,"
    " r.contribution, p.cluster, r.campaign_id)), ''::bytea ORDER BY r.seq)"
    " FROM reputation_report r JOIN reputation_reporter p ON p.id = r.reporter_id"
    " WHERE r.status = 'live' AND r.number_id = ANY(%s::bigint[]) AND r.reporter_id <> %s::bigint"
    " GROUP BY r.number_id"
)


class State(NamedTuple):
    """What is stored about a number besides its row. `counted`: bytes to compare. `others`: the ids
    of the reports that would be folded anew with it, in the order of the fold."""

    counted: bytes
    others: Sequence[int] = ()


# Numbers with equal states, each with its state.
type Members = Sequence[tuple[Seen, State]]


@dataclass(frozen=True, slots=True)
class Alike:
    """The result of one more report on a number, which holds for all equal numbers.

    `others`: other reports whose counting changes, each as its place in State.others with its new
    weight, established and contribution.
    """

    number: Number
    is_folded_anew: bool
    buckets: Collection[BucketRow]
    others: Sequence[tuple[int, tuple[float, bool, float]]]
    change: bytes | None


def states_of(
    hearing: Mapping[Voice, Sequence[int]], anew: Sequence[int], *, reporter: int
) -> dict[int, State]:
    """The states of locked numbers by id. `hearing`: the numbers that will count each voice;
    `anew`: those that are folded anew without the reporter's earlier report."""
    nears = [
        Reading(BUCKETS, (*met_by(bucket_keys(voice)), array(ids)))
        for voice, ids in hearing.items()
    ]
    others = [Reading(OTHERS, (array(anew), str(reporter)))] if anew else []
    read_together(*nears, *others)
    states = dict.fromkeys(anew, State(b""))
    for near in nears:
        states |= {pk: State(found or b"") for pk, found in near.rows}
    for each in others:
        states |= {pk: State(found, ids) for pk, ids, found in each.rows}
    return states


def load_numbers(ids: Iterable[int]) -> list[Number]:
    return [NUMBERS.load(row) for row in LOAD.all(array(ids))]


def count_alike(
    reports: Sequence[tuple[Report, State]], *, without: Collection[Report], now: datetime
) -> list[Alike | None]:
    """Counts reports, each with its number's state, as `append_reports` does, but only on the given
    objects. Reports in `without` are no longer counted. The result is None for a report that needs
    the single path: its number has a complaint, a campaign, a former holder or several chapters, or
    its truth becomes plain."""
    if any(map(_counts_by_itself, reports)):
        few = [each for each in reports if not _counts_by_itself(each)]
        numbers = {report.number for report, _ in few}
        without = [report for report in without if report.number in numbers]
        rest = iter(count_alike(few, without=without, now=now))
        return [next(rest) if report.number in numbers else None for report, _ in reports]
    before = [log.public_state(report.number) for report, _ in reports]
    anew = {report.number.pk for report in without}
    afresh = refolding.fold_afresh([report.number for report in without], without=without)
    renewed = {each[0]: each[1:] for each in afresh.reports}
    for report, _ in reports:
        folding.place_last(report, now=now)
    live = [report for report, _ in reports if report.status == Report.Status.LIVE]
    heard = [(report, report.voice) for report in live]
    near = read_buckets(
        (report.number_id, voice) for report, voice in heard if report.number_id not in anew
    )
    rows = [*afresh.buckets, *near]
    foldings = folding.open_foldings([report.number for report, _ in reports], rows)
    for report, voice in heard:
        report.contribution = foldings[report.number_id].hear_statement(report, voice)
    found: list[Alike | None] = []
    for (report, state), before_it in zip(reports, before, strict=True):
        number, is_anew = report.number, report.number.pk in anew
        buckets = foldings[number.pk].close(all_of_them=is_anew)
        if _is_apart(number, now) or (is_anew and number.complaints):
            found.append(None)
            continue
        publishing.decide(number, now=now)
        change = log.change(number, before_it, now=now)
        head = None if change is None else log.COPY.head(vars(change))
        others = [(at, renewed[pk]) for at, pk in enumerate(state.others) if pk in renewed]
        found.append(Alike(number, is_anew, buckets, others, head))
    return found


def _counts_by_itself(counted: tuple[Report, State]) -> bool:
    number = counted[0].number
    return fills_one(number) or number.epoch_at is not None


def _is_apart(number: Number, now: datetime) -> bool:
    return bool(number.campaign_id or number.linked or is_plain(number, now=now))


def write_alike(groups: Sequence[tuple[Alike, Members]]) -> None:
    """Writes numbers, buckets, other reports and the change log, but not the new reports."""
    NUMBERS.update_alike(
        [(alike.number, [seen.pk for seen, _ in members]) for alike, members in groups], SHARED
    )
    _write_buckets(groups)
    others = [
        (state.others[at], *counts)
        for alike, members in groups
        for at, counts in alike.others
        for _, state in members
    ]
    refolding.write_reports(refolding.ReportColumns.of(others))
    log.copy(
        (alike.change, seen.key) for alike, members in groups if alike.change for seen, _ in members
    )


def _write_buckets(groups: Sequence[tuple[Alike, Members]]) -> None:
    anew = [seen.pk for alike, members in groups if alike.is_folded_anew for seen, _ in members]
    if anew:
        CLEAR_BUCKETS.run(array(anew))
    drop_buckets(
        (row[1:4], [seen.pk for seen, _ in members])
        for alike, members in groups
        if not alike.is_folded_anew
        for row in alike.buckets
    )
    copied = [
        (COPY_BUCKETS.head(dict(zip(BUCKET_NAMES, row, strict=True))), members)
        for alike, members in groups
        for row in alike.buckets
    ]
    COPY_BUCKETS.write(
        COPY_BUCKETS.rows(
            (head for head, members in copied for _ in members),
            (seen.pk for _, members in copied for seen, _ in members),
        )
    )
