"""Settling: once a number's truth is plain, credits the reporters who were right before.

Runs inside its caller's transaction on numbers that are locked, like the fold.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Max

from reputation.models import (
    FEW_REPORTS,
    RECORD,
    Number,
    Prepared,
    Report,
    Reporter,
    Table,
    array,
    as_json,
)
from reputation.scoring import CATEGORIES, EPOCH, from_days, logit, to_days, trust

REPORTERS, REPORTS = Table(Reporter), Table(Report)
# Early reports that a moderator's decision credits at once, which takes about a tenth of a second.
# If there are more, the trust pass learns from the others.
FIRST: Final = 1_000
# Early reports do not include those on a caller that was shown as suspicious: they may be copies.
EARLY = Prepared(
    f"SELECT {REPORTS.columns('r')} FROM reputation_report r"  # noqa: S608 -- constants
    " WHERE r.number_id = %s::bigint AND r.status = 'live' AND NOT r.was_warned"
    " AND r.seq <= %s::integer AND r.counted_at >= %s::timestamptz ORDER BY r.seq"
    " LIMIT %s::integer"
)
# The reports whose credit a plain truth may change: those without the full credit, and those that
# contribute so much that the others alone may not suffice. Of thousands of reports nearly all
# contribute next to nothing, and the index report_to_settle skips those that are noted as full. IS
# TRUE: keeps PostgreSQL from reading the first few by an index on time. OFFSET keeps it from
# reading all reports.
_OPEN = (
    " SELECT * FROM reputation_report WHERE number_id = n.id AND seq <= n.seq AND status = 'live'"
    " AND NOT was_warned"
)
_NOTED = (
    f" UNION ALL {_OPEN} AND counted_at >= n.since AND seq > {FEW_REPORTS} AND full_side = %s"
    " AND (credit <> n.side OR contribution > n.sure OR contribution <= n.quiet)"
)
# The columns that settling reads of a report, its id first.
ASKED: Final = (
    *("id", "number_id", "reporter_id", "category", "seq", "counted_at"),
    *("first", "contribution", "credit", "full_side"),
)
OPEN = Prepared(
    f"SELECT {REPORTS.columns('r', ASKED)}"  # noqa: S608 -- constants
    " FROM json_to_recordset(%s::json) AS n(id bigint, seq integer, since timestamptz,"
    " side smallint, sure float8, quiet float8)"
    f" CROSS JOIN LATERAL ({_OPEN} AND seq <= {FEW_REPORTS} AND (counted_at >= n.since) IS TRUE"
    f" AND abs(credit) < {trust.MODERATOR_CREDIT} AND (credit <> n.side OR contribution > n.sure)"
    f" {_NOTED % '0'} {_NOTED % '-n.side'} OFFSET 0) r"
    " ORDER BY r.number_id, r.seq"
)
LOCK_REPORTERS = Prepared(
    f"SELECT {REPORTERS.columns('p')} FROM reputation_reporter p"  # noqa: S608 -- constants
    " WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
)


def settle(numbers: Iterable[Number], *, now: datetime, filed: Collection[Report] = ()) -> None:
    """Credits reporters who were right before a number's truth was plain, and debits the others.

    Only reports filed before that moment take part, each judged by the other reports alone. Does
    nothing where the reports contradict a moderator's decision. Assigns the credits of all numbers
    at once, so that their reporters are locked in one order. `filed`: reports that the caller is
    about to write, counted last and at most one a number; their credits are only set on the
    objects.
    """
    at = to_days(now)
    logits = ((number, _plain_logit(number, at)) for number in numbers)
    plain = [(number, total) for number, total in logits if total is not None]
    if not plain:
        return
    early = _open_reports(plain, filed, since=from_days(at - trust.SETTLE_WINDOW))
    credits: list[tuple[Report, float]] = []
    for number, total in plain:
        reports = early[number.pk]
        contributions = [
            trust.decayed_contribution(
                report.category, report.contribution, to_days(report.counted_at), at
            )
            for report in reports
        ]
        credits += zip(reports, trust.settle(total, contributions), strict=True)
    unwritten = set(map(id, filed))
    _write([report for report in _assign(credits) if id(report) not in unwritten])


def settle_by_standing(numbers: Iterable[Number], *, now: datetime) -> None:
    """Credits by a moderator's decision where one is in force; elsewhere as `settle` does."""
    undecided = []
    for number in numbers:
        if number.moderated:
            credit = number.moderated * trust.MODERATOR_CREDIT
            assign_credits(dict.fromkeys(early_reports(number), credit))
        else:
            undecided.append(number)
    settle(undecided, now=now)


def is_plain(number: Number, *, now: datetime) -> bool:
    """Whether the number's reports make its truth plain, so that `settle` has something to do."""
    return trust.is_settled(logit(number.sums, to_days(now), number.prior))


def _plain_logit(number: Number, at: float) -> float | None:
    """The number's log-odds if its truth is plain, which is noted; None if nothing settles."""
    total = logit(number.sums, at, number.prior)
    if not trust.is_settled(total):
        return None
    side = 1 if total > 0 else -1
    if number.moderated not in (0, side):
        return None
    note_truth(number, side)
    return total


