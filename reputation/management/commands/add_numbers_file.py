from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reputation.management import add_moderator, moderator_named
from reputation.moderation import DecisionError, published_lists


class Command(BaseCommand):
    help = (
        "Have the worker fetch https://DOMAIN/.well-known/telephone-numbers.json daily; moderators "
        "decide about what it says (docs/guide/telephone-numbers.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain", help="the organisation's own, such as bank.example")
        parser.add_argument("name", help="the organisation, as the directory is to name it")
        add_moderator(parser)
        parser.add_argument("--reason", required=True, help="how the domain was verified")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file = published_lists.add_file(
                actor=moderator_named(options["moderator"]),
                domain=options["domain"],
                name=options["name"],
                reason=options["reason"],
                now=timezone.now(),
            )
        except DecisionError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The worker fetches the file of {file.domain} within the hour.")
