"""Mirrors on a transport: what they do when all goes well, and when servers lie."""

import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from ringscore import (
    Action,
    BadAnswer,
    ChecksumMismatch,
    Client,
    MirrorEmpty,
    Outbox,
    RingscoreError,
    ServerFailed,
    SnapshotCorrupt,
    StorageFailed,
    SyncResult,
    Unavailable,
)
from ringscore import _mirror as mirrors
from ringscore._mirror import Mirror

from tests.given.feed_server import Feed, problem, snapshot
from tests.given.full_disk import no_file_larger_than

A, B, C = "+12025550143", "+447700900123", "GB@EXAMPLE"


@pytest.fixture
def feed() -> Feed:
    feed = Feed()
    feed.say(**{A: "flag", B: "block", C: "block"})
    feed.publish()
    return feed


@pytest.fixture
def client(feed: Feed) -> Iterator[Client]:
    with Client("http://ringscore.test", transport=httpx.MockTransport(feed), retries=0) as client:
        yield client


@pytest.fixture
def mirror(tmp_path: Path, client: Client) -> Mirror:
    return Mirror(tmp_path / "mirror", client)


def held(mirror: Mirror) -> dict[str, str]:
    return {key: str(action) for action, key in mirror.entries()}


def test_it_is_empty_until_synced(mirror: Mirror) -> None:
    assert mirror.empty
    for ask in (lambda: mirror.action(A), mirror.status, mirror.verify, mirror.memory):
        with pytest.raises(MirrorEmpty, match="sync"):
            ask()


def test_a_snapshot_then_changes(mirror: Mirror, feed: Feed) -> None:
    assert mirror.sync() == SyncResult(snapshot=True, changes=0, cursor=3, min_wait=300)
    assert mirror.actions([A, B, C, "+12025550144"]) == [
        Action.FLAG,
        Action.BLOCK,
        Action.BLOCK,
        None,
    ]
    feed.say(**{A: "block", B: "allow", "+442079460001": "flag"})
    assert mirror.sync() == SyncResult(snapshot=False, changes=3, cursor=6, min_wait=300)
    assert held(mirror) == feed.state()
    mirror.verify()
    assert mirror.status().count == 3
    assert [path.partition("?")[0].rpartition("/")[2] for path in feed.requests] == [
        "snapshot",
        "changes",
        "changes",
    ]


def test_pages_are_followed_to_the_end(mirror: Mirror, feed: Feed) -> None:
    feed.page = 7
    mirror.sync()
    feed.say(**{f"+4477009{number:05}": "flag" for number in range(50)})
    assert mirror.sync().changes == 50
    assert held(mirror) == feed.state()


def test_many_changes_become_a_new_index(
    mirror: Mirror, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirrors, "MAX_CHANGES", 10)
    mirror.sync()
    before = sorted(mirror.directory.glob("index-*"))
    feed.say(**{f"+4477009{number:05}": "flag" for number in range(50)}, **{A: "allow"})
    mirror.sync()
    after = sorted(mirror.directory.glob("index-*"))
    assert len(after) == 1
    assert after != before
    assert held(mirror) == feed.state()
    mirror.verify()
    assert held(Mirror(mirror.directory)) == feed.state()


def test_another_process_reads_it_and_follows(mirror: Mirror, feed: Feed) -> None:
    reader = Mirror(mirror.directory)
    assert reader.empty
    mirror.sync()
    assert reader.refresh()
    assert held(reader) == feed.state()
    assert not reader.refresh()
    feed.say(**{A: "allow"})
    mirror.sync()
    assert reader.action(A) is Action.FLAG
    assert reader.refresh()
    assert reader.action(A) is None
    with pytest.raises(ValueError, match="no client"):
        reader.sync()


def test_it_goes_on_where_it_or_another_process_was(
    mirror: Mirror, feed: Feed, client: Client
) -> None:
    beside = Mirror(mirror.directory, client)
    mirror.sync()
    feed.say(**{B: "flag"})
    mirror.sync()
    again = Mirror(mirror.directory, client)
    assert held(again) == feed.state()
    for each in (again, beside):
        assert each.sync() == SyncResult(snapshot=False, changes=0, cursor=4, min_wait=300)


def test_an_old_cursor_takes_a_snapshot(mirror: Mirror, feed: Feed) -> None:
    mirror.sync()
    feed.say(**{B: "flag", C: "allow"})
    feed.publish()
    feed.say(**{A: "block"})
    feed.horizon = 5
    assert mirror.sync() == SyncResult(snapshot=True, changes=1, cursor=6, min_wait=300)
    assert held(mirror) == feed.state()


