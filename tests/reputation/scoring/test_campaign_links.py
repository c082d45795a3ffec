"""What people who speak in a campaign's words do to a number."""

import pytest

from reputation.scoring.campaigns import BLOCKS, FLAGS, UNLINKED, Spoken, link

ONE, TWO, THREE = (Spoken(10.0 + n, f"net {n}", (n,), attested=n > 0) for n in (0, 2, 4))
BARE = THREE._replace(attested=False)
LAST = Spoken(15.0, "net 5", (5,), attested=True)
PAST = Spoken(-20.0, "past", (9,), attested=True)  # maybe about who had the number then
SURE = {"known": True, "confirmed": (5.0, 40.0)}  # from day 5 to day 40, before anybody spoke


@pytest.mark.parametrize(
    ("voices", "state", "expected"),
    [
        ([], {"known": True}, (UNLINKED, 0.0)),
        ([ONE, TWO], {"known": False}, (UNLINKED, 0.0)),
        ([Spoken(10.0, "home", ())], {"known": True}, (UNLINKED, 0.0)),
        ([ONE], {"known": True}, (FLAGS, 11.0)),
        ([ONE, TWO, THREE], {"known": True}, (FLAGS, 44.0)),
        ([ONE], SURE | {"known": False}, (FLAGS, 11.0)),
        ([ONE, TWO], SURE, (FLAGS, 42.0)),
        ([ONE, TWO, THREE], SURE | {"known": False}, (BLOCKS, 17.0)),
        ([ONE, TWO, THREE], {"known": True, "confirmed": (5.0, 16.0)}, (BLOCKS, 16.0)),
        # A block rests when nobody speaks any more.
        ([ONE, TWO, THREE], SURE | {"now": 17.0}, (FLAGS, 44.0)),
        ([ONE], {"known": True, "now": 11.0}, (UNLINKED, 0.0)),
        # A number that the campaign only displays has no attested calls, or one that is not its.
        ([ONE, TWO, BARE], SURE, (FLAGS, 44.0)),
        ([ONE, BARE, LAST], SURE, (FLAGS, 45.0)),
        ([ONE, TWO, BARE, LAST], SURE, (BLOCKS, 18.0)),
        ([ONE, TWO, THREE._replace(network="net 2"), BARE], SURE, (FLAGS, 44.0)),
        # Who reports the number in other words counts beside, and blocks nothing.
        ([ONE], {"known": True, "others": [TWO]}, (FLAGS, 40.0)),
        ([ONE], {"known": True, "others": [TWO._replace(accounts=())]}, (FLAGS, 11.0)),
        ([], SURE | {"others": [ONE, TWO, THREE]}, (UNLINKED, 0.0)),
        ([TWO, THREE], SURE | {"others": [ONE, LAST]}, (FLAGS, 44.0)),
        ([THREE], SURE | {"others": [PAST]}, (FLAGS, 15.0)),
        ([PAST, TWO, THREE], SURE, (FLAGS, 44.0)),
        ([ONE, TWO, THREE], SURE | {"held": True}, (FLAGS, 44.0)),
        ([ONE, TWO, THREE._replace(network="net 0")], SURE, (FLAGS, 44.0)),
        ([ONE, TWO, THREE._replace(accounts=(0, 2))], SURE, (FLAGS, 44.0)),
        ([ONE, TWO._replace(network="net 0")], {"known": True}, (FLAGS, 13.0)),
        ([ONE, TWO._replace(accounts=(0,))], {"known": True}, (FLAGS, 13.0)),
        # What the moderator saw is flagged for longer, and not blocked by that.
        ([ONE], {"known": False, "confirmed": (11.0, 30.0)}, (FLAGS, 30.0)),
        ([ONE, TWO], {"known": False, "confirmed": (13.0, 30.0)}, (FLAGS, 42.0)),
    ],
)
def test_what_voices_do(voices, state, expected):
    assert link(voices, **{"now": 10.0} | state) == expected
