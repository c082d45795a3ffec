from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reputation.service_role import APPEND_ONLY, UnusableRole, grant


class Command(BaseCommand):
    help = (
        "Grant a database role only the rights that the service needs: to read and write the rows "
        "of every table, but only to read and add those of the audit log. Run it as the tables' "
        "owner, after each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="a role created by: CREATE ROLE name LOGIN PASSWORD '…'")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        try:
            tables = grant(role)
        except UnusableRole as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{role} may read and write {len(tables)} tables; "
            f"only read and add to: {', '.join(APPEND_ONLY)}."
        )
