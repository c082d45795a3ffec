"""What happened and when: the calls and messages behind a complaint, from the reports and more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from edge import as_csv
from reputation.complaints.wording import one_line
from reputation.complaints.words import words
from reputation.identity import display
from reputation.models import Report, ReportRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One call or message, or one report that counts several. `at` is None when nobody said.

    `day` is when it happened or, if nobody said, when it was reported, in the complaint's zone:
    that is what the law of the day goes by. `report` is None for what the complainant adds.
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
    content: str
    noted_at: datetime
    report: Report | None


def incidents_of(reports: Sequence[Report], *, zone: ZoneInfo) -> list[Incident]:
    """Each call that the reports tell of, oldest first.

    Reporting a number again replaces what the report says. What it said before is kept, and is one
    more incident if it was said before the next call came; otherwise it was only corrected.
    """
    revisions = ReportRevision.objects.filter(
        report__in=reports, change__in=["updated", "restored"]
    )
    earlier: dict[int, list[ReportRevision]] = {}
    for revision in revisions.order_by("-at", "-id"):
        earlier.setdefault(revision.report_id, []).append(revision)
    found = []
    for report in reports:
        latest = _from_report(report, zone)
        found.append(latest)
        for revision in earlier.get(report.pk, []):
            incident = _from_revision(report, revision, zone)
            if incident.at and latest.at and latest.at > incident.noted_at:
                found.append(incident)
                latest = incident
    return in_order(found)


def in_order(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda each: (each.at or each.noted_at, each.key, each.content))


def total(incidents: Iterable[Incident]) -> int:
    """How many calls and messages: of each number what its reporter counted, or what is listed."""
    listed: dict[str, int] = {}
    counted: dict[str, int] = {}
    for each in incidents:
        listed[each.key] = listed.get(each.key, 0) + 1
        counted[each.key] = max(counted.get(each.key, 0), each.count)
    return sum(max(listed[key], counted[key]) for key in listed)


def _from_report(report: Report, zone: ZoneInfo) -> Incident:
    return Incident(
        key=report.number.key,
        at=report.occurred_at,
        day=(report.occurred_at or report.filed_at).astimezone(zone).date(),
        kind=report.channel,
        count=report.call_count,
        category=report.category,
        conduct=tuple(report.conduct),
        claimed_name=report.claimed_name,
        callback=report.callback_number,
        content=report.comment,
        noted_at=report.counted_at,
        report=report,
    )


def _from_revision(report: Report, revision: ReportRevision, zone: ZoneInfo) -> Incident:
    said = revision.content
    at = said["occurred_at"]
    moment = datetime.fromisoformat(at) if at else None
    return Incident(
        key=report.number.key,
        at=moment,
        day=(moment or report.filed_at).astimezone(zone).date(),
        kind=said["channel"],
        count=said["call_count"],
        category=said["category"],
        conduct=tuple(said["conduct"]),
        claimed_name=said["claimed_name"],
        callback=said["callback_number"],
        content=said["comment"],
        noted_at=datetime.fromisoformat(said["counted_at"]),
        report=report,
    )


def call_log(incidents: Iterable[Incident], *, language: str, zone: ZoneInfo) -> bytes:
    """The incidents as CSV for spreadsheets: UTF-8 with a mark, since Excel asks for one."""
    vocabulary = words(language)
    rows = [
        [
            shown(each.at, zone),
            _number(each.key),
            vocabulary["kinds"][each.kind],
            each.count,
            vocabulary["categories"][each.category],
            vocabulary["semicolon"].join(vocabulary["conduct"][act] for act in each.conduct),
            one_line(each.claimed_name),
            _number(each.callback),
            one_line(each.content),
            each.report.public_id if each.report else "",
            shown(each.noted_at, zone),
        ]
        for each in incidents
    ]
    return as_csv([vocabulary["csv"].values(), *rows]).encode("utf-8-sig")


def shown(moment: datetime | None, zone: ZoneInfo) -> str:
    """To the minute, in the complaint's zone; empty for None."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _number(key: str) -> str:
    """A number such that a spreadsheet leaves it a text: with spaces, or behind its country."""
    return display(key) if key.startswith("+") else key
