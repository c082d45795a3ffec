from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reputation.counting import canaries
from reputation.management.tables import table


class Command(BaseCommand):
    help = (
        "Store numbers of your own honeypot lines, on which nobody calls anybody, so that only a "
        "liar reports them. FILE is CSV with the columns number,reason. The trust pass counts a "
        "report on one as a lie. Nothing shows which numbers they are, not even this command. "
        "Running it again does nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--region", default="", help="country of national formats, such as CN or US"
        )
        parser.add_argument(
            "--remove",
            action="store_true",
            help="remove these numbers instead, before you give the lines up",
        )

    def handle(self, *, file: Path, region: str, remove: bool, **options: Any) -> None:
        changed = left = refused = 0
        with table(file, canaries.NotCanaries) as source:
            for row in canaries.store(source, region=region, remove=remove):
                changed += row.changed
                left += not row.changed and not row.error
                refused += bool(row.error)
                if row.error:
                    self.stderr.write(f"line {row.line}: {row.error}")
        if remove:
            self.stdout.write(f"{changed:,} canaries removed, {left:,} were none.")
        else:
            self.stdout.write(f"{changed:,} canaries stored, {left:,} were already.")
        if refused:
            raise CommandError(
                f"{refused:,} rows were refused. Correct them and run the file again."
            )
