"""Preview equals outcome, and an undo undoes: on random worlds, for every decision."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from reputation import moderation
from reputation.decisions import RULES, Rule, preview, take
from reputation.lookup import look_up
from reputation.models import RECORD, DecisionBatch, Number, Report
from reputation.moderation import DecisionError, batches, meanwhile, rollback, undo
from tests.given.decisions import everything
from tests.given.reporters import DAY, NOW, moderator
from tests.given.worlds import NUMBERS, build, particulars, subjects

pytestmark = pytest.mark.django_db

# Those about other things than answers have tests of their own.
OF_ANSWERS = RULES.keys() - {"numbersfile", "keygrant"}
EVERY = [(kind, verb) for kind, rules in RULES.items() for verb in rules if kind in OF_ANSWERS]
# What the trust pass writes anew, and what rests on it.
LEARNT = frozenset({*RECORD, "campaign_id", "linked", "linked_until", "told"})
type State = dict[tuple[str, int, str], Any]
type Answers = dict[str, tuple[str, str, int]]


def state(learnt: bool) -> State:
    """All that a decision moves, value by value.

    Once the trust pass has `learnt`, records are not the sums of credits, and a credit that comes
    back may leave a small record greater than it was, until the next pass; so may links, which rest
    on records.
    """
    left_out = LEARNT if learnt else frozenset()
    return {
        (table, place, name): round(value, 9) if isinstance(value, float) else value
        for table, rows in everything().items()
        for place, row in enumerate(rows)
        for name, value in row.items()
        # A report that does not count keeps what it contributed when it last did.
        if name not in left_out and (name != "contribution" or row["status"] == Report.Status.LIVE)
    }


def differences(before: State, learnt: bool) -> dict[tuple[str, int, str], Any]:
    """Where the state is not what it was: both values."""
    now = state(learnt)
    keys = before.keys() | now.keys()
    return {key: (before.get(key), now.get(key)) for key in keys if before.get(key) != now.get(key)}


def told() -> Answers:
    rows = Number.objects.order_by("pk")
    return {row.key: (row.action, row.status, row.score) for row in rows}


def looked_up() -> list[Any]:
    return [look_up(number, now=NOW) for number in NUMBERS]


def foreseen(seen: moderation.previews.Preview | None) -> Answers:
    """The answers that a preview says will be given, of the numbers that it names."""
    effects = seen.effects if seen else []
    return {
        each.number.key: (each.after.action, each.after.status, each.after.score)
        for each in effects
        if not each.error
    }


def check(rule: Rule, subject: Any, chance: random.Random, learnt: bool) -> str:
    """Previews, takes and undoes one decision; returns what came of it."""
    given = particulars(rule, subject, chance)
    actor = User.objects.create_superuser("now")
    before, answers, as_it_was = told(), looked_up(), state(learnt)
    decision = {"rule": rule, "subject": subject, "given": given, "actor": actor, "now": NOW}
    refusals = []
    seen = None
    try:
        seen = preview(**decision)
    except DecisionError as error:
        refusals.append(type(error))
    assert differences(as_it_was, learnt) == {}
    try:
        taken = take(**decision, reason="because", seen=meanwhile.newest(subject))
    except DecisionError as error:
        refusals.append(type(error))
        assert differences(as_it_was, learnt) == {}
    if refusals:
        assert len(refusals) == 1 + rule.tells
        assert len(set(refusals)) == 1
        return "refused"
    assert told() == before | foreseen(seen)
    if taken.entry.batch is not None:
        take_back(taken.entry.batch)
    elif rule.verb in moderation.UNDOABLE:
        undo(actor=moderator("other"), entry=taken.entry, reason="a slip", now=NOW)
    else:
        return "for good"
    assert differences(as_it_was, learnt) == {}
    assert looked_up() == answers
    return "undone"


def take_back(batch: DecisionBatch) -> None:
    batch = batches.start_undo(actor=moderator("other"), batch=batch, reason="a slip", now=NOW)
    while batch.undo_finished_at is None:
        batch = batches.advance_undo(batch=batch, now=NOW)
    assert batch.undo_failures == {}


def check_many(subject: str, verb: str, chance: random.Random, learnt: bool) -> None:
    """Previews, takes and undoes one decision on many rows."""
    rows = subjects(subject)
    if not rows:
        return
    chosen = [row.pk for row in chance.sample(rows, chance.randrange(1, len(rows) + 1))]
    what = {"actor": moderator("now"), "subject": subject, "verb": verb, "targets": chosen}
    before, answers, as_it_was = told(), looked_up(), state(learnt)
    seen = batches.preview(**what, now=NOW)
    assert differences(as_it_was, learnt) == {}
    batch = batches.start(**what, reason="because", now=NOW)
    while batch.finished_at is None:
        batch = batches.advance(batch=batch, now=NOW, limit=3)
    assert told() == before | foreseen(seen)
    assert bool(batch.failures) == any(each.error for each in seen.effects)
    take_back(batch)
    assert differences(as_it_was, learnt) == {}
    assert looked_up() == answers


def check_rollback(learnt: bool) -> str:
    """Previews, takes back all that one account decided, and undoes that; what came of it."""
    boss, third = User.objects.get(username="boss"), moderator("third")
    found = rollback.of_account(boss, since=NOW - 9 * DAY, until=NOW)
    if not found.entries:
        return "nothing to take back"
    what = {"actor": third, "subject": "entry", "verb": "take_back", "targets": found.entries}
    before, answers, as_it_was = told(), looked_up(), state(learnt)
    seen = batches.preview(**what, now=NOW)
    assert differences(as_it_was, learnt) == {}
    batch = batches.start(**what, reason="a stolen account", now=NOW)
    while batch.finished_at is None:
        batch = batches.advance(batch=batch, now=NOW, limit=3)
    assert told() == before | foreseen(seen)
    assert set(batch.failures) == {str(entry.pk) for entry, _why in seen.refused}
    left = rollback.of_account(boss, since=NOW - 9 * DAY, until=NOW).entries
    assert {str(pk) for pk in left} == set(batch.failures)
    take_back(batch)
    assert differences(as_it_was, learnt) == {}
    assert looked_up() == answers
    return "rolled back"


def check_world(seed: int, wanted: int, every: Sequence[tuple[str, str]] = EVERY) -> set[str]:
    """Tries the decisions on a world, each on as many subjects as wanted; what came of them."""
    chance = random.Random(seed)
    learnt = build(chance)
    came = set()
    for kind, verb in every:
        rule = RULES[kind][verb]
        offered = [each for each in subjects(kind) if rule.offered(each)]
        for subject in chance.sample(offered, min(wanted, len(offered))):
            with transaction.atomic():
                came.add(f"{verb} {check(rule, subject, chance, learnt)}")
                transaction.set_rollback(True)
    for subject, verb in batches.VERBS:
        if (subject, verb) in every:
            with transaction.atomic():
                check_many(subject, verb, chance, learnt)
                transaction.set_rollback(True)
    with transaction.atomic():
        came.add(check_rollback(learnt))
        transaction.set_rollback(True)
    return came


def test_some_decisions_on_one_world():
    some = [("number", "clear_number"), ("report", "reject_report"), ("reporter", "block_reporter")]
    came = check_world(1, 1, some)
    assert came == {f"{verb} undone" for _kind, verb in some} | {"rolled back"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_preview_is_outcome_and_an_undo_undoes(seed: int):
    check_world(seed, 1)
