from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reputation.counting import (
    Difference,
    Rescored,
    calibrating,
    check,
    check_one,
    rescore,
    rescore_one,
)
from reputation.identity import InvalidNumber, identify
from reputation.management.bars import add_progress, bar
from reputation.models import Number

# Reports about a number wait for its batch: a fraction of a second.
BATCH = 100
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Rebuild numbers from the reports and complaints about them. Only values that change with "
        "age should differ; every value that contradicts the reports is corrected and printed. "
        "Numbers that are due for the trust pass are rebuilt, and no difference is printed. "
        "Reports may arrive meanwhile. The run can be interrupted and continued."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--number", help="one number, with + and calling code, or as a key")
        which.add_argument("--after", default="", help="numbers after this key, to continue a run")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--check",
            action="store_true",
            help="write nothing and lock nothing; exit with 1 if anything is wrong",
        )
        how.add_argument(
            "--upgrade",
            action="store_true",
            help="after a change of the scoring: also let the next trust pass reweigh every number",
        )
        add_progress(parser)

    def handle(
        self,
        *,
        number: str | None,
        after: str,
        check: bool,
        upgrade: bool,
        progress: bool | None,
        **options: Any,
    ) -> None:
        calibrating.load()
        self.only_look, self.upgrade = check, upgrade
        self.rebuilt = self.differed = self.values = self.due = 0
        self.shown: list[Difference] = []
        if number is None:
            self._all(after, progress)
        else:
            self._one(number)
            self._sum_up()
        if check and self.differed:
            raise CommandError("Run rescore without --check to put this right.")

    def _all(self, after: str, progress: bool | None) -> None:
        last = after
        total = Number.objects.filter(key__gt=after).count()
        try:
            with bar(progress, total=total, unit=" numbers") as shown:
                while (batch := self._batch(last)).keys:
                    last = batch.keys[-1]
                    self._note(batch)
                    shown.update(len(batch.keys))
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted. Continue with: rescore --after '{last}'") from None
        finally:
            self._sum_up()

    def _batch(self, after: str) -> Rescored:
        if self.only_look:
            return check(after=after, limit=BATCH, now=timezone.now())
        return rescore(after=after, limit=BATCH, now=timezone.now(), upgrade=self.upgrade)

    def _one(self, number: str) -> None:
        try:
            key = identify(number, allow_fictional=True).key
        except InvalidNumber as error:
            raise CommandError(f"--number {number}: {error}") from error
        if self.only_look:
            rescored = check_one(key=key, now=timezone.now())
        else:
            rescored = rescore_one(key=key, now=timezone.now(), upgrade=self.upgrade)
        if not rescored.keys:
            raise CommandError(f"{key} is not on record: it has no reports.")
        self._note(rescored)

    def _note(self, batch: Rescored) -> None:
        self.rebuilt += len(batch.keys)
        self.due += batch.due
        self.differed += len({difference.key for difference in batch.differences})
        self.values += len(batch.differences)
        self.shown += batch.differences[: SHOWN - len(self.shown)]

    def _sum_up(self) -> None:
        what = "checked" if self.only_look else "rebuilt"
        self.stdout.write(
            f"Numbers {what}: {self.rebuilt:,}. Different from their reports: {self.differed:,}."
        )
        now = timezone.now()
        if self.only_look and (ahead := Number.objects.filter(last_reported_at__gt=now).count()):
            self.stdout.write(f"With dates in the future, so that a clock was ahead: {ahead:,}.")
        if self.due and self.only_look:
            self.stdout.write(f"Due, so that the worker counts them anew by itself: {self.due:,}.")
        for shown in self.shown:
            state = f"is now {shown.rebuilt}"
            if self.only_look:
                state = f"should be {shown.rebuilt}: {shown.why}"
            self.stdout.write(f"  {shown.key} {shown.field}: {shown.stored} {state}")
        if self.values > len(self.shown):
            self.stdout.write(f"  … and {self.values - len(self.shown):,} more values.")
