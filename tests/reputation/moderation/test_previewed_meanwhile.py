"""Previews while somebody reports, decides, or carries a decision out: neither waits for the other
forever."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from reputation import counting, moderation
from reputation.decisions import RULES, taking
from reputation.models import IntakeSender, Number, Reporter, use_voice
from reputation.moderation import batches, previews, restating
from reputation.reports import hold_with_linked
from reputation.reports.linking import merge_reporters
from tests.given.concurrency import together
from tests.given.reporters import NOW, numbered, say, veteran
from tests.given.voices import sender, voice

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 5


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restating, "AT_ONCE", 3)
    monkeypatch.setattr(previews, "PREVIEWED", 2)


@pytest.fixture
def actor() -> User:
    return User.objects.create_superuser("judge")


def gateway() -> Reporter:
    who = veteran("gateway")
    for place in range(MANY):
        say(who, number=numbered(place))
    return who


def preview(actor: User, verb: str, subject: Reporter) -> Any:
    return taking.preview(
        rule=RULES["reporter"][verb], subject=subject, given={}, actor=actor, now=NOW
    )


def beside(
    begin: Callable[[], object], go_on: Callable[[], object], look: Callable[[], Any]
) -> Any:
    """What `look` finds that begins between the two halves of a transaction."""
    begun = threading.Event()

    def act() -> None:
        with transaction.atomic():
            begin()
            begun.set()
            time.sleep(0.5)  # until the other one waits
            go_on()

    def looking() -> Any:
        begun.wait(20)
        return look()

    return together(act, looking)[1]


def test_a_number_while_a_step_takes_its_reports_back(actor):
    spammer = gateway()
    moderation.block_reporter(actor=actor, reporter=spammer, reason="r", now=NOW)
    number = Number.objects.get(key=numbered(0).key)
    what = {"subject": "number", "verb": "confirm_number", "targets": [number.pk]}
    seen = beside(
        lambda: hold_with_linked([spammer.pk]),
        lambda: restating._step(NOW),
        lambda: batches.preview(actor=actor, **what, now=NOW),
    )
    assert [effect.number.pk for effect in seen.effects] == [number.pk]


def test_a_cluster_while_one_of_it_reports(actor):
    one, other = veteran("one"), veteran("other")
    Reporter.objects.update(cluster=one.pk)
    for who in (one, other):
        say(who)
        who.refresh_from_db()
    seen = beside(
        lambda: use_voice(other.pk),
        lambda: say(other),
        lambda: preview(actor, "block_cluster", one),
    )
    assert len(seen.effects) == 1


def test_a_link_while_a_message_comes(actor):
    person, phone = voice("person"), voice("sms")
    texter = sender(phone)
    number = say(phone).number
    merge_reporters(into=person, other=phone, now=NOW)
    phone.refresh_from_db()
    seen = beside(
        lambda: IntakeSender.objects.select_for_update().get(pk=texter.pk),
        lambda: counting.lock_number(number.identity, now=NOW),
        lambda: preview(actor, "unlink_reporter", phone),
    )
    assert len(seen.effects) == 1


def test_a_block_in_steps_while_others_credit_its_reporter(actor):
    """All reporters are locked in the order of their ids."""
    first = veteran("first")
    say(first, number=numbered(0))
    spammer = gateway()
    reporters = Reporter.objects.select_for_update(no_key=True)
    seen = beside(
        lambda: reporters.get(pk=first.pk),
        lambda: reporters.get(pk=spammer.pk),
        lambda: preview(actor, "block_reporter", spammer),
    )
    assert (len(seen.effects), seen.left) == (2, MANY - 2)
