"""Moderators' decisions: each needs a reason, counts at once, and goes on the record.

numbers, campaigns, reports, reporters, vouching  the decisions
undoing, rollback                      undoing a decision; all of one account's or one import's
batches                                one decision on many rows
previews                               the effect of a decision on the public answers
restating                              all reports of a reporter get another status, in steps
recording                              who signs a decision (Signed); the record of every decision
queue                                  the work queue, who has which item
figures, attacks                       the service's figures; reporters who act as one
dossier, gates, history, voices        the data of a number's case: its score over time, who speaks
reporter_dossier                       the data of a reporter's case
notes                                  what moderators tell one another about a subject
meanwhile                              refusing decisions that rest on an outdated page
reasons, refusals                      frequent reasons by code; why a text is not a number
silence                                numbers that never call
published_lists, numbers_file          organisations' own lists
directory, services, seeding           verified numbers and first decisions, read from a file
complaint_imports, retracting          authorities' files of complaints; taking one back
permissions, roles, staff              the permissions, who has them, and the accounts of the panel
"""

from reputation.moderation import (
    attacks,
    batches,
    chaining,
    directory,
    dossier,
    figures,
    history,
    meanwhile,
    notes,
    numbers_file,
    permissions,
    previews,
    published_lists,
    queue,
    reasons,
    reporter_dossier,
    restating,
    roles,
    rollback,
    staff,
)
from reputation.moderation.batches import block_cluster
from reputation.moderation.campaigns import (
    CONFIRMED_FOR,
    confirm_campaign,
    join_campaign,
    release_campaign,
)
from reputation.moderation.complaint_imports import FileImport
from reputation.moderation.key_grants import (
    GRANTED_FOR,
    MOST_LOOKUPS,
    SCOPES,
    change_key,
    end_key,
    grant_key,
    refuse_key,
)
from reputation.moderation.numbers import (
    UNPINNED,
    clear_number,
    confirm_number,
    hold_number,
    mark_official,
    mark_reassigned,
    mark_spoofed,
    of_new_holder,
    pin_number,
    unmark_official,
    unmark_reassigned,
    unmark_spoofed,
    unpin_number,
)
from reputation.moderation.queue import handing
from reputation.moderation.recording import (
    DECIDES_NOTHING,
    By,
    DecidedSince,
    DecisionError,
    ParticularWrong,
    ReasonMissing,
    Signed,
    change_standing,
    program,
    record,
    require_reason,
)
from reputation.moderation.refusals import refusal
from reputation.moderation.reporters import (
    block_reporter,
    hold_link,
    unblock_reporter,
    unlink_reporter,
)
from reputation.moderation.reports import (
    hide_report,
    merge_report,
    reject_report,
    reject_reports,
    unhide_report,
    unmask_report,
)
from reputation.moderation.roles import ADMINISTRATOR, AUDITOR, MODERATOR, ROLES, SENIOR
from reputation.moderation.seeding import NotSeeds, seed
from reputation.moderation.services import hotlines, load_services, service_of, services
from reputation.moderation.silence import (
    Silence,
    mark_never_calling,
    refresh_silences,
    unmark_never_calling,
)
from reputation.moderation.undoing import (
    UNDOABLE,
    AlreadyUndone,
    NotUndoable,
    undo,
)
from reputation.moderation.vouching import stop_vouching, vouch_for_reporter
