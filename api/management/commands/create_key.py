from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from api.keys import UnknownRegion, UnknownScope, create_key
from api.models import SCOPES
from reputation.moderation import permissions, staff


class Command(BaseCommand):
    help = "Make an API key. Prints only the key on standard output; it cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the key's owner or purpose")
        parser.add_argument(
            "--scopes",
            help=f"the key's scopes, comma-separated: {', '.join(SCOPES)} (default: lookup,report, "
            "with --moderator none of them)",
        )
        parser.add_argument(
            "--region", default="", help="country of national formats, such as CN or US"
        )
        parser.add_argument(
            "--verifies-attestation",
            action="store_true",
            help="the key of a carrier or PBX that verifies calls: attestation A and B count",
        )
        parser.add_argument(
            "--moderator",
            default="",
            metavar="USER",
            help="the moderator in whose name the key also decides (docs/guide/moderating.md)",
        )
        parser.add_argument("--expires-days", type=int, metavar="N", help="default: never")

    def handle(
        self,
        *,
        name: str,
        scopes: str | None,
        region: str,
        verifies_attestation: bool,
        moderator: str,
        expires_days: int | None,
        **options: Any,
    ) -> None:
        now = timezone.now()
        if not name.strip():
            raise CommandError("The name is empty: say whose key it is.")
        if expires_days is not None and not 1 <= expires_days <= 36_500:
            raise CommandError(f"--expires-days {expires_days}: pass 1 to 36500 days.")
        judge = None
        if moderator:
            judge = staff.member(moderator)
            if judge is None or not judge.has_perm(permissions.WORK_QUEUE):
                raise CommandError(f"--moderator {moderator}: no moderator has this user name.")
        if scopes is None:
            scopes = "" if judge else "lookup,report"
        try:
            key, token = create_key(
                name=name.strip(),
                scopes=[scope.strip() for scope in scopes.split(",") if scope.strip()],
                region=region,
                verifies_attestation=verifies_attestation,
                moderator=judge,
                expires_at=None if expires_days is None else now + timedelta(days=expires_days),
                now=now,
            )
        except UnknownScope as error:
            raise CommandError(f"--scopes {scopes}: {error}") from error
        except UnknownRegion as error:
            raise CommandError(f"--region {region}: {error}") from error
        until = "until it is revoked" if key.expires_at is None else f"until {key.expires_at:%F}"
        self.stderr.write(
            f"The key of {key.name!r} may {', '.join(key.scopes)}, {until}. It is not stored and "
            f"cannot be shown again. To revoke it: {settings.PROGRAM} revoke_key {key.prefix}"
        )
        self.stdout.write(token)
