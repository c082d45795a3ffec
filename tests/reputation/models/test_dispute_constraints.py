"""What the database itself refuses of disputes, whoever writes."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction

from reputation.models import Dispute, Number
from tests.given.constraints import twice
from tests.given.reporters import NOW, moderator, newcomer, row, say

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def judge(name: str = "judge") -> User:
    return User.objects.filter(username=name).first() or moderator(name)


def number() -> Number:
    return Number.objects.first() or say(newcomer("a")).number


def dispute(**fields: Any) -> Dispute:
    defaults = {
        "grounds": "mistaken",
        "statement": "No.",
        "network": "n",
        "via": "sms",
        "language": "en",
        "opened_at": NOW,
    }
    fields.setdefault("number", number())
    return Dispute.objects.create(**(defaults | fields))


def opened(**fields: Any) -> Dispute:
    return dispute(**({"status": "open", "verified_at": NOW, "deadline_at": LATER} | fields))


def decided(**fields: Any) -> Dispute:
    how = {"status": "rejected", "decided_at": LATER, "decided_by": judge(), "reason": "Because."}
    return opened(**(how | fields))


def appealed(**fields: Any) -> Dispute:
    return opened(**({"appeal_of": decided(), "barred": judge()} | fields))


REFUSED = {
    "dispute_one_open_per_number": [
        lambda: twice(opened),
        lambda: (opened(), appealed()),
        lambda: (
            opened(),
            dispute(),
            Dispute.objects.filter(status="awaiting_code").update(
                status="open", verified_at=NOW, deadline_at=LATER
            ),
        ),
    ],
    "dispute_appealed_once": [
        lambda: twice(decided, appeal_of=decided(), barred=judge(), decided_by=judge("another")),
    ],
    "dispute_grounds_known": [lambda: dispute(grounds="angry")],
    "dispute_via_known": [lambda: dispute(via="post")],
    "dispute_status_fits_its_dates": [
        lambda: dispute(status="closed"),
        lambda: dispute(verified_at=NOW),
        lambda: dispute(held=True),
        lambda: dispute(status="expired", decided_at=NOW),
        lambda: dispute(status="open"),
        lambda: opened(deadline_at=None),
        lambda: opened(decided_by=judge()),
        lambda: opened(reason="Because."),
        lambda: decided(reason=""),
        lambda: decided(decided_by=None),
        lambda: decided(status="upheld", decided_at=None),
    ],
    "dispute_attempts_limited": [
        lambda: dispute(attempts=6),
        lambda: dispute(attempts=-1),
        lambda: dispute(codes_sent=-1),
    ],
    "dispute_appeal_needs_no_code": [
        lambda: dispute(appeal_of=decided(), barred=judge()),
        lambda: appealed(barred=None),
        lambda: opened(barred=judge()),
    ],
    "dispute_appeal_decided_by_another": [
        lambda: decided(appeal_of=decided(), barred=judge(), decided_by=judge()),
    ],
}


@pytest.mark.parametrize(
    ("name", "act"), [(name, act) for name, acts in REFUSED.items() for act in acts]
)
def test_the_database_refuses(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


@pytest.mark.parametrize(
    "act",
    [
        lambda: twice(dispute),
        lambda: (opened(), dispute(), decided(), dispute(status="expired")),
        lambda: appealed(),
        lambda: decided(appeal_of=decided(), barred=judge(), decided_by=judge("another")),
        lambda: (opened(number=say(newcomer("b")).number), dispute(attempts=5)),
    ],
)
def test_and_refuses_no_more_than_that(act):
    act()


def test_every_named_constraint_has_its_case():
    declared = {
        constraint.name
        for constraint in Dispute._meta.constraints
        if isinstance(constraint, models.CheckConstraint | models.UniqueConstraint)
    }
    assert declared == set(REFUSED)


def test_what_was_disputed_cannot_vanish():
    mine = decided()
    for thing in (mine.number, judge()):
        with suppress(IntegrityError), pytest.raises(models.ProtectedError):
            thing.delete()
    assert row() == mine.number
