import numpy as np
import pytest

from benchmarks.attacks.measure import BATCH, CLEAN_DAYS, QUICK_DAYS, Role, Snapshot
from benchmarks.attacks.outcome import Outcome, Task
from benchmarks.attacks.raid import Strike
from benchmarks.attacks.rivals import RIVALS
from benchmarks.attacks.run import FINAL_SEEDS, TUNING_SEEDS, arguments, plan, run
from benchmarks.attacks.table import Row, Target, blocked_asked, figures, plain, render


def test_held_out_seeds_are_held_out() -> None:
    seen = {*range(8101, 8105), *range(8201, 8221)}  # final worlds that led to changes
    assert not set(FINAL_SEEDS) & (seen | set(TUNING_SEEDS))
    tuning = {t.seed for t in plan(arguments([]), ())}
    final = {t.seed for t in plan(arguments(["--final"]), ())}
    assert tuning == set(TUNING_SEEDS[:3])
    assert final == set(FINAL_SEEDS[:3])


def test_worlds_of_another_make_and_chosen_moderation_are_asked_of_every_task() -> None:
    decided = ["--gold", "30", "--gold-by", "harm", "--gold-until", "14"]
    options = arguments(["--make", "carriers", *decided])
    asked = {(t.make, t.gold, t.gold_by, t.gold_until) for t in plan(options, ())}
    assert asked == {("carriers", 30, "harm", 14.0)}


def test_quick_is_one_small_world() -> None:
    tasks = plan(arguments(["--quick", "--attack", "fresh"]), ("ours batch",))
    assert [(t.group, t.seed, t.scale, t.days) for t in tasks] == [
        ("clean", TUNING_SEEDS[0], 0.15, QUICK_DAYS),
        ("fresh", TUNING_SEEDS[0], 0.15, QUICK_DAYS),
    ]
    assert set(QUICK_DAYS) < set(CLEAN_DAYS)


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (Target(True, 2), 2.0, True),
        (Target(True, 2), 2.1, False),
        (Target(False, 45), 44.0, False),
        (Target(False, None), 0.94, False),
        (Target(False, None), 0.95, True),
    ],
)
def test_a_target_is_met_from_its_side(target: Target, value: float, met: bool) -> None:
    assert target.met(value, [0.9, 0.95]) is met


def test_a_miss_of_ours_is_marked_and_a_rival_s_is_not() -> None:
    values = {"ours batch": 3.0, "count": 4.0, "majority": float("nan"), "Wilson": float("inf")}
    rest = {"Beta": 0.0, "PhoneBlock": 0.0, "one-coin": 0.0, "Dawid-Skene": 0.0}
    text = render([Row("gray", Target(True, 2), "%", values | rest)])
    line = text.splitlines()[1].split()
    assert line[:8] == ["gray", "≤", "2", "!", "3.00", "4.00", "-", "never"]


def test_json_has_no_numbers_that_json_lacks() -> None:
    row = Row("x", None, "reports", {"count": float("inf"), "Beta": float("nan")})
    assert plain([row]) == [
        {"row": "x", "target": "", "unit": "reports", "count": "never", "Beta": None}
    ]


@pytest.mark.parametrize(
    ("gold_by", "gold", "asked"), [("random", 100, 38), ("audit", 100, 42), ("random", 30, None)]
)
def test_what_is_asked_of_blocked_calls_depends_on_who_decided_how_many(
    gold_by: str, gold: int, asked: float | None
) -> None:
    target = blocked_asked(Task("clean", 1, 1.0, gold, (), (), gold_by=gold_by))
    assert (target and target.value) == asked


def test_rings_of_all_sizes_are_told_together_with_what_they_prove() -> None:
    scores = dict.fromkeys(
        (BATCH, *(r.name for r in RIVALS)), np.array([0.99] + [0.1] * 19 + [0.9])
    )
    role = np.array([Role.LEGITIMATE] * 20 + [Role.ABUSIVE])
    shot = Snapshot(100.0, role, np.zeros(21), scores)
    seven, many = (
        [Strike("", first + place, 90.0, 99.0, 7) for place in range(10)] for first in (0, 10)
    )
    outcomes = [
        Outcome(Task(group, 1, 1.0, 100, (), (BATCH,)), [shot]) for group in ("clean", "anchored")
    ]
    outcomes[1].strikes = {"ring of 7, 2 anchored": seven, "ring of 133, 2 anchored": many}
    rows = {r.label: r for r in figures(outcomes, (BATCH,))}
    together = rows["rings of 7 to 133, 2 anchored, together"]
    assert (together.values[BATCH], together.target) == (5.0, Target(True, 5))
    assert rows["… upper end of the 95 % interval, 2 anchored"].values[BATCH] > 20


@pytest.mark.slow
def test_one_small_world_fills_every_row() -> None:
    groups = ("clean", "probes", "victims", "whitewash", "blacken")
    outcomes = [run(Task(g, 31, 0.05, 0, (60.0, 120.0), ())) for g in groups]
    rows = {r.label: r for r in figures(outcomes, ())}
    assert {
        "legitimate numbers blocked",
        "fresh scam number: reports until blocked",
        "spoofing storm, 15 victims",
        "whitewash, 10 fresh",
        "calls blocked while members are blackened",
    } <= set(rows)
    assert rows["legitimate numbers flagged"].values["Dawid-Skene"] <= 2
    assert rows["spoofing storm, 15 victims"].values["count"] == 100
    assert rows["fresh scam number: reports until blocked"].values["count"] in (4, 5, 6)
    caught = rows["abusive calls already blocked"].values
    assert 0 < caught["Wilson"] < caught["majority"] < 100
