"""The trust pass: learns reporters' reliability from all reports together, and reweighs numbers.

Three steps, the first in trust_pass.learning, the others in trust_pass.reweighing. Each may run
while reports arrive and beside the others, and may be killed:

  1. `learn_trust` reads all reports (trust_pass.statements), finds the reporters who act as one,
     learns every reporter's record (scoring.learning), writes the records, and stores which numbers
     moderators should audit (scoring.audit).
  2. `mark_moved` makes the numbers due whose reporters' records moved.
  3. `reweigh` takes some numbers that are due: weighs their reports by the present records,
     promotes the numbers to block or ends that, and publishes.

A number is due if it was reported since the pass last read it, or if it is marked (DueNumber),
since the record of one of its reporters moved. Code that writes a record notes the move on the
reporter in the same transaction, and only a marking that began after that clears the note. So a
number that was weighed by a former record is weighed again by the present one, however the steps
interleave and wherever one of them is killed.
"""

from reputation.counting.trust_pass.learning import Learnt, learn_trust
from reputation.counting.trust_pass.reweighing import (
    Reweighed,
    due,
    mark_moved,
    reweigh,
    reweigh_due,
)
