"""The first account of the panel. A script that waits for it is told when there is none."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError


class Command(createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Django would end with 0, as if the account were there."""
        if options["interactive"] and not self.stdin.isatty():
            raise CommandError(
                "Nobody can be asked for name and password without a terminal. Run it in one "
                "(ssh -t, docker compose exec), or with --noinput, DJANGO_SUPERUSER_USERNAME, "
                "DJANGO_SUPERUSER_EMAIL and DJANGO_SUPERUSER_PASSWORD."
            )
        super().handle(*args, **options)
