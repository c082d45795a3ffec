"""Who reports what nobody did, and is right now and then, does not become an anchor by it."""

from dataclasses import replace

import numpy as np
import pytest

from reputation.scoring import batch, trust
from reputation.scoring.anchors import NO_BACKER
from reputation.scoring.categories import Side
from reputation.scoring.trust import Record
from tests.given.filed import CONFIRMED, filed, numbered, records_by_reporter


def guessed(reporter, *, hits, misses, partners):
    """Reports of numbers that nobody had reported: `hits` of them three others confirm later, and
    each of them one of so many `partners` in the guessing."""
    reports = []
    for place in range(hits + misses):
        number = 1000 * reporter + place
        reports.append(filed(reporter, number, 10.0 + place * 0.1))
        if place < hits:
            reports += [filed(100 + k, number, 30.0 + place + 2.0 * k) for k in range(3)]
        if partners:
            reports.append(filed(200 + place % partners, number, 12.5 + place * 0.1))
    return reports


@pytest.mark.parametrize(
    ("hits", "misses", "partners", "anchored"),
    [
        # Half of what one reports is never reported again: that is how members are.
        (4, 3, 0, True),
        # One in twenty of what was guessed happens to be right.
        (4, 90, 0, False),
        # To confirm one another's guesses makes them no better.
        (4, 90, 30, False),
    ],
)
def test_a_guesser_s_luck_anchors_nobody(hits, misses, partners, anchored):
    reports, decisions = guessed(0, hits=hits, misses=misses, partners=partners), {}
    for k in range(3):  # those who confirm are anchored: a moderator confirmed what they found
        reports.append(filed(100 + k, 50_000 + k, 5.0 + k))
        decisions[50_000 + k] = CONFIRMED
    reports.append(filed(100, 60_000, 90.0))  # by now nobody will say the same of the misses
    words, who, numbers = numbered(reports)
    learnt = batch.learn(words, {numbers[n]: t for n, t in decisions.items()}, {})
    record = Record(*learnt.records[:, who[0]].tolist())
    assert trust.is_anchored(record) is anchored
    assert (learnt.backers[who[0]] == NO_BACKER).all()


def confirmed_by_anchored(reports):
    """The record of reporter 0 where the three who confirm its numbers are anchored."""
    found = [filed(100 + k, 50_000 + k, 5.0 + k) for k in range(3)]
    last = filed(100, 60_000, 90.0)
    decisions = {50_000 + k: CONFIRMED for k in range(3)}
    return records_by_reporter([*reports, *found, last], decisions)[0]


@pytest.mark.parametrize("how", ["stopped", "withdrawn", "repeated", "repeated often"])
def test_who_guesses_does_not_choose_afterwards_which_guesses_count(how):
    """Before a guess that nobody confirms is ten days old, it is hidden."""
    reports = guessed(0, hits=4, misses=0, partners=0)
    for number in range(10, 100):
        at = 10.0 + number * 0.1
        guess = filed(0, number, at)
        if how in ("stopped", "withdrawn"):
            guess = replace(guess, gone=at + 9.5, stopped=how == "stopped")
            # Nor does it help to say much that everybody knows.
            known = range(70_000 + 10 * number, 70_010 + 10 * number)
            copied = (filed(who, each, at + 9.0 + (who == 0)) for each in known for who in (0, 200))
            reports += [guess, *copied]
        elif how == "repeated":
            reports += [guess, filed(200, number, at + 9.0), filed(0, number, at + 9.5)]
        else:
            reports += [guess, *(filed(0, number, day) for day in np.arange(at + 9.0, 90.0, 9.0))]
    assert not trust.is_anchored(confirmed_by_anchored(reports))


@pytest.mark.parametrize("how", ["repeated", "legitimate"])
def test_who_takes_guesses_back_hides_that_by_nothing_that_is_free(how):
    guesses = guessed(0, hits=4, misses=0, partners=0)
    for number in range(10, 15):
        at = 10.0 + number * 0.1
        guesses.append(replace(filed(0, number, at), gone=at + 5.0))
    if how == "repeated":
        more = [filed(0, 70_000, 20.0 + day) for day in range(40)]
    else:
        more = [filed(0, 70_000 + day, 20.0 + day, Side.LEGITIMATE) for day in range(40)]
    alone, padded = (confirmed_by_anchored(reports) for reports in (guesses, guesses + more))
    assert alone.tp == alone.firsts == 0.0
    assert padded.tp == pytest.approx(0.0)
    assert padded.firsts == pytest.approx(0.0)


