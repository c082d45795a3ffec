"""The trust pass in the database says what replay says of the same reports, and loses nothing."""

import random
from datetime import timedelta

import numpy as np
import pytest

from reputation.counting import trust_pass
from reputation.counting.trust_pass import statements
from reputation.crews import ROW, Rows
from reputation.models import AuditEntry, Number, Report, Reporter
from reputation.moderation import clear_number, confirm_number, reject_report, undo
from reputation.reports import add_transcript, mark_stopped, withdraw_report
from reputation.scoring import replay, trust
from reputation.scoring.batch import Decision
from reputation.scoring.days import to_days
from reputation.scoring.policy import judge
from tests.given.filed import PLANE
from tests.given.replayed import numbers_in_a_row, reports_of_a_world, reweigh_all
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, moderator, newcomer, row, say, veteran

pytestmark = pytest.mark.django_db


def _published(key: str) -> float:
    number = Number.objects.get(key=key)
    evidence, standing = number.evidence, number.standing
    return judge(evidence, standing, to_days(NOW), prior=number.prior).probability


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_says_what_replay_says(seed):
    rows = reports_of_a_world(seed)
    Reporter.objects.update(tp=0, fn=0, tn=0, fp=0, firsts=0)  # replay starts from strangers
    trust_pass.learn_trust()
    reweigh_all()
    expected = replay.score(rows, now=to_days(NOW), batch=True)
    assert {key: pytest.approx(p, abs=1e-9) for key, p in expected.items()} == {
        key: _published(key) for key in expected
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", [8, 9])
def test_it_says_what_replay_says_with_anchors_and_reports_that_were_taken_back(seed):
    rows = reports_of_a_world(seed, people=40, numbers=24)
    bad = [identity.key for place, identity in enumerate(numbers_in_a_row(24)) if place % 2 == 0]
    Number.objects.filter(key__in=bad[:5]).update(moderated=1, moderated_at=NOW)
    chance = random.Random(seed)
    standing = {(word["reporter"], word["number"]): word for word in rows}
    for (who, key), word in standing.items():
        if chance.random() < 0.2:
            at = NOW - timedelta(days=chance.uniform(0, to_days(NOW) - word["time"]))
            report = Report.objects.get(reporter__handle=f"p{who}", number__key=key)
            withdraw_report(reporter=report.reporter, public_id=report.public_id, now=at)
            word["withdrawn"] = to_days(at)
    Reporter.objects.update(tp=0, fn=0, tn=0, fp=0, firsts=0)
    trust_pass.learn_trust()
    reweigh_all()
    gold = dict.fromkeys(bad[:5], Decision(1, to_days(NOW)))
    expected = replay.explain(rows, now=to_days(NOW), gold=gold, batch=True)
    assert Reporter.objects.exclude(backers=[]).exists()
    assert {key: pytest.approx(found.probability, abs=1e-9) for key, found in expected.items()} == {
        key: _published(key) for key in expected
    }


@pytest.mark.slow
def test_a_second_pass_finds_nothing_to_do():
    reports_of_a_world(4)
    trust_pass.learn_trust()
    assert reweigh_all().numbers == Number.objects.count()
    before = list(Number.objects.order_by("pk").values())
    again = trust_pass.learn_trust()
    assert (again.moved, again.concerned, reweigh_all().numbers) == (0, 0, 0)
    assert list(Number.objects.order_by("pk").values()) == before


def test_nothing_to_read_is_no_error():
    assert trust_pass.learn_trust() == trust_pass.Learnt(0, 0, 0, 0, 0)
    assert trust_pass.reweigh(now=NOW) == trust_pass.Reweighed()


def test_a_report_makes_its_number_due_and_so_does_taking_it_back():
    say(newcomer("a"))
    assert trust_pass.due() == 1
    reweigh_all()
    assert trust_pass.due() == 0
    say(newcomer("b"))
    assert trust_pass.due() == 1
    reweigh_all()
    report = Report.objects.get(reporter__handle="a")
    withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    assert trust_pass.due() == 1


def test_who_moves_as_one_is_one_voice():
    members = [newcomer(f"member{place}") for place in range(5)]
    for which, number in enumerate(numbers_in_a_row(4)):
        for member in members:
            say(member, number=number, at=NOW - (40 - which) * DAY)
    say(newcomer("alone"), number=numbers_in_a_row(1)[0], at=NOW - 30 * DAY)
    assert trust_pass.learn_trust().clustered == 5
    clusters = set(
        Reporter.objects.filter(handle__startswith="member").values_list("cluster", flat=True)
    )
    assert clusters == {min(member.pk for member in members)}
    assert Reporter.objects.get(handle="alone").cluster is None
    reweigh_all()
    assert Number.objects.get(key=numbers_in_a_row(2)[1].key).networks == 1


def test_it_promotes_on_proven_reporters_and_takes_it_back():
    people = [veteran(f"v{place}") for place in range(6)]
    for place, person in enumerate(people):
        say(person, at=NOW - (12 - 2 * place) * DAY)
    assert Number.objects.get().action == "flag"
    done = reweigh_all()
    assert Number.objects.get().action == "block"
    assert dict(done.changes) == {("flag", "block", "promoted"): 1}
    Reporter.objects.update(tp=0.0, tn=0.0, firsts=0.0)
    Number.objects.update(trust_seq=-1)
    done = reweigh_all()
    number = Number.objects.get()
    assert (number.promoted, number.action) == (False, "flag")
    assert dict(done.changes) == {("block", "flag", "no longer promoted"): 1}


def test_to_withdraw_a_mistake_after_the_decision_does_not_wipe_it():
    accuser = newcomer("accuser")
    reports = [
        say(accuser, number=number, at=NOW - 9 * DAY).report for number in numbers_in_a_row(4)
    ]
    for number in numbers_in_a_row(4):
        clear_number(actor=moderator(number.key), identity=number, reason="a clinic", now=NOW)
    trust_pass.learn_trust()
    accuser.refresh_from_db()
    assert accuser.fp == 12.0
    for report in reports:
        withdraw_report(reporter=accuser, public_id=report.public_id, now=NOW + DAY)
    trust_pass.learn_trust()
    accuser.refresh_from_db()
    assert accuser.fp == 12.0


def test_to_withdraw_a_mistake_before_the_decision_is_free():
    accuser = newcomer("accuser")
    report = say(accuser, at=NOW - 9 * DAY).report
    withdraw_report(reporter=accuser, public_id=report.public_id, now=NOW - DAY)
    clear_number(actor=moderator(), identity=SCAMMER, reason="a clinic", now=NOW)
    trust_pass.learn_trust()
    accuser.refresh_from_db()
    assert accuser.fp == 0.0


def test_to_say_what_a_moderator_had_decided_earns_nothing():
    """Nobody had reported the numbers, and each decision is taken once more later."""
    parrot, judge = newcomer("parrot"), moderator()
    for at in (NOW - 9 * DAY, NOW):
        confirm_number(actor=judge, identity=SCAMMER, reason="an authority's file", now=at)
        clear_number(actor=judge, identity=BAKERY, reason="called back", now=at)
        if at < NOW:
            say(parrot, at=NOW - 2 * DAY)
            say(parrot, "legitimate", number=BAKERY, at=NOW - 2 * DAY)
    trust_pass.learn_trust()
    parrot.refresh_from_db()
    assert parrot.record == trust.Record()


def test_who_repeats_a_report_after_the_decision_is_right_once():
    honest = newcomer("honest")
    say(honest, at=NOW - 9 * DAY)
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW - 8 * DAY)
    for days in (7, 6, 5):
        say(honest, at=NOW - days * DAY)
    say(honest, number=BAKERY)
    trust_pass.learn_trust()
    honest.refresh_from_db()
    assert honest.record == trust.Record(tp=3.0, firsts=3.0)


