"""Counts first reports on hundreds of known numbers whose states are all different.

The functions of scoring that count single reports count each of these too, but on tuples: models'
objects would take longer than the arithmetic. Numbers are read by column and written as arrays.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reputation.counting import chapters
from reputation.counting.bucket_rows import bucket_row, read_buckets, write_buckets
from reputation.counting.chapters import key_of
from reputation.counting.locking import NUMBERS
from reputation.counting.settling import REPORTS
from reputation.feeds import log
from reputation.models import EVIDENCE_SUMS, Number, Prepared, Report, Row, array
from reputation.scoring import (
    Action,
    Bucket,
    BucketKey,
    Evidence,
    Standing,
    Voice,
    fold,
    fold_mix,
    from_days,
    judge,
    leading,
    logit,
    reassess_all,
    to_days,
    trust,
)

MOMENTS: Final = ("evidence_at", "first_unwanted_at", "last_unwanted_at")
READ: Final = (
    *("id", "key", "prior", "promoted", "action", "category", "status", "category_mix", "seq"),
    *("settled_side", "settled_seq", "reports", "first_reported_at", "last_reported_at"),
    *(*MOMENTS, *EVIDENCE_SUMS),
)
PRIOR, MIX, SEQ = map(READ.index, ("prior", "category_mix", "seq"))
# Numbers of one chapter, also with the next report, without a decision, a campaign or a former
# holder. A number that was just created gets a row in the change log in any case.
LOAD = Prepared(
    f"SELECT {NUMBERS.columns('n', READ)} FROM reputation_number n"  # noqa: S608 -- constants
    " WHERE id = ANY(%s::bigint[]) AND created_at <> %s::timestamptz AND seq < %s::integer"
    " AND epoch_at IS NULL AND campaign_id IS NULL AND linked = 0 AND moderated = 0"
    " AND pinned = '' AND immune_until IS NULL"
    " AND NOT (official OR holder_verified OR disputed OR spoofed OR reassigned OR never_calls)"
)
WRITTEN: Final = (
    *("id", "seq", "settled_side", "settled_seq"),
    *("reports", "first_reported_at", "last_reported_at", "category_mix"),
    *("action", "category", "status", "score", "reassess_at", *MOMENTS, *EVIDENCE_SUMS),
)
# By whether the trust pass promoted the number.
STANDINGS: Final = (Standing(), Standing(promoted=True))
# What settling reads and sets of a number, and of its new report.
PLAIN: Final = (
    *("id", "epoch_at", "moderated", "prior", "seq", "settled_side", "settled_seq"),
    *("evidence_at", "unwanted_short", "unwanted_long", "legitimate"),
)
EARNED: Final = (
    *("id", "number_id", "reporter_id", "category", "status", "was_warned", "counted_at"),
    *("seq", "first", "contribution", "credit", "full_side"),
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A number's row, and its state after the new report. `truth`: the number and the report as
    settling takes them, if the number's truth is plain."""

    row: Row
    evidence: Evidence
    mix: dict[str, float]
    buckets: Mapping[BucketKey, Bucket]
    is_first: bool
    contribution: float
    truth: tuple[Number, Report] | None


