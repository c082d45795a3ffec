import sys
from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from reputation.counting import Difference, Rescored, all_due, rescore, rescore_one
from reputation.identity import InvalidNumber, identify
from reputation.models import Number

# Reports about a number wait for its batch: a fraction of a second.
BATCH = 100
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Rebuild numbers from the reports and complaints about them. Only values that change with "
        "age should differ; every value that contradicts the reports is corrected and printed. "
        "Reports may arrive meanwhile. The run can be interrupted and continued."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--number", help="one number, with + and calling code, or as a key")
        which.add_argument("--after", default="", help="numbers after this key, to continue a run")
        parser.add_argument(
            "--upgrade",
            action="store_true",
            help="after a change of the scoring: also let the next trust pass reweigh every number",
        )
        parser.add_argument(
            "--progress",
            action=BooleanOptionalAction,
            help="show a progress bar (default: when standard error is a terminal)",
        )

    def handle(
        self,
        *,
        number: str | None,
        after: str,
        upgrade: bool,
        progress: bool | None,
        **options: Any,
    ) -> None:
        self.rebuilt = self.differed = self.values = 0
        self.shown: list[Difference] = []
        try:
            if number is not None:
                self._one(number)
            else:
                self._all(after, sys.stderr.isatty() if progress is None else progress)
            if upgrade:
                all_due()
        finally:
            self._sum_up()

    def _all(self, after: str, progress: bool) -> None:
        last = after
        total = Number.objects.filter(key__gt=after).count()
        try:
            with tqdm(total=total, unit=" numbers", file=sys.stderr, disable=not progress) as bar:
                while (batch := rescore(after=last, limit=BATCH, now=timezone.now())).keys:
                    last = batch.keys[-1]
                    self._note(batch)
                    bar.update(len(batch.keys))
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted. Continue with: rescore --after '{last}'") from None

    def _one(self, number: str) -> None:
        try:
            key = identify(number, allow_fictional=True).key
        except InvalidNumber as error:
            raise CommandError(f"--number {number}: {error}") from error
        rescored = rescore_one(key=key, now=timezone.now())
        if not rescored.keys:
            raise CommandError(f"{key} is not on record: it has no reports.")
        self._note(rescored)

    def _note(self, batch: Rescored) -> None:
        self.rebuilt += len(batch.keys)
        self.differed += len({difference.key for difference in batch.differences})
        self.values += len(batch.differences)
        self.shown += batch.differences[: SHOWN - len(self.shown)]

    def _sum_up(self) -> None:
        self.stdout.write(
            f"Numbers rebuilt: {self.rebuilt:,}. Different from their reports: {self.differed:,}."
        )
        for shown in self.shown:
            self.stdout.write(f"  {shown.key} {shown.field}: {shown.stored} is now {shown.rebuilt}")
        if self.values > len(self.shown):
            self.stdout.write(f"  … and {self.values - len(self.shown):,} more values.")
