import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from reputation.counting import trust_pass


class Command(BaseCommand):
    help = (
        "The trust pass: learns whom to believe from all reports together, counts reports anew, "
        "and promotes numbers to block or takes that back. Safe while reports arrive; if it is "
        "killed, the next one goes on where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--touched",
            action="store_true",
            help="only numbers that are due, with the records on file (every few minutes); "
            "without it records are learnt first (nightly)",
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="count anew in so many processes, where there is much to do (default: as many "
            "as there are processors)",
        )

    def handle(self, *args: Any, touched: bool, processes: int, **options: Any) -> None:
        if processes < 1:
            raise CommandError(f"--processes {processes}: pass 1 or more.")
        if not touched:
            self._learn()
        waiting = trust_pass.due()
        with tqdm(total=waiting, unit=" numbers", desc="reweighing", disable=None) as bar:
            total = trust_pass.reweigh_due(processes=processes, progress=bar.update)
        self.stdout.write(f"{total.numbers:,} numbers reweighed.")
        for (before, after, why), count in sorted(total.changes.items()):
            self.stdout.write(f"  {before} → {after}, {why}: {count:,}")

    def _learn(self) -> None:
        with tqdm(unit=" rounds", desc="learning", disable=None) as bar:

            def progress(what: str, moved: float) -> None:
                bar.set_postfix_str(f"{what}, farthest move {moved:.2f}")
                bar.update()

            learnt = trust_pass.learn_trust(progress=progress)
        self.stdout.write(
            f"{learnt.reports:,} reports by {learnt.reporters:,} reporters read; "
            f"{learnt.clustered:,} reporters move with others; "
            f"{learnt.moved:,} count differently now, which concerns {learnt.concerned:,} numbers."
        )
