"""Filing reports, linking the voices of one person, importing published complaints.

filing, own_reports      filing a report; what its reporter does with it later
blocks, known            thousands of reports of one reporter at once
diary                    the calls that a reporter notes about a number
call_imports, call_logs  a call log becomes reports; reading one
log_rows, log_lines      its tables; lines that somebody pastes
log_dates, log_values    its moments; numbers, directions, channels and lengths
mailboxes                the voice of a mailbox
linking, link_codes      two voices of one person become one; by a code
unlinking, snapshots     the way back; the state of before
imports, ftc             complaints that an authority published; the FTC's files
public                   the part of reports that everybody may see
"""

from reputation.reports import (
    call_imports,
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
from reputation.reports.public import PublicReport, public_reports
