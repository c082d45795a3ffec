"""The state of two voices and their reports before a link, so that undoing it can restore them.

A snapshot holds no words: only the reports' revisions do, so erasing these erases all words.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max, Model

from reputation.models import (
    RECORD,
    Complaint,
    IntakeSender,
    LinkedReport,
    Number,
    Report,
    Reporter,
    ReportRevision,
    VoiceLink,
)
from reputation.reports.filing import STATED, mask_words

# The columns of a report's counting and status.
_COUNTED = [
    field
    for field in Report._meta.concrete_fields
    if field.name
    not in (
        *STATED,
        "id",
        "public_id",
        "number",
        "reporter",
        "comment_public",
        "transcript_public",
        "campaign",
        "full_side",
    )
]
# The columns that a link adds up: the records, and debits that last.
_ADDED = (*RECORD, "kept_fp", "kept_fn")
# The other columns of a voice that a link changes.
_STANDING = [
    Reporter._meta.get_field(name) for name in ("created_at", "vouched_at", "cluster", "backers")
]


def begin(
    into: Reporter, other: Reporter, numbers: Iterable[Number], *, now: datetime
) -> tuple[VoiceLink, list[LinkedReport]]:
    """The link's row, and one for each report that it may touch; none is saved yet."""
    link = VoiceLink(
        into=into,
        other=other,
        linked_at=now,
        kept={
            "into": _voice(into),
            "other": _voice(other),
            "senders": _ids(IntakeSender.objects.filter(reporter=other)),
            "complaints": _ids(Complaint.objects.filter(reporter=other)),
            "followers": _ids(Reporter.objects.filter(merged_into=other)),
            "truths": {str(number.pk): _truth(number) for number in numbers},
            "revision": _last_revision(),
        },
    )
    others = Report.objects.filter(reporter=other)
    own = Report.objects.filter(reporter=into, number__in=others.values("number"))
    rows = [
        LinkedReport(
            report=report, is_others=report.reporter_id == other.pk, before=counted(report)
        )
        for report in (*own, *others)
    ]
    return link, rows


def finish(link: VoiceLink, rows: list[LinkedReport], numbers: Iterable[Number]) -> None:
    """Saves them, with what the link made of the voice that speaks and of the reports."""
    into = Reporter.objects.get(pk=link.into_id)
    link.kept["after"] = _voice(into)
    link.kept["truths_after"] = {str(number.pk): _truth(number) for number in numbers}
    link.save()
    now = Report.objects.in_bulk([row.report_id for row in rows])
    for row in rows:
        row.link = link
        row.after = {
            name: getattr(now[row.report_id], name)
            for name in ("seq", "status", "returns_as", "credit")
        }
    LinkedReport.objects.bulk_create(rows)


def _last_revision() -> int:
    """The greatest id of a revision. Later revisions of reports on locked numbers have greater
    ids."""
    return ReportRevision.objects.aggregate(last=Max("pk"))["last"] or 0


def counted(report: Report) -> dict[str, Any]:
    return _written(report, _COUNTED)


def restore_counted(report: Report, before: Mapping[str, Any]) -> None:
    for field in _COUNTED:
        if field.attname in before:
            setattr(report, field.attname, _read(field, before[field.attname]))
    report.full_side = 0


def restore_words(report: Report, *, after: int) -> None:
    """Restores the words of the report from its first revision with an id above `after`; erased
    words stay erased."""
    revision = report.revisions.filter(pk__gt=after).order_by("pk").first()
    content = revision.content if revision is not None else {}
    for name in STATED:
        if name in content:
            field = Report._meta.get_field(name)
            setattr(report, name, _read(field, content[name]))
    mask_words(report)


def restore_voice(into: Reporter, kept: Mapping[str, Any]) -> None:
    """Restores the voice that spoke for both. It keeps what changed since the link."""
    before, after = kept["into"], kept["after"]
    now = _voice(into)
    for name in _ADDED:
        if name in after:
            setattr(into, name, max(before[name] + now[name] - after[name], 0.0))
    for field in _STANDING:
        if now[field.name] == after[field.name]:
            setattr(into, field.name, _read(field, before[field.name]))


def restore_truths(numbers: Iterable[Number], kept: Mapping[str, Any]) -> None:
    """Restores since when the numbers' truth is plain, where the link moved that moment."""
    for number in numbers:
        key = str(number.pk)
        if key in kept["truths"] and _truth(number) == kept["truths_after"][key]:
            number.settled_side, number.settled_seq = kept["truths"][key]


def _voice(reporter: Reporter) -> dict[str, Any]:
    return _written(reporter, [*map(Reporter._meta.get_field, _ADDED), *_STANDING])


def _truth(number: Number) -> list[int]:
    return [number.settled_side, number.settled_seq]


def _ids(rows: Any) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _written(row: Model, fields: Iterable[Any]) -> dict[str, Any]:
    """The fields as JSON has them: moments as text, to the microsecond."""
    values = {field.attname: getattr(row, field.attname) for field in fields}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _read(field: Any, value: Any) -> Any:
    return value if field.is_relation else field.to_python(value)
