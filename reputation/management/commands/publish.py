from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from reputation.feeds import FORMATS, publish, snapshots
from reputation.models import Busy


class Command(BaseCommand):
    help = "Publish a snapshot of each feed that has changed. May be killed at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        for feed in snapshots.NAMES:
            with tqdm(total=len(FORMATS), desc=feed, unit="format", disable=None) as bar:
                try:
                    done = publish(feed=feed, now=timezone.now(), progress=lambda _: bar.update())
                except Busy as error:
                    raise CommandError(str(error)) from None
            if done is None:
                self.stdout.write(f"{feed}: nothing has changed.")
            else:
                self.stdout.write(f"{feed}: {done.count:,} numbers at cursor {done.cursor}.")
