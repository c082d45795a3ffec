"""Folding numbers anew from what stands, many at a time: rebuilds, withdrawals, the trust pass.

Runs inside its caller's transaction on numbers that are locked, like the fold itself.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from reputation.counting import folding
from reputation.models import (
    RECORD,
    ImportedComplaint,
    Number,
    Prepared,
    Reading,
    Report,
    Row,
    Table,
    account_age,
    array,
    as_json,
    read_together,
    voice_of,
)
from reputation.scoring import EMPTY, EPOCH, Case, Record, Voice, prior_for, trust

# A number's trust_seq when the trust pass has to look at it whatever its seq is.
DUE = -1

# The columns of Counted.
COUNTED = f"""
SELECT r.id, r.number_id, r.seq, r.category, r.counted_at, r.filed_at, r.weight, r.established,
    r.network, r.contribution, r.attestation, r.was_warned, p.cluster, p.created_at, p.vouched_at,
    {", ".join(f"p.{name}" for name in RECORD)}, p.id, p.backers,
    r.campaign_id
FROM reputation_report r JOIN reputation_reporter p ON p.id = r.reporter_id
WHERE r.status = 'live'
"""  # noqa: S608 -- constants
OF_NUMBERS = Prepared(
    f"{COUNTED} AND r.number_id = ANY(%s::bigint[])"
    " AND NOT EXISTS (SELECT FROM unnest(%s::bigint[]) w(id) WHERE w.id = r.id)"
    " ORDER BY r.number_id, r.seq"
)
NEWEST = Prepared(
    f"{COUNTED} AND r.number_id = %s::bigint AND r.counted_at >= %s::timestamptz"
    " ORDER BY r.seq DESC LIMIT %s::integer"
)
COMPLAINTS = Table(ImportedComplaint)
COMPLAINED = Prepared(
    f"SELECT {COMPLAINTS.columns('c')} FROM reputation_importedcomplaint c"  # noqa: S608 -- constants
    " WHERE c.number_id = ANY(%s::bigint[]) ORDER BY c.seq"
)
CLEAR_BUCKETS = Prepared(
    "DELETE FROM reputation_evidencebucket WHERE number_id = ANY(%s::bigint[])"
)
# What became of the reports' weights, written in one statement.
WRITE = Prepared(
    "UPDATE reputation_report r SET weight = v.weight, established = v.established,"
    " contribution = v.contribution FROM json_to_recordset(%s::json)"
    " AS v(id bigint, weight float8, established boolean, contribution float8) WHERE r.id = v.id"
)
WRITTEN = ("id", "weight", "established", "contribution")


class Counted(NamedTuple):
    """A live report with what is known of its reporter now. Fields as in COUNTED."""

    pk: int
    number: int
    seq: int
    category: str
    counted_at: datetime
    filed_at: datetime
    weight: float
    established: bool
    network: str
    contribution: float
    attestation: str
    was_warned: bool
    cluster: int | None
    reporter_created_at: datetime
    vouched_at: datetime | None
    tp: float
    fn: float
    tn: float
    fp: float
    firsts: float
    reporter: int
    backers: list[int]
    campaign: int | None

    @property
    def age(self) -> float:
        """Of the account when it said this, in days; past all bounds where somebody vouches."""
        return account_age(self.reporter_created_at, self.vouched_at, self.counted_at)

    def voice(self, *, reweigh: bool) -> Voice:
        weight, established = self.weight, self.established
        if reweigh:
            weight, established = folding.weigh(
                self.record(),
                self.category,
                age=self.age,
                attestation=self.attestation,
                was_warned=self.was_warned,
            )
        return voice_of(
            self.category, self.counted_at, weight, established, self.network, self.cluster
        )

    def record(self) -> Record:
        return Record(self.tp, self.fn, self.tn, self.fp, self.firsts)


class Afresh(NamedTuple):
    """What folding anew makes of buckets and reports: every bucket that there is, and each report
    that changes, as its id, weight, established and contribution."""

    buckets: list[folding.BucketRow]
    reports: list[tuple[int, float, bool, float]]


def refold(number: Number) -> None:
    """Rebuilds the number's evidence from what stands, in the order in which it was counted.

    Something was taken back, so the trust pass has to look again.
    """
    refold_all([number])
    number.trust_seq = DUE


def refold_all(
    numbers: Collection[Number], *, without: Collection[Report] = (), reweigh: bool = False
) -> None:
    """Rebuilds many numbers' evidence and writes buckets and reports, the numbers not yet.

    See `fold_afresh`.
    """
    write(numbers, fold_afresh(numbers, without=without, reweigh=reweigh))


def fold_afresh(
    numbers: Collection[Number], *, without: Collection[Report] = (), reweigh: bool = False
) -> Afresh:
    """Rebuilds many numbers' evidence, as if the reports `without` had not been made.

    With `reweigh` each report counts for what its reporter's record is worth now, where otherwise
    it keeps the weight with which it was counted; and whether the trust pass promotes is decided.
    Changes the given objects, and nothing in the database.
    """
    by_id = {number.pk: number for number in numbers}
    live = Reading(OF_NUMBERS, (array(by_id), array(report.pk for report in without)))
    complaints_of = Reading(COMPLAINED, (array(by_id),))
    read_together(live, complaints_of)
    said, complained = _reports(by_id, live.rows), _complaints(by_id, complaints_of.rows)
    afresh = Afresh([], [])
    for number in numbers:
        reports, complaints = said.get(number.pk, []), complained.get(number.pk, [])
        voices = [(each.seq, each.voice(reweigh=reweigh), each) for each in reports]
        counted: list[tuple[int, Voice, Counted | None]] = [
            *voices,
            *((each.seq, each.voice, None) for each in complaints),
        ]
        number.prior = prior_for(number.line_type)
        # Of reports that count again: which campaign the number has is decided at publication.
        spoken = (each.campaign for each in reports if each.campaign)
        number.campaign_id = number.campaign_id or next(spoken, None)
        sums = folding.Folding(number, EMPTY, {})
        for _, voice, report in sorted(counted, key=lambda entry: entry[0]):
            contribution = sums.hear(voice)
            if report is not None and (report.weight, report.established, report.contribution) != (
                now := (voice.weight, voice.established, contribution)
            ):
                afresh.reports.append((report.pk, *now))
        afresh.buckets.extend(sums.close())
        if reweigh:
            number.promoted = not case_of((voice, each) for _, voice, each in voices).obstacles()
            number.trust_seq = number.seq
        number.reports = number.complaints = 0
        number.first_reported_at = number.last_reported_at = None
        folding.tally(
            number,
            reports=[(report.filed_at, report.counted_at) for report in reports],
            complaints=[complaint.filed_at for complaint in complaints],
        )
    return afresh


def write(numbers: Collection[Number], afresh: Afresh) -> None:
    """Writes what `fold_afresh` made of these numbers' buckets and reports."""
    CLEAR_BUCKETS.run(array(number.pk for number in numbers))
    folding.write_buckets(afresh.buckets, anew=True)
    if afresh.reports:
        WRITE.run(as_json([dict(zip(WRITTEN, each, strict=True)) for each in afresh.reports]))


