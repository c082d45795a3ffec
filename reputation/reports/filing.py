"""Files reports, and updates those that are repeated. What follows later: reports.own_reports."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db import transaction

from reputation import campaigns, counting
from reputation.identity import Identity
from reputation.models import (
    NOBODY,
    Number,
    Prepared,
    Reading,
    Report,
    Reporter,
    ReportRevision,
    Row,
    Table,
    array,
    short_transaction,
    use_voice,
)
from reputation.privacy import mask, without_controls
from reputation.scoring import CATEGORIES, goes_on, to_days

# A clock that runs ahead a little is not a lie; a call next week is.
CLOCK_SKEW = timedelta(minutes=10)
OLDEST_CALL = timedelta(days=366)
# Characters.
COMMENT_LENGTH = 2000
CLAIMED_NAME_LENGTH = 200
ACCOUNTS_LENGTH = 500
TRANSCRIPT_LENGTH = 4000  # as much as scoring.campaigns reads
# Calls of which one report tells, as the table has it.
MOST_CALLS = 10_000


class ReportError(Exception):
    """A report was not accepted. `field` names the part of the statement at fault, or is empty."""

    field = ""


class ReporterBlocked(ReportError):
    """The reporter may no longer report."""


class ReporterErased(ReporterBlocked):
    """The person behind the voice was erased meanwhile."""


class CallInFuture(ReportError):
    field = "occurred_at"


class CallTooOld(ReportError):
    field = "occurred_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement of a reporter about one number. The caller checks shapes; this checks
    meaning."""

    category: str
    occurred_at: datetime | None = None
    conduct: list[str] = field(default_factory=list)
    comment: str = ""
    attestation: str = ""
    callback_number: str = ""
    claimed_name: str = ""
    transcript: str = ""
    other_accounts: str = ""
    call_count: int = 1
    was_warned: bool = False
    channel: str = Report.Channel.CALL.value


@dataclass(frozen=True, slots=True)
class Submission:
    report: Report
    number: Number
    created: bool


type Stated = tuple[Report, Statement]
# Numbers whose truth is plain, and reports on them that are yet to be written.
type Truths = tuple[Sequence[Number], Sequence[Report]]

REPORTERS, REPORTS, REVISIONS = Table(Reporter), Table(Report), Table(ReportRevision)
NUMBERS = Table(Number)
WIDTH = len(REPORTERS.names)
# The id of the voice that speaks for a reporter, which may just have been linked to another.
_SPEAKING = "(SELECT coalesce(merged_into_id, id) FROM reputation_reporter WHERE id = %s::bigint)"
# A reporter, and what they reported so far about some numbers: a row a report, or one without.
# LIMIT keeps PostgreSQL from reading all reports of a reporter, who may be a gateway with millions.
REPORTER_ON = Prepared(
    f"SELECT {REPORTERS.columns('p')}, {REPORTS.columns('r')}"  # noqa: S608 -- constants
    " FROM reputation_reporter p LEFT JOIN LATERAL (SELECT r.*"
    " FROM unnest(%s::bigint[]) AS wanted(id) CROSS JOIN LATERAL ("
    "SELECT * FROM reputation_report WHERE reporter_id = p.id AND number_id = wanted.id LIMIT 1"
    f") r) r ON true WHERE p.id = {_SPEAKING}"
)
# The same for one number, by its key: it can be sent along with the lock.
REPORTER_ON_ONE = Prepared(
    f"SELECT {REPORTERS.columns('p')}, {REPORTS.columns('r')}"  # noqa: S608 -- constants
    " FROM reputation_reporter p LEFT JOIN LATERAL ("
    "SELECT r.* FROM reputation_number n CROSS JOIN LATERAL ("
    "SELECT * FROM reputation_report WHERE reporter_id = p.id AND number_id = n.id LIMIT 1"
    f") r WHERE n.key = %s) r ON true WHERE p.id = {_SPEAKING}"
)

STATED = tuple(Statement.__dataclass_fields__)
stated_of = attrgetter(*STATED)
# Statuses that a reporter sets on their own report, and undoes by reporting again.
TAKEN_BACK = (Report.Status.WITHDRAWN, Report.Status.SETTLED)


