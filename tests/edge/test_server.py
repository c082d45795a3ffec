"""The server's rules, without sockets: tests/e2e/test_slow_clients.py has those."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from edge import UNREADABLE, answer_bodies, request_bodies
from edge.environ import environ_of
from tests.given.full_disk import no_file_larger_than
from tests.given.rsgi import Proto, Scope, Served


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for name in ("STALL_SECONDS", "FIRST_SECONDS", "LINGER_SECONDS"):
        monkeypatch.setattr(request_bodies, name, 0.2)
    served = Served(tmp_path)
    yield served
    served.application.go_on.set()


LENGTH = {"Content__Length": "4"}
CHUNKED = {"Transfer__Encoding": "chunked"}


@pytest.mark.parametrize(
    ("chunks", "headers", "status", "body", "runs"),
    [
        ([b"ab", b"cd"], LENGTH, 200, b"abcd", 1),
        ([b"ab", b"cd"], LENGTH | {"Expect": "100-continue"}, 200, b"abcd", 2),
        ([b"ab", b"cd", b""], CHUNKED, 200, b"abcd", 2),
        ([], {}, 200, b"", 1),
        ([], {"Content__Length": "0"}, 200, b"", 1),
        ([b"x" * 70_000], {"Content__Length": "70000"}, 200, b"x" * 140_000, 2),
        ([b"x" * 400_000], {"Content__Length": "400000"}, 200, b"x" * 800_000, 2),
        ([b"ab", b""], LENGTH, 400, b"refused", 0),
        ([b"ab", b"", b""], CHUNKED, 400, b"refused", 1),
        ([b"ab", None], LENGTH, 408, b"refused", 1),
        ([b"ab", None], CHUNKED, 408, b"refused", 1),
        ([], {"Content__Length": "1000001"}, 413, b"refused", 1),
        ([b"x" * 600_000] * 2, CHUNKED, 413, b"refused", 1),
    ],
)
def test_a_body_arrives_whole_or_not_at_all(served, chunks, headers, status, body, runs):
    proto = Proto(*chunks)
    served.run(lambda: served.ask(proto, **headers))
    assert proto.answer is not None
    assert (proto.answer[0], proto.answer[2], len(served.application.runs)) == (status, body, runs)
    assert served.server.room.kept == 0
    assert not served.lane.addresses


def test_a_body_in_chunks_has_a_length_once_it_is_read(served):
    """Frameworks read no body without one."""
    lengths, application = list[str](), served.server.application

    def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        lengths.append(environ["CONTENT_LENGTH"])
        return application(environ, start)

    served.server.application = noting
    served.run(lambda: served.ask(Proto(b"ab", b"cd", b""), **CHUNKED))
    assert lengths == ["1", "4"]


def test_a_body_is_not_read_before_the_application_asks_for_it(served):
    proto = Proto(b"x" * 70_000)
    served.run(lambda: served.ask(proto, "/refused", Content__Length="70000"))
    assert (proto.status, proto.before) == (401, 0)


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"Content__Length": "3000000"}, []),
        (CHUNKED, []),
        ({"Content__Length": "3000000", "Expect": "100-continue"}, [b"x" * 1_000_000] * 3),
    ],
)
def test_what_is_still_sent_after_an_answer_is_taken(served, headers, left):
    """Else nginx, which sends on, reads no answer and says 502."""
    proto = Proto(*[b"x" * 1_000_000] * 3)
    served.run(lambda: served.ask(proto, "/refused", **headers))
    assert (proto.status, proto.before, proto.chunks) == (401, 0, left)
    assert served.server.room.kept == 0


def test_it_is_taken_for_some_seconds_at_most(served):
    proto = Proto(b"x" * 100_000, None)
    served.run(lambda: served.ask(proto, "/refused", Content__Length="3000000"))
    assert (proto.status, proto.chunks, served.server.room.kept) == (401, [], 0)
    assert not served.lane.addresses


def test_a_path_is_the_same_when_the_application_begins_again(served):
    proto = Proto(b"x" * 70_000)
    served.run(lambda: served.ask(proto, "/号码", Content__Length="70000"))
    assert (proto.status, served.application.runs) == (200, ["/号码", "/号码"])


def test_a_bug_costs_one_answer(served, caplog: pytest.LogCaptureFixture):
    protos = [Proto() for _ in range(4)]
    served.run(*(lambda p=p: served.ask(p, "/bug") for p in protos))
    assert [proto.status for proto in protos] == [500] * 4
    assert "the application failed" in caplog.text


def test_more_requests_than_a_lane_takes(served):
    """Two wait in threads and two for one; of an address no more than three bodies."""
    served.lane.patience, served.lane.deadline = 0.2, 0.4
    many, own = [Proto() for _ in range(5)], [Proto(None) for _ in range(4)]
    served.run(
        *(
            lambda p=p: served.ask(p, client="192.0.2.2:5", Expect="100-continue", **LENGTH)
            for p in own
        ),
        *(lambda p=p: served.ask(p, "/wait") for p in many),
    )
    assert [proto.status for proto in own] == [408] * 3 + [429]
    assert [proto.status for proto in many] == [503] * 5


@pytest.mark.parametrize("sent", [{}, LENGTH])
def test_what_got_503_is_undone(served, sent: dict[str, str], caplog: pytest.LogCaptureFixture):
    proto = Proto(b"abcd")

    async def asked() -> None:
        answer = asyncio.ensure_future(served.ask(proto, "/wait", **sent))
        while not served.application.runs:  # a thread has taken it
            await asyncio.sleep(0.01)
        served.lane.deadline = 0.1
        await answer
        assert proto.status == 503
        assert not served.undone, "its thread still waits"
        served.application.go_on.set()
        while not served.undone:
            await asyncio.sleep(0.01)

    served.run(asked)
    assert served.undone == ["/wait"]
    assert caplog.messages == []


def test_what_got_503_before_a_thread_took_it_never_runs(served):
    """Its client was told to come again, and would have its report filed twice."""
    held, late, last = [Proto(), Proto()], Proto(), Proto()

    async def asked() -> None:
        holding = [asyncio.ensure_future(served.ask(proto, "/wait")) for proto in held]
        while len(served.application.runs) < 2:  # both threads are taken
            await asyncio.sleep(0.01)
        served.lane.patience = 0.1
        await served.ask(late, "/late")
        served.lane.patience = 5
        served.application.go_on.set()
        await asyncio.gather(*holding)
        await served.ask(last, "/last")

    served.run(asked)
    assert [proto.status for proto in (*held, late, last)] == [200, 200, 503, 200]
    assert served.application.runs == ["/wait", "/wait", "/last"]


def test_what_is_answered_at_once_needs_no_thread(served, caplog: pytest.LogCaptureFixture):
    async def at_once(scope: Any) -> tuple[int, list[tuple[str, str]], bytes] | None:
        if scope.path == "/broken":
            raise RuntimeError("a bug")
        return (201, [], b"") if scope.path == "/known" else None

    served.server.at_once = at_once
    known, unknown, broken, with_body = Proto(), Proto(), Proto(), Proto(b"abcd")
    served.run(
        lambda: served.ask(known, "/known"),
        lambda: served.ask(unknown, "/unknown"),
        lambda: served.ask(broken, "/broken"),
        lambda: served.ask(with_body, "/known", **LENGTH),
    )
    assert [each.status for each in (known, unknown, broken, with_body)] == [201, 200, 200, 200]
    assert sorted(served.application.runs) == ["/broken", "/known", "/unknown"]
    assert "an answer at once failed" in caplog.text


def test_headers_that_pass_for_others_are_dropped(served):
    proto = Proto()
    headers = {"x-from": "proxy", "x_from": "client"}
    scope = Scope("GET", "/%", headers, "[::1]:5")
    served.run(lambda: served.server.__rsgi__(scope, proto))
    assert proto.answer is not None
    assert proto.answer[1] == {"X-From": "proxy"}


def test_bodies_have_so_much_room_in_all(served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(request_bodies, "MOST_KEPT", 99_999)
    large, small = Proto(b"x" * 100_000), Proto(b"abcd")
    served.run(
        lambda: served.ask(large, Content__Length="100000"), lambda: served.ask(small, **LENGTH)
    )
    assert (large.status, small.status) == (503, 200)


def test_large_bodies_leave_small_ones_room(served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(request_bodies, "MOST_KEPT", 100_001)
    for name in ("STALL_SECONDS", "FIRST_SECONDS"):
        monkeypatch.setattr(request_bodies, name, 60)
    held, small = Proto(b"x" * 100_000, None), Proto(b"abcd")

    async def beside() -> None:
        holding = asyncio.ensure_future(served.ask(held, Content__Length="100001"))
        while served.server.room.kept < 100_000:
            await asyncio.sleep(0.01)
        await served.ask(small, client="192.0.2.2:5", **LENGTH)
        holding.cancel()

    served.run(beside)
    assert small.status == 200


def test_an_answer_for_which_no_disk_has_room_leaves_nothing_there(served):
    proto = Proto(b"x" * 400_000)
    with no_file_larger_than(500_000):
        served.run(lambda: served.ask(proto, Content__Length="400000"))
    assert proto.answer == (503, {"Retry-After": "5", "X-Request-Id": ANY}, b"refused")
    assert list(served.server.files.iterdir()) == []


def test_answers_that_a_killed_server_left_are_removed(served):
    """They may be a person's own papers, and nobody else knows of them."""
    left, new = served.server.files / "left", served.server.files / "new"
    for file in (left, new):
        file.write_bytes(b"a letter")
    os.utime(left, (time.time() - 700,) * 2)
    served.run(lambda: served.ask(Proto()))
    assert [file.name for file in served.server.files.iterdir()] == ["new"]


