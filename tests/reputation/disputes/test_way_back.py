"""Holders who lost the way to their dispute: a text from the number itself has it."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from reputation.disputes import APPEAL_WITHIN, decide_dispute, open_dispute, verify
from reputation.identity import identify
from reputation.models import Dispute
from reputation.moderation import mark_reassigned
from tests.given.messages import NOW, text
from tests.given.phone import plug_in
from tests.given.reporters import crowd, moderator

pytestmark = pytest.mark.django_db
HOLDER = identify("+8613812345678")


def way_back(sender: str = HOLDER.key, *, days: int = 0) -> str:
    reply = text("DISPUTE", sender=sender, at=NOW + timedelta(days=days)).reply
    return reply.rpartition("/disputes/")[2] if "/disputes/" in reply else ""


def test_the_holder_alone_is_told_and_as_long_as_something_can_be_done(settings: Settings):
    phone = plug_in(settings)
    crowd(5, "loan_scam", HOLDER, at=NOW)
    dispute = open_dispute(
        identity=HOLDER, grounds="mistaken", statement="A school.", network="n", now=NOW
    )
    assert way_back() == ""  # who asked for a code has shown nothing yet
    verify(public_id=dispute.public_id, code=phone.code, now=NOW)
    assert way_back() == str(dispute.public_id)
    assert way_back("+8613987654399") == ""
    found = Dispute.objects.get()
    decide_dispute(actor=moderator("j"), dispute=found, upheld=False, reason="It stands.", now=NOW)
    assert way_back(days=1) == str(dispute.public_id)
    assert way_back(days=APPEAL_WITHIN.days + 1) == ""


def test_whoever_gets_the_number_is_not_led_to_what_its_former_holder_still_disputes(
    settings: Settings,
):
    phone = plug_in(settings)
    crowd(5, "loan_scam", HOLDER, at=NOW)
    dispute = open_dispute(
        identity=HOLDER, grounds="mistaken", statement="I am ill.", network="n", now=NOW
    )
    verify(public_id=dispute.public_id, code=phone.code, now=NOW)
    day = NOW + timedelta(days=1)
    mark_reassigned(actor=moderator("j"), identity=HOLDER, reason="carrier", now=day)
    assert way_back(days=2) == ""
