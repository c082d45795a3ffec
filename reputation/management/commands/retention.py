from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from reputation.privacy import RETENTION, retention

HEAD = """\
# How long data is kept

Printed by `manage.py retention` out of `reputation/privacy/retention.py`. The worker forgets
by it every night. Do not edit it by hand.

| data | kept | then |
|---|---|---|
"""


class Command(BaseCommand):
    help = "Prints how long each kind of data about people is kept, as docs/guide/retention.md."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [
            f"| {rule.what} | {_span(rule.kept, rule.since)} | {rule.then} |\n"
            for rule in RETENTION
        ]
        self.stdout.write(HEAD + "".join(rows), ending="")


def _span(kept: timedelta, since: str) -> str:
    if kept == retention.ON_RECORD:
        return "–"
    hours = kept // timedelta(hours=1)
    span = f"{hours // 24} days" if hours > 48 else f"{hours} hours"
    return f"{span} after {since}"
