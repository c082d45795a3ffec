"""Reads the reports and complaints that count for numbers, with the data needed to weigh them."""

from collections.abc import Collection, Iterable, Mapping
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
    read_together,
    voice_of,
)
from reputation.scoring import EPOCH, BlockCase, Record, Voice, trust

# The columns of Counted.
COUNTED = f"""
SELECT r.id, r.number_id, r.seq, r.category, r.counted_at, r.since, r.filed_at, r.weight,
    r.established, r.network, r.contribution, r.attestation, r.was_warned, p.cluster, p.created_at,
    p.vouched_at,
    {", ".join(f"p.{name}" for name in RECORD)}, p.id, p.backers,
    r.campaign_id
FROM reputation_report r JOIN reputation_reporter p ON p.id = r.reporter_id
WHERE r.status = 'live'
"""  # noqa: S608 -- constants
OF_NUMBERS = Prepared(f"{COUNTED} AND r.number_id = ANY(%s::bigint[]) ORDER BY r.number_id, r.seq")
OF_NUMBERS_BUT = Prepared(
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


class Counted(NamedTuple):
    """A live report with the present facts of its reporter. Fields as in COUNTED."""

    pk: int
    number: int
    seq: int
    category: str
    counted_at: datetime
    since: datetime | None
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
        """The account's age when it filed the report, in days; infinite if somebody vouches for
        it."""
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
            self.category,
            self.counted_at,
            self.since,
            weight,
            established,
            self.network,
            self.cluster,
        )

    def record(self) -> Record:
        return Record(self.tp, self.fn, self.tn, self.fp, self.firsts)


NUMBER, COUNTED_AT = map(Counted._fields.index, ("number", "counted_at"))


def read_counted(
    numbers: Mapping[int, Number], *, without: Collection[Report]
) -> tuple[list[Row], dict[int, list[ImportedComplaint]]]:
    """The rows of live reports, as in COUNTED, except `without`, and the complaints by number id:
    those about the present holders of these numbers (by id), each number's in the order of the
    fold."""
    live = Reading(OF_NUMBERS, (array(numbers),))
    if without:
        live = Reading(OF_NUMBERS_BUT, (array(numbers), array(report.pk for report in without)))
    complaints = Reading(COMPLAINED, (array(numbers),))
    read_together(live, complaints)
    return _since_epochs(numbers, live.rows), _complaints(numbers, complaints.rows)


def newest_counted(number: Number, most: int) -> list[Counted]:
    """The newest `most` reports that count for the number, in the order of the fold."""
    since = (number.epoch_at or EPOCH).isoformat()
    return [Counted(*row) for row in NEWEST.all(str(number.pk), since, str(most))][::-1]


def block_case_of(voices: Iterable[tuple[Voice, Counted]]) -> BlockCase:
    """The case for allowing block. Each voice has the weight of its reporter's present record."""
    case = BlockCase()
    for voice, report in voices:
        case.hear(
            voice,
            rests_on=trust.rests_on(report.record(), report.reporter, tuple(report.backers)),
            old_enough=report.age >= trust.ESTABLISHED_DAYS,
            attested=report.attestation in trust.ATTESTED,
        )
    return case


def _since_epochs(by_id: Mapping[int, Number], rows: list[Row]) -> list[Row]:
    """Those of the reports that are about the present holders of numbers."""
    epochs = {pk: number.epoch_at for pk, number in by_id.items() if number.epoch_at}
    if not epochs:
        return rows
    return [row for row in rows if row[COUNTED_AT] >= epochs.get(row[NUMBER], EPOCH)]


def _complaints(
    by_id: Mapping[int, Number], rows: Iterable[Row]
) -> dict[int, list[ImportedComplaint]]:
    found: dict[int, list[ImportedComplaint]] = {}
    for complaint in map(COMPLAINTS.load, rows):
        if complaint.filed_at >= (by_id[complaint.number_id].epoch_at or EPOCH):
            found.setdefault(complaint.number_id, []).append(complaint)
    return found
