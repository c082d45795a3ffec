import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from reputation.counting import trust_pass
from reputation.crews import ShardError
from reputation.models import Busy


class Command(BaseCommand):
    help = (
        "Run the trust pass: learn from all reports together which reporters to believe, weigh "
        "reports again, and promote numbers to block or revoke that. Safe while reports arrive; "
        "if the pass is killed, the next one continues where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--touched",
            action="store_true",
            help="reweigh only numbers that are due, by the stored records (every few minutes); "
            "without this option the pass learns records first (nightly)",
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="learn and reweigh in N processes if there is enough to do (default: the number "
            "of processors)",
        )
        parser.add_argument(
            "--cluster",
            metavar="ADDRESS",
            help="learn on the Ray cluster at this address, of which this machine is a node "
            "(docs/guide/trust-pass.md)",
        )

    def handle(
        self,
        *args: Any,
        touched: bool,
        processes: int,
        cluster: str | None,
        **options: Any,
    ) -> None:
        if processes < 1:
            raise CommandError(f"--processes {processes}: pass 1 or more.")
        if not touched:
            self._learn(processes=processes, cluster=cluster)
        waiting = trust_pass.due()
        with tqdm(total=waiting, unit=" numbers", desc="reweighing", disable=None) as bar:
            total = trust_pass.reweigh_due(processes=processes, progress=bar.update)
        self.stdout.write(f"{total.numbers:,} numbers reweighed.")
        for (before, after, why), count in sorted(total.changes.items()):
            self.stdout.write(f"  {before} → {after}, {why}: {count:,}")

    def _learn(self, **options: Any) -> None:
        with tqdm(unit=" rounds", desc="learning", disable=None) as bar:

            def progress(what: str, moved: float) -> None:
                bar.set_postfix_str(f"{what}, farthest move {moved:.2f}")
                bar.update()

            try:
                learnt = trust_pass.learn_trust(progress=progress, **options)
            except (Busy, ShardError) as error:
                raise CommandError(str(error)) from None
        self.stdout.write(
            f"{learnt.reports:,} reports by {learnt.reporters:,} reporters read; "
            f"{learnt.clustered:,} reporters act together with others; "
            f"{learnt.moved:,} reporters now weigh differently, on {learnt.concerned:,} numbers."
        )
