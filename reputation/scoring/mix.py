"""What a number is reported for: each category's share of the evidence that still counts."""

from collections.abc import Mapping

from reputation.scoring.categories import CATEGORIES, is_unwanted
from reputation.scoring.evidence import Voice


def fold_mix(
    mix: Mapping[str, float], *, before: float, after: float, voice: Voice, contribution: float
) -> dict[str, float]:
    """`mix` (category → log-odds at `before`, days) decayed to `after`, plus one voice.

    `contribution` is what saturation left of the voice, valued at voice.at.
    """
    decayed = _decayed(mix, before, after)
    if contribution:
        added = contribution * 2.0 ** ((voice.at - after) / CATEGORIES[voice.category].half_life)
        decayed[voice.category] = decayed.get(voice.category, 0.0) + added
    return decayed


def joined_mix(
    mix: Mapping[str, float], last: Mapping[str, float], *, before: float, after: float
) -> dict[str, float]:
    """The mix of a number's first voices, as of `before`, and that of its last ones, as of
    `after` (days), as one."""
    together = _decayed(mix, before, after)
    for category, weight in last.items():
        together[category] = together.get(category, 0.0) + weight
    return together


def _decayed(mix: Mapping[str, float], before: float, after: float) -> dict[str, float]:
    return {
        category: weight * 2.0 ** ((before - after) / CATEGORIES[category].half_life)
        for category, weight in mix.items()
    }


def leading(mix: Mapping[str, float], *, warns: bool = False) -> str:
    """The category with the greatest weight; empty where none has any.

    `warns`: of the unwanted ones, however much is said for the number. Equal weights are decided by
    name, so that a rebuild decides alike.
    """
    said = [name for name in mix if not warns or is_unwanted(name)]
    category = max(said, key=lambda name: (mix[name], name), default="")
    return category if mix.get(category, 0.0) > 0.0 else ""
