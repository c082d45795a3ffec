"""How many mails a run sends, and when it ends."""

from collections.abc import Iterator

import pytest

from edge import Sending, count_sent

SENT, LATER, AWAY, NEVER = Sending.SENT, Sending.LATER, Sending.AWAY, Sending.NEVER


@pytest.mark.parametrize(
    ("sendings", "sent", "left"),
    [
        ([], 0, 0),
        ([SENT, None, NEVER, LATER, SENT], 2, 0),
        ([AWAY, AWAY, AWAY, SENT], 0, 1),
        ([AWAY, None, AWAY, None, AWAY, SENT], 0, 1),
        ([AWAY, AWAY, SENT, AWAY, AWAY, LATER, AWAY, SENT], 2, 0),  # those mails were to blame
    ],
)
def test_three_mails_in_a_row_that_find_the_server_away_end_a_run(
    sendings: list[Sending | None], sent: int, left: int
):
    tries: Iterator[Sending | None] = iter(sendings)
    assert (count_sent(tries), len(list(tries))) == (sent, left)
