"""Erases a person, a report, or what a backup brought back: docs/guide/privacy.md."""

import uuid
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import person
from reputation import rights
from reputation.models import Report
from web import leaving


class Command(BaseCommand):
    help = "Erase all that is kept of a person. There is no way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        person.add_arguments(parser)
        parser.add_argument(
            "--report",
            type=uuid.UUID,
            action="append",
            default=[],
            help="erase the words and files of this report",
        )
        parser.add_argument(
            "--again",
            action="store_true",
            help="after a restore: erase everybody on the list of erasures",
        )
        parser.add_argument("--yes", action="store_true", help="erase; without it, only count")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = person.asked(options)
        reports = list(Report.objects.filter(public_id__in=options["report"]))
        if len(reports) < len(options["report"]):
            raise CommandError("There is no such report. Give the id that the reporter got for it.")
        if not (asked.names or reports or options["again"]):
            raise CommandError("Name what to erase: --email, --phone, --key, --report or --again.")
        if not options["yes"]:
            voices = rights.voices_of(asked.names)
            count = Report.objects.filter(reporter__in=voices).count() + len(reports)
            nobody = f" {person.NOBODY}" if asked.names and not voices else ""
            raise CommandError(
                f"This erases {len(voices)} voices with {count} reports for good. If so, add --yes."
                + nobody
            )
        now, done = timezone.now(), rights.Erased()
        if asked.names:
            done += leaving.erase_person(who=asked, now=now)[0]
        for report in reports:
            done += rights.erase_report(report=report, now=now)
        if options["again"]:
            done += leaving.erase_again(now=now)
        what = ", ".join(f"{count} {name}" for name, count in asdict(done).items())
        self.stdout.write(f"erased: {what}")
