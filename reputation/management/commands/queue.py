from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reputation.moderation import queue


class Command(BaseCommand):
    help = "Rebuild the moderators' queue and its order."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{queue.refresh(now=timezone.now()):,} wait for a moderator.")
