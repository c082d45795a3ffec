from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.translations import compile_stale


class Command(BaseCommand):
    help = "Compile changed translations. `make run`, `make test` and `make check` do this too."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        for source in compile_stale(settings.LOCALE_PATHS):
            self.stdout.write(f"compiled {source}")
