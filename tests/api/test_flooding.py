"""What costs moderators their hours, through the HTTP API."""

from datetime import timedelta

import pytest

from api.keys import create_key
from reputation.lookup import traffic
from reputation.models import Number
from reputation.moderation import queue
from tests.given.api_requests import Holder, ask, holder
from tests.given.reporters import NOW, SCAMMER, newcomer, numbered, reported

pytestmark = pytest.mark.django_db


def test_who_opens_accounts_puts_no_numbers_before_those_that_call_many():
    """Two accounts report numbers of their choice and look them up all day."""
    reported(SCAMMER)
    people = [newcomer("one"), newcomer("two")]
    keys = [
        Holder(*create_key(name="k", scopes=["lookup", "report"], reporter=who, now=NOW))
        for who in people
    ]
    decoys = [numbered(place) for place in range(3)]
    for place, by in enumerate(keys):
        for decoy in decoys:
            body = {"number": decoy.key, "category": "loan_scam"}
            ask("POST", "/v1/reports", by=by, body=body, address=f"10.{place}.0.1")
    switchboards = [holder("lookup", name=f"pbx {place}") for place in range(4)]
    traffic.flush(now=NOW)  # the hour begins
    for minute in range(60):
        for decoy in decoys if minute < 30 else ():
            for by in keys:
                ask("GET", f"/v1/numbers/{decoy.key}", by=by)
        if minute % 6 == 0:
            for by in switchboards:
                ask("GET", f"/v1/numbers/{SCAMMER.key}", by=by)
        traffic.flush(now=NOW + timedelta(minutes=minute))
    queue.refresh(now=NOW)
    first, *others = queue.waiting(now=NOW, kind="number")
    assert first.number_id == Number.objects.get(key=SCAMMER.key).pk
    assert len(others) == len(decoys)
    assert first.traffic == pytest.approx(40 * traffic.A_DAY, rel=0.01)
    assert sum(item.traffic for item in others) == pytest.approx(10 * traffic.A_DAY, rel=0.01)
