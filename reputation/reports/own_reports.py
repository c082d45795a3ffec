"""A reporter's own reports, once filed: finds them, takes them back, adds what a recording says."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from reputation import campaigns, counting
from reputation.models import (
    NOBODY,
    Number,
    Prepared,
    Reading,
    Report,
    Reporter,
    Row,
    hold_voices,
    short_transaction,
    use_voice,
)
from reputation.privacy import without_controls
from reputation.reports.filing import (
    NUMBERS,
    REPORTS,
    TRANSCRIPT_LENGTH,
    ReportError,
    keep_revision,
    keep_revisions,
    mask_words,
)

OWN = Prepared(
    f"SELECT {REPORTS.columns('r')}, {NUMBERS.columns('n')}"  # noqa: S608 -- constants
    " FROM reputation_report r JOIN reputation_reporter p ON p.id = r.reporter_id"
    " JOIN reputation_number n ON n.id = r.number_id"
    " WHERE r.public_id = %s::uuid AND %s::bigint IN (p.id, p.merged_into_id)"
    f" AND NOT starts_with(p.handle, '{NOBODY}')"
)


class ReportNotFound(ReportError):
    """No such report by this reporter."""


class TranscriptTooLong(ReportError):
    field = "transcript"


@transaction.atomic
def add_transcript(
    *, reporter: Reporter, public_id: uuid.UUID, transcript: str, now: datetime
) -> Report:
    """Adds what is said in a recording to the transcript of the reporter's own report.

    It tells of no further call and brings no report back. Text that the transcript has already
    changes nothing. Raises ReportNotFound, TranscriptTooLong.
    """
    use_voice(reporter.pk)
    seen = find_report(reporter=reporter, public_id=public_id)
    number = counting.lock_number(seen.number.identity, now=now)
    report = find_report(reporter=reporter, public_id=public_id)  # as it is under the lock
    report.number = number
    added = without_controls(transcript).strip()
    if not added or added in report.transcript:
        return report
    whole = f"{report.transcript}\n{added}".strip()
    if len(whole) > TRANSCRIPT_LENGTH:
        raise TranscriptTooLong(
            f"The report's transcript would have more than {TRANSCRIPT_LENGTH} characters. "
            "Send the part that matters."
        )
    keep_revision(report, "corrected", now)
    report.transcript = whole
    mask_words(report)
    campaigns.join([report])
    REPORTS.update([report], ("transcript", "transcript_public", "campaign_id"))
    counting.publish(number, now=now)
    return report


def withdraw_report(*, reporter: Reporter, public_id: uuid.UUID, now: datetime) -> Report:
    """Takes a report back: it stops counting, and stays for audit. Withdrawing twice is no error.

    A settled report is withdrawn as well. What either earned or cost its reporter stays. A rejected
    or merged report stays so, and comes back as withdrawn if that is taken back.
    Raises ReportNotFound when the reporter made no such report.
    """
    return _take_back(reporter, public_id, Report.Status.WITHDRAWN, now)


def hold_with_linked(reporters: Collection[int]) -> None:
    """Waits until these reporters, and the voices linked to them, report nothing: `hold_voices`."""
    linked = Reporter.objects.filter(merged_into__in=reporters).values_list("pk", flat=True)
    hold_voices({*reporters, *linked})


@transaction.atomic
def withdraw_all(*, reporter: Reporter, now: datetime) -> None:
    """Takes all of a reporter's reports back, also those that are being filed when it begins, and
    those of voices linked to it. A report that begins meanwhile is filed after it."""
    hold_with_linked([reporter.pk])
    standing = Report.objects.not_withdrawn().filter(reporter=reporter)
    concerned = Number.objects.filter(pk__in=standing.values("number"))
    numbers = list(concerned.select_for_update(no_key=True).order_by("key"))
    reports = list(standing.select_related("reporter").order_by("pk"))
    live = [report for report in reports if report.status == Report.Status.LIVE]
    keep_revisions(reports, Report.Status.WITHDRAWN.value, now)
    for report in reports:
        _mark(report, Report.Status.WITHDRAWN)
    REPORTS.update(reports, ("status", "returns_as"))
    at_work = {report.number_id for report in live}
    numbers = [number for number in numbers if number.pk in at_work]
    counting.revise(*numbers, gone=live)
    counting.settle(numbers, now=now)
    counting.publish_all(numbers, now=now)


def mark_stopped(*, reporter: Reporter, public_id: uuid.UUID, now: datetime) -> Report:
    """Says that the calls stopped: the report stops counting as live, and stays true.

    Its credit to the reporter and its part in complaints remain. A repetition brings it back, since
    they call again. Settling twice is no error. A withdrawn report stays so. A rejected or merged
    one does too, as in `withdraw_report`. Raises ReportNotFound.
    """
    return _take_back(reporter, public_id, Report.Status.SETTLED, now)


@short_transaction()
def _take_back(
    reporter: Reporter, public_id: uuid.UUID, status: Report.Status, now: datetime
) -> Report:
    seen = find_report(reporter=reporter, public_id=public_id)
    under_lock = Reading(OWN, (str(public_id), str(reporter.pk)))
    number = counting.lock_number(seen.number.identity, now=now, then=[under_lock])
    report = _own(under_lock.rows, public_id)
    if report.status == Report.Status.LIVE:
        return _drop(report, number, status=status, now=now)
    said = report.returns_as if report.status in Report.KEPT_OUT else report.status
    if said != Report.after(said, status):
        keep_revision(report, status.value, now)
        _mark(report, status)
        REPORTS.update([report], ("status", "returns_as"))
    return report


def _mark(report: Report, status: Report.Status) -> None:
    """Sets the status that its reporter wishes: now, or once moderators let the report count."""
    if report.status in Report.KEPT_OUT:
        report.returns_as = status.value
    else:
        report.status = status.value


def _drop(report: Report, number: Number, *, status: Report.Status, now: datetime) -> Report:
    """Stops counting a report of a locked number, for the reason that `status` names."""
    keep_revision(report, status.value, now)
    report.status = status.value
    REPORTS.update([report], ("status",))
    counting.revise(number, gone=[report])
    counting.settle([number], now=now)
    counting.publish(number, now=now)
    return report


def find_report(*, reporter: Reporter, public_id: uuid.UUID) -> Report:
    """The reporter's own report, or one made by a voice that was linked to theirs.

    Raises ReportNotFound, also for reports of others.
    """
    return _own(OWN.all(str(public_id), str(reporter.pk)), public_id)


def _own(rows: Sequence[Row], public_id: uuid.UUID) -> Report:
    if not rows:
        raise ReportNotFound(
            f"You have no report {public_id}. Use the id that filing the report answered."
        )
    [row] = rows
    report = REPORTS.load(row[: len(REPORTS.names)])
    report.number = NUMBERS.load(row[len(REPORTS.names) :])
    return report
