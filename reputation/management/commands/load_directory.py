from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reputation.moderation import load_services


class Command(BaseCommand):
    help = (
        "Enter the service numbers of reputation/moderation/data/services.json in the verified "
        "directory. Numbers about which a moderator decided stay unchanged."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        new = load_services(now=timezone.now())
        if options["verbosity"]:
            self.stdout.write(f"{new} service numbers entered.")
