import random

from benchmarks.attacks import measure, standing
from benchmarks.attacks.raid import Raid
from benchmarks.attacks.worlds import Report, build_world
from reputation.scoring.batch import Decision


def report(reporter: str, number: str, time: float, category: str = "loan_scam") -> Report:
    return {
        "reporter": reporter,
        "number": number,
        "label": int(category != "legitimate"),
        "time": time,
        "created": 0.0,
        "category": category,
    }


def test_a_moderators_decision_raises_and_lowers_weights() -> None:
    reports = [report("right", "bad", 20.0), report("wrong", "good", 21.0)]
    found = standing.learn(reports, 30.0, {"bad": Decision(1, 25.0), "good": Decision(-1, 25.0)})
    assert found.weight("wrong") < standing.NEWCOMER < found.weight("right")
    assert found.weight("somebody else") == standing.NEWCOMER


def test_a_number_is_shown_with_the_category_that_weighs_most() -> None:
    reports = [
        report("a", "n", 20.0),
        report("b", "n", 21.0),
        report("c", "n", 22.0, "survey"),
        report("d", "m", 22.0, "legitimate"),
    ]
    assert standing.learn(reports, 30.0, None).labels() == {"n": "loan_scam", "m": "legitimate"}


def test_weights_lost_and_gained_are_against_the_same_world_without_the_attack() -> None:
    world = build_world(21, scale=0.05, gold=10)
    assert world.gold is not None
    good = next(n for n, decision in world.gold.items() if decision.moderated < 0)
    bad = [n for n, decision in world.gold.items() if decision.moderated > 0]
    raid = Raid(world, random.Random(1), 0.05)
    calm = {
        "reporter": "h0",
        "number": bad[0],
        "label": 1,
        "time": 0.5,
        "created": 0.0,
        "network": "h",
        "category": "robocall",
        "attestation": "A",
    }
    world.reports.insert(0, calm)
    raid.victims = {"liars": ["h0"]}
    raid.risers = {"speculators": ["x1", "x2"]}
    for who, number in (("x1", bad[1]), ("x2", good)):
        world.reports.insert(0, {**calm, "reporter": who, "number": number, "network": who})
    assert measure.weights_lost(raid, (90.0,))["liars"][0] < 1
    right, wrong = measure.weights_gained(raid, (90.0,))["speculators"]
    assert right > 1
    assert wrong == 0
