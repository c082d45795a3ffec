"""Decisions about reports: whether they count, and who may read their words."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from reputation import counting
from reputation.models import AuditEntry, Number, Report
from reputation.moderation.recording import By, ParticularWrong, against, record, require_reason
from reputation.reports import keep_revisions, mask_words


@transaction.atomic
def reject_report(*, report: Report, **by: Unpack[By]) -> Report:
    """Rejects a report as untrue: it stops counting, and its reporter loses trust."""
    reject_reports(reports=[report], **by)
    return report


@transaction.atomic
def reject_reports(*, reports: Sequence[Report], **by: Unpack[By]) -> Number:
    """Rejects several reports of one number, each with its own entry on record."""
    require_reason(by["reason"])
    number = lock(reports)
    before = [_standing(report) for report in reports]
    counting.assign_credits({report: against(report) for report in reports})
    # Includes withdrawn reports: their reporters could otherwise restore them.
    standing = [report for report in reports if report.status != Report.Status.REJECTED]
    restate(number, standing, Report.Status.REJECTED, now=by["now"])
    for report, old in zip(reports, before, strict=True):
        new = _standing(report)
        record(verb="reject_report", before=old, after=new, number=number, report=report, **by)
    return number


def _standing(report: Report) -> dict[str, Any]:
    """What a rejection changes about a report, for the record."""
    standing = {"status": report.status, "credit": report.credit}
    into = report.merged_into_id
    return standing if into is None else standing | {"merged_into_id": into}


@transaction.atomic
def merge_report(*, report: Report, keep: Report, **by: Unpack[By]) -> Report:
    """Merges a report into another by the same person or of the same call: only `keep` counts from
    now on.

    No reporter loses trust. Raises ParticularWrong.
    """
    require_reason(by["reason"])
    number = lock([keep, report])
    if keep == report:
        raise ParticularWrong("keep", _("Choose the report that stays, and at least one other."))
    if {keep.status, report.status} != {Report.Status.LIVE.value}:
        raise ParticularWrong("keep", _("Only reports that count can be merged."))
    restate(number, [report], Report.Status.MERGED, now=by["now"], merged_into=keep)
    old = {"status": Report.Status.LIVE.value, "merged_into_id": None}
    new = {"status": report.status, "merged_into_id": keep.pk}
    record(verb="merge_report", before=old, after=new, number=number, report=report, **by)
    return report


@transaction.atomic
def hide_report(*, report: Report, **by: Unpack[By]) -> Report:
    """Hides a report's words (such as people's names) from everybody except moderators. It still
    counts."""
    return _hide("hide_report", report, by, hidden=True)


@transaction.atomic
def unhide_report(*, report: Report, **by: Unpack[By]) -> Report:
    """Shows a report's words again, with personal data masked."""
    return _hide("unhide_report", report, by, hidden=False)


def _hide(verb: str, report: Report, by: By, *, hidden: bool) -> Report:
    require_reason(by["reason"])
    number = lock([report])
    before, after = {"hidden": report.hidden}, {"hidden": hidden}
    show(report, number, hidden=hidden, now=by["now"])
    record(verb=verb, before=before, after=after, number=number, report=report, **by)
    return report


def show(report: Report, number: Number, *, hidden: bool, now: datetime) -> None:
    """Hides the words of a locked report, or shows them again.

    Hidden words link the number to no campaign, so its public answer may change.
    """
    report.hidden = hidden
    mask_words(report)
    report.save(update_fields=["hidden", "comment_public", "transcript_public"])
    number.campaign_id = number.campaign_id or report.campaign_id
    counting.publish(number, now=now)


@transaction.atomic
def unmask_report(*, report: Report, **by: Unpack[By]) -> AuditEntry:
    """Records that a moderator reads a report's words with the personal data in them."""
    return record(verb="unmask_report", number=report.number, report=report, **by)


def lock(reports: Sequence[Report]) -> Number:
    """Locks the number of these reports, and refreshes the reports.

    Raises ParticularWrong for reports about several numbers.
    """
    if len({report.number_id for report in reports}) != 1:
        raise ParticularWrong("keep", _("Choose reports about one number."))
    number = Number.objects.select_for_update(no_key=True).get(pk=reports[0].number_id)
    fresh = Report.objects.in_bulk([report.pk for report in reports])
    for report in reports:
        for name in (
            *("status", "returns_as", "credit", "hidden", "merged_into_id", "campaign_id"),
            *("comment", "comment_public", "transcript", "transcript_public"),
            *("seq", "category", "counted_at", "network", "weight", "established"),
        ):
            setattr(report, name, getattr(fresh[report.pk], name))
    return number


def restate(
    number: Number,
    reports: Collection[Report],
    status: Report.Status,
    *,
    now: datetime,
    merged_into: Report | None = None,
) -> None:
    """Gives reports of a locked number another status (`give_status`); updates evidence and answer.

    Settles no truth: reporters' credits stay as they are, so an undo has none to take back.
    """
    if reports:
        gone = [report for report in reports if report.status == Report.Status.LIVE]
        give_status(reports, status, now=now, merged_into=merged_into)
        back = [report for report in reports if report.status == Report.Status.LIVE]
        counting.revise(number, gone=gone, back=back)
    counting.publish(number, now=now)


def give_status(
    reports: Iterable[Report],
    status: Report.Status,
    *,
    now: datetime,
    merged_into: Report | None = None,
) -> None:
    """Gives reports on locked numbers another status, or the one that their reporter gave them
    meanwhile (`Report.becoming`), and keeps their contents as revisions."""
    changes: dict[str, Any] = {"merged_into": merged_into}
    if status not in Report.KEPT_OUT:
        changes["returns_as"] = ""
    alike = defaultdict[Report.Status, list[Report]](list)
    for report in reports:
        alike[report.becoming(status)].append(report)
    for becomes, some in alike.items():
        if becomes not in (status, Report.Status.LIVE):
            for report in some:
                report.status = status.value  # what was said stands on record until then
        keep_revisions(some, "restored" if becomes == Report.Status.LIVE else becomes.value, now)
        changes["status"] = becomes.value
        for report in some:
            for name, value in changes.items():
                setattr(report, name, value)
        Report.objects.filter(pk__in=[report.pk for report in some]).update(**changes)
