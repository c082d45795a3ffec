"""Previews while somebody reports, decides, or carries a decision out: neither waits for the other
forever."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from reputation import counting, moderation
from reputation.decisions import RULES, taking
from reputation.models import AuditEntry, IntakeSender, Number, Report, Reporter, use_voice
from reputation.moderation import batches, previews, restating
from reputation.reports import hold_with_linked
from reputation.reports.linking import merge_reporters
from tests.given.concurrency import together, until_one_waits
from tests.given.reporters import DAY, NOW, numbered, say, veteran
from tests.given.rows import a_campaign
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
    begun, looked = threading.Event(), threading.Event()

    def act() -> None:
        with transaction.atomic():
            begin()
            begun.set()
            until_one_waits(looked)
            go_on()

    def looking() -> Any:
        try:
            begun.wait(20)
            return look()
        finally:
            looked.set()

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


def joined() -> tuple[Reporter, Reporter]:
    """Two voices that are one, with MANY numbers. Those whose effects are shown come last in the
    order of locking."""
    person, phone = voice("person"), voice("sms")
    sender(phone)
    for place in reversed(range(MANY)):
        say(phone, number=numbered(place))
    merge_reporters(into=person, other=phone, now=NOW)
    phone.refresh_from_db()
    return person, phone


def first_and_last() -> tuple[Number, Number]:
    """The first of the numbers in the order of locking, and the first of those that are shown."""
    shown = Number.objects.order_by("pk")[: previews.PREVIEWED]
    return Number.objects.order_by("key")[0], min(shown, key=lambda number: number.key)


def test_a_link_of_many_numbers_while_others_report_some_of_them(actor):
    _person, phone = joined()
    first, last = first_and_last()
    assert first.key < last.key
    seen = beside(
        lambda: counting.lock_number(first.identity, now=NOW),
        lambda: counting.lock_number(last.identity, now=NOW),
        lambda: preview(actor, "unlink_reporter", phone),
    )
    assert (len(seen.effects), seen.left) == (2, MANY - 2)


def test_a_link_of_many_numbers_while_others_credit_their_reporters(actor):
    early = veteran("early")
    _person, phone = joined()
    first, last = first_and_last()
    late = veteran("late")
    say(early, number=first.identity)
    say(late, number=last.identity)
    reporters = Reporter.objects.select_for_update(no_key=True)
    seen = beside(
        lambda: reporters.get(pk=early.pk),
        lambda: reporters.get(pk=late.pk),
        lambda: preview(actor, "unlink_reporter", phone),
    )
    assert (len(seen.effects), seen.left) == (2, MANY - 2)


@pytest.mark.parametrize("about", ["campaign", "blocks"])
def test_several_decisions_on_many_numbers_while_others_report_some_of_them(actor, about):
    """Taken back together, each of them locks all of its numbers."""
    if about == "campaign":
        campaign = a_campaign(reports=MANY)
        for place in reversed(range(MANY)):
            say(veteran(f"of {place}"), number=numbered(place))
        Report.objects.update(campaign=campaign)
        moderation.confirm_campaign(
            campaign=campaign, until=NOW + DAY, actor=actor, reason="r", now=NOW
        )
    else:
        for place in reversed(range(MANY)):
            say(spammer := veteran(f"of {place}"), number=numbered(place))
            moderation.block_reporter(reporter=spammer, actor=actor, reason="r", now=NOW)
    first, last = first_and_last()
    entries = list(AuditEntry.objects.values_list("pk", flat=True))
    what = {"subject": "entry", "verb": "take_back", "targets": entries}
    seen = beside(
        lambda: counting.lock_number(first.identity, now=NOW),
        lambda: counting.lock_number(last.identity, now=NOW),
        lambda: batches.preview(actor=actor, **what, now=NOW),
    )
    assert (len(seen.effects), seen.left, seen.refused) == (2, MANY - 2, [])


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
