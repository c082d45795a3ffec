import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from reputation import health

MARKS = {
    health.Level.OK: "ok       ",
    health.Level.UNCHECKED: "unchecked",
    health.Level.ADVICE: "advice   ",
    health.Level.DEGRADED: "degraded ",
    health.Level.BROKEN: "BROKEN   ",
}


class Command(BaseCommand):
    help = (
        "Check everything that the service needs, and say what is wrong, what that means and what "
        "to do. Ends with 1 if a part does not work; advice, and parts that cannot be checked from "
        "here, do not count."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = health.look(now=timezone.now(), costly=True, slow=True)
        if options["json"]:
            self._as_json(found)
        else:
            self._as_text(found)
        wrong = sum(finding.level >= health.Level.DEGRADED for _, finding in found)
        if wrong:
            raise CommandError(f"{wrong} of {len(found)} parts do not work.")

    def _as_text(self, found: Any) -> None:
        where = f"{settings.PUBLIC_URL}, {settings.DATA_DIR}"
        self.stdout.write(f"Ringscore {settings.RELEASE} at {where}")
        for check, finding in found:
            problem = f": {finding.wrong}" if finding.wrong else ""
            self.stdout.write(f"{MARKS[finding.level]}  {check.name}{problem}")
            for sentence in (finding.meaning, finding.remedy):
                if sentence:
                    self.stdout.write(f"             {sentence}")
        for job, at in _runs().items():
            self.stdout.write(f"last run  {job}: {at}")

    def _as_json(self, found: Any) -> None:
        checks = {
            check.name: {
                "level": finding.level.name.lower(),
                "state": finding.word,
                "wrong": finding.wrong,
                "meaning": finding.meaning,
                "remedy": finding.remedy,
            }
            for check, finding in found
        }
        state = {"version": settings.RELEASE, "checks": checks, "last_runs": _runs()}
        self.stdout.write(json.dumps(state, indent=1))


def _runs() -> dict[str, str]:
    """When each job last ended well (UTC); empty while the database does not answer."""
    try:
        return {job: f"{at:%FT%TZ}" for job, at in health.job_runs().items()}
    except DatabaseError:
        return {}
