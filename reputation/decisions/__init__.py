"""The decisions that moderators take, on the panel's pages and over the API alike.

rules      who may take which decision, on what, with which particulars
subjects   what decisions are about, by name
taking     previewing and taking one; the refusals: claims of others, and what was decided since
plans      what may be decided in a form that can be kept: one, many, an import; what takes two
desk       what waits for one moderator, and the mails about it
proposing  one person proposes, another approves or declines

The verbs themselves are in reputation.moderation and reputation.disputes.
"""

from reputation.decisions import desk
from reputation.decisions.plans import DirectoryImport, ManyDecisions, OneDecision
from reputation.decisions.proposing import (
    LASTS,
    OwnProposal,
    ProposalOver,
    ProposerGone,
    Stale,
    approve,
    carry_out,
    decide,
    decline,
    may_answer,
    note_seen,
    propose,
    review,
    take_back,
    take_batch_back,
    take_one_back,
    waiting,
    withdraw,
)
from reputation.decisions.rules import (
    BY_VERB,
    NAME_LENGTH,
    PANEL_ONLY,
    RULES,
    SOURCE_LENGTH,
    Rule,
    end_of_day,
    may_undo,
    start_of_day,
)
from reputation.decisions.subjects import (
    SubjectNotFound,
    find,
    kind_of,
    name_of,
    number_of,
    subject_of,
)
from reputation.decisions.taking import (
    NotPermitted,
    SecondNeeded,
    SoAlready,
    Taken,
    offered,
    preview,
    take,
    takes_two,
)
