from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from api.keys import KeyNotFound, NoPrefix, find_key, revoke_key


class Command(BaseCommand):
    help = (
        "Revoke an API key and the keys that were made with it, at once and for good. "
        "Their reports stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="the eight characters after rsk_")

    def handle(self, *, prefix: str, **options: Any) -> None:
        try:
            key = find_key(prefix)
        except (NoPrefix, KeyNotFound) as error:
            raise CommandError(str(error)) from None
        if key.revoked_at is not None:
            self.stdout.write(
                f"The key of {key.name!r} was revoked on {key.revoked_at:%F} already."
            )
            return
        for closed in revoke_key(key=key, now=timezone.now()):
            with_it = "" if closed == key else f" It was made with rsk_{key.prefix}…."
            self.stdout.write(f"The key of {closed.name!r} is revoked.{with_it}")
