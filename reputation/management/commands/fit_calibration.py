import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reputation.counting import moderated_samples
from reputation.scoring import CURVES, fitting


class Command(BaseCommand):
    help = (
        "Fit the published probabilities to the numbers that moderators decided, and print the "
        "calibration. Review it, commit it as reputation/scoring/calibration.json, restart, and "
        "run `manage.py rescore --upgrade`. This command changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--source", default="numbers that moderators decided", help="text of the field `data`"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.now().date().isoformat()
        try:
            content = fitting.fit(
                moderated_samples(), fitted=today, data=options["source"], before=CURVES
            )
        except ValueError as error:
            raise CommandError(f"Moderated numbers: {error}.") from error
        self.stdout.write(json.dumps(content, indent=1))
