"""Filing reports, linking the voices of one person, importing published complaints."""

from reputation.reports import (
    call_logs,
    diary,
    filing,
    ftc,
    link_codes,
    linking,
    mailboxes,
    unlinking,
)
from reputation.reports.blocks import submit_block
from reputation.reports.filing import (
    CLOCK_SKEW,
    OLDEST_CALL,
    CallInFuture,
    CallTooOld,
    ReporterBlocked,
    ReportError,
    Statement,
    Submission,
    keep_revision,
    keep_revisions,
    mask_words,
    submit_report,
    submit_reports,
)
from reputation.reports.imports import Imported, PublishedComplaint, import_complaints
from reputation.reports.link_codes import AskedBack
from reputation.reports.own_reports import (
    ReportNotFound,
    add_transcript,
    find_report,
    hold_with_linked,
    mark_stopped,
    withdraw_all,
    withdraw_report,
)
from reputation.reports.public import PublicPage, PublicReport, public_reports

__all__ = [
    "CLOCK_SKEW",
    "OLDEST_CALL",
    "AskedBack",
    "CallInFuture",
    "CallTooOld",
    "Imported",
    "PublicPage",
    "PublicReport",
    "PublishedComplaint",
    "ReportError",
    "ReportNotFound",
    "ReporterBlocked",
    "Statement",
    "Submission",
    "add_transcript",
    "call_logs",
    "diary",
    "filing",
    "find_report",
    "ftc",
    "hold_with_linked",
    "import_complaints",
    "keep_revision",
    "keep_revisions",
    "link_codes",
    "linking",
    "mailboxes",
    "mark_stopped",
    "mask_words",
    "public_reports",
    "submit_block",
    "submit_report",
    "submit_reports",
    "unlinking",
    "withdraw_all",
    "withdraw_report",
]
