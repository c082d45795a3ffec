from typing import Any

from django.core.management.base import BaseCommand

from reputation.complaints import load


class Command(BaseCommand):
    help = (
        "Load authorities, channels, statutes and templates from "
        "reputation/complaints/data/seeds. Rows that moderators edited stay unchanged."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load()
        if not options["verbosity"]:
            return
        self.stdout.write(
            f"{len(loaded.created)} created, {len(loaded.updated)} updated, "
            f"{len(loaded.kept)} kept as edited here."
        )
        for slug in loaded.kept:
            self.stdout.write(f"  edited here: {slug}")
