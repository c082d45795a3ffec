"""Moderators' decisions: each needs a reason, counts at once, and goes on the record.

numbers, reports, reporters, vouching  the decisions
undoing, batches                       undoing a decision; one decision on many rows
recording                              the reason and the record that every decision needs
queue, dossier, figures                the work queue, the data of one case, the service's figures
directory, services, seeding           verified numbers and first decisions, read from a file
roles, staff                           roles with their permissions, and the accounts that hold them
"""

from reputation.moderation import batches, directory, dossier, figures, queue, roles, staff
from reputation.moderation.numbers import (
    DateInFuture,
    PinEnd,
    clear_number,
    confirm_number,
    mark_official,
    mark_reassigned,
    mark_spoofed,
    pin_number,
    unmark_official,
    unmark_reassigned,
    unmark_spoofed,
    unpin_number,
)
from reputation.moderation.recording import (
    DecisionError,
    ReasonMissing,
    change_standing,
    record,
    require_reason,
)
from reputation.moderation.reporters import (
    block_cluster,
    block_reporter,
    block_reporters,
    unblock_reporter,
    unlink_reporter,
)
from reputation.moderation.reports import (
    hide_report,
    merge_reports,
    reject_report,
    reject_reports,
    unhide_report,
    unmask_report,
)
from reputation.moderation.roles import ADMINISTRATOR, AUDITOR, MODERATOR, ROLES, SENIOR
from reputation.moderation.seeding import NotSeeds, seed
from reputation.moderation.services import Service, load_services, service_of, services
from reputation.moderation.undoing import (
    UNDOABLE,
    AlreadyUndone,
    DecidedSince,
    NotUndoable,
    undo,
)
from reputation.moderation.vouching import stop_vouching, vouch_for_reporter

__all__ = [
    "ADMINISTRATOR",
    "AUDITOR",
    "MODERATOR",
    "ROLES",
    "SENIOR",
    "UNDOABLE",
    "AlreadyUndone",
    "DateInFuture",
    "DecidedSince",
    "DecisionError",
    "NotSeeds",
    "NotUndoable",
    "PinEnd",
    "ReasonMissing",
    "Service",
    "batches",
    "block_cluster",
    "block_reporter",
    "block_reporters",
    "change_standing",
    "clear_number",
    "confirm_number",
    "directory",
    "dossier",
    "figures",
    "hide_report",
    "load_services",
    "mark_official",
    "mark_reassigned",
    "mark_spoofed",
    "merge_reports",
    "pin_number",
    "queue",
    "record",
    "reject_report",
    "reject_reports",
    "require_reason",
    "roles",
    "seed",
    "service_of",
    "services",
    "staff",
    "stop_vouching",
    "unblock_reporter",
    "undo",
    "unhide_report",
    "unlink_reporter",
    "unmark_official",
    "unmark_reassigned",
    "unmark_spoofed",
    "unmask_report",
    "unpin_number",
    "vouch_for_reporter",
]
