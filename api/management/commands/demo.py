import secrets
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from api.keys import create_key
from api.models import SCOPES
from reputation import demo
from reputation.identity import display
from reputation.models import Number, Report
from reputation.moderation import roles
from reputation.reports import PublishedComplaint, ftc, import_complaints

SAMPLE = settings.BASE_DIR / "reputation" / "data" / "ftc_sample.csv"
ADMIN, MODERATOR = "demo-admin", "demo-moderator"


class Command(BaseCommand):
    help = (
        "Fill the database with a small invented world on fictional numbers, a sample of published "
        "complaints, and users and a key to try it with. A second run adds nothing. "
        "Needs FICTIONAL_NUMBERS=1."
    )

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        try:
            with transaction.atomic():
                passwords = {name: secrets.token_urlsafe(12) for name in (ADMIN, MODERATOR)}
                moderator = _users(passwords)
                key, token = create_key(
                    name="demo",
                    scopes=list(SCOPES),
                    region="US",
                    now=now - timedelta(days=demo.DAYS),
                )
                if not demo.build(key=key.reporter, moderator=moderator, now=now):
                    raise _Built
                imported, rejected = _import_sample(now)
        except demo.FictionalNumbersOff as error:
            raise CommandError(str(error)) from error
        except _Built:
            self._say_built()
            return
        self._introduce(imported, rejected)
        self._say_how(passwords, token)

    def _introduce(self, imported: int, rejected: Counter[str]) -> None:
        self.stdout.write("The demo's world, all on numbers reserved for fiction:\n\n")
        for number, story in demo.stories():
            self.stdout.write(
                f"  {number.action:<5} {number.score:>2}  {number.status:<10}  "
                f"{display(number.key):<19}  {story}"
            )
        self.stdout.write(
            f"  allow  0  unknown     {display(demo.UNREPORTED):<19}  nobody has reported it\n\n"
            "Minutes from now the worker counts all reports together, as the command `trust` does, "
            "and may flag or block more of these.\n\n"
        )
        most = Number.objects.order_by("-complaints", "id")[0]
        self.stdout.write(
            f"{Report.objects.count()} reports, and {imported} complaints that the US FTC "
            f"published in 2021 ({rejected.total()} rows could not be used). Those are about real "
            f"numbers, unverified, and too old to weigh anything today: look up {most.key}, with "
            f"{most.complaints} complaints.\n\n"
        )

    def _say_how(self, passwords: dict[str, str], token: str) -> None:
        url = settings.PUBLIC_URL
        self.stdout.write(
            f"Sign in at {url}/admin/ (shown only now):\n"
            f"  {ADMIN}      {passwords[ADMIN]}   may do everything\n"
            f"  {MODERATOR}  {passwords[MODERATOR]}   decides, as the role moderator may\n\n"
            "Look up, report, look again; one report lifts this number from allow to flag:\n"
            f"  key={token}   # shown only now\n"
            f'  curl -s -H "Authorization: Bearer $key" {url}/v1/numbers/{demo.EDGE}\n'
            '  curl -s -H "Authorization: Bearer $key" -H "Content-Type: application/json" '
            f"-d '{demo.EXAMPLE}' {url}/v1/reports\n"
            f'  curl -s -H "Authorization: Bearer $key" {url}/v1/numbers/{demo.EDGE}\n'
        )

    def _say_built(self) -> None:
        self.stdout.write(
            "The demo is here already; nothing was added. Its passwords and its key were shown "
            "once and are stored only as hashes. For new ones:\n"
            f"  {settings.PROGRAM} changepassword {ADMIN}\n"
            f"  {settings.PROGRAM} create_key mine --scopes {','.join(SCOPES)} --region US\n"
            "(A new key is a new reporter, so its reports weigh less than the demo key's.)"
        )


class _Built(Exception):
    """The world exists already: the transaction with the new users and key must be rolled back."""


def _users(passwords: dict[str, str]) -> User:
    """The demo's users, with these passwords. Returns the moderator."""
    admin, _ = User.objects.get_or_create(username=ADMIN)
    admin.is_staff = admin.is_superuser = True
    admin.set_password(passwords[ADMIN])
    admin.save()
    moderator, _ = User.objects.get_or_create(username=MODERATOR)
    moderator.is_staff = True
    moderator.set_password(passwords[MODERATOR])
    moderator.save()
    moderator.groups.set(Group.objects.filter(name=roles.MODERATOR))
    return moderator


def _import_sample(now: datetime) -> tuple[int, Counter[str]]:
    """The number of imported complaints, and the rejected rows by reason."""
    complaints: list[PublishedComplaint] = []
    rejected: Counter[str] = Counter()
    with SAMPLE.open("rb") as file:
        for row in ftc.read_complaints(file, now=now):
            if isinstance(row, PublishedComplaint):
                complaints.append(row)
            else:
                rejected[row.reason] += 1
    return import_complaints(complaints, source=ftc.SOURCE, now=now).added, rejected
