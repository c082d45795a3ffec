"""Only a liar reports a canary: the pass counts it so."""

import numpy as np
import pytest

from reputation.counting import canaries, trust_pass
from reputation.identity import Identity, identify
from reputation.models import Canary, Number, Reporter
from reputation.moderation import confirm_number
from reputation.reports import withdraw_report
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, moderator, newcomer, row, say

pytestmark = pytest.mark.django_db


def seed(*numbers: Identity, remove: bool = False) -> list[canaries.Result]:
    lines = ["number,reason", *(f"{number.key},our line" for number in numbers)]
    return list(canaries.store(iter(lines), region="", remove=remove))


def record(reporter: Reporter) -> tuple[float, ...]:
    trust_pass.learn_trust()
    reporter.refresh_from_db()
    return reporter.tp, reporter.fn, reporter.tn, reporter.fp, reporter.firsts


def test_a_report_on_a_canary_costs_its_reporter_in_the_next_pass():
    liar, neighbour = newcomer("liar"), newcomer("neighbour")
    say(liar)
    say(neighbour, number=BAKERY)
    assert record(liar) == (0.0, 0.0, 0.0, 0.0, 0.0)
    seed(SCAMMER)
    assert record(liar) == (0.0, 0.0, 0.0, 3.0, 0.0)
    assert record(neighbour) == (0.0, 0.0, 0.0, 0.0, 0.0)
    seed(SCAMMER, remove=True)
    assert record(liar) == (0.0, 0.0, 0.0, 0.0, 0.0)


def test_to_withdraw_it_does_not_wipe_it():
    liar = newcomer("liar")
    report = say(liar, at=NOW - DAY).report
    seed(SCAMMER)
    withdraw_report(reporter=liar, public_id=report.public_id, now=NOW)
    assert record(liar)[3] == 3.0


def test_a_moderator_who_believes_the_liars_anchors_nobody():
    liar = newcomer("liar")
    say(liar, at=NOW - DAY)
    confirm_number(actor=moderator(), identity=SCAMMER, reason="many say so", now=NOW)
    assert record(liar) == (3.0, 0.0, 0.0, 0.0, 3.0)
    seed(SCAMMER)
    assert record(liar) == (0.0, 0.0, 0.0, 3.0, 0.0)
    assert row().moderated == 1


def test_nothing_about_the_number_itself_changes():
    say(newcomer("liar"))
    trust_pass.learn_trust()
    before = Number.objects.values().get()
    seed(SCAMMER)
    assert Number.objects.values().get() == before
    trust_pass.learn_trust()
    trust_pass.reweigh(now=NOW)
    after = Number.objects.values().get()
    moved = {name for name, value in after.items() if value != before[name]}
    # The liar weighs less now, as after any other lie.
    assert moved <= {
        *("trust_seq", "unwanted_short", "unwanted_long", "gathered", "saturated"),
        *("score", "category_mix", "action", "reassess_at", "evidence_at"),
    }
    assert (after["moderated"], after["official"], after["status"]) == (0, False, before["status"])


def test_what_is_stored_is_a_keyed_hash_and_nothing_else(settings):
    seed(SCAMMER)
    stored = Canary.objects.values().get()
    assert list(stored) == ["digest"]
    assert SCAMMER.key.removeprefix("+") not in stored["digest"]
    number = newcomer("liar")
    say(number)
    ids = np.array([row().pk])
    assert canaries.among(ids).tolist() == [True]
    settings.PSEUDONYM_KEY = "another"
    assert canaries.among(ids).tolist() == [False]


def test_many_numbers_are_read_in_parts(monkeypatch):
    monkeypatch.setattr(canaries, "READ", 2)
    known = [identify(f"+1415{5_200_000 + place}") for place in range(5)]
    liar = newcomer("liar")
    for number in known:
        say(liar, number=number)
    seed(known[1], known[4])
    ids = np.array(sorted(Number.objects.values_list("pk", flat=True)))
    found = ids[canaries.among(ids)]
    assert set(Number.objects.filter(pk__in=found.tolist()).values_list("key", flat=True)) == {
        known[1].key,
        known[4].key,
    }