class Apart:
    """First reports of this moment on locked numbers, one on each, by the numbers' ids. Each report
    is given as an equal report, and as its voice.

    Counts them as `append_reports` does, on tuples. `numbers` and `reports` then have those whose
    truth is plain: they must be settled before `write`. Leaves out numbers that LOAD does not find.
    """

    def __init__(self, said: Mapping[int, tuple[Report, Voice]], *, now: datetime) -> None:
        self.now, self.at = now, to_days(now)
        rows = LOAD.all(array(said), now.isoformat(), str(chapters.CHAPTER))
        stored = _buckets((row[0], said[row[0]][1]) for row in rows)
        self.found = {row[0]: self._count(row, *said[row[0]], stored[row[0]]) for row in rows}
        truths = [each.truth for each in self.found.values() if each.truth]
        self.numbers = [number for number, _ in truths]
        self.reports = [report for _, report in truths]

    def _count(
        self, row: Row, said: Report, voice: Voice, stored: Mapping[BucketKey, Bucket]
    ) -> _Found:
        before, mix = _evidence(row), row[MIX]
        evidence, buckets, contribution = fold(before, stored, voice)
        mix = fold_mix(
            mix, before=before.at, after=evidence.at, voice=voice, contribution=contribution
        )
        is_first, truth = trust.is_first(before, voice.side, self.at), None
        if trust.is_settled(logit(evidence, self.at, row[PRIOR])):
            truth = _truth(row, evidence, said, is_first, contribution)
        return _Found(row, evidence, mix, buckets, is_first, contribution, truth)

    def counted(self, number: int) -> tuple[int, bool, float, float, int]:
        """seq, first, contribution, credit and full_side of the number's new report."""
        each = self.found[number]
        earned = (each.truth[1].credit, each.truth[1].full_side) if each.truth else (0.0, 0)
        return each.row[SEQ] + 1, each.is_first, each.contribution, *earned

    def write(self) -> None:
        """Decides the public answers as `publish_all` does, and writes all but the reports."""
        if not self.found:
            return
        write_buckets(
            [
                bucket_row(pk, key, bucket)
                for pk, each in self.found.items()
                for key, bucket in each.buckets.items()
            ]
        )
        found = self.found.values()
        judged = [(each.evidence, STANDINGS[each.row[3]], each.row[PRIOR]) for each in found]
        written, changes = list[tuple[object, ...]](), list[log.Changed]()
        due = reassess_all(judged, self.at)
        for each, (evidence, standing, prior), moment in zip(found, judged, due, strict=True):
            pk, key, _, _, *before, _, seq, side, since, reports, first, last = each.row[:14]
            judgement = judge(evidence, standing, self.at, prior=prior)
            action, status = judgement.action, judgement.status.value
            category = leading(each.mix, warns=action is not Action.ALLOW)
            if each.truth is not None:
                side, since = each.truth[0].settled_side, each.truth[0].settled_seq
            first, last = min(first or self.now, self.now), max(last or self.now, self.now)
            written.append(
                (
                    *(pk, seq + 1, side, since, reports + 1, first, last, each.mix),
                    *(action.value, category, status, judgement.score),
                    None if moment is None else from_days(moment),
                    *_columns(evidence),
                )
            )
            after = log.PublicState(action.value, category, status, "")
            changes.append((key, log.PublicState._make((*before, "")), after, judgement.score))
        NUMBERS.update_columns(dict(zip(WRITTEN, zip(*written, strict=True), strict=True)))
        log.append_changed(changes, now=self.now)


def _truth(
    row: Row, evidence: Evidence, said: Report, is_first: bool, contribution: float
) -> tuple[Number, Report]:
    """The number and its new report as settling takes them."""
    pk, seq = row[0], row[SEQ] + 1
    sums = evidence.unwanted_short, evidence.unwanted_long, evidence.legitimate
    number = pk, None, 0, row[PRIOR], seq, *row[SEQ + 1 : SEQ + 3], from_days(evidence.at), *sums
    spoken = said.reporter_id, said.category, said.status, said.was_warned, said.counted_at
    report = None, pk, *spoken, seq, is_first, contribution, 0.0, 0
    return NUMBERS.load(number, PLAIN), REPORTS.load(report, EARNED)


def _buckets(voices: Iterable[tuple[int, Voice]]) -> Mapping[int, Mapping[BucketKey, Bucket]]:
    """The stored buckets of each number's voice."""
    found = defaultdict[int, dict[BucketKey, Bucket]](dict)
    for pk, side, kind, name, short, long, at in read_buckets(voices):
        found[pk][key_of(side, kind, name)] = Bucket(short, long, to_days(at))
    return found


def _evidence(row: Row) -> Evidence:
    """The evidence of a row, like Number.evidence."""
    at, first, last, *sums = row[-len(MOMENTS) - len(EVIDENCE_SUMS) :]
    first, last = first and to_days(first), last and to_days(last)
    return Evidence._make((to_days(at), *sums[:-2], first, last, *sums[-2:]))


def _columns(evidence: Evidence) -> tuple[object, ...]:
    """MOMENTS and EVIDENCE_SUMS of the evidence."""
    at, *sums, first, last, gathered, saturated = evidence
    moments = (None if each is None else from_days(each) for each in (at, first, last))
    return *moments, *sums, gathered, saturated
