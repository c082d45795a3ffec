"""Imports the complaints of an authority's file on record, so that a whole file can be taken back.

Each imported part of a file is one audit entry, and all parts that one run of `import_ftc` imports
are one batch: a file whose import was interrupted has several.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from reputation.models import DecisionBatch
from reputation.moderation import batches
from reputation.moderation.recording import program, record
from reputation.moderation.retracting import VERB
from reputation.reports import Imported, PublishedComplaint, import_complaints

# The account that the record names for imports.
ACTOR: Final = "complaint-imports"


class FileImport:
    """The import of one file. A file without new complaints leaves nothing on record."""

    def __init__(self, *, name: str, source: str) -> None:
        self.name, self.source = name, source
        self.batch: DecisionBatch | None = None

    @transaction.atomic
    def bring_in(self, complaints: Sequence[PublishedComplaint], *, now: datetime) -> Imported:
        """Files a part of the complaints, as `import_complaints` does, and records it."""
        imported = import_complaints(complaints, source=self.source, now=now)
        if not imported.added:
            return imported
        reason = f"{self.source}: {self.name}"
        if self.batch is None:
            self.batch = batches.begin_import(
                actor=program(ACTOR), verb=VERB, reason=reason, now=now
            )
        ids = list(imported.complaints)
        record(
            actor=self.batch.actor,
            verb=VERB,
            reason=reason,
            now=now,
            before={"complaints": ids, "count": False},
            after={"complaints": ids, "count": True},
            batch=self.batch,
        )
        self.batch.targets = sorted({*self.batch.targets, *imported.numbers})
        self.batch.done = len(self.batch.targets)
        self.batch.save(update_fields=["targets", "done"])
        return imported
