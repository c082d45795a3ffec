"""The quality of moderators' decisions, and reports about it.

sampling, questions   which decisions are judged a second time, and what is asked
cases, blindness      the case as it was; what its reviewer must not see meanwhile
reviews               the second judgement; a senior settles where the two differ
transparency          what the public is told every month, small counts suppressed
exports, signing      parts of the audit record as a signed file
tallies, rates        agreement and overturn rates by day and in all; what waits, and how long
"""

from reputation.quality import exports, rates, signing, tallies, transparency
from reputation.quality.blindness import (
    NOTHING_HELD,
    TELLING,
    Held,
    JudgedBlind,
    held,
    open_to,
    require_open,
)
from reputation.quality.cases import ReviewCase, case_of
from reputation.quality.questions import ANSWERS, question_of
from reputation.quality.reviews import NothingToJudge, NotYourReview, judge, may_settle, settle
from reputation.quality.sampling import draw