@short_transaction()
def submit_report(
    *,
    reporter: Reporter,
    identity: Identity,
    statement: Statement,
    network: str,
    now: datetime,
    corrects: bool = False,
) -> Submission:
    """Files a report, or updates the one that this reporter already made about the number.

    `network` is the pseudonym of where it came from. With `corrects` the statement replaces what
    the report said; otherwise it tells of further calls, and a complaint lists both. The number's
    evidence, settlement and public answer follow in the same transaction. Of `reporter` only the id
    is taken. Raises ReportError.
    """
    if fault := fault_of(statement, now):
        reporter_on(reporter.pk, [])  # blocked reporters get that error first
        raise fault
    use_voice(reporter.pk)
    said = Reading(REPORTER_ON_ONE, (identity.key, str(reporter.pk)))
    ahead = counting.Ahead(identity, category=statement.category, network=network, now=now)
    number = counting.lock_number(identity, now=now, then=[said, ahead])
    reporter, reports = _said(said.rows, [number])
    report = reports.get(identity.key)
    created = report is None
    report = report or new_report(reporter, number, now)
    stated = [(report, statement)]
    first, repeated = (stated, []) if created else ([], stated)
    _count(
        first,
        repeated,
        network=network,
        corrects=corrects,
        ahead=ahead if created else None,
        now=now,
    )
    counting.settle([number], now=now, filed=[report])
    _write(first, repeated)
    counting.publish(number, now=now)
    return Submission(report=report, number=number, created=created)


@transaction.atomic
def submit_reports(
    *,
    reporter: Reporter,
    entries: Sequence[tuple[Identity, Statement]],
    network: str,
    now: datetime,
    corrects: bool = False,
    truths: Truths = ((), ()),
) -> list[Submission | ReportError]:
    """Files many reports of one reporter in one transaction, in the order given.

    One outcome an entry: an entry at fault loses none of the others. Pass some hundred at a time:
    their numbers stay locked until all are counted. Of `reporter` only the id is taken: the rest is
    read under the locks. `truths`: what the caller counted in this transaction and writes when it
    is settled, at once with these. Raises ReporterBlocked.
    """
    outcomes: list[Submission | ReportError | None] = [
        fault_of(statement, now) for _, statement in entries
    ]
    sound = [place for place, fault in enumerate(outcomes) if fault is None]
    use_voice(reporter.pk)
    numbers = counting.lock_numbers([entries[place][0] for place in sound], now=now)
    # Read under the locks: settlement elsewhere may just have moved the reporter's record.
    reporter, reports = reporter_on(reporter.pk, numbers.values())
    first: list[Stated] = []
    repeated: list[Stated] = []
    for turn in _turns((entries[place][0].key, place) for place in sound):
        _write(first, repeated)
        first, repeated = [], []
        for key, place in turn.items():
            number, statement = numbers[key], entries[place][1]
            created = key not in reports
            report = reports.get(key) or new_report(reporter, number, now)
            reports[key] = report
            outcomes[place] = Submission(report=report, number=number, created=created)
            (first if created else repeated).append((report, statement))
        _count(first, repeated, network=network, corrects=corrects, now=now)
    filed = [report for report, _ in (*first, *repeated)]
    counting.settle([*numbers.values(), *truths[0]], now=now, filed=[*filed, *truths[1]])
    _write(first, repeated)
    counting.publish_all(numbers.values(), now=now, changed=counting.REPORTED)
    return [outcome for outcome in outcomes if outcome is not None]


def reporter_on(pk: int, numbers: Collection[Number]) -> tuple[Reporter, dict[str, Report]]:
    """The reporter, and their reports on these numbers so far, by the numbers' keys.

    Raises ReporterBlocked.
    """
    return _said(REPORTER_ON.all(array(number.pk for number in numbers), str(pk)), numbers)


def _said(rows: Sequence[Row], numbers: Iterable[Number]) -> tuple[Reporter, dict[str, Report]]:
    by_id = {number.pk: number for number in numbers}
    reporter, reports = REPORTERS.load(rows[0][:WIDTH]), {}
    if reporter.handle.startswith(NOBODY):
        raise ReporterErased("This voice was erased. Nothing more is kept of it.")
    if reporter.blocked_at is not None:
        raise ReporterBlocked(
            "Reports from this reporter are no longer accepted. Write to the moderators to appeal."
        )
    for row in rows:
        if row[WIDTH] is not None:
            report = REPORTS.load(row[WIDTH:])
            REPORTS.relate(report, reporter=reporter, number=by_id[report.number_id])
            reports[report.number.key] = report
    return reporter, reports


def new_report(reporter: Reporter, number: Number, now: datetime) -> Report:
    report = REPORTS.new(filed_at=now)
    REPORTS.relate(report, reporter=reporter, number=number)
    return report


def _turns(places: Iterable[tuple[str, int]]) -> list[dict[str, int]]:
    """Places by key, each key at most once a turn: statements about one number follow in order."""
    turns: list[dict[str, int]] = []
    met: Counter[str] = Counter()
    for key, place in places:
        if met[key] == len(turns):
            turns.append({})
        turns[met[key]][key] = place
        met[key] += 1
    return turns


