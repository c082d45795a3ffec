from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from reputation.privacy import RETENTION

HEAD = """\
# How long data is kept

Printed by `manage.py retention` out of `reputation/privacy/retention.py`. The worker forgets
by it every night. Do not edit it by hand.

| data | kept | then |
|---|---|---|
"""


class Command(BaseCommand):
    help = "Print how long each kind of data about people is kept, as docs/guide/retention.md."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            rows = [f"| {' | '.join(rule.shown())} |\n" for rule in RETENTION]
        self.stdout.write(HEAD + "".join(rows), ending="")
