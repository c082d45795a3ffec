import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring.categories import Side
from reputation.scoring.evidence import Voice
from reputation.scoring.promotion import BlockCase, Obstacle

DAYS = (0.0, 3.0, 6.0, 9.0, 12.0)


def heard(
    times=DAYS, *, networks=99, rests=3, attested=2, objects=0, right=True, aged=True, weight=1.0
) -> BlockCase:
    """A case of one unwanted report at each of the times, each in a network of its own up to
    `networks`; the first so many of them by anchored reporters, and attested. The others and
    `objects` that call the number legitimate were `right` before, or `aged`, or neither."""
    case = BlockCase()
    for place, at in enumerate(times):
        network = f"n{place % networks}"
        voice = Voice(Side.UNWANTED, at, weight, "robocall", network, established=right)
        case.hear(
            voice,
            rests_on=(100 + place,) if place < rests else (),
            old_enough=aged,
            attested=place < attested,
        )
    for place in range(objects):
        voice = Voice(Side.LEGITIMATE, 0.0, 1.0, "legitimate", f"elsewhere{place}")
        case.hear(voice, rests_on=(9,) if right else (), old_enough=aged, attested=True)
    return case


def resting(*voices: tuple[float, str, tuple[int, ...]], old_enough=True) -> BlockCase:
    """A case of reports (day, network, on whom it rests)."""
    case = BlockCase()
    for at, network, rests_on in voices:
        voice = Voice(Side.UNWANTED, at, 1.0, "robocall", network, established=True)
        case.hear(voice, rests_on=rests_on, old_enough=old_enough, attested=True)
    return case


BURST = tuple(0.1 * k for k in range(15))


def weeks(reports: int) -> tuple[float, ...]:
    """A report a day."""
    return tuple(map(float, range(reports)))


@pytest.mark.parametrize(
    ("case", "obstacles"),
    [
        (heard(), ()),
        (heard(DAYS[:4]), (Obstacle.NETWORKS,)),
        (heard(networks=4), (Obstacle.NETWORKS,)),
        (heard(weight=0.0), (Obstacle.NETWORKS, Obstacle.PROVEN, Obstacle.CONTESTED)),
        # Two mistakes from earlier months and three that retaliate are no five networks.
        (heard((0.0, 40.0, 90.0, 90.5, 91.0), rests=9), (Obstacle.SCATTERED,)),
        (heard((0.0, 27.0, 27.2, 27.4, 28.0)), ()),
        (heard((0.0, 27.0, 27.2, 27.4, 28.1)), (Obstacle.SCATTERED,)),
        (heard((60.0, 0.0, 40.0, 50.0, 61.0, 62.0), rests=9), ()),
        # Eight in all will do, however far apart.
        (heard(tuple(13.0 * k for k in range(7)), rests=9), (Obstacle.SCATTERED,)),
        (heard(tuple(13.0 * k for k in range(8)), rests=9), ()),
        (heard(rests=2), (Obstacle.PROVEN,)),
        # One objection for six reports, two for nine: 2.7 reports each, and a lead of three.
        (heard(objects=1), (Obstacle.CONTESTED,)),
        (heard(weeks(6), objects=1), ()),
        (heard(weeks(8), objects=2), (Obstacle.CONTESTED,)),
        (heard(weeks(9), objects=2), ()),
        (heard(weeks(9), objects=99), (Obstacle.CONTESTED,)),
        # Where trusted ones spoke over weeks, accounts that were never right count up to half of
        # those of their kind that report. Where they did not, aged ones all do, and new ones never.
        (heard(weeks(13), rests=9, objects=99, right=False), ()),
        (heard(weeks(13), rests=9, objects=99, right=False, aged=False), ()),
        (heard(weeks(13), rests=5, objects=99, right=False, aged=False), ()),
        (heard(weeks(13), rests=5, objects=99, right=False), (Obstacle.CONTESTED,)),
    ],
)
def test_what_the_pass_asks_for(case, obstacles):
    assert case.obstacles() == obstacles


@pytest.mark.parametrize(
    ("case", "anchored"),
    [
        (resting((0.0, "a", (1,)), (1.0, "b", (2,)), (2.0, "c", (3,))), True),
        # Backers count like speakers, each account once, and each voice once: who is nearly
        # anchored, and rests on two, says no more than who is.
        (resting((0.0, "a", (1,)), (1.0, "b", (2, 3))), False),
        (resting((0.0, "a", (1, 2)), (1.0, "b", (3, 4))), False),
        (resting((0.0, "a", (1,)), (1.0, "b", (2, 3)), (2.0, "c", (1,))), False),
        (resting((0.0, "a", (1,)), (1.0, "b", (2, 3)), (2.0, "c", (1, 2))), True),
        (resting((0.0, "a", (1, 2)), (1.0, "b", (1,)), (2.0, "c", (2, 3))), True),
        (resting((0.0, "a", (1,)), (1.0, "b", (1, 2)), (2.0, "c", (1, 2))), False),
        # One voice alone is not enough, whoever stands behind it; nor is one network.
        (resting((0.0, "a", (1, 2))), False),
        (resting((0.0, "a", (1,)), (1.0, "a", (2,)), (2.0, "a", (3,))), False),
        # A network is one voice, on whichever of its accounts it rests.
        (resting((0.0, "a", (1,)), (1.0, "a", (4, 5)), (2.0, "b", (1,)), (3.0, "c", (2,))), True),
        (resting((0.0, "a", (1,)), (1.0, "a", (4, 5)), (2.0, "b", (2,))), False),
        # Mistakes that lie months apart.
        (resting((0.0, "a", (1,)), (30.0, "b", (2,)), (60.0, "c", (3,))), True),
        (resting((0.0, "a", (1,)), (30.0, "b", (2,)), (61.0, "c", (3,))), False),
        (resting((0.0, "a", (1,)), (31.0, "b", (2,)), (61.0, "c", (3,)), (90.0, "d", (4,))), True),
        # What stands behind an account does not depend on the account's age.
        (resting((0.0, "a", (1,)), (1.0, "b", (2,)), (2.0, "c", (3,)), old_enough=False), True),
    ],
)
def test_a_number_rests_on_accounts_that_no_one_hand_holds(case, anchored):
    assert case.is_anchored() is anchored