def case_of(heard: Iterable[tuple[Voice, Counted]]) -> Case:
    """What speaks for opening block. Each voice is worth what its reporter's record is now."""
    case = Case()
    for voice, report in heard:
        case.hear(
            voice,
            rests_on=trust.rests_on(report.record(), report.reporter, tuple(report.backers)),
            old_enough=report.age >= trust.ESTABLISHED_DAYS,
            attested=report.attestation in trust.ATTESTED,
        )
    return case


def newest_counted(number: Number, most: int) -> list[Counted]:
    """The newest `most` reports that count for the number, in the order of the fold."""
    since = (number.epoch_at or EPOCH).isoformat()
    return [Counted(*row) for row in NEWEST.all(str(number.pk), since, str(most))][::-1]


def _reports(by_id: dict[int, Number], rows: Iterable[Row]) -> dict[int, list[Counted]]:
    found: dict[int, list[Counted]] = {}
    for row in rows:
        report = Counted(*row)
        if report.counted_at >= (by_id[report.number].epoch_at or EPOCH):
            found.setdefault(report.number, []).append(report)
    return found


def _complaints(
    by_id: dict[int, Number], rows: Iterable[Row]
) -> dict[int, list[ImportedComplaint]]:
    found: dict[int, list[ImportedComplaint]] = {}
    for complaint in map(COMPLAINTS.load, rows):
        if complaint.filed_at >= (by_id[complaint.number_id].epoch_at or EPOCH):
            found.setdefault(complaint.number_id, []).append(complaint)
    return found
