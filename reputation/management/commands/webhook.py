from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reputation import webhooks
from reputation.models import Webhook


class Command(BaseCommand):
    help = "Add, remove or enable an address that is told of events for moderators' tools."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=("add", "remove", "enable"))
        parser.add_argument("url", help="an https address")
        parser.add_argument(
            "--events",
            default=",".join(Webhook.Event.values),
            help="of what to tell it, comma-separated (default: %(default)s)",
        )

    def handle(self, *, act: str, url: str, events: str, **options: Any) -> None:
        try:
            if act == "remove":
                webhooks.remove(url=url)
            elif act == "enable":
                webhooks.enable(url=url)
            else:
                chosen = [event.strip() for event in events.split(",") if event.strip()]
                _webhook, secret = webhooks.add(url=url, events=chosen, now=timezone.now())
                self.stderr.write("This signs the messages. It cannot be shown again:")
                self.stdout.write(secret)
        except (webhooks.UnusableAddress, webhooks.WebhookNotFound) as error:
            raise CommandError(f"{url}: {error}") from error
