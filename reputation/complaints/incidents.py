"""The calls behind a complaint: what reports say, the reporter's log, further calls."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from edge import as_csv
from reputation.complaints.wording import one_line
from reputation.complaints.words import words
from reputation.identity import display, zone_of
from reputation.models import LoggedCall, Report
from reputation.reports import diary


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One call or message, or one statement of a report. `at` is None for an unknown time.

    `day` is the day of the call or, if unknown, of the statement, in the complaint's zone; the law
    of that day applies. `count` is the number of calls, and 0 for words about calls that other
    incidents count; `partly`: more were stated, which other incidents count. `logged` is None for
    what a report says, else the row of the log or, for a call that the complainant adds to this
    complaint, an unsaved row.
    """

    key: str
    at: datetime | None
    day: date
    kind: str
    count: int
    category: str
    conduct: tuple[str, ...]
    claimed_name: str
    callback: str
    accounts: str = ""
    content: str
    noted_at: datetime
    report: Report
    revision: int | None = None
    partly: bool = False
    logged: LoggedCall | None = None

    @property
    def day_there(self) -> date:
        """The day in the time zone of the number's country."""
        return (self.at or self.noted_at).astimezone(zone_of(self.report.number.country)).date()

    @property
    def seconds(self) -> int | None:
        return self.logged.seconds if self.logged else None


def incidents_of(
    reports: Sequence[Report], *, zone: ZoneInfo, further: Sequence[LoggedCall] = ()
) -> list[Incident]:
    """Every call that the reports, their earlier content and their logs tell of, oldest first.

    `further`: unsaved rows of a log, for this complaint alone. A later statement adds to an earlier
    one, unless its reporter said that it corrects it. Where two tell of the same call, it counts
    once:

    - statements about the same minute, and statements without a time that say the same on one day;
    - a statement about a minute that the log lists;
    - statements about days within the span of an imported log, which is complete for its span.

    These are days where the number is: the count is the same for every `zone`, in which days are
    shown.
    """
    doubled = Report.objects.filter(
        Q(reporter=F("merged_into__reporter"))
        | Q(reporter__merged_into=F("merged_into__reporter")),
        merged_into__in=reports,
    )
    reports = list(
        {each.pk: each for each in (*reports, *doubled.select_related("number"))}.values()
    )
    by_id = {report.pk: report for report in reports}
    stated = [_from_report(report, zone) for report in reports]
    for revision in diary.earlier_statements(reports):
        earlier = _from_content(by_id[revision.report_id], revision.content, zone)
        stated.append(replace(earlier, revision=revision.pk))
    rows = LoggedCall.objects.filter(report__in=reports).order_by("at", "pk")
    logged = [_from_log(row, by_id[row.report_id], zone) for row in (*rows, *further)]
    found: list[Incident] = []
    by_number = attrgetter("key")
    for key, statements in groupby(sorted(stated, key=by_number), by_number):
        log = [each for each in logged if each.key == key]
        unwanted = [each for each in statements if each.category != "legitimate"]
        found += _joined(unwanted, list(_once(log)))
    return in_order(found)


def _once(log: Sequence[Incident]) -> Iterator[Incident]:
    """The log without calls added to this complaint at a minute that the log has."""
    known: set[str] = set()
    for each in log:
        saved = each.logged is not None and each.logged.pk is not None
        minute = shown(each.at, UTC)
        if saved or minute not in known:
            yield each
        known.add(minute)


def _joined(statements: Sequence[Incident], log: Sequence[Incident]) -> list[Incident]:
    """Statements about one number beside its log, each call counted once."""
    imported = [each.day_there for each in log if each.logged and each.logged.imported]
    listed: dict[str, int] = {}
    for each in log:
        minute = shown(each.at, UTC)
        listed[minute] = listed.get(minute, 0) + 1
    kept: list[Incident] = []
    covered: list[int] = []  # places in `kept` of statements that the imported log covers
    for each in _distinct(statements):
        if imported and min(imported) <= each.day_there <= max(imported):
            covered.append(len(kept))
        elif each.at is not None and (there := listed.get(shown(each.at, UTC))):
            each = replace(each, count=max(each.count - there, 0), partly=True)
        kept.append(each)
    stated = sum(kept[place].count for place in covered)
    for place in covered:
        kept[place] = replace(kept[place], count=0)
    if stated > len(imported):  # the log misses calls, such as those of another phone
        kept[covered[0]] = replace(kept[covered[0]], count=stated - len(imported), partly=True)
    # A statement that was only the way to file what the log lists has no line of its own.
    spoken = [each for each in kept if each.count or any(_beside_the_call(each)[1:])]
    return [*spoken, *log]


