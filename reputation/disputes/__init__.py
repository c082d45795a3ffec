"""Disputes: the holder of a number objects to its listing, and gets a decision by a deadline.

    open_dispute → a code goes to the number itself → verify → decide_dispute → (once) appeal

disputable  whether and when a number can be disputed, and whether a code goes to it
opening     from the objection to the proof that it comes from the holder
codes       the code that proves it; senders: how it gets to the number
holds       whether block is held at flag meanwhile, and until when
costs       to which countries paid messages go, and budgets: for answers to text messages, too
former      what a former holder left open gives way to the present holder's
files       what the holder adds: contracts, registers, bills
deciding    a moderator's decision, extending a hold, and reading the holder's contact
notices     what the holder is told by e-mail
histories   what came of the disputes of one number; what is forgotten in time
"""

from reputation.disputes import costs
from reputation.disputes.codes import (
    CODE_LIFETIME,
    CodeExpired,
    CodeNotSent,
    DisputeError,
    NoMoreAttempts,
    TooManyCodes,
    WrongCode,
    holders_code,
)
from reputation.disputes.deciding import (
    IMMUNITY,
    decide_dispute,
    hold_dispute,
    is_barred,
    reveal_contact,
)
from reputation.disputes.disputable import (
    AlreadyDisputed,
    CannotReceiveCodes,
    NothingToDispute,
    TooSoon,
    disputable_from,
    is_worth_a_code,
    refusal,
)
from reputation.disputes.files import (
    FILES_KEPT,
    FilesClosed,
    add_file,
    check_room,
    files_of,
    forget_files,
    forget_old_files,
    open_file,
    remove_file,
    verify_files,
)
from reputation.disputes.histories import (
    Expired,
    History,
    contact_hash,
    contact_of,
    expire,
    has_contact,
    history,
)
from reputation.disputes.holds import HOLD_GRACE, end_holds
from reputation.disputes.notices import send_notices
from reputation.disputes.opening import (
    APPEAL_WITHIN,
    CONTACT_LENGTH,
    DECIDED_WITHIN,
    STATEMENT_LENGTH,
    ContactUnreachable,
    DisputeNotFound,
    NotAppealable,
    appeal,
    appealable_until,
    find_dispute,
    holders_dispute,
    open_dispute,
    open_for_holder,
    send_again,
    verify,
)
from reputation.disputes.senders import sender
