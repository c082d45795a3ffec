from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reputation.service_role import APPEND_ONLY, UnusableRole, grant


class Command(BaseCommand):
    help = (
        "Grant a database role what the service needs and no more: rows of every table, of the "
        "audit log only reading and adding. Run it as the tables' owner, after each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="made by: CREATE ROLE name LOGIN PASSWORD '…'")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        try:
            tables = grant(role)
        except UnusableRole as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{role} may read and write {len(tables)} tables; "
            f"only read and add to: {', '.join(APPEND_ONLY)}."
        )
