"""Organisations that ask for keys, moderators who grant them, and contacts who make them."""

import re
from datetime import timedelta
from typing import Any

from django.core import mail
from django.test import Client
from django.utils import timezone

from reputation import organisations
from reputation.models import AuditEntry, KeyGrant
from tests.given.api_requests import ask
from tests.given.staff import text
from tests.given.visitors import Visitor

NUMBER = "+8613812345678"
OFFICE, ELSEWHERE = "192.0.2.7", "198.51.100.7"
FORM = {
    "organisation": " Example\u202e  Telecom ",
    "contact": "Network operations, +1 202 555 0100",
    "purpose": "Our SIP gateway rejects what is blocked.",
    "calls_per_day": "20000",
    "scopes": ["lookup", "report"],
    "verifies_attestation": "on",
    "networks": "192.0.2.0/24",
    "country": "US",
}
TERMS = {
    "scopes": ["lookup", "report"],
    "lookups_per_minute": "200",
    "until": (timezone.now() + timedelta(days=100)).strftime("%Y-%m-%d"),
    "preset": "1",
}


def asked(by: Visitor, **changes: Any) -> KeyGrant:
    page = by.send("/organisations", FORM | changes)
    assert "Sent. A moderator decides" in page, page
    return KeyGrant.objects.latest("pk")


def decided(by: Client, grant: KeyGrant, verb: str, **form: Any) -> str:
    path = f"/admin/reputation/keygrant/{grant.pk}/decide/{verb}/"
    seen = AuditEntry.objects.filter(key_grant=grant).order_by("-pk").first()
    response = by.post(path, {"preset": "1", "seen": seen.pk if seen else 0, **form}, follow=True)
    assert response.status_code == 200
    grant.refresh_from_db()
    return text(response)


def made(by: Visitor, grant: KeyGrant) -> str:
    page = by.post(f"/organisations/{grant.public_id}/key")
    found = re.findall(r"rsk_\w{8}_\w{43}", page.content.decode())
    assert len(found) == 1, page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
    return str(found[0])


def status(token: str, *, address: str = OFFICE, path: str = "/v1/me") -> int:
    return ask("GET", path, by=token, address=address).status


def mails() -> list[tuple[str, list[str]]]:
    organisations.send_notices(now=timezone.now())
    told = [(str(each.subject), list(each.to)) for each in mail.outbox]
    assert not [each for each in mail.outbox if "rsk_" in str(each.body)]
    mail.outbox.clear()
    return told
