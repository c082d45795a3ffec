"""Chains the audit log by hashes, so that a change shows even if the triggers were dropped."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from reputation.models import NO_ENTRY, AuditDigest, AuditEntry, take_turn

AT_ONCE: Final = 2_000
# The columns that the digests cover. Columns added later are not covered: old digests would break.
_FIELDS: Final = (
    *("id", "at", "actor_id", "verb", "number_id", "report_id", "reporter_id", "batch_id"),
    *("undoes_id", "reason", "before", "after"),
)


@dataclass(frozen=True, slots=True)
class Chained:
    """How many entries the chain has, and its last digest, which should be noted in another
    place."""

    added: int
    entries: int
    head: str


def chain() -> Chained:
    """Adds entries to the chain that are not in it yet. May run several times at
    once, and beside decisions."""
    added = 0
    while count := _chain_some():
        added += count
    last = AuditDigest.objects.order_by("-position").first()
    return Chained(added, last.position if last else 0, last.digest if last else NO_ENTRY)


@transaction.atomic
def _chain_some() -> int:
    take_turn("audit chain")
    last = AuditDigest.objects.order_by("-position").first()
    position, previous = (last.position, last.digest) if last else (0, NO_ENTRY)
    rows = []
    for entry in AuditEntry.objects.filter(digest=None).order_by("pk")[:AT_ONCE]:
        position += 1
        digest = _digest(entry, previous)
        rows.append(AuditDigest(position=position, entry=entry, previous=previous, digest=digest))
        previous = digest
    AuditDigest.objects.bulk_create(rows)
    return len(rows)


def verify() -> Iterator[str]:
    """Yields the faults of the chain, a sentence each; none if it is intact."""
    place, previous = 0, NO_ENTRY
    for link in AuditDigest.objects.select_related("entry").order_by("position").iterator():
        place += 1
        if (link.position, link.previous) != (place, previous):
            yield f"Entry {link.entry_id} does not follow the entry before it in the chain."
            place = link.position
        if link.digest != _digest(link.entry, link.previous):
            yield f"Entry {link.entry_id} was changed: its digest does not fit."
        previous = link.digest


def _digest(entry: AuditEntry, previous: str) -> str:
    content = {name: getattr(entry, name) for name in _FIELDS}
    text = json.dumps([previous, content], sort_keys=True, cls=_Exact)
    return hashlib.sha256(text.encode()).hexdigest()


class _Exact(DjangoJSONEncoder):
    """Moments to the microsecond: Django's own encoder cuts them to milliseconds."""

    def default(self, o: object) -> object:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)
