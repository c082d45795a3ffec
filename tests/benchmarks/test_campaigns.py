"""Liars in a campaign's words: these add nothing for them unless three of them are anchored."""

import pytest

from benchmarks.attacks import gold
from benchmarks.attacks.campaigns import FEW, KINDS, SIZES_OF_CREWS, look, strike
from benchmarks.attacks.casting import build, cast, speak
from benchmarks.attacks.run import TUNING_SEEDS
from benchmarks.attacks.worlds import Kind
from reputation.scoring.anchors import COLLUDERS


@pytest.mark.slow
def test_framing_gets_nothing_from_words_without_trust_from_outside() -> None:
    world = build(TUNING_SEEDS[0], scale=0.1, world="rotating")
    world.gold = gold.decide(world, 40, "audit")
    known = cast(world)
    assert set(known.of) == {
        f"n{i}" for i, kind in enumerate(world.numbers.kind) if kind <= Kind.COLLECTION
    }
    speak(world, known)
    seen = look(world, known, 90.0)
    assert known.confirmed
    assert sum(seen.plain[n] != seen.linked[n] for n in seen.plain) > 0
    outcomes = strike(world, known, 0.1)
    for liars in (0, 1):  # innocent people's numbers that the campaign displays
        _, blocked, blocked_too, *_ = outcomes.pop(("displayed", liars))
        assert blocked_too == blocked == 0
    outcomes.pop(("displayed", 2))
    crews = {(kind, size) for kind in KINDS for size in SIZES_OF_CREWS}
    assert set(outcomes) == crews | {("on gray", size) for size in FEW}
    for (kind, size), (_, blocked, blocked_too, flagged, flagged_too, *_) in outcomes.items():
        if kind in ("fresh", "aged", "patient"):
            assert (blocked_too, flagged_too) == (blocked, flagged) == (0, flagged)
        if size <= COLLUDERS:
            assert blocked_too == blocked
