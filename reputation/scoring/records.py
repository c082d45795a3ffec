"""Records of all reporters as a table, and what each of them is worth: trust.Record by columns."""

from collections.abc import Callable
from typing import Final

import numpy as np

from reputation.scoring import trust
from reputation.scoring.chains import Bools, Floats

# The rows of a table of records, in the order of trust.Record's fields.
TP, FN, TN, FP, FIRSTS = range(5)
# A reporter with a single report has no record to speak of.
TRUSTED_REPORTS: Final = 2


def found_out(records: Floats) -> Bools:
    """Which accounts, a column each, were wrong too often to be believed about others."""
    agreed, disagreed = records[TP] + records[TN], records[FN] + records[FP]
    return np.asarray((disagreed >= 1.0) & (agreed < trust.ESTABLISHED_RATIO * disagreed))


def false_alarms(records: Floats) -> Bools:
    """trust.raises_false_alarms of each column of records."""
    agreed, wrong = records[TP] + records[TN], records[FP]
    return np.asarray((wrong >= 1.0) & (agreed < trust.ESTABLISHED_RATIO * wrong))


def anchored(records: Floats) -> Bools:
    """trust.is_anchored of each column of records."""
    return np.asarray((records[FIRSTS] >= trust.ANCHORED_FIRSTS) & ~false_alarms(records))


def weights(
    records: Floats, *, cap: float | None = None, log: Callable[[Floats], Floats] = np.log
) -> tuple[Floats, Floats]:
    """trust.weight of each column of records: of a legitimate and of an unwanted report.

    numpy may round logarithms in the last digit otherwise than the math module; see `log`.
    """
    tp, fn, tn, fp, _ = records
    sens_total = trust.SENSITIVITY_TOTAL + tp + fn
    spec_total = trust.SPECIFICITY_TOTAL + tn + fp
    sens = (trust.SENSITIVITY_HITS + tp) / sens_total
    spec = (trust.SPECIFICITY_HITS + tn) / spec_total
    false_alarms = 1.0 - spec + trust.DOUBT * np.sqrt(spec * (1.0 - spec) / (spec_total + 1.0))
    misses = 1.0 - sens + trust.DOUBT * np.sqrt(sens * (1.0 - sens) / (sens_total + 1.0))
    unwanted = np.clip(log(sens / false_alarms), 0.0, cap or trust.UNWANTED_CAP)
    legitimate = np.clip(log(spec / misses), 0.0, cap or trust.LEGITIMATE_CAP)
    return legitimate, unwanted
