"""The moderators' queue, ordered by the harm at stake (`harm`), not by age.

The queue also holds audits: numbers whose truth would tell most about reporters. The `harm` of an
audit is what the trust pass expects its decision to tell, times what is reported now
(AuditCandidate). Some audits are numbers drawn at random (CalibrationDraw); each has the harm of an
audit at a random place, which rises while the draw waits. The queue does not show which audits were
drawn: a moderator who knew would decide them with more care, or not at all.

items        what waits, and for whom
refreshing   derives the items from the stored rows, every few minutes
harm         the harm at stake of each item, in one SQL statement
claiming     who works on an item; leaving it, putting it to rest
handing      assigning an item to a moderator, without a time limit, or escalating it to the seniors
"""

from reputation.moderation.queue import handing
from reputation.moderation.queue.claiming import (
    CLAIM,
    ItemGone,
    Overdue,
    TakenByAnother,
    claim,
    claim_next,
    finish,
    leave,
    may_take,
    release,
    require_free,
    rest,
    taken_by_others,
)
from reputation.moderation.queue.items import Kind, meant_for, waiting
from reputation.moderation.queue.refreshing import refresh
