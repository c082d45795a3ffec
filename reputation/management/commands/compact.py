from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reputation.feeds import KEEP, compact
from reputation.lookup import buckets


class Command(BaseCommand):
    help = "Delete changes from the log that later changes of the same number have replaced."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=_days,
            default=KEEP.days,
            help="keep every change this long; clients away for longer load a snapshot"
            " (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = compact(now=timezone.now(), keep=timedelta(days=options["days"]))
        buckets.measure()
        self.stdout.write(
            f"Forgot {done.forgotten:,} changes; "
            f"cursors before {done.horizon} are refused from now on."
        )
        if done.held_at is not None:
            self.stderr.write(
                f"Older changes stay: the published snapshot ends at cursor {done.held_at}. "
                "Run publish, then compact again."
            )


def _days(value: str) -> int:
    if not value.isdecimal():
        raise ArgumentTypeError(f"a whole number of days, not {value!r}")
    return int(value)
