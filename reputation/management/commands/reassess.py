from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reputation.counting import calibrating, reassess_due


class Command(BaseCommand):
    help = "Judge the numbers again whose action or status is due to change as evidence fades."

    def handle(self, *args: Any, **options: Any) -> None:
        calibrating.load()
        done = reassess_due(now=timezone.now())
        parts = [f"{done.judged:,} judged"]
        parts += [
            f"{count:,} from {before} to {after}"
            for (before, after), count in sorted(done.changes.items())
        ]
        if done.busy:
            parts.append(f"{done.busy:,} busy, left for the next time")
        self.stdout.write("Due numbers: " + ", ".join(parts) + ".")
