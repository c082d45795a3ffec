"""The decisions of moderators, as samples for fitting the calibration curves."""

from reputation.models import Number
from reputation.scoring import Sample, is_alone, leading, logit, to_days


def moderated_samples() -> list[Sample]:
    """A sample for each decided number: the evidence at the decision, and the decision.

    The evidence comes from the number's reports alone. It includes reports after the decision, and
    leaves out evidence that had faded by then. A number without evidence gives no sample: no report
    was right or wrong.
    """
    samples = []
    for number in Number.objects.exclude(moderated=0).order_by("key").iterator():
        evidence = number.evidence
        if number.moderated_at is None or not (evidence.gathered or evidence.supporters):
            continue
        raw = logit(evidence, to_days(number.moderated_at), number.prior)
        category = leading(number.category_mix)
        samples.append(
            Sample(raw, number.moderated > 0, category, number.line_type, is_alone(evidence))
        )
    return samples