def note_truth(number: Number, side: int) -> None:
    """Notes that the truth is plain from now on: 1 unwanted, -1 legitimate. A later report of that
    side only agrees, and earns no credit.

    The moment is replaced when the truth is plain for the first time or on the other side, and at
    the first decision.
    """
    if number.settled_side != side:
        number.settled_side, number.settled_seq = side, number.seq


def said_before(number: Number, moment: datetime) -> int:
    """The place in the number's fold order of its last report from before that moment."""
    said = Report.objects.filter(number=number, counted_at__lt=moment)
    return int(said.aggregate(last=Max("seq"))["last"] or 0)


def early_reports(number: Number) -> list[Report]:
    """The FIRST live reports on the present holder that were filed before the number's truth was
    plain, in their fold order."""
    begin = number.epoch_at or EPOCH
    early = str(number.pk), str(number.settled_seq), begin.isoformat(), str(FIRST)
    reports = list(map(REPORTS.load, EARLY.all(*early)))
    for report in reports:
        REPORTS.relate(report, number=number)
    return reports


def _open_reports(
    plain: Sequence[tuple[Number, float]], filed: Collection[Report], *, since: datetime
) -> Mapping[int, Sequence[Report]]:
    """By number id, those of the early reports, counted from `since` on, whose credit may change at
    these log-odds. All others have the credit that `trust.settle` would give them."""
    sinces = {number.pk: max(since, number.epoch_at or EPOCH) for number, _ in plain}
    asked = [
        {
            "id": number.pk,
            "seq": number.settled_seq,
            "since": sinces[number.pk],
            "side": number.settled_side,
            "sure": trust.sure(total),
            "quiet": trust.QUIET[number.settled_side],
        }
        for number, total in plain
    ]
    by_id = {number.pk: number for number, _ in plain}
    found = defaultdict[int, list[Report]](list)
    rewritten = {report.pk for report in filed}  # their stored rows are outdated
    for row in OPEN.all(as_json(asked)):
        if row[0] not in rewritten:
            report = REPORTS.load(row, ASKED)
            found[report.number_id].append(report)
    for report in filed:
        number = by_id.get(report.number_id)
        if (
            number is not None
            and report.seq <= number.settled_seq
            and report.status == Report.Status.LIVE
            and not report.was_warned
            and report.counted_at >= sinces[number.pk]
        ):
            found[number.pk].append(report)
    return found


def assign_credits(credits: dict[Report, float], *, anew: bool = False) -> None:
    """Writes credits to reports and moves their reporters' records by the difference.

    A moderator's decision prevails: a smaller credit never replaces its credit, unless the decision
    is taken back (`anew`). Reporters are locked in the order of their ids, so that two numbers
    settling at once cannot wait for each other.
    """
    _write(_assign(list(credits.items()), anew=anew))


def _write(reports: Collection[Report]) -> None:
    REPORTS.update(reports, ("credit", "full_side"))


def _assign(credits: Sequence[tuple[Report, float]], *, anew: bool = False) -> list[Report]:
    """`assign_credits` without writing the reports: returns those that changed."""
    moved = [
        (report, credit)
        for report, credit in credits
        if credit != report.credit
        and (anew or not (abs(report.credit) >= trust.MODERATOR_CREDIT > abs(credit)))
    ]
    before = [(report, report.credit, report.full_side) for report, _ in credits]
    if moved:
        _move(moved)
    for report, _ in credits:
        report.full_side = _full_side(report)
    return [
        report
        for report, credit, side in before
        if (report.credit, report.full_side) != (credit, side)
    ]


def _full_side(report: Report) -> int:
    """The full_side to note in the report's row; 0 for the first FEW_REPORTS, since rewriting a row
    is faster while no indexed column changes."""
    return trust.full_side(report.credit, report.contribution) if report.seq > FEW_REPORTS else 0


def _move(credits: Sequence[tuple[Report, float]]) -> None:
    """Sets credits on reports, and moves their reporters' stored records."""
    by_reporter = defaultdict[int, list[tuple[Report, float]]](list)
    for report, credit in credits:
        by_reporter[report.reporter_id].append((report, credit))
    reporters = list(map(REPORTERS.load, LOCK_REPORTERS.all(array(by_reporter))))
    for reporter in reporters:
        pk, record, backers = reporter.pk, reporter.record, tuple(reporter.backers)
        resting = trust.rests_on(record, pk, backers)
        for report, credit in by_reporter[pk]:
            side = CATEGORIES[report.category].side
            record = trust.credited(record, side, report.credit, credit, first=report.first)
            report.credit = credit
            # The trust pass itself updates the weights of other reports, but not what rests on the
            # reporter.
            rests = trust.rests_on(record, pk, backers)
            reporter.moved_seq += resting != rests
            resting = rests
        reporter.record = record
    REPORTERS.update(reporters, (*RECORD, "moved_seq"))


def lock_reporters(*numbers: Number, others: Collection[int] = ()) -> None:
    """Locks all reporters of the locked numbers, and others by their ids, for callers that assign
    credits more than once. Meanwhile no new reporter can report the numbers."""
    # A query of its own: with a join, PostgreSQL would read all reporters.
    spoke = Report.objects.filter(number__in=numbers).order_by().values_list("reporter", flat=True)
    concerned = Reporter.objects.filter(pk__in={*spoke.distinct(), *others}).order_by("pk")
    list(concerned.select_for_update(no_key=True).values_list("pk"))
