from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reputation.management import add_moderator, moderator_named
from reputation.management.tables import table
from reputation.moderation import NotSeeds, seed


class Command(BaseCommand):
    help = (
        "Decide about numbers whose truth is known, so that a new service can learn which "
        "reporters to believe. FILE is CSV with the columns number,verdict,reason,published, where "
        "the verdict is unwanted or legitimate, and published the day since when anybody could "
        "read it, or never. A second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        add_moderator(parser)
        parser.add_argument(
            "--region", default="", help="country of national formats, such as CN or US"
        )

    def handle(self, *, file: Path, moderator: str, region: str, **options: Any) -> None:
        actor = moderator_named(moderator)
        taken = known = refused = undated = otherwise = 0
        with table(file, NotSeeds) as source:
            for row in seed(source, actor=actor, region=region, now=timezone.now()):
                taken += not (row.error or row.known or row.otherwise)
                known += row.known
                otherwise += row.otherwise
                refused += bool(row.error)
                undated += row.undated
                if row.error:
                    self.stderr.write(f"line {row.line}: {row.error}")
        self.stdout.write(f"{taken:,} numbers decided, {known:,} already were.")
        if otherwise:
            self.stdout.write(
                f"{otherwise:,} were left: a moderator or a dispute decided otherwise, or the "
                "number has another holder since. Decide about them in the panel."
            )
        if undated:
            self.stdout.write(
                f"{undated:,} of them lack the day on which they were published, so nobody who "
                "reports them earns trust by them, also later: a second run changes nothing. Give "
                "the day, or never, in the column published before you run a file."
            )
        if refused:
            raise CommandError(
                f"{refused:,} rows were refused. Correct them and run the file again: "
                "no number is decided twice."
            )
