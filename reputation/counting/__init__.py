"""Reports become evidence: folding, refolding, rescoring, reassessing, and the trust pass."""

from reputation.counting import trust_pass
from reputation.counting.folding import (
    SETTLED,
    assign_credits,
    complaint_voice,
    count_voices,
    early_reports,
    evidence_of,
    lock_number,
    lock_numbers,
    lock_reporters,
    note_truth,
    publish,
    publish_all,
    record_of,
    report_voice,
    settle,
    standing_of,
)
from reputation.counting.reassessment import reassess_due
from reputation.counting.refolding import DUE, refold, refold_all
from reputation.counting.rescoring import Difference, Rescored, all_due, rescore, rescore_one
from reputation.counting.samples import moderated_samples

__all__ = [
    "DUE",
    "SETTLED",
    "Difference",
    "Rescored",
    "all_due",
    "assign_credits",
    "complaint_voice",
    "count_voices",
    "early_reports",
    "evidence_of",
    "lock_number",
    "lock_numbers",
    "lock_reporters",
    "moderated_samples",
    "note_truth",
    "publish",
    "publish_all",
    "reassess_due",
    "record_of",
    "refold",
    "refold_all",
    "report_voice",
    "rescore",
    "rescore_one",
    "settle",
    "standing_of",
    "trust_pass",
]
