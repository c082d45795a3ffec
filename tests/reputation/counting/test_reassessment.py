import threading
from collections import Counter
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from reputation import moderation
from reputation.counting import reassessment
from reputation.counting.reassessment import Reassessment, reassess_due
from reputation.feeds import log
from reputation.identity import identify
from reputation.models import Number, Reporter
from reputation.reports import Statement, submit_report
from tests.given.reporters import DAY, NOW

YEARS = NOW + timedelta(days=4000)
KEYS = [f"+861381234567{last}" for last in range(5)]


def flag(key: str) -> Number:
    """Three fresh accounts in three networks: flagged, and fading from then on."""
    for place in range(3):
        handle = f"{key}{place}"
        submission = submit_report(
            reporter=Reporter.objects.create(kind="key", handle=handle, created_at=NOW),
            identity=identify(key),
            statement=Statement(category="loan_scam"),
            network=handle,
            now=NOW,
        )
    assert submission.number.action == "flag"
    return submission.number


@pytest.mark.django_db
def test_nothing_is_due():
    flag(KEYS[0])

    assert reassess_due(now=NOW) == Reassessment()


@pytest.mark.django_db
def test_a_number_is_judged_when_it_is_due_and_not_before():
    number = flag(KEYS[0])
    due = number.reassess_at
    head = log.head()

    assert reassess_due(now=due - timedelta(microseconds=1)) == Reassessment()
    assert reassess_due(now=due) == Reassessment(judged=1, changes=Counter({("flag", "allow"): 1}))
    number.refresh_from_db()
    assert (number.action, number.status) == ("allow", "clear")
    assert number.reassess_at > due
    (change,) = log.changes_since(head).changes
    assert (change.number, change.previous, change.action, change.status, change.changed_at) == (
        KEYS[0], "flag", "allow", "clear", due,
    )  # fmt: skip


@pytest.mark.django_db
def test_in_the_end_nothing_is_known_and_nothing_is_due():
    flag(KEYS[0])
    rounds = 0
    while Number.objects.due(YEARS).exists():
        moment = Number.objects.get().reassess_at
        assert reassess_due(now=moment).judged == 1
        rounds += 1
        assert rounds < 10

    assert [(change.action, change.status) for change in log.changes_since(0).changes][-3:] == [
        ("flag", "listed"),
        ("allow", "clear"),
        ("allow", "unknown"),
    ]
    assert Number.objects.get().reassess_at is None


@pytest.mark.django_db
def test_a_confirmed_number_steps_down_through_flag():
    actor = User.objects.create(username="mo")
    moderation.confirm_number(actor=actor, identity=identify(KEYS[0]), reason="heard", now=NOW)
    actions = []
    while (moment := Number.objects.get().reassess_at) is not None:
        reassess_due(now=moment)
        actions.append(Number.objects.get().action)

    assert actions == ["flag", "flag", "allow", "allow"]
    assert Number.objects.get().status == "unknown"


@pytest.mark.django_db
def test_numbers_confirmed_before_the_rule_are_judged_when_they_rest():
    """What the former release wrote: a moment half a year away."""
    migration = import_module("reputation.migrations.0055_confirmations_rest")
    actor, now = User.objects.create(username="mo"), timezone.now()
    for key, age in zip(KEYS[:2], (90, 10), strict=True):
        at = now - age * DAY
        moderation.confirm_number(actor=actor, identity=identify(key), reason="heard", now=at)
    Number.objects.update(reassess_at=now + 200 * DAY)
    migration.judge_when_they_rest(None, SimpleNamespace(connection=connection))
    old, new = Number.objects.order_by("moderated_at")
    assert now < old.reassess_at <= timezone.now() + DAY / 24
    assert new.reassess_at == new.moderated_at + 60 * DAY


@pytest.mark.django_db
def test_numbers_come_in_batches(monkeypatch):
    monkeypatch.setattr(reassessment, "BATCH", 2)
    for key in KEYS:
        flag(key)

    assert reassess_due(now=NOW + timedelta(days=60)) == Reassessment(
        judged=5, changes=Counter({("flag", "allow"): 5})
    )
    assert not Number.objects.listed().exists()


@pytest.mark.django_db(transaction=True)
def test_a_number_that_somebody_holds_is_left_for_the_next_time():
    for key in KEYS[:2]:
        flag(key)
    due = NOW + timedelta(days=60)
    holding, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Number.objects.select_for_update().get(key=KEYS[0])
            holding.set()
            assert go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert holding.wait(20)
        first = reassess_due(now=due)
    finally:
        go_on.set()
        thread.join()

    one = Counter({("flag", "allow"): 1})
    assert first == Reassessment(judged=1, busy=1, changes=one)
    assert reassess_due(now=due) == Reassessment(judged=1, changes=one)


@pytest.mark.django_db
def test_the_command_says_what_became_of_them(capsys):
    call_command("reassess")
    flag(KEYS[0])
    Number.objects.update(reassess_at=NOW, evidence_at=NOW - timedelta(days=400))
    call_command("reassess")

    assert capsys.readouterr().out.splitlines() == [
        "Due numbers: 0 judged.",
        "Due numbers: 1 judged, 1 from flag to allow.",
    ]