def test_an_application_that_cannot_read_its_file_is_no_full_disk(
    served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(answer_bodies, "IN_MEMORY", 1)

    def breaking(environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        start("200 OK", [])
        yield b"ab"
        raise OSError("the store hung up")

    served.server.application = breaking
    proto = Proto()
    served.run(lambda: served.ask(proto))
    assert proto.status == 500
    assert "the application failed" in caplog.text
    assert "the store hung up" in caplog.text
    assert "could not be kept" not in caplog.text
    assert list(served.server.files.iterdir()) == []


def test_what_is_not_ascii_does_not_pass_for_none():
    meant = ("authorization", "x-api-key", "x-forwarded-for", "forwarded", "idempotency-key")
    environ = environ_of(Scope("GET", "/", dict.fromkeys((*meant, "x-from"), "é, 192.0.2.1")))
    shown = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    assert shown == {
        "HTTP_AUTHORIZATION": UNREADABLE,
        "HTTP_X_API_KEY": UNREADABLE,
        "HTTP_X_FORWARDED_FOR": UNREADABLE,
        "HTTP_FORWARDED": UNREADABLE,
        "HTTP_IDEMPOTENCY_KEY": UNREADABLE,
        "HTTP_HOST": "",
    }


@pytest.mark.parametrize(
    ("version", "headers", "authority", "host"),
    [
        ("1", {}, None, "ours.example"),
        ("1", {"host": "theirs.example"}, None, "theirs.example"),
        ("1.1", {}, None, ""),  # RFC 9112 wants it refused
        ("2", {}, "theirs.example", "theirs.example"),
    ],
)
def test_only_http_1_0_may_name_no_host(version, headers, authority, host):
    scope = Scope("GET", "/", headers)
    scope.http_version, scope.authority = version, authority
    assert environ_of(scope, host="ours.example")["HTTP_HOST"] == host
