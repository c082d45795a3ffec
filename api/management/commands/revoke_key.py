import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from api.keys import revoke_key
from api.models import ApiKey

# A prefix alone, as create_key and /v1/me show it, or any longer part of a key.
PREFIX = re.compile(r"(?:rsk_)?([a-z0-9]{8})(?:[_…].*)?")


class Command(BaseCommand):
    help = (
        "Revoke an API key and the keys that were made with it, at once and for good. "
        "Their reports stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="the eight characters after rsk_")

    def handle(self, *, prefix: str, **options: Any) -> None:
        match = PREFIX.fullmatch(prefix.strip())
        if match is None:
            raise CommandError(f"{prefix} is no prefix: pass the eight characters after rsk_.")
        key = ApiKey.objects.filter(prefix=match[1]).first()
        if key is None:
            raise CommandError(f"There is no key rsk_{match[1]}….")
        if key.revoked_at is not None:
            self.stdout.write(
                f"The key of {key.name!r} was revoked on {key.revoked_at:%F} already."
            )
            return
        for closed in revoke_key(key=key, now=timezone.now()):
            with_it = "" if closed == key else f" It was made with rsk_{key.prefix}…."
            self.stdout.write(f"The key of {closed.name!r} opens nothing from now on.{with_it}")