def _count(
    first: Sequence[Stated],
    repeated: Sequence[Stated],
    *,
    network: str,
    corrects: bool,
    now: datetime,
    ahead: counting.Ahead | None = None,
) -> None:
    """Counts first reports, and statements in place of earlier ones: at most one a number. Sets
    all on the reports, which are written once it is known whether they earn credit."""
    anew = _set_aside(repeated, "corrected" if corrects else "updated", now)
    stated = [*first, *repeated]
    for report, statement in stated:
        put_statement(report, statement, network)
    counting.append_reports([report for report, _ in stated], now=now, ahead=ahead, anew=anew)
    campaigns.join([report for report, _ in stated])


def _write(first: Sequence[Stated], repeated: Sequence[Stated]) -> None:
    REPORTS.insert([report for report, _ in first])
    REPORTS.update([report for report, _ in repeated])


def _set_aside(
    repeated: Sequence[Stated], change: str, now: datetime
) -> Sequence[counting.BucketRow]:
    """Keeps the present content of the reports on record, and stops counting it. Returns the
    buckets of their numbers that the caller must write."""
    REVISIONS.insert([set_aside(report, statement, change, now) for report, statement in repeated])
    return counting.take_back(
        [report for report, _ in repeated if report.status == Report.Status.LIVE]
    )


def set_aside(report: Report, statement: Statement, change: str, now: datetime) -> ReportRevision:
    """A revision with the content of the report, before a new statement replaces it."""
    back = report.status in TAKEN_BACK and change == "updated"
    revision = _revision(report, "restored" if back else change, now)
    changes = CATEGORIES[report.category].side != CATEGORIES[statement.category].side
    stands = report.status == Report.Status.LIVE and not changes
    if not (stands and goes_on(to_days(report.counted_at), to_days(now))):
        report.since = None
    elif change == "updated":  # a correction tells of no further call
        report.since = report.since or report.counted_at
    if changes and report.status != Report.Status.REJECTED:
        # The record keeps what the old opinion earned or cost; the new one starts uncredited. The
        # debit of a rejection stands, since the new one is not counted.
        report.credit = 0.0
    return revision


def put_statement(report: Report, statement: Statement, network: str) -> None:
    """Puts a statement into a report."""
    vars(report).update(zip(STATED, stated_of(statement), strict=True))
    report.comment = without_controls(report.comment)
    report.claimed_name = without_controls(report.claimed_name)
    report.transcript = without_controls(report.transcript)
    report.other_accounts = without_controls(report.other_accounts)
    mask_words(report)
    # One of many accounts that were opened together counts in one network with the others.
    reporter = report.reporter
    crowd = reporter.crowd if reporter.vouched_at is None else ""
    report.network = crowd or network
    if reporter.erased_on:
        _join_erased(report, reporter.erased_on)
    # A moderator's decision outlives a repetition: the new text is kept, and not counted.
    if report.status in Report.KEPT_OUT:
        report.returns_as = Report.Status.LIVE.value
    else:
        report.status = Report.Status.LIVE.value


def _join_erased(report: Report, days: Collection[datetime]) -> None:
    """Gives a report, whose reporter erased an earlier one on the same number, the network of that
    one. Only the day of the erasure is known: of several reports on the number that were erased
    that day it is the one from the same network, or else the first."""
    former = Report.objects.live().filter(number=report.number_id, erased_at__in=days)
    networks = list(former.order_by("pk").values_list("network", flat=True))
    if networks and report.network not in networks:
        report.network = networks[0]


def mask_words(report: Report) -> None:
    """Sets what the public may read of the report's words; nothing where a moderator hid them."""
    report.comment_public = "" if report.hidden else mask(report.comment)
    report.transcript_public = "" if report.hidden else mask(report.transcript)


def fault_of(statement: Statement, now: datetime) -> ReportError | None:
    if statement.occurred_at is None:
        return None
    if statement.occurred_at > now + CLOCK_SKEW:
        return CallInFuture(
            "The call lies in the future. Send the time at which it came, with offset."
        )
    if statement.occurred_at < now - OLDEST_CALL:
        return CallTooOld("The call is more than a year old and says nothing of the number today.")
    return None


def keep_revision(report: Report, change: str, now: datetime) -> None:
    """Stores the content of a report before it is changed; `change` names the change."""
    keep_revisions([report], change, now)


def keep_revisions(reports: Iterable[Report], change: str, now: datetime) -> None:
    """Stores the present contents of many reports, as `keep_revision` does for one."""
    REVISIONS.insert([_revision(report, change, now) for report in reports])


def _revision(report: Report, change: str, now: datetime) -> ReportRevision:
    content: dict[str, Any] = {name: getattr(report, name) for name in STATED}
    content["occurred_at"] = report.occurred_at and report.occurred_at.isoformat()
    content["status"] = report.status
    content["counted_at"] = report.counted_at.isoformat()
    return REVISIONS.new(report_id=report.pk, content=content, change=change, at=now)