def test_to_correct_a_mistake_after_the_decision_does_not_wipe_it():
    accuser = newcomer("accuser")
    for category, at in (("loan_scam", NOW - 9 * DAY), ("legitimate", NOW)):
        say(accuser, category, at=at, corrects=at == NOW)
        if at < NOW:
            clear_number(actor=moderator(), identity=SCAMMER, reason="a clinic", now=NOW - DAY)
    trust_pass.learn_trust()
    accuser.refresh_from_db()
    assert accuser.record == trust.Record(fp=3.0)


def test_who_corrects_the_words_of_a_report_keeps_what_it_earned():
    honest = newcomer("honest")
    report = say(honest, at=NOW - 9 * DAY).report
    add_transcript(
        reporter=honest, public_id=report.public_id, transcript="Press 1", now=NOW - 8 * DAY
    )
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW - 7 * DAY)
    say(honest, comment="a loan that I never asked for", corrects=True, at=NOW - 6 * DAY)
    say(honest, number=BAKERY)
    trust_pass.learn_trust()
    honest.refresh_from_db()
    assert honest.record == trust.Record(tp=3.0, firsts=3.0)


def test_that_the_calls_stopped_costs_no_record():
    honest = newcomer("honest")
    report = say(honest, at=NOW - 9 * DAY).report
    confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
    mark_stopped(reporter=honest, public_id=report.public_id, now=NOW + DAY)
    trust_pass.learn_trust()
    honest.refresh_from_db()
    assert (honest.tp, honest.firsts) == (3.0, 3.0)


