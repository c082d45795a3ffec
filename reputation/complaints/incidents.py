"""The calls and messages behind a complaint, from reports and the complainant's further calls."""

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
    """One call or message, or one report that counts several. `at` is None for an unknown time.

    `day` is the day of the call or, if unknown, of the report, in the complaint's zone; the law of
    that day applies. `report` is None for a call that the complainant added.
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
    """The calls in the reports, oldest first.

    A second report about a number replaces the content of the first, which is kept as a revision. A
    revision is a further incident if it was made before the next call; otherwise it was corrected.
    """
    revisions = ReportRevision.objects.filter(
        report__in=reports, change__in=["updated", "restored"]
    )
    earlier: dict[int, list[ReportRevision]] = {}
    for revision in revisions.order_by("-at", "-id"):
        earlier.setdefault(revision.report_id, []).append(revision)
    incidents = []
    for report in reports:
        latest = _from_report(report, zone)
        incidents.append(latest)
        for revision in earlier.get(report.pk, []):
            incident = _from_revision(report, revision, zone)
            if incident.at and latest.at and latest.at > incident.noted_at:
                incidents.append(incident)
                latest = incident
    return in_order(incidents)


def in_order(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda each: (each.at or each.noted_at, each.key, each.content))


def total(incidents: Iterable[Incident]) -> int:
    """The number of calls and messages: per number, the reporter's count or the listed ones."""
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
    content = revision.content
    at = content["occurred_at"]
    moment = datetime.fromisoformat(at) if at else None
    return Incident(
        key=report.number.key,
        at=moment,
        day=(moment or report.filed_at).astimezone(zone).date(),
        kind=content["channel"],
        count=content["call_count"],
        category=content["category"],
        conduct=tuple(content["conduct"]),
        claimed_name=content["claimed_name"],
        callback=content["callback_number"],
        content=content["comment"],
        noted_at=datetime.fromisoformat(content["counted_at"]),
        report=report,
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
    """A moment to the minute, in the complaint's zone; empty for None."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _number(key: str) -> str:
    """A number that spreadsheets keep as text: with spaces, or behind its country."""
    return display(key) if key.startswith("+") else key
