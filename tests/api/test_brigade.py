"""Fifty accounts against an innocent number, through the HTTP API: what they can and cannot do."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api.keys import create_key
from reputation.counting import trust_pass
from reputation.models import Number

pytestmark = pytest.mark.slow

CLINIC = "+14155550100"
ACCOUNTS = 50


def _brigade(now, *, networks: int) -> list[Client]:
    """Fifty accounts with keys of their own, in so many networks."""
    return [
        Client(
            headers={
                "Authorization": f"Bearer {create_key(name='b', scopes=['report'], now=now)[1]}",
                "X-Forwarded-For": f"10.{place % networks}.0.{place + 1}",
            }
        )
        for place in range(ACCOUNTS)
    ]


@pytest.mark.parametrize(
    ("networks", "days"), [(1, 0), (50, 0), (50, 25)], ids=["one network", "many", "over weeks"]
)
@pytest.mark.django_db
def test_a_brigade_never_blocks(settings: Settings, monkeypatch, networks, days):
    settings.TRUSTED_PROXY_COUNT = 1
    settings.FICTIONAL_NUMBERS = True
    start = timezone.now() - timedelta(days=days + 1)
    clients = _brigade(start, networks=networks)
    for place, client in enumerate(clients):
        at = start + timedelta(days=days * place / ACCOUNTS, minutes=place)
        monkeypatch.setattr("django.utils.timezone.now", lambda at=at: at)
        body = {"number": CLINIC, "category": "loan_scam", "comment": "they threatened me"}
        answer = client.post("/v1/reports", json.dumps(body), content_type="application/json")
        assert answer.status_code == 201, answer.content
    monkeypatch.undo()
    settings.TRUSTED_PROXY_COUNT = 1

    trust_pass.learn_trust()
    while trust_pass.reweigh(now=timezone.now()).numbers:
        pass

    found = Client().get(f"/v1/numbers/{CLINIC}").json()
    assert found["action"] in ("allow", "flag")
    assert found["reporters"] == ACCOUNTS
    number = Number.objects.get(key=CLINIC)
    assert (number.networks, number.established) == (networks, 0)
    closed = [reason for reason in found["reasons"] if "established reporter" in reason]
    assert closed, found["reasons"]
