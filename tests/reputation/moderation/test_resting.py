"""Blocks rest after sixty silent days, and one report does not bring them back."""

import pytest
from django.db import transaction

from reputation.counting import publishing
from reputation.models import Number
from reputation.moderation import confirm_number
from tests.given.reporters import DAY, NOW, SCAMMER, crowd, moderator, newcomer, row, say, veteran

pytestmark = pytest.mark.django_db


def told(number: Number) -> tuple[str, str]:
    fresh = Number.objects.get(pk=number.pk)
    return fresh.action, fresh.status


def test_a_confirmed_number_rests_when_nobody_reports_it_any_more():
    number = confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    assert number.reassess_at == NOW + 60 * DAY
    assert not Number.objects.due(NOW).exists()
    assert Number.objects.due(number.reassess_at).get() == number
    with transaction.atomic():
        publishing.publish(number, now=number.reassess_at)
    assert told(number) == ("flag", "listed")


def test_a_report_after_silent_months_does_not_block_who_has_the_number_by_now():
    crowd(6)
    judge = moderator()
    confirm_number(actor=judge, identity=SCAMMER, reason="heard it", now=NOW)
    assert row().action == "block"
    say(newcomer("later"), "loan_scam", SCAMMER, at=NOW + 61 * DAY)
    assert told(row()) == ("flag", "listed")
    say(veteran("much_later"), "loan_scam", SCAMMER, at=NOW + 63 * DAY)
    assert told(row()) == ("flag", "listed")
    confirm_number(actor=judge, identity=SCAMMER, reason="again", now=NOW + 64 * DAY)
    assert row().action == "block"


def test_a_promoted_number_is_not_blocked_by_one_report_after_silent_months():
    crowd(9)
    with transaction.atomic():
        number = Number.objects.select_for_update().get(key=SCAMMER.key)
        number.promoted = True
        number.save()
        publishing.publish(number, now=NOW)
    assert row().action == "block"
    say(newcomer("later"), "loan_scam", SCAMMER, at=NOW + 61 * DAY)
    assert row().action == "flag"
    say(newcomer("soon"), "loan_scam", SCAMMER, at=NOW + 61.5 * DAY)
    assert row().action == "flag"


def test_reports_within_sixty_days_of_each_other_keep_a_confirmed_number_blocked():
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    for turn in (59, 118):
        say(veteran(f"v{turn}"), "loan_scam", SCAMMER, at=NOW + turn * DAY)
        assert row().action == "block"
