from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reputation.attachments import StorageUnavailable, verify_evidence
from reputation.models import EvidenceEntry, Report


class Command(BaseCommand):
    help = (
        "Check the evidence of all reports: each log's chain of digests, and each file against the "
        "SHA-256 in its entry. Prints a line for each fault and exits with 1 if there is any. "
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
        for subject in (
            Report.objects.filter(pk__in=entries.values("report")).order_by("pk").iterator()
        ):
            try:
                faults = verify_evidence(subject)
            except StorageUnavailable as error:
                raise CommandError(f"report {subject.public_id}: {error}") from error
            for fault in faults:
                self.stdout.write(f"report {subject.public_id}: {fault}")
            checked += 1
            faulty += bool(faults)
        summary = f"Reports with evidence: {checked:,}. With faults: {faulty:,}."
        if faulty:
            raise CommandError(summary)
        self.stdout.write(summary)
