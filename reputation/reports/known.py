"""Files thousands of statements of one reporter about known numbers, in one transaction.

Equal statements about numbers with equal states (counting.alike) form a group: one of them is filed
as a single report, and its result is written for all. Each row keeps its own time, count and
conduct of the calls (OWN_WORDS). First reports on numbers whose states are unique are counted one
by one, without objects (counting.apart).
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from reputation import campaigns, counting
from reputation.identity import Identity
from reputation.models import (
    MANY,
    Copy,
    Number,
    Prepared,
    Report,
    Reporter,
    ReportRevision,
    array,
    voice_of,
)
from reputation.reports.filing import (
    REPORTS,
    STATED,
    Statement,
    Truths,
    new_report,
    put_statement,
    reporter_on,
    set_aside,
)
from reputation.scoring import Voice

type Entry = tuple[Identity, Statement]

OWN_WORDS = ("occurred_at", "call_count", "conduct")
# The shared part of a statement: reports that differ only in OWN_WORDS have the same head.
WORDS = tuple(name for name in STATED if name not in OWN_WORDS)
words_of = attrgetter(*WORDS)
OWN = ("number_id", "public_id", *OWN_WORDS)
# The fields of a reporter that decide in which network their reports count.
heard_in = attrgetter("cluster", "crowd", "vouched_at")
COPY_REPORTS = Copy(
    Report,
    shared=[name for name in REPORTS.names if name not in ("id", *OWN)],
    own=OWN,
)
# Further own columns of a report on a number whose state is unique (Apart.counted).
COUNTED = ("seq", "first", "contribution", "credit", "full_side")
COPY_APART = Copy(
    Report,
    shared=[name for name in REPORTS.names if name not in ("id", *OWN, *COUNTED)],
    own=(*OWN, *COUNTED),
)
COPY_REVISIONS = Copy(ReportRevision, shared=("change", "at"), own=("report_id", "content"))
# The columns that a repeated report keeps.
KEPT = ("id", "public_id", "number_id", "reporter_id", "filed_at")
RENEWED = tuple(name for name in REPORTS.names if name not in (*KEPT, *OWN_WORDS))
FORMER = Prepared(
    "SELECT r.number_id, r.id, r.status, r.occurred_at, r.call_count, r.conduct,"  # noqa: S608 -- constants
    f" {REPORTS.record('r', but=('id', *OWN))}"
    " FROM unnest(%s::bigint[]) AS wanted(id) CROSS JOIN LATERAL ("
    "SELECT * FROM reputation_report WHERE reporter_id = %s::bigint AND number_id = wanted.id"
    " LIMIT 1) r"
)

# The least size of a group: filing a single report alone costs less.
LEAST = 2


class Former(NamedTuple):
    """The reporter's earlier report on a number: its OWN_WORDS, and the rest as bytes to
    compare."""

    number_id: int
    pk: int
    status: str
    occurred_at: datetime | None
    call_count: int
    conduct: list[str]
    row: bytes


# The place of a statement, the statement, its locked number, and the reporter's earlier report.
type Stated = tuple[int, Statement, counting.Seen, Former | None]


class Case(NamedTuple):
    """A statement about a locked number, with the state of the number."""

    place: int
    statement: Statement
    seen: counting.Seen
    former: Former | None
    state: counting.State


@dataclass(frozen=True, slots=True)
class Group:
    """Cases with equal results, and the result of the first of them."""

    cases: Sequence[Case]
    alike: counting.Alike
    report: Report
    revision: ReportRevision | None


class KnownNumbers:
    """Statements of one reporter at one moment about numbers that it locks."""

    def __init__(self, reporter: Reporter, network: str, now: datetime) -> None:
        self.pk, self.network, self.now = reporter.pk, network, now
        # Reports that are counted but not yet written, and their rows: heads, statements, numbers'
        # ids.
        self.apart: counting.Apart | None = None
        self.rows: list[tuple[bytes, Statement, int]] = []

    def file(self, entries: Sequence[tuple[int, Identity, Statement]]) -> dict[int, bool]:
        """Files the statements that form groups; returns whether each filed report is new, by its
        place. First reports on numbers with a unique state are only counted: see `write_apart`.
        Leaves the other statements to be filed one by one. Raises ReporterBlocked."""
        seen = counting.see_numbers([identity for _, identity, _ in entries], now=self.now)
        by_key = {each.key: each for each in seen}
        # Read under the locks: settlement elsewhere may just have moved the reporter's record.
        reporter, _ = reporter_on(self.pk, [])
        if reporter.erased_on:  # its network may differ from number to number
            return {}
        alone = self._alone(entries)
        formers = FORMER.all(array(by_key[key].pk for key in alone), str(reporter.pk))
        former = {each.number_id: each for each in map(Former._make, formers)}
        stated = [
            (place, statement, by_key[key], former.get(by_key[key].pk))
            for key, (place, statement) in alone.items()
        ]
        grouped = self._grouped(stated, reporter)
        groups = self._count(grouped, reporter) if grouped else []
        if groups:
            self._write(groups)
        filed = {case.place: case.former is None for group in groups for case in group.cases}
        rest = [each for each in stated if each[0] not in filed and each[3] is None]
        if len(rest) >= MANY:
            blank = counting.new_number(entries[0][1], line="", now=self.now)
            filed |= dict.fromkeys(self._count_apart(rest, reporter, blank), True)
        return filed

    def _count_apart(
        self, stated: Sequence[Stated], reporter: Reporter, blank: Number
    ) -> list[int]:
        """Counts first reports on numbers with a unique state; returns the places of the counted
        ones. `blank`: any number without reports."""
        heads = dict[tuple[object, ...], tuple[bytes, Report, Voice] | None]()
        said = dict[int, tuple[bytes, Report, Voice]]()
        for _, statement, seen, _ in stated:
            words = words_of(statement)
            if words not in heads:
                heads[words] = self._head(statement, reporter, blank)
            if (found := heads[words]) is not None:
                said[seen.pk] = found
        self.apart = counting.Apart({pk: found[1:] for pk, found in said.items()}, now=self.now)
        counted = [each for each in stated if each[2].pk in self.apart.found]
        self.rows = [(said[seen.pk][0], statement, seen.pk) for _, statement, seen, _ in counted]
        return [place for place, *_ in counted]

    def _head(
        self, statement: Statement, reporter: Reporter, blank: Number
    ) -> tuple[bytes, Report, Voice] | None:
        """The head of the rows of reports with this statement, and one such report; None if they
        must be filed one by one."""
        report = new_report(reporter, blank, self.now)
        put_statement(report, statement, self.network)
        counting.place_last(report, now=self.now)
        if campaigns.may_join(report):
            return None
        return COPY_APART.head(vars(report)), report, report.voice

    @property
    def truths(self) -> Truths:
        """The numbers and reports that must be settled before `write_apart`."""
        return (self.apart.numbers, self.apart.reports) if self.apart else ((), ())

    def write_apart(self) -> None:
        """Writes the reports that `file` has only counted, and their numbers."""
        if self.apart is None or not self.rows:
            return
        self.apart.write()
        heads, statements, pks = zip(*self.rows, strict=True)
        COPY_APART.write(
            COPY_APART.rows(
                heads,
                pks,
                (uuid.uuid4() for _ in pks),
                *([getattr(each, name) for each in statements] for name in OWN_WORDS),
                *zip(*map(self.apart.counted, pks), strict=True),
            )
        )

    @staticmethod
    def _alone(
        entries: Sequence[tuple[int, Identity, Statement]],
    ) -> dict[str, tuple[int, Statement]]:
        """The statements that are the only ones about their number."""
        alone: dict[str, tuple[int, Statement]] = {}
        again = set[str]()
        for place, identity, statement in entries:
            if identity.key in alone:
                again.add(identity.key)
            alone[identity.key] = place, statement
        return {key: each for key, each in alone.items() if key not in again}

    def _grouped(
        self,
        stated: Sequence[Stated],
        reporter: Reporter,
    ) -> list[list[Case]]:
        """The groups of LEAST or more statements with equal results."""
        said = defaultdict[Any, list[Stated]](list)
        for each in stated:
            _, statement, seen, former = each
            said[words_of(statement), seen.row, former and former.row].append(each)
        several = [those for those in said.values() if len(those) >= LEAST]
        hearing, anew = defaultdict[Any, list[int]](list), list[int]()
        network = (reporter.crowd if reporter.vouched_at is None else "") or self.network
        for those in several:
            _, statement, _, former = those[0]
            is_anew = former is not None and former.status == Report.Status.LIVE
            (anew if is_anew else hearing[statement.category]).extend(each[2].pk for each in those)
        voices = {
            voice_of(category, self.now, None, 0.0, False, network, reporter.cluster): ids
            for category, ids in hearing.items()
        }
        states = counting.states_of(voices, anew, reporter=self.pk)
        groups = defaultdict[Any, list[Case]](list)
        for place, those in enumerate(several):
            for each in those:
                state = states[each[2].pk]
                groups[place, state.counted].append(Case(*each, state))
        return [cases for cases in groups.values() if len(cases) >= LEAST]

    def _count(self, grouped: Sequence[Sequence[Case]], before: Reporter) -> list[Group]:
        """Files the first of each group, on objects only. Returns no groups if the reporter was in
        another cluster `before`, since other buckets were compared then."""
        loaded = counting.load_numbers(cases[0].seen.pk for cases in grouped)
        numbers = {number.pk: number for number in loaded}
        reporter, formers = reporter_on(self.pk, loaded)
        if heard_in(reporter) != heard_in(before):
            return []
        filed, without = list[tuple[Report, ReportRevision | None]](), list[Report]()
        for (_, statement, seen, _, _), *_ in grouped:
            report, revision = formers.get(seen.key), None
            if report is None:
                report = new_report(reporter, numbers[seen.pk], self.now)
            else:
                if report.status == Report.Status.LIVE:
                    without.append(report)
                revision = set_aside(report, statement, "updated", self.now)
            put_statement(report, statement, self.network)
            filed.append((report, revision))
        counted = counting.count_alike(
            [(report, cases[0].state) for (report, _), cases in zip(filed, grouped, strict=True)],
            without=without,
            now=self.now,
        )
        return [
            Group(cases, alike, report, revision)
            for cases, (report, revision), alike in zip(grouped, filed, counted, strict=True)
            if alike is not None and not report.campaign_id and not campaigns.may_join(report)
        ]

    def _write(self, groups: Sequence[Group]) -> None:
        counting.write_alike(
            [(group.alike, [(case.seen, case.state) for case in group.cases]) for group in groups]
        )
        repeated = [group for group in groups if group.revision is not None]
        _write_revisions(repeated)
        REPORTS.update_alike(
            [
                (group.report, [case.former.pk for case in group.cases if case.former])
                for group in repeated
            ],
            RENEWED,
            own={
                name: [getattr(case.statement, name) for group in repeated for case in group.cases]
                for name in OWN_WORDS
            },
        )
        first: list[tuple[Case, bytes]] = []
        for group in groups:
            if group.revision is None:
                head = COPY_REPORTS.head(vars(group.report))
                first += [(case, head) for case in group.cases]
        first.sort(key=lambda each: each[0].place)
        copy_reports([(head, case.seen.pk, case.statement) for case, head in first])


def copy_reports(reports: Sequence[tuple[bytes, int, Statement]]) -> None:
    """Inserts first reports, given as the heads of their rows, their numbers' ids, and
    statements."""
    if not reports:
        return
    statements = [statement for _, _, statement in reports]
    COPY_REPORTS.write(
        COPY_REPORTS.rows(
            (head for head, _, _ in reports),
            (pk for _, pk, _ in reports),
            (uuid.uuid4() for _ in reports),
            *([getattr(statement, name) for statement in statements] for name in OWN_WORDS),
        )
    )


def _write_revisions(groups: Sequence[Group]) -> None:
    rows: list[tuple[bytes, int, dict[str, Any]]] = []
    for group in groups:
        if group.revision is None:
            continue
        head = COPY_REVISIONS.head(vars(group.revision))
        for case in group.cases:
            if (former := case.former) is None:
                continue
            own = {"call_count": former.call_count, "conduct": former.conduct}
            own["occurred_at"] = former.occurred_at and former.occurred_at.isoformat()
            rows.append((head, former.pk, group.revision.content | own))
    if rows:
        COPY_REVISIONS.write(
            COPY_REVISIONS.rows(
                (head for head, _, _ in rows),
                (pk for _, pk, _ in rows),
                (content for _, _, content in rows),
            )
        )
