"""A person whose traces are in all tables, and the ways to erase them."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client, TestCase

from api.keys import create_key
from reputation.campaigns.joining import statement_of
from reputation.disputes import add_file
from reputation.disputes.histories import seal_contact
from reputation.models import (
    Campaign,
    CampaignMark,
    LoggedCall,
    Number,
    Report,
    Reporter,
)
from reputation.reports import link_codes
from reputation.scoring.campaigns.index import marks_of
from tests.given.attachments import PNG, draft, picture, stored
from tests.given.disputes import a_dispute
from tests.given.messages import letter, post, text
from tests.given.reporters import NOW
from tests.given.visitors import Visitor
from tests.given.web_reports import FORM, upload

MAIL, PHONE = "anna.schmidt@example.org", "+447700900321"
CALLED = {
    "page": "+8613812345678",
    "key": "+8613812345672",
    "sms": "+447700900672",
    "email": "+447700900673",
}
# Whatever of these is in a dump is a trace of the person. Some letters of each message suffice.
TRACES = (
    "anna.schmidt",
    "Schmidt",
    "7700900321",
    "7700 900321",
    "shot-anna",
    "letter-anna",
    "lease-anna",
    "bassoon",
    "log-anna",
    "piano",
    "violin",
    "cello",
    "trumpet",
    "oboe",
    "harp",
    "Sparrow",
    "13987650001",
    "+49998877*",
)


def dump() -> str:
    """All rows of all tables, as COPY writes them."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        raw = cursor.cursor
        out = []
        for table in tables:
            with raw.copy(f'COPY "{table}" TO STDOUT') as copy:
                out += [bytes(block).decode() for block in copy]
    return "".join(out)


def traces(folder: Path) -> set[str]:
    """Which traces the database and the file store contain."""
    kept = dump() + "\n".join(stored(folder))
    kept += "".join(p.read_bytes().decode("latin-1") for p in folder.rglob("*") if p.is_file())
    return {trace for trace in TRACES if trace.lower() in kept.lower()}


def listed(key: str) -> Number:
    return Number.objects.create(key=key, country="GB", created_at=NOW, evidence_at=NOW, prior=0.1)


def fill(anna: Visitor, berta: Visitor, *, now: datetime) -> str:
    """Anna reports on four channels with files, says other things before, disputes, complains, and
    links her telephone. Berta reports the same numbers, with one file that is the same. Answers the
    prefix of Anna's key."""
    _report_on_pages(anna, now=now)
    prefix = _report_by_key(now=now)
    _report_by_messages(now=now)
    code = link_codes.issue_code(reporter=Reporter.objects.get(kind="sms"), now=now)
    anna.send("/my/account/link", {"code": code})
    _dispute(now=now)
    for number in CALLED.values():
        berta.send(
            "/report", FORM | {"number": number, "files": upload("b.png", picture("PNG", color=2))}
        )
    return prefix


def _report_on_pages(anna: Visitor, *, now: datetime) -> None:
    said = FORM | {
        "number": CALLED["page"],
        "transcript": "Hello, I play the bassoon.",
        "claimed_name": "Officer Sparrow",
        "callback_number": "+8613987650001",
    }
    anna.send("/report", said | {"comment": "I play the violin."})
    shot = upload("shot-anna.png", picture("PNG", color=3))
    anna.send("/report", said | {"comment": "I play the cello.", "files": shot})
    [report] = Report.objects.all()
    campaign = Campaign.objects.create(key="c", first_at=now, last_at=now, grouped_at=now)
    for mark in marks_of(statement_of(report)):
        CampaignMark.objects.create(mark=mark, campaign=campaign, at=now)
    LoggedCall.objects.create(report=report, at=now, words="They heard my piano", noted_at=now)
    anna.send("/my/list", {"patterns": "+49998877*", "action": "block"})


def _report_by_key(*, now: datetime) -> str:
    _, token = create_key(name="Anna Schmidt's phone", scopes=["report"], now=now)
    program = Client(headers={"authorization": f"Bearer {token}"})
    filed = program.post(
        "/v1/reports",
        {"number": CALLED["key"], "category": "threat", "comment": "I play the trumpet."},
        content_type="application/json",
        headers={"idempotency-key": "one"},
    )
    program.post(
        f"/v1/reports/{filed.json()['id']}/evidence",
        {"file": upload("log-anna.txt", b"She plays the trumpet.\n")},
    )
    return token.split("_")[1]


def _report_by_messages(*, now: datetime) -> None:
    text(f"{CALLED['sms']} threatened me and wants my oboe", sender=PHONE, at=now)
    shot = ("letter-anna.png", picture("PNG", color=2), "image/png")
    words = f"{CALLED['email']} threatened me and wants my harp"
    post(letter(words, sender=MAIL, files=[shot]), at=now)
    post(letter(f"{CALLED['sms']} I play the harp", sender=MAIL, vouched=False), at=now)


def _dispute(*, now: datetime) -> None:
    dispute = a_dispute(statement="I play the harp")
    seal_contact(dispute, MAIL)
    dispute.save()
    with draft(PNG, "lease-anna.png") as file:
        add_file(public_id=dispute.public_id, draft=file, now=now)


def erase_by_page(anna: Visitor) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert "Tick the box" in anna.send("/my/account/erase", {})
        assert "is erased" in anna.send("/my/account/erase", {"sure": "1"})


def erase_by_command(**whom: Any) -> str:
    out = io.StringIO()
    with TestCase.captureOnCommitCallbacks(execute=True):
        call_command("erase", **whom, yes=True, stdout=out)
    return out.getvalue()
