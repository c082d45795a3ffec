from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reputation.moderation import chaining


class Command(BaseCommand):
    help = (
        "Check the audit log against its chain of digests. Prints a line for each fault and exits "
        "with 1 if there is any; else the last digest, to be noted where others keep it."
    )

    def handle(self, **options: Any) -> None:
        chained = chaining.chain()
        faults = list(chaining.verify())
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in {chained.entries} entries.")
        self.stdout.write(f"{chained.entries} entries are whole; the last digest is {chained.head}")
