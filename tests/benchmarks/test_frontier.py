from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from benchmarks.attacks import flows, frontier, measure, plot
from benchmarks.attacks.measure import Role, Snapshot
from benchmarks.attacks.outcome import Outcome, Task
from benchmarks.attacks.raid import Strike
from benchmarks.attacks.worlds import build_world
from reputation.scoring import batch, policy, promotion, replay
from reputation.scoring.learning import Learnt

ENGINES = frontier.ENGINES
ROLE = np.array([Role.LEGITIMATE, Role.ABUSIVE])
LOOSE = "one anchored account"
SCORES = {name: np.array([0.99 if name == LOOSE else 0.1, 0.99]) for name in ENGINES}
SHOT = Snapshot(1.0, ROLE, np.array([0.0, 4.0]), SCORES)


def outcome(group: str, strikes: dict[str, list[Strike]]) -> Outcome:
    return Outcome(Task(group, 1, 1.0, 0, (1.0,), ENGINES), [SHOT], strikes)


OUTCOMES = [outcome("clean", {}), outcome("rings", {"ring of 7": [Strike("", 0, 0.0, 0.5, 7)]})]


@pytest.mark.parametrize("name", frontier.CONDITIONS)
def test_a_condition_is_loosened_for_a_while_only(name: str) -> None:
    changed = frontier.CONDITIONS[name]

    def now() -> dict[str, Any]:
        homes = {key: promotion if hasattr(promotion, key) else policy for key in changed}
        return {key: getattr(home, key) for key, home in homes.items()}

    shipped = now()
    with frontier.loosened(name):
        assert now() == changed
    assert now() == shipped != changed


def test_each_line_of_attack_has_its_column() -> None:
    assert frontier.column("ring of 7, 1 anchored") == "1 anchored"
    assert frontier.column("loose ring of 24, both sides") == "rings"
    assert frontier.column("speculators, paired") == "guessers"


def test_attacks_can_be_left_out_of_the_frontier() -> None:
    [task] = [each.task for each in OUTCOMES if each.task.group == "clean"]
    assert [t.group for t in frontier.plan([task], "none")] == ["clean"]
    assert [t.group for t in frontier.plan([task], "backed")] == ["clean", "backed"]
    assert [t.group for t in frontier.plan([task])] == ["clean", *frontier.GROUPS]


@pytest.mark.slow
def test_the_table_shows_what_a_condition_keeps_out(tmp_path: Path) -> None:
    rows = {line[:24].strip(): line.split() for line in frontier.render(OUTCOMES).splitlines()}
    assert (rows["as shipped"][-1], rows[LOOSE][-1]) == ("0.00", "100.00")
    plot.conditions(OUTCOMES, tmp_path / "drawn.svg")
    assert LOOSE in (tmp_path / "drawn.svg").read_text()


def test_a_row_credits_who_repeats_a_decision() -> None:
    """Four repeat what was decided of four numbers, and then speak of another."""
    bad = [f"bad{n}" for n in range(4)]
    said = [(who, number, 40.0 + 3 * who) for who in range(4) for number in bad]
    said += [(who, "asked", 70.0 + 3 * who) for who in range(4)]
    rows = [
        {"reporter": who, "number": number, "label": 1, "time": at, "created": 0.0}
        for who, number, at in said
    ]
    decided = dict.fromkeys(bad, batch.Decision(1, 30.0))
    shipped = replay.score(rows, gold=decided, batch=True)
    with frontier.loosened(frontier.REPEATS):
        before = replay.score(rows, gold=decided, batch=True)
    assert before["asked"] > shipped["asked"]


@pytest.mark.parametrize("method", flows.METHODS.values())
def test_a_method_accepts_no_more_than_asked_and_nobody_out_of_reach(method: flows.Method) -> None:
    backer, backed = np.array([0] * 9 + [20]), np.array([*range(1, 10), 21])
    accepted = method(backer, backed, np.array([0]), 22, 4)
    assert len(accepted) == 4
    assert not {20, 21} & set(accepted.tolist())


def test_all_conditions_ask_about_what_was_heard_once() -> None:
    world = build_world(101, scale=0.01, gold=6)
    ours, learns = batch.learn, 0

    def learn(*of: Any) -> Learnt:
        nonlocal learns
        learns += 1
        return ours(*of)

    def scores() -> dict[Any, float]:
        return replay.score(world.reports, now=60.0, gold=world.gold, batch=True)

    heard: dict[float, frontier.Heard] = {}
    for name in (measure.BATCH, *frontier.CONDITIONS):
        with frontier.loosened(name):
            alone = scores()
        with (
            patch.object(batch, "learn", learn),
            frontier.heard_once(name, heard, 60.0),
            frontier.loosened(name),
        ):
            assert scores() == alone
    assert learns == 1
