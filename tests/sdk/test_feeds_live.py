"""The mirror against the live server's own feed: snapshot, changes, a cursor too old."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ringscore import Action, Client, Mirror

from tests.given.sdk_server import SAY, Server

pytestmark = pytest.mark.slow  # they ask a server that is started for them


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url, key=server.key("feed"), deadline=60) as client:
        yield client


def test_snapshot_and_changes_lead_to_one_state(
    server: Server, client: Client, number: Callable[[], str], tmp_path: Path
) -> None:
    one, two, three = number(), number(), number()
    name = f"GB@{uuid.uuid4().hex[:8].upper()}"
    said = [(one, "allow", "flag"), (two, "allow", "block"), (name, "allow", "block")]
    server.manage(code=SAY.format(changes=said))
    server.manage("publish")
    early = Mirror(tmp_path / "early", client)
    first = early.sync()
    assert first.snapshot
    early.verify()
    assert early.actions([one, two, name, three]) == [
        Action.FLAG,
        Action.BLOCK,
        Action.BLOCK,
        None,
    ]
    (info,) = client.feeds()
    assert info.name == "numbers"
    assert "roaring" in info.formats
    assert info.min_wait == first.min_wait

    said = [(one, "flag", "block"), (two, "block", "allow"), (three, "allow", "flag")]
    server.manage(code=SAY.format(changes=said))
    second = early.sync()
    assert (second.snapshot, second.cursor) == (False, first.cursor + 3)
    early.verify()
    assert early.actions([one, two, name, three]) == [
        Action.BLOCK,
        None,
        Action.BLOCK,
        Action.FLAG,
    ]
    server.manage("publish")
    late = Mirror(tmp_path / "late", client)
    assert late.sync().snapshot
    assert set(late.entries()) == set(early.entries())

    # Those who stayed away for too long, and those from before a restored backup.
    horizon = "from reputation.models import FeedHead as H; H.objects.update(horizon={})"
    stale = Mirror(tmp_path / "stale", client)
    stale.sync()
    server.manage(code=SAY.format(changes=[(one, "block", "allow")]))
    early.sync()
    server.manage("publish")
    server.manage(code=horizon.format(early.status().cursor))
    assert stale.sync().snapshot
    server.manage(code=horizon.format(0))
    assert set(stale.entries()) == set(early.entries())
    stale.verify()