def test_changes_with_a_wrong_checksum_are_not_taken(mirror: Mirror, feed: Feed) -> None:
    mirror.sync()
    lie = {"changes": [{"number": A, "action": "allow"}], "cursor": 4, "checksum": "0" * 64,
           "min_wait": 1}  # fmt: skip
    feed.lies["changes"] = lambda request: httpx.Response(200, json=lie)
    with pytest.raises(ChecksumMismatch):
        mirror.sync()
    assert held(mirror) == feed.state(3)
    del feed.lies["changes"]
    mirror.sync()
    assert held(mirror) == feed.state()


def test_a_server_restored_from_an_old_backup_is_followed(mirror: Mirror, feed: Feed) -> None:
    feed.say(**{f"+4477009{number:05}": "flag" for number in range(50)})
    mirror.sync()
    del feed.log[3:]
    assert mirror.sync().snapshot
    assert held(mirror) == feed.state()


def cut(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=snapshot({A: "flag"}, 1)[:-40])


def altered(request: httpx.Request) -> httpx.Response:
    file = bytearray(snapshot({A: "flag"}, 1))
    file[90] ^= 1
    return httpx.Response(200, content=bytes(file))


def page(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, html="<h1>Welcome to the hotel</h1>")


def bad_gzip(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=b"no gzip")


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("connection reset")


LIES = [
    ("snapshot", cut, SnapshotCorrupt),
    ("snapshot", altered, SnapshotCorrupt),
    ("snapshot", page, SnapshotCorrupt),
    ("snapshot", bad_gzip, BadAnswer),
    ("snapshot", broken, Unavailable),
    ("snapshot", lambda request: httpx.Response(500), ServerFailed),
    ("changes", page, BadAnswer),
    ("changes", bad_gzip, BadAnswer),
    ("changes", broken, Unavailable),
    ("changes", lambda request: httpx.Response(200, json={"changes": []}), BadAnswer),
    ("changes", lambda request: httpx.Response(200, json=[]), BadAnswer),
    ("changes", lambda request: httpx.Response(502), ServerFailed),
]


@pytest.mark.parametrize(("where", "lie", "error"), LIES)
def test_lies_are_told_apart_and_change_nothing(
    mirror: Mirror, feed: Feed, where: str, lie: object, error: type[Exception]
) -> None:
    feed.lies[where] = lie  # type: ignore[assignment]
    with pytest.raises(error):
        mirror.sync()
    if where == "snapshot":
        assert mirror.empty
        assert [path.name for path in mirror.directory.iterdir()] == ["lock"]
    del feed.lies[where]
    mirror.sync()
    before = held(mirror)
    feed.lies[where] = lie  # type: ignore[assignment]
    feed.say(**{A: "block"})
    feed.horizon = 4 if where == "snapshot" else 0
    with pytest.raises(error):
        mirror.sync()
    assert held(mirror) == before == feed.state(3)


def test_age_is_told(mirror: Mirror, client: Client) -> None:
    mirror.sync()
    assert not mirror.stale
    impatient = Mirror(mirror.directory, client, stale_after=timedelta(0))
    assert impatient.stale
    assert impatient.action(B) is Action.BLOCK


def change_state(mirror: Mirror, **changes: object) -> None:
    state = mirror.directory / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | changes))


@pytest.mark.parametrize(("seconds", "stale"), [(60, False), (86_400, True)])
def test_a_clock_that_was_set_back_by_much_makes_it_stale(
    mirror: Mirror, client: Client, seconds: float, stale: bool
) -> None:
    mirror.sync()
    change_state(mirror, synced_at=time.time() + seconds)
    assert Mirror(mirror.directory, client).stale is stale


def test_a_snapshot_whose_changes_did_not_come_is_as_old_as_its_file(
    mirror: Mirror, feed: Feed, client: Client
) -> None:
    feed.lies["changes"] = broken
    with pytest.raises(Unavailable):
        mirror.sync()
    for each in (mirror, Mirror(mirror.directory, client)):
        assert each.status().synced_at.timestamp() == 1_795_514_400
        assert held(each) == feed.state()


def test_other_users_can_read_what_root_synced(mirror: Mirror) -> None:
    before = os.umask(0o022)
    try:
        mirror.sync()
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in mirror.directory.iterdir()}
    assert set(modes.values()) == {0o644}, modes
    (mirror.directory / "state.json").unlink()
    (mirror.directory / "state.json").mkdir()  # cannot be read, also by root
    with pytest.raises(MirrorEmpty, match="cannot be read"):
        Mirror(mirror.directory).action(A)


def test_a_full_disk_ends_no_screener(mirror: Mirror, feed: Feed) -> None:
    """No file may grow, as on a full disk: the mirror in memory goes on answering."""
    mirror.sync()
    feed.say(**{A: "block"})
    feed.publish()
    errors, stop = list[RingscoreError](), threading.Event()

    def note(error: RingscoreError, wait: float) -> None:
        errors.append(error)
        stop.set()

    with no_file_larger_than(16):
        mirror.run(stop, on_error=note)
        with pytest.raises(StorageFailed):
            Outbox(mirror.directory / "outbox.db").add(A, "robocall")
    assert [type(error) for error in errors] == [StorageFailed]
    assert mirror.action(B) is Action.BLOCK


