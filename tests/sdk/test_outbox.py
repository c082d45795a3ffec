"""Reports made offline: on disk when `add` returns, sent once, whatever is killed when."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from ringscore import Client, KeyRejected, NotFound, Outbox, StorageFailed, Unreachable, _outbox

from tests.given.feed_server import problem
from tests.given.sdk_server import ROOT, Server


@pytest.fixture
def box(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.db")


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """With a key of its own, since reports are limited by key."""
    with Client(server.url, key=server.key("report,lookup"), deadline=30) as client:
        yield client


def offline() -> Client:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no network")

    return Client("http://ringscore.test", transport=httpx.MockTransport(fail), retries=0)


@pytest.mark.slow
def test_what_waits_is_sent_when_the_network_is_back(box: Outbox, client: Client) -> None:
    first = box.add("+12025550120", "robocall", comment="silence")
    second = box.add("(202) 555-0121", "survey", region="US")
    with offline() as nobody:
        sent = box.send(nobody)
    assert isinstance(sent.error, Unreachable)
    assert (sent.receipts, sent.waiting, sent.refused) == ({}, 2, 0)
    sent = box.send(client)
    assert sent.error is None
    assert (sent.waiting, sent.refused) == (0, 0)
    assert sent.receipts[first].number == "+12025550120"
    assert sent.receipts[second].number == "+12025550121"
    assert client.my_report(sent.receipts[first].id).comment == "silence"


@pytest.mark.slow
def test_a_refused_report_stays_with_its_reason_and_stops_no_other(
    box: Outbox, client: Client
) -> None:
    box.add("+12025550122", "nonsense")
    box.add("12 monkeys !?", "robocall")
    good = box.add("+12025550122", "robocall")
    sent = box.send(client)
    assert list(sent.receipts) == [good]
    assert (sent.waiting, sent.refused, sent.error) == (0, 2, None)
    kept = box.reports()
    assert [each.number for each in kept] == ["+12025550122", "12 monkeys !?"]
    assert "category" in kept[0].refusal
    assert box.send(client).receipts == {}
    box.remove(kept[0].id)
    assert box.count() == (0, 1)


def test_a_report_counts_for_the_day_on_which_it_was_written(box: Outbox) -> None:
    bodies: list[dict[str, str]] = []

    def busy(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return problem(429, "rate-limited")

    before = datetime.now(UTC).replace(microsecond=0)
    box.add("+12025550123", "robocall")
    with Client("http://ringscore.test", transport=httpx.MockTransport(busy), retries=0) as client:
        box.send(client)
    assert before <= datetime.fromisoformat(bodies[0]["occurred_at"]) <= datetime.now(UTC)
    assert os.stat(box.path).st_mode & 0o777 == 0o600


DAY = 86_400.0


def clock(monkeypatch: pytest.MonkeyPatch, moment: float) -> None:
    """Sets the clock by which the box works."""
    monkeypatch.setattr(_outbox, "time", SimpleNamespace(time=lambda: moment))


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        pytest.param(time.time() + 2 * DAY, time.time() + 2 * DAY, id="two days ahead"),
        pytest.param(time.time() + 2 * DAY, time.time(), id="ahead, and set right since"),
        pytest.param(60.0, 120.0, id="1970, as after a start without a battery"),
    ],
)
def test_a_wrong_clock_loses_no_report(
    box: Outbox, client: Client, monkeypatch: pytest.MonkeyPatch, written: float, sent: float
) -> None:
    clock(monkeypatch, written)
    report = box.add("+12025550126", "robocall", comment="silence")
    clock(monkeypatch, sent)
    result = box.send(client)
    assert (result.waiting, result.refused, result.error) == (0, 0, None)
    filed = client.my_report(result.receipts[report].id)
    assert (filed.occurred_at, filed.comment) == (None, "silence")


@pytest.mark.parametrize(
    ("written", "given"),
    [
        pytest.param(time.time(), datetime(2999, 1, 1, tzinfo=UTC), id="the caller's own time"),
        pytest.param(60.0, None, id="old by the clock, which is right now"),
    ],
)
def test_a_time_that_may_be_meant_stays_refused(
    box: Outbox,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    written: float,
    given: datetime | None,
) -> None:
    clock(monkeypatch, written)
    box.add("+12025550127", "robocall", occurred_at=given)
    clock(monkeypatch, time.time())
    assert box.send(client).refused == 1
    assert "occurred_at" in box.reports()[0].refusal


def test_a_file_that_is_no_outbox_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "outbox.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(StorageFailed, match=r"outbox\.sqlite3 cannot be used"):
        Outbox(tmp_path / "outbox.sqlite3")


def test_a_bad_key_loses_nothing(box: Outbox, server: Server) -> None:
    box.add("+12025550123", "robocall")
    with Client(server.url, key="rsk_nosuch") as stranger:
        sent = box.send(stranger)
    assert isinstance(sent.error, KeyRejected)
    assert box.count() == (1, 0)


def test_an_answer_that_got_lost_does_not_count_twice(
    box: Outbox, client: Client, server: Server
) -> None:
    """The server files the report, the connection breaks before its answer; then once more."""
    bodies: list[tuple[bytes, str]] = []

    class Lost(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            bodies.append((await request.aread(), request.headers["Idempotency-Key"]))
            if len(bodies) == 1:
                await response.aread()
                raise httpx.ReadError("connection reset")
            return response

    box.add("+12025550124", "robocall")
    with Client(server.url, key=server.key("report"), transport=Lost(), retries=0) as unlucky:
        assert box.send(unlucky).waiting == 1
        sent = box.send(unlucky)
    assert len(sent.receipts) == 1
    assert bodies[0] == bodies[1]
    with Client(server.url, lookup_deadline=10) as anybody:
        assert anybody.lookup("+12025550124").reports == 1


def test_too_many_at_once_stop_and_wait(box: Outbox) -> None:
    box.add("+12025550125", "robocall")
    busy = httpx.MockTransport(
        lambda request: problem(429, "rate-limited", **{"Retry-After": "3600"})
    )
    with Client("http://ringscore.test", transport=busy) as client:
        sent = box.send(client)
    assert sent.error is not None
    assert box.count() == (1, 0)


def test_a_wrong_address_loses_nothing(box: Outbox) -> None:
    """A path too many, say: the service itself answers that there is nothing."""
    for _ in range(2):
        box.add("+12025550125", "robocall")
    nothing = httpx.MockTransport(lambda request: problem(404, "not-found"))
    with Client("http://ringscore.test/service", transport=nothing) as client:
        sent = box.send(client)
    assert isinstance(sent.error, NotFound)
    assert box.count() == (2, 0)


WRITER = """
import sys
sys.path.insert(0, {sdk!r})
from ringscore import Outbox
box = Outbox(sys.argv[1])
for number in range(int(sys.argv[2]), 100):
    box.add(f"+1{{sys.argv[3]}}55501{{number:02}}", "robocall")
    print(number, flush=True)