def test_five_thousand_voices_that_rest_on_the_same_two_accounts_are_two():
    """Once the time that this took grew with the cube of the voices."""
    said = [(0.001 * place, f"n{place}", (1, 2)) for place in range(5000)]
    assert resting(*said).anchors() == 2


@given(
    # On whom each of two accounts in one hand rests: on itself, or on up to two of others.
    hand=st.tuples(
        st.just({0}) | st.sets(st.integers(10, 13), max_size=2),
        st.just({1}) | st.sets(st.integers(10, 13), max_size=2),
    ),
    others=st.lists(st.sets(st.integers(0, 1)), max_size=9),
    data=st.data(),
)
def test_two_accounts_in_one_hand_block_nothing_whoever_else_speaks_for_them(hand, others, data):
    """Others that nobody else stands behind rest on those of the two that are anchored."""
    anchored = {account for account, rests in enumerate(hand) if account in rests}
    crew = [*hand, *(rests & anchored for rests in others)]
    said = data.draw(st.lists(st.sampled_from(range(len(crew)))))
    voices = [(float(day), f"n{who}", tuple(crew[who])) for day, who in enumerate(said)]
    assert not resting(*voices).is_anchored()


@pytest.mark.parametrize(
    ("times", "attested", "storm"),
    [
        (BURST, 1, True),
        (BURST, 2, False),
        ((*BURST, 20.0, 21.0), 0, True),
        ((*BURST, 20.0, 21.0, 22.0), 0, False),
        # Mistaken reports from before do not make a burst look like more than one.
        ((-60.0, -59.0, *BURST), 0, True),
        # Nor do three from months before: they are about another caller.
        ((-130.0, -90.0, -61.0, *BURST), 0, True),
        ((-50.0, -40.0, -30.0, *BURST), 0, False),
        # Never more than three networks in a day: a trickle is no storm.
        ((0.0, 0.4, 0.8, 1.5, 1.9, 2.6), 0, False),
        ((0.0, 0.4, 0.8, 0.9, 1.9, 2.6), 0, True),
    ],
)
def test_a_burst_that_nobody_attested_may_be_somebody_else_s_calls(times, attested, storm):
    assert heard(times, attested=attested).may_be_storm() is storm


@pytest.mark.parametrize(("first", "storm"), [(-61.0, True), (-59.0, False)])
def test_attested_reports_of_months_before_say_nothing_of_a_burst(first, storm):
    assert heard((first, first + 0.5, *BURST), attested=2).may_be_storm() is storm


def test_reports_from_one_network_are_no_storm_and_order_does_not_matter():
    assert not heard(BURST, networks=3, attested=0).may_be_storm()
    assert heard(BURST[::-1], attested=0).may_be_storm()
    # Networks that speak once more before the storm is over are not outside of it.
    again = (*BURST, 1.5, 1.6, 1.7)
    assert heard(again, networks=len(BURST), attested=0).may_be_storm()


@pytest.mark.parametrize(
    ("right", "aged", "new", "lasting", "lead"),
    [
        ((5, 0), (0, 0), (0, 0), False, 5.0),
        ((6, 1), (0, 0), (0, 0), False, 3.3),
        # Accounts that were never right: up to as many as those who were, or five.
        ((3, 0), (0, 0), (2, 0), False, 5.0),
        ((3, 0), (2, 0), (50, 0), False, 8.0),
        ((9, 0), (4, 0), (8, 0), False, 18.0),
        # At first new ones do not object; then they and aged ones do, up to half of their kind.
        ((3, 0), (4, 0), (0, 9), False, 7.0),
        ((3, 0), (4, 2), (0, 9), False, 1.6),
        ((3, 0), (4, 1), (0, 0), True, 4.3),
        ((3, 0), (4, 0), (0, 1), True, 4.3),
        ((3, 0), (4, 9), (0, 9), True, 1.6),
        ((3, 0), (4, 9), (46, 9), True, 1.25),
    ],
)
def test_a_lead_of_reports_over_objections(right, aged, new, lasting, lead):
    """Accounts by (unwanted, legitimate); `lasting`: trusted ones spoke over weeks."""
    assert Side.UNWANTED == 1  # by which the case has them
    case = BlockCase(right=[*right[::-1]], aged=[*aged[::-1]], new=[*new[::-1]])
    if lasting:
        case.rests = [(day, f"n{day}", (1,)) for day in weeks(9)]
    assert case.lead() == pytest.approx(lead)


@pytest.mark.parametrize(("reports", "contested"), [(2, True), (3, False)])
def test_a_lead_of_three_is_enough(reports, contested):
    assert (Obstacle.CONTESTED in heard(weeks(reports)).obstacles()) is contested


@pytest.mark.parametrize("aged", [False, True])
@pytest.mark.parametrize("right", [3, 5, 9])
def test_fifty_accounts_that_were_never_right_outweigh_no_objections(right, aged):
    case = heard(weeks(right), objects=right)
    assert Obstacle.CONTESTED in case.obstacles()
    for place in range(50):
        voice = Voice(Side.UNWANTED, 20.0, 1.0, "robocall", f"bought{place}")
        case.hear(voice, rests_on=(), old_enough=aged, attested=False)
    assert Obstacle.CONTESTED in case.obstacles()