def test_a_damaged_folder_is_as_good_as_an_empty_one(
    mirror: Mirror, feed: Feed, client: Client
) -> None:
    mirror.sync()
    for path in mirror.directory.glob("index-*"):
        path.write_bytes(path.read_bytes()[:-5])
    again = Mirror(mirror.directory, client)
    assert again.empty
    again.sync()
    assert held(again) == feed.state()
    (mirror.directory / "state.json").write_text("{")
    assert Mirror(mirror.directory, client).empty


def test_a_state_that_was_altered_is_found_and_put_right_by_the_next_change(
    mirror: Mirror, feed: Feed, client: Client
) -> None:
    mirror.sync()
    change_state(mirror, changes={A: "block"})
    altered = Mirror(mirror.directory, client)
    with pytest.raises(ChecksumMismatch, match="not what the server has"):
        altered.verify()
    feed.say(**{A: "allow"})
    assert altered.sync().snapshot
    assert held(altered) == feed.state()
    altered.verify()


def test_a_mirror_of_another_server_is_not_taken_for_this_one(mirror: Mirror, feed: Feed) -> None:
    mirror.sync()
    with Client("http://other.test", transport=httpx.MockTransport(feed)) as other:
        assert Mirror(mirror.directory, other).empty


def test_a_mirror_of_another_feed_or_version_is_not_taken_for_this_one(
    mirror: Mirror, client: Client
) -> None:
    mirror.sync()
    assert Mirror(mirror.directory, client, feed="others").empty
    assert not Mirror(mirror.directory, client).empty
    change_state(mirror, version=2)
    assert Mirror(mirror.directory, client).empty


def test_a_mirror_keeps_itself_up_to_date_within_a_block(mirror: Mirror, feed: Feed) -> None:
    synced = threading.Event()
    with mirror.kept_up_to_date(on_sync=lambda result: synced.set()) as same:
        assert same is mirror
        assert synced.wait(10)
    assert not mirror.empty
    assert "ringscore-mirror" not in {thread.name for thread in threading.enumerate()}


def test_polling_waits_as_asked_and_backs_off(mirror: Mirror, feed: Feed) -> None:
    fails = [False, False, True, True, True, False, *[True] * 9]
    last = {
        len(fails): problem(429, "rate-limited", **{"Retry-After": "7777"}),
        len(fails) + 1: httpx.Response(503, headers={"Retry-After": "99999999999"}),
    }
    stop, waits, errors = threading.Event(), list[float](), list[RingscoreError]()

    def prepare(wait: float) -> bool:
        waits.append(wait)
        feed.lies.clear()
        if len(waits) in last:
            feed.lies["changes"] = lambda request: last[len(waits)]
        elif len(waits) > max(last):
            stop.set()
        elif fails[len(waits)]:
            feed.lies["changes"] = broken
        return stop.is_set()

    stop.wait = prepare  # type: ignore[assignment, method-assign]
    mirror.run(stop, on_error=lambda error, wait: errors.append(error))
    backoff = [(15, 30), (30, 60), (60, 120), (120, 240), (240, 480), (480, 960), (960, 1920)]
    ranges = [(300, 330), (300, 330), *backoff[:3], (300, 330), *backoff]
    ranges += [(1800, 3600), (1800, 3600), (7777, 7777), (86_400, 86_400)]
    assert all(low <= wait <= high for wait, (low, high) in zip(waits, ranges, strict=True))
    assert len(errors) == 14


@pytest.mark.parametrize(("asked", "waited"), [(0, 1.0), (10**12, 86_400.0)])
def test_who_is_asked_for_no_wait_waits_a_second_and_nobody_longer_than_a_day(
    mirror: Mirror, feed: Feed, asked: int, waited: float
) -> None:
    feed.min_wait = asked
    stop, waits = threading.Event(), list[float]()

    def note(wait: float) -> bool:
        waits.append(wait)
        stop.set()
        return True

    stop.wait = note  # type: ignore[assignment, method-assign]
    mirror.run(stop)
    assert len(waits) == 1
    assert waited <= waits[0] <= 1.1 * waited


def test_what_a_killed_process_left_half_written_is_deleted(mirror: Mirror) -> None:
    mirror.sync()
    names = {path.name for path in mirror.directory.iterdir()}
    (mirror.directory / "new-0123").write_bytes(bytes(1_000))
    mirror.sync()
    assert {path.name for path in mirror.directory.iterdir()} == names
