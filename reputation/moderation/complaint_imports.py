"""The complaints of an authority's file, brought in on record: all of a file can be taken back.

Each part of a file that is brought in is one entry of the record, and all of a file are one batch.
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

# Who brings them in, on record.
ACTOR: Final = "complaint-imports"


class FileImport:
    """The import of one file. Without a complaint that is new, nothing is on record."""

    def __init__(self, *, name: str, source: str) -> None:
        self.name, self.source = name, source
        self.batch: DecisionBatch | None = None

    @transaction.atomic
    def bring_in(self, complaints: Sequence[PublishedComplaint], *, now: datetime) -> Imported:
        """Files a part of the complaints, as `import_complaints` does, and puts them on record."""
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