"""
SENDER = """
import sys
sys.path.insert(0, {sdk!r})
from ringscore import Client, Outbox
with Client(sys.argv[2], key=sys.argv[3], deadline=30) as client:
    sent = Outbox(sys.argv[1]).send(client, progress=lambda done, all: print(done, flush=True))
print(sent, flush=True)
"""


@pytest.mark.slow
def test_writers_and_senders_killed_at_any_moment_lose_and_double_nothing(
    tmp_path: Path, server: Server
) -> None:
    path, sdk = str(tmp_path / "outbox.db"), str(ROOT / "sdk" / "src")
    key = server.key("report,lookup")

    def killed(code: str, *arguments: str, after: int) -> list[str]:
        """The lines that a process printed before it was killed, which is soon after so many."""
        process = subprocess.Popen(
            [sys.executable, "-c", code.format(sdk=sdk), path, *arguments],
            stdout=subprocess.PIPE, text=True, env={**os.environ},
        )  # fmt: skip
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(after)]
        time.sleep(0.002 * (after % 5))
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
        process.stdout.close()
        process.wait()
        return lines

    area, promised = 303, set[int]()
    for after in (3, 11, 7, 16):
        # One more may have been written than was told: go on after what is there.
        there = {int(each.number[-2:]) for each in Outbox(path).reports()}
        start = str(max(there, default=-1) + 1)
        promised |= {int(line) for line in killed(WRITER, start, str(area), after=after)}
    box = Outbox(path)
    held = {int(each.number[-2:]) for each in box.reports()}
    assert promised <= held  # one more may have been written than was told
    assert len(held) == box.count()[0]
    for after in (1, 6, 4):
        killed(SENDER, server.url, key, after=after)
    with Client(server.url, key=key, deadline=60, lookup_deadline=30, cache_size=0) as client:
        sent = box.send(client)
        assert (sent.waiting, sent.refused, sent.error) == (0, 0, None)
        numbers = [f"+1{area}55501{number:02}" for number in range(100)]
        counts = [client.lookup(number).reports for number in numbers]
    assert counts == [int(number in held) for number in range(100)]
