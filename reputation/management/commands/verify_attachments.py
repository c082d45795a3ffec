from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from reputation.attachments import StorageUnavailable, verify_evidence
from reputation.disputes import verify_files
from reputation.models import Dispute, EvidenceEntry, Report


class Command(BaseCommand):
    help = (
        "Check the evidence of all reports: each log's chain of digests, and each file against the "
        "SHA-256 in its entry; and the files of disputes. Prints a line for each fault and exits "
        "with 1 if there is any. "
        "Reads every file, and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--report", type=UUID, help="only the report with this id")

    def handle(self, *, report: UUID | None, **options: Any) -> None:
        entries = EvidenceEntry.objects.all()
        if report is not None:
            entries = entries.filter(report__public_id=report)
            if not entries:
                raise CommandError(f"--report {report}: no report with this id has evidence.")
        checked = faulty = 0
        for subject, find_faults in self._subjects(entries, only=report is not None):
            try:
                faults = find_faults()
            except StorageUnavailable as error:
                raise CommandError(f"{subject}: {error}") from error
            for fault in faults:
                self.stdout.write(f"{subject}: {fault}")
            checked += 1
            faulty += bool(faults)
        summary = f"Checked: {checked:,}. With faults: {faulty:,}."
        if faulty:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _subjects(
        self, entries: QuerySet[EvidenceEntry], *, only: bool
    ) -> Iterator[tuple[str, Callable[[], list[str]]]]:
        """The reports and disputes that have files, by name, with what finds their faults."""
        reports = Report.objects.filter(pk__in=entries.values("report"))
        for report in reports.order_by("pk").iterator():
            yield f"report {report.public_id}", partial(verify_evidence, report)
        if not only:
            disputes = Dispute.objects.filter(files__isnull=False).distinct()
            for dispute in disputes.order_by("pk").iterator():
                yield f"dispute {dispute.public_id}", partial(verify_files, dispute)
