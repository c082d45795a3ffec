"""ERASE by text message and e-mail."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reputation import rights
from reputation.disputes.histories import seal_contact
from reputation.models import IntakeMessage, Reporter
from tests.given.disputes import a_dispute
from tests.given.leaving import CALLED, MAIL, PHONE, dump, listed, traces
from tests.given.messages import letter, post, text
from tests.given.visitors import Visitor
from tests.given.web_reports import FORM

pytestmark = pytest.mark.django_db


def test_whoever_reports_by_text_alone_erases_by_text(evidence_dir: Path):
    now = timezone.now()
    text(f"{CALLED['sms']} threatened me and wants my oboe", sender=PHONE, at=now)
    asked = text("ERASE", sender=PHONE, at=now).reply
    code = re.search(r"ERASE (\S+)\.", asked)
    assert code
    other = text(f"ERASE {code[1]}", sender="+447700900322", at=now).reply
    assert "not known" in other  # a code is its sender's alone
    assert "oboe" in dump()
    late = now + timedelta(hours=2)
    assert "not known" in text(f"ERASE {code[1]}", sender=PHONE, at=late).reply
    sent = {"sender": PHONE, "at": now + timedelta(minutes=20), "id": "SM-erase"}
    receipt = text(f"erase {code[1].lower()}", **sent)
    assert "Erased" in receipt.reply
    assert traces(evidence_dir) == set()
    repeated = text(f"erase {code[1].lower()}", **sent)  # the gateway delivers it once more
    assert (repeated.repeated, repeated.reply) == (True, receipt.reply)
    assert not Reporter.objects.filter(kind="sms", handle__regex="^[0-9a-f]{32}$").exclude(
        senders__messages__masked__contains="ERASE"
    )


def test_whoever_has_an_account_is_sent_there_to_erase_all(signed_in: Callable[..., Visitor]):
    """Half of an erasure is none, and an e-mail does not name all that its account has."""
    now = timezone.now()
    anna = signed_in(MAIL)  # who has said nothing yet
    there = "Erase everything in your account: "
    assert there in post(letter("ERASE", sender=MAIL), at=now).reply
    anna.send("/report", FORM | {"comment": "I play the violin."})
    User.objects.update(email="schmidt@example.org")  # another address of hers
    assert there in post(letter("ERASE", sender=MAIL), at=now).reply
    other = post(letter("ERASE", sender="berta@example.org"), at=now)
    assert re.search(r"ERASE \S+\.", other.reply)


def test_a_mailbox_leads_to_disputes_with_the_address_as_it_writes(evidence_dir: Path):
    """One mailbox, whatever is added to its name: the contact of a dispute is as it was typed."""
    now, address = timezone.now(), "Anna.Schmidt+calls@example.org"
    dispute = a_dispute(number=listed(PHONE), statement="I play the harp")
    seal_contact(dispute, address)
    dispute.save()
    asked = post(letter("ERASE", sender=address), at=now).reply
    code = re.search(r"ERASE (\S+)\.", asked)
    assert code
    assert "Erased" in post(letter(f"ERASE {code[1]}", sender=address), at=now).reply
    dispute.refresh_from_db()
    assert (dispute.statement, dispute.contact_hash) == ("", "")


def test_what_a_moderator_was_to_read_of_somebody_waits_no_more():
    """A message that cannot be read, and a question that nobody answered."""
    now = timezone.now()
    for words in ("🙂", "FWD: your loan is due, call us"):
        text(words, sender=PHONE, at=now)
    later = now + timedelta(days=3)
    assert IntakeMessage.objects.waiting(later).count() == 2
    voice = Reporter.objects.get()
    rights.erase(who=rights.DataSubject([(voice.kind, voice.handle)]), now=now)
    assert not IntakeMessage.objects.waiting(later).exists()
