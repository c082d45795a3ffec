"""Files thousands of reports of one reporter in one transaction, for files and gateways.

Most reports of such a block are the first about their numbers: they are counted by groups of equals
and written by COPY (counting.firsts). Statements about known numbers are counted by groups
too, or without objects (`known`). The other reports are filed one by one, in the same transaction.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from reputation import campaigns, counting
from reputation.identity import Identity, line_type
from reputation.models import Reporter, use_voice
from reputation.reports.filing import (
    ReportError,
    Statement,
    fault_of,
    new_report,
    put_statement,
    reporter_on,
    submit_reports,
)
from reputation.reports.known import COPY_REPORTS, Entry, KnownNumbers, copy_reports, words_of

# The head of a report's row, and the start of its number.
type Head = tuple[bytes, counting.Start]
# The columns that the fold sets on a report, and the start of its number.
type Counted = tuple[dict[str, object], counting.Start]

# The part of a report that decides how it counts, besides its reporter, its moment and its number's
# line type; and the columns that the fold sets.
COUNTING = ("category", "attestation", "was_warned", "network", "status")
FOLDED = ("seq", "counted_at", "weight", "established", "first", "contribution")


@transaction.atomic
def submit_block(
    *, reporter: Reporter, entries: Sequence[Entry], network: str, now: datetime
) -> list[bool | ReportError]:
    """Files the same as `submit_reports`, for some thousand entries at a time.

    Returns for each entry whether the report is new, or the error. Raises ReporterBlocked.
    """
    use_voice(reporter.pk)
    block, known = _Block(reporter, network, now), KnownNumbers(reporter, network, now)
    outcomes: list[bool | ReportError | None] = [fault_of(said, now) for _, said in entries]
    sound = [place for place, fault in enumerate(outcomes) if fault is None]
    try:
        with transaction.atomic():
            filed = block.file_firsts([(place, *entries[place]) for place in sound])
    except IntegrityError:  # another process has just created one of the numbers
        filed = set()
    rest = [place for place in sound if place not in filed]
    created = known.file([(place, *entries[place]) for place in rest]) if rest else {}
    created |= dict.fromkeys(filed, True)
    for place, is_new in created.items():
        outcomes[place] = is_new
    rest = [place for place in rest if place not in created]
    if rest or known.truths[0]:
        submitted = submit_reports(
            reporter=reporter,
            entries=[entries[place] for place in rest],
            network=network,
            now=now,
            truths=known.truths,
        )
        for place, outcome in zip(rest, submitted, strict=True):
            outcomes[place] = outcome if isinstance(outcome, ReportError) else outcome.created
    known.write_apart()
    return [outcome for outcome in outcomes if outcome is not None]


class _Block:
    """First reports of one reporter at one moment, with the results for groups of equal ones."""

    def __init__(self, reporter: Reporter, network: str, now: datetime) -> None:
        self.reporter, _ = reporter_on(reporter.pk, [])
        self.network, self.now = network, now
        self.empty: dict[str, counting.Start] = {}
        self.counted: dict[tuple[str, ...], Counted | None] = {}
        self.heads: dict[tuple[str, tuple[object, ...]], Head | None] = {}

    def file_firsts(self, entries: Sequence[tuple[int, Identity, Statement]]) -> set[int]:
        """Creates the numbers that are missing, and files the reports that are alone about one.

        Returns the places of these. Raises IntegrityError if another process creates one meanwhile.
        """
        met = Counter(identity.key for _, identity, _ in entries)
        known = counting.known_keys(met)
        missing = {entry[1].key: entry for entry in entries if entry[1].key not in known}
        starts, filed = list[tuple[str, str, counting.Start]](), list[tuple[int, int, bytes]]()
        for key in sorted(missing):
            place, identity, statement = missing[key]
            line = line_type(key)
            head = self._head(identity, line, statement) if met[key] == 1 else None
            if head is not None:
                filed.append((place, len(starts), head[0]))
            starts.append((key, identity.country, head[1] if head else self._empty(identity, line)))
        if not starts:
            return set()
        ids = counting.insert_starts(starts)
        statements = {place: statement for place, _, statement in entries}
        filed.sort()
        copy_reports([(head, ids[start], statements[place]) for place, start, head in filed])
        return {place for place, _, _ in filed}

    def _empty(self, identity: Identity, line: str) -> counting.Start:
        """The start of a number without reports, whose reports are then counted one by one."""
        if line not in self.empty:
            number = counting.new_number(identity, line=line, now=self.now)
            self.empty[line] = counting.begin(number)
        return self.empty[line]

    def _head(self, identity: Identity, line: str, statement: Statement) -> Head | None:
        """The head of the report's row and the start of its number; None if it must be filed
        alone."""
        key = line, words_of(statement)
        if key not in self.heads:
            self.heads[key] = self._new_head(identity, line, statement)
        return self.heads[key]

    def _new_head(self, identity: Identity, line: str, statement: Statement) -> Head | None:
        number = counting.new_number(identity, line=line, now=self.now)
        report = new_report(self.reporter, number, self.now)
        put_statement(report, statement, self.network)
        key = (line, *[getattr(report, name) for name in COUNTING])
        if key not in self.counted:
            start = counting.begin_with(report, now=self.now)
            fold = {name: getattr(report, name) for name in FOLDED}
            self.counted[key] = None if start is None else (fold, start)
        if (counted := self.counted[key]) is None:
            return None
        fold, start = counted
        vars(report).update(fold)
        return None if campaigns.may_join(report) else (COPY_REPORTS.head(vars(report)), start)