def test_withdrawing_what_was_settled_undoes_no_mistake():
    liar = newcomer("liar")
    report = say(liar, number=BAKERY, at=NOW - 9 * DAY).report
    clear_number(actor=moderator(), identity=BAKERY, reason="a bakery", now=NOW)
    for take_back in (mark_stopped, withdraw_report):
        take_back(reporter=liar, public_id=report.public_id, now=NOW + DAY)
        trust_pass.learn_trust()
        assert Reporter.objects.get(pk=liar.pk).fp == 3.0


@pytest.mark.django_db(transaction=True)
def test_what_was_settled_and_then_withdrawn_was_taken_back(tmp_path):
    """Who says first that the calls stopped does not withdraw more cheaply."""
    guesser, numbers = newcomer("guesser"), numbers_in_a_row(3)
    acts = ([mark_stopped], [withdraw_report], [mark_stopped, withdraw_report])
    for number, take_backs in zip(numbers, acts, strict=True):
        report = say(guesser, number=number).report
        for take_back in take_backs:
            take_back(reporter=guesser, public_id=report.public_id, now=NOW)
    with Rows(tmp_path, 1) as rows:
        statements._gather(rows, parts=1)
        rows.close()
    found = np.sort(np.fromfile(rows.folders[0].path / "rows.raw", ROW), order="number")
    assert found["stopped"].tolist() == [True, False, False]


def test_a_ring_of_seven_that_confirms_itself_blocks_nobody():
    """Seven accounts, seven numbers that nobody else knows, no two of them together twice."""
    ring = [
        Reporter.objects.create(kind="person", handle=f"r{who}", created_at=NOW - 90 * DAY)
        for who in range(7)
    ]
    for line, block in enumerate(PLANE):
        for place, who in enumerate(block):
            at = NOW - (80 - 8 * line - 2.5 * place) * DAY
            say(ring[who], number=numbers_in_a_row(8)[line], at=at)
    for place in range(6):
        say(ring[place], at=NOW - (12 - 2.3 * place) * DAY)
    trust_pass.learn_trust()
    reweigh_all()
    assert row().action == "flag"
    assert set(Reporter.objects.values_list("firsts", flat=True)) == {0.0}


@pytest.mark.parametrize(("count", "action"), [(2, "flag"), (3, "block")])
def test_it_takes_three_who_are_vouched_for_to_block(count, action):
    for place in range(count):
        say(veteran(f"v{place}"), at=NOW - (20 - 2 * place) * DAY)
    Reporter.objects.update(vouched_at=NOW - 300 * DAY)
    for place in range(4):
        say(newcomer(f"n{place}"), at=NOW - (12 - 2 * place) * DAY)
    trust_pass.learn_trust()
    reweigh_all()
    assert row().action == action


def test_a_moderators_word_is_truth_to_it():
    accuser = newcomer("accuser")
    say(accuser, at=NOW - 30 * DAY)
    clear_number(actor=moderator(), identity=SCAMMER, reason="a clinic", now=NOW)
    Reporter.objects.update(tp=0, fn=0, tn=0, fp=0, firsts=0)
    trust_pass.learn_trust()
    assert Reporter.objects.get(pk=accuser.pk).fp == pytest.approx(3.0)


def test_a_rejection_costs_trust_also_after_the_pass():
    liar, honest = newcomer("liar"), newcomer("honest")
    number, other = numbers_in_a_row(2)
    for who in (liar, honest):
        lie = say(who, number=number).report
        say(who, number=other)
        if who == liar:
            reject_report(actor=moderator(), report=lie, reason="made up", now=NOW)
    trust_pass.learn_trust()
    liar.refresh_from_db()
    honest.refresh_from_db()
    assert liar.fp - honest.fp == trust.MODERATOR_CREDIT
    undo(actor=moderator("b"), entry=AuditEntry.objects.get(), reason="it was true", now=NOW)
    trust_pass.learn_trust()
    liar.refresh_from_db()
    assert liar.fp == honest.fp


def test_to_say_the_opposite_after_a_rejection_does_not_wipe_it():
    liar = newcomer("liar")
    lie = say(liar, at=NOW - 2 * DAY).report
    reject_report(actor=moderator(), report=lie, reason="made up", now=NOW - DAY)
    say(liar, "legitimate")
    say(liar, number=BAKERY)
    trust_pass.learn_trust()
    liar.refresh_from_db()
    assert liar.record == trust.Record(fp=3.0)


def test_debits_from_before_an_erasure_are_learnt_again():
    liar = newcomer("liar")
    liar.kept_fp, liar.kept_fn = 2.0, 1.0
    liar.save()
    say(liar)
    trust_pass.learn_trust()
    liar.refresh_from_db()
    assert (liar.fp, liar.fn) == (2.0, 1.0)
