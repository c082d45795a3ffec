"""A moderator vouches for a reporter: weight at once, without a record, until it is misused."""

import pytest

from reputation.counting.rescoring import rescore_one
from reputation.counting.trust_pass import learn_trust, reweigh_due
from reputation.models import AuditEntry, Number, Report, Reporter
from reputation.moderation import (
    ReasonMissing,
    clear_number,
    stop_vouching,
    vouch_for_reporter,
)
from reputation.scoring import trust
from reputation.scoring.categories import Side
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, moderator, newcomer, row, say

pytestmark = pytest.mark.django_db

WHY = "the consumer advice centre"


def vouch(reporter: Reporter) -> bool:
    return vouch_for_reporter(actor=moderator(), reporter=reporter, reason=WHY, now=NOW)


def test_a_voice_counts_fully_from_its_first_report():
    centre, stranger = newcomer("centre"), newcomer("stranger")
    assert vouch(centre)
    say(centre)
    say(stranger, number=BAKERY)
    heard, other = Report.objects.get(reporter=centre), Report.objects.get(reporter=stranger)
    assert (heard.weight, heard.established) == (trust.UNWANTED_CAP, True)
    assert (other.weight < trust.UNWANTED_CAP, other.established) == (True, False)


def test_what_it_said_before_is_counted_anew_by_the_pass():
    centre = newcomer("centre")
    say(centre)
    before = row().score
    vouch(centre)
    assert reweigh_due().numbers == 1
    assert row().score > before
    assert Report.objects.get().established
    assert rescore_one(key=SCAMMER.key, now=NOW).differences == []


def test_the_nightly_pass_keeps_it_and_adds_what_was_earned():
    centre = newcomer("centre")
    vouch(centre)
    say(centre, "loan_scam")
    learn_trust()
    centre.refresh_from_db()
    assert trust.Record(centre.tp, centre.fn, centre.tn, centre.fp, centre.firsts) == trust.VOUCHED


def test_what_it_gets_wrong_counts_against_it():
    centre, judge = newcomer("centre"), moderator()
    vouch_for_reporter(actor=judge, reporter=centre, reason=WHY, now=NOW)
    say(centre, number=BAKERY)
    clear_number(actor=judge, identity=BAKERY, reason="a bakery", now=NOW + DAY)
    learn_trust()
    centre.refresh_from_db()
    assert centre.fp == trust.MODERATOR_CREDIT
    record = trust.Record(centre.tp, centre.fn, centre.tn, centre.fp, centre.firsts)
    assert trust.weight(record, Side.UNWANTED) < trust.UNWANTED_CAP


def test_taking_it_back_leaves_what_was_earned():
    centre, judge = newcomer("centre"), moderator()
    vouch_for_reporter(actor=judge, reporter=centre, reason=WHY, now=NOW)
    Reporter.objects.filter(pk=centre.pk).update(tp=trust.VOUCHED.tp + 2.0)
    centre.refresh_from_db()
    assert stop_vouching(actor=judge, reporter=centre, reason="it closed", now=NOW + DAY)
    assert (centre.tp, centre.tn, centre.firsts, centre.vouched_at) == (2.0, 0.0, 0.0, None)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "vouch_for_reporter",
        "stop_vouching",
    ]


def test_twice_is_once():
    centre, judge = newcomer("centre"), moderator()
    given = {"actor": judge, "reporter": centre, "reason": WHY, "now": NOW}
    assert not stop_vouching(**given)
    assert vouch_for_reporter(**given)
    assert not vouch_for_reporter(**given)
    assert Reporter.objects.get().tp == trust.VOUCHED.tp
    assert AuditEntry.objects.count() == 1


def test_a_reason_is_needed():
    with pytest.raises(ReasonMissing):
        vouch_for_reporter(actor=moderator(), reporter=newcomer("a"), reason=" ", now=NOW)
    assert not Number.objects.exists()
    assert Reporter.objects.get().vouched_at is None
