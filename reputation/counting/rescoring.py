"""Rebuilding numbers from what was said of them: truth is the reports, the rest is a cache.

A rebuild lands on the values that the online fold left, to the last bit. Where it does not, the
fold and the reports have parted (a bug, or a hand in the database) and the reports win.

After an upgrade that changed the scoring (its constants, or scoring/calibration.json) a rebuild is
the way to the new arithmetic: sums, priors and what is published at once; weights and promotions
with the next trust pass, for which `all_due` makes every number due.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from reputation.counting import publishing, refolding
from reputation.models import EVIDENCE_SUMS, EvidenceBucket, Number, Report

# What a rebuild derives. What the public is told (action, score) also depends on the
# present moment, so it may well change, and is no difference.
REBUILT = (
    *EVIDENCE_SUMS,
    "evidence_at",
    "first_unwanted_at",
    "last_unwanted_at",
    "category_mix",
    "reports",
    "complaints",
    "first_reported_at",
    "last_reported_at",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that a number's own reports did not bear out. `field` names a column of REBUILT,
    a bucket, or a report's contribution."""

    key: str
    field: str
    stored: Any
    rebuilt: Any


@dataclass(frozen=True, slots=True)
class Rescored:
    """`keys` in the order in which they were rebuilt; what differed, normally nothing."""

    keys: list[str]
    differences: list[Difference]


@transaction.atomic
def rescore(*, after: str = "", limit: int, now: datetime) -> Rescored:
    """Rebuilds the next `limit` numbers whose keys come after `after`, in the database's order.

    To go through all, begin with "" and pass the last key on until none comes back. Reports about a
    number wait while its batch is rebuilt, and a number that is new by then needs no rebuilding.
    """
    ordered = Number.objects.filter(key__gt=after).order_by("key")
    return _rebuild(list(ordered.select_for_update()[:limit]), now)


@transaction.atomic
def rescore_one(*, key: str, now: datetime) -> Rescored:
    """The same for one number; no keys when it is not on record."""
    return _rebuild(list(Number.objects.select_for_update().filter(key=key)), now)


def all_due() -> None:
    """Lets the next trust pass reweigh every number."""
    Number.objects.update(trust_seq=refolding.DUE)


def _rebuild(numbers: list[Number], now: datetime) -> Rescored:
    before = _snapshot(numbers)
    refolding.refold_all(numbers)
    publishing.publish_all(numbers, now=now)
    after = _snapshot(numbers)
    return Rescored(
        keys=[number.key for number in numbers],
        differences=[
            Difference(number.key, field, before[number].get(field), after[number].get(field))
            for number in numbers
            for field in sorted(before[number].keys() | after[number].keys())
            if before[number].get(field) != after[number].get(field)
        ],
    )


def _snapshot(numbers: Iterable[Number]) -> dict[Number, dict[str, Any]]:
    """All that a rebuild of these numbers derives, by name."""
    found = {number: {name: getattr(number, name) for name in REBUILT} for number in numbers}
    by_id = {number.pk: found[number] for number in found}
    for bucket in EvidenceBucket.objects.filter(number__in=by_id):
        name = f"bucket {bucket.side}:{bucket.kind}:{bucket.bucket}"
        by_id[bucket.number_id][name] = (bucket.short, bucket.long, bucket.at)
    reports = Report.objects.live().filter(number__in=by_id)
    for number_id, public_id, contribution in reports.values_list(
        "number_id", "public_id", "contribution"
    ):
        by_id[number_id][f"contribution of {public_id}"] = contribution
    return found
