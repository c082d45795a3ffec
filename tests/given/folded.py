"""Evidence of voices alone."""

from collections.abc import Iterable

from reputation.scoring.evidence import EMPTY, Bucket, BucketKey, Evidence, Voice, fold


def rebuild(voices: Iterable[Voice]) -> tuple[Evidence, dict[BucketKey, Bucket]]:
    """Folds voices from nothing, in the order given."""
    evidence, buckets = EMPTY, dict[BucketKey, Bucket]()
    for voice in voices:
        evidence, changed, _ = fold(evidence, buckets, voice)
        buckets.update(changed)
    return evidence, buckets