def test_who_repeats_a_first_keeps_it():
    reports = guessed(0, hits=4, misses=0, partners=0)
    repeated = [filed(0, place, 30.5 + place) for place in range(4)]  # they call again
    assert trust.is_anchored(confirmed_by_anchored([*reports, *repeated]))


def test_guessers_do_not_set_what_is_usual():
    """More accounts guessed and were lucky once than were called; nobody confirms the rest."""
    reports, decisions = [], {}
    for guesser in range(30):
        reports += guessed(guesser, hits=0, misses=40, partners=0)
        decisions[1000 * guesser] = CONFIRMED  # a moderator happens to decide one of forty
    for member in range(100, 105):
        reports.append(filed(member, 50_000 + member, 5.0))
        decisions[50_000 + member] = CONFIRMED
    reports.append(filed(100, 60_000, 90.0))
    records = records_by_reporter(reports, decisions)
    assert all(trust.is_anchored(records[member]) for member in range(100, 105))
    assert not any(trust.is_anchored(records[guesser]) for guesser in range(30))


@pytest.mark.parametrize(("confirmed", "anchored"), [(1, False), (3, True)])
def test_who_reports_most_is_no_guesser_where_few_are_anchored(confirmed, anchored):
    """Of a dozen others a moderator chanced upon the one number on which each was first."""
    reports = [filed(0, place, 10.0 + 0.1 * place) for place in range(30)]
    decisions = dict.fromkeys(range(confirmed), CONFIRMED)
    for member in range(100, 112):
        reports += [filed(member, 50_000 + member, 5.0), filed(member, 0, 80.0)]
        decisions[50_000 + member] = CONFIRMED
    reports.append(filed(100, 60_000, 90.0))
    assert trust.is_anchored(records_by_reporter(reports, decisions)[0]) is anchored


def called(count, *, each=4):
    """Reports of so many accounts that were called, from 100 on, and decisions: a moderator
    confirmed the number on which each was first; three others follow."""
    reports, decisions = [], {}
    for place in range(count):
        for follower in range(each):
            who = 100 + (place + follower) % count
            reports.append(filed(who, 50_000 + place, 5.0 + follower + 0.1 * place))
        decisions[50_000 + place] = CONFIRMED._replace(at=20.0)
    return [*reports, filed(100, 60_000, 90.0)], decisions


@pytest.mark.parametrize("confirmers", [2, 4])
def test_a_crew_that_confirms_its_own_guesses_is_not_anchored_by_a_few_that_are_right(confirmers):
    reports, decisions = called(20)
    size, guesses = 12, 5
    for place in range(size * guesses):
        at = 6.0 + 0.1 * place
        reports.append(filed(place % size, 1000 + place, at))
        for turn in range(confirmers):
            partner = (place + 1 + (place // size + turn) % (size - 1)) % size
            reports.append(filed(partner, 1000 + place, at + 2.5 * (turn + 1)))
    for lucky in range(0, size, 4):
        decisions[1000 + lucky] = CONFIRMED._replace(at=40.0)
    records = records_by_reporter(reports, decisions)
    assert not any(trust.is_anchored(records[member]) for member in range(size))
    assert all(trust.is_anchored(records[member]) for member in range(100, 120))


def test_who_is_followed_by_strangers_stays_anchored():
    """Nobody chooses who says the same."""
    reports, decisions = called(20, each=6)
    for number in {f.number for f in reports if f.reporter == 100}:
        reports += [filed(1000 + number + k, number, 30.0 + 0.1 * k) for k in range(8)]
    assert trust.is_anchored(records_by_reporter(reports, decisions)[100])


def test_where_nobody_is_anchored_many_firsts_give_no_weight():
    """A speculator reports what nobody did, and others confirm some of it."""
    reports = guessed(0, hits=15, misses=30, partners=0)
    reports += guessed(1, hits=3, misses=1, partners=0)
    reports.append(filed(100, 60_000, 90.0))
    records = records_by_reporter(reports, {})
    newcomer = trust.weight(Record(), Side.UNWANTED)
    assert trust.weight(records[0], Side.UNWANTED) <= newcomer
    assert trust.weight(records[1], Side.UNWANTED) > newcomer