def _distinct(statements: Sequence[Incident]) -> list[Incident]:
    """Statements about the same call as one; each that says more stays, as words alone."""
    leaders: dict[tuple[object, ...], int] = {}
    found: list[Incident] = []
    for each in sorted(statements, key=attrgetter("noted_at"), reverse=True):
        words = _beside_the_call(each)
        same: tuple[object, ...] = (shown(each.at, UTC),) if each.at else (each.day_there, words)
        if (place := leaders.setdefault(same, len(found))) == len(found):
            found.append(each)
            continue
        leader = found[place]
        found[place] = replace(leader, count=max(leader.count, each.count))
        if not _says_no_more(each, leader):
            found.append(replace(each, count=0))
    return found


def _beside_the_call(each: Incident) -> tuple[str | tuple[str, ...], ...]:
    """The fields of a statement except time and count."""
    named = (each.claimed_name, each.callback, each.accounts)
    return (each.category, each.conduct, *named, each.content)


def _says_no_more(each: Incident, than: Incident) -> bool:
    return (
        each.category == than.category
        and set(each.conduct) <= set(than.conduct)
        and each.claimed_name in ("", than.claimed_name)
        and each.callback in ("", than.callback)
        and each.accounts in ("", than.accounts)
        and each.content in than.content
    )


def in_order(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda each: (each.at or each.noted_at, each.key, each.content))


def total(incidents: Iterable[Incident]) -> int:
    """The number of calls and messages."""
    return sum(each.count for each in incidents)


def _from_report(report: Report, zone: ZoneInfo) -> Incident:
    return Incident(
        key=report.number.key,
        at=report.occurred_at,
        day=(report.occurred_at or report.counted_at).astimezone(zone).date(),
        kind=report.channel,
        count=report.call_count,
        category=report.category,
        conduct=tuple(report.conduct),
        claimed_name=report.claimed_name,
        callback=report.callback_number,
        accounts=report.other_accounts,
        content=_words(report.comment, report.transcript),
        noted_at=report.counted_at,
        report=report,
    )


def _from_content(report: Report, content: dict[str, Any], zone: ZoneInfo) -> Incident:
    """The earlier content of the report, from its revision; an erased revision has lost moment and
    words."""
    occurred = content.get("occurred_at")
    moment = datetime.fromisoformat(occurred) if occurred else None
    noted_at = datetime.fromisoformat(content["counted_at"])
    return Incident(
        key=report.number.key,
        at=moment,
        day=(moment or noted_at).astimezone(zone).date(),
        kind=content["channel"],
        count=content["call_count"],
        category=content["category"],
        conduct=tuple(content["conduct"]),
        claimed_name=content.get("claimed_name", ""),
        callback=content.get("callback_number", ""),
        accounts=content.get("other_accounts", ""),
        content=_words(content.get("comment", ""), content.get("transcript", "")),
        noted_at=noted_at,
        report=report,
    )


def _words(comment: str, transcript: str) -> str:
    """The words of the reporter, and those of the caller as the phone wrote them down."""
    return "\n".join(filter(None, (comment, transcript)))


def _from_log(row: LoggedCall, report: Report, zone: ZoneInfo) -> Incident:
    """A call of the log, with the category of the report about its number."""
    return Incident(
        key=report.number.key,
        at=row.at,
        day=row.at.astimezone(zone).date(),
        kind=row.channel,
        count=1,
        category=report.category,
        conduct=tuple(row.conduct),  # the report's acts need not be this call's
        claimed_name="",
        callback="",
        content=row.words,
        noted_at=row.noted_at,
        report=report,
        logged=row,
    )


def call_log(incidents: Iterable[Incident], *, language: str, zone: ZoneInfo) -> bytes:
    """The incidents as CSV for spreadsheets, in UTF-8 with the byte order mark that Excel needs."""
    vocabulary = words(language)
    rows = [
        [
            shown(each.at, zone),
            _number(each.key),
            vocabulary["kinds"][each.kind],
            each.count,
            "" if each.seconds is None else each.seconds,
            vocabulary["categories"][each.category],
            vocabulary["semicolon"].join(vocabulary["conduct"][act] for act in each.conduct),
            one_line(each.claimed_name),
            _number(each.callback),
            one_line(each.content),
            each.report.public_id,
            shown(each.noted_at, zone),
        ]
        for each in incidents
    ]
    return as_csv([vocabulary["csv"].values(), *rows]).encode("utf-8-sig")


def shown(moment: datetime | None, zone: tzinfo) -> str:
    """A moment to the minute, in the complaint's zone; empty for None."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _number(key: str) -> str:
    """A number that spreadsheets keep as text: with spaces, or behind its country."""
    return display(key) if key.startswith("+") else key
