"""One decision on hundreds of rows: previewed, taken step by step, undone as a whole.

verbs, rows        the decisions that a batch can take, and on which rows
previewing         the effect of a batch on the public answers
starting           stores a batch, or its undo
steps              takes the decisions, or undoes them
clusters, imports  all reporters of a cluster; the decisions of an import
outcome            what was decided, and what could not be

Each row has its own audit entry, which names the batch. Each step is a transaction that also notes
the batch's progress, so an interrupted batch continues where it stopped; simultaneous steps of one
batch wait for each other. A row that cannot be decided is noted with the reason in English, which
`failures` translates for each reader, and the batch continues with the others. One that cannot be
decided yet (StillPending) is decided by a later step, which the worker takes (`go_on`), as it does
where no page asks for the next step.

Rows that act together are decided together (`rows.grouped`). A preview takes the same groups in the
same order, one on top of the other, as the batch would, and rolls all of them back.
"""

from reputation.moderation.batches.clusters import block_cluster, free_members
from reputation.moderation.batches.imports import begin_import, end_import
from reputation.moderation.batches.outcome import failures, taken
from reputation.moderation.batches.previewing import preview
from reputation.moderation.batches.rows import MOST, numbers_of
from reputation.moderation.batches.starting import BatchError, start, start_undo
from reputation.moderation.batches.steps import advance, advance_undo, go_on, run, step
from reputation.moderation.batches.verbs import VERBS
