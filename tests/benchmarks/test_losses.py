import pytest

from benchmarks.attacks.losses import BELOW_BLOCK, BELOW_FLAG, NEVER, WAITING, causes, render, tally
from benchmarks.attacks.worlds import build_world
from reputation.scoring import replay
from reputation.scoring.curves import BLOCK_AT
from reputation.scoring.policy import CONFIRMATION
from reputation.scoring.promotion import Obstacle
from reputation.scoring.replay import Found
from reputation.scoring.sentences import Code, Reason

HELD = BLOCK_AT - 0.01
TWO_NETWORKS = Reason(Code.MORE_NETWORKS, {"missing": 2})
ONE_DAY = Reason(Code.MORE_DAYS, {"missing": 1})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, [NEVER]),
        (Found(0.97, 3.0, False, (), ()), []),
        (
            Found(0.3, 0.1, False, (TWO_NETWORKS, ONE_DAY, CONFIRMATION), ()),
            [BELOW_FLAG, "gate: three networks", "gate: one day"],
        ),
        (
            Found(0.9, 1.5, False, (CONFIRMATION,), (Obstacle.PROVEN,)),
            [BELOW_BLOCK, Obstacle.PROVEN],
        ),
        (Found(HELD, 3.0, False, (CONFIRMATION,), ()), [WAITING]),
    ],
)
def test_what_kept_a_number_from_block(found, expected):
    assert causes(found) == expected


def test_each_call_has_one_first_cause_and_oracles_see_fewer_the_longer_they_wait():
    world = build_world(31, scale=0.05)
    days = (60.0, 120.0)

    def explain(day: float) -> dict[str, Found]:
        return replay.explain(world.reports, now=day, batch=True)

    losses = tally(world, days, explain)
    assert losses.calls == pytest.approx(sum(world.numbers.calling(day).sum() for day in days))
    assert sum(losses.first.values()) == pytest.approx(losses.calls)
    assert all(losses.only[cause] <= losses.calls for cause in losses.only)
    assert list(losses.oracle.values()) == sorted(losses.oracle.values(), reverse=True)
    assert "never reported" in render(losses + losses)
