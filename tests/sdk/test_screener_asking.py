"""A screener asks the server: privately, in time, and with an answer whatever the server does."""

import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from ringscore import Client, CursorExpired, Mirror, OnFailure, Screener, Source

from tests.given import lying_servers
from tests.given.feed_server import Feed
from tests.given.processes import free_port
from tests.given.screening import (
    ALLOW,
    BLOCK,
    BLOCKED,
    FLAG,
    FLAGGED,
    FRIEND,
    STRANGER,
    asked,
    down,
    screener,
    unasked,
)


@pytest.mark.parametrize("private", [True, False])
def test_the_callee_is_sent_nowhere(private: bool) -> None:
    seen = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(repr(request.headers.raw) + str(request.url) + repr(request.content))
        return httpx.Response(500)

    with asked(serve) as client:
        guard = screener(client=client, private=private)
        guard.screen(STRANGER, callee="+12025550199", contacts=["+12025550177"])
    assert seen
    assert not any("0199" in each or "0177" in each for each in seen)


SCHEME = {"hash": "sha256", "drop_digits": 2, "prefix_bits": {"default": 12}, "max_age": 300}


def bucket(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/v1/buckets":
        return httpx.Response(200, json=SCHEME)
    entry = {"number": BLOCKED, "action": "block", "score": 95, "category": "phishing"}
    around = {"prefix": STRANGER[:-2], "action": "flag", "score": 70}
    return httpx.Response(200, json={"numbers": [entry], "ranges": [around]})


def test_the_server_is_asked_privately_by_default(stale: Mirror) -> None:
    with asked(bucket) as client:
        guard = screener(client=client, mirror=stale)
        blocked, near, other = (guard.screen(each) for each in (BLOCKED, STRANGER, FRIEND))
    assert [each.action for each in (blocked, near, other)] == [BLOCK, FLAG, ALLOW]
    assert {each.source for each in (blocked, near, other)} == {Source.PRIVATE_LOOKUP}
    assert near.reasons == (f"Numbers that begin with {STRANGER[:-2]} are listed.",)


def test_what_cannot_be_read_is_not_sent_in_clear() -> None:
    with asked(unasked) as client:
        decision = screener(client=client, on_failure=OnFailure.BLOCK).screen("0152 28817386")
    assert (decision.action, decision.source) == (BLOCK, Source.FAILURE)
    assert "region" in decision.reasons[0]


@pytest.mark.parametrize("choice", list(OnFailure))
def test_failing_is_by_choice(choice: OnFailure, tmp_path: Path) -> None:
    with asked(down) as client:
        for options in ({}, {"client": client}, {"mirror": Mirror(tmp_path)}):
            decision = Screener(on_failure=choice, **options).screen(STRANGER)
            assert (str(decision.action), decision.source) == (str(choice), Source.FAILURE)
            assert decision.reasons[-1] == f"You chose to {choice} strangers then."
        friend = Screener(on_failure=choice, client=client).screen(FRIEND, contacts=[FRIEND])
        assert friend.action is ALLOW


def test_there_is_no_failing_by_accident() -> None:
    with pytest.raises(TypeError, match="on_failure"):
        Screener()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="OnFailure"):
        Screener(on_failure="maybe")  # type: ignore[arg-type]


def test_a_stale_mirror_answers_when_nobody_else_does_and_says_so(stale: Mirror) -> None:
    with asked(down) as client:
        guard = screener(client=client, mirror=stale, on_failure=OnFailure.BLOCK)
        for caller, action in ((BLOCKED, BLOCK), (FLAGGED, FLAG), (STRANGER, ALLOW)):
            decision = guard.screen(caller)
            assert (decision.action, decision.source, decision.stale) == (
                action,
                Source.MIRROR,
                True,
            )
        too_old = screener(
            client=client, mirror=stale, on_failure=OnFailure.BLOCK, max_stale=timedelta(0)
        )
        assert too_old.screen(STRANGER).source is Source.FAILURE
        assert too_old.screen(FLAGGED).source is Source.MIRROR


def test_a_bug_is_no_reason_to_leave_the_phone_without_an_answer() -> None:
    client = asked(down)
    client.close()

    class Broken:
        def lookup_private(self, *args: object, **options: object) -> None:
            raise RuntimeError("closed")

    decision = screener(client=Broken()).screen(STRANGER)
    assert (decision.action, decision.source) == (ALLOW, Source.FAILURE)


@pytest.mark.slow
@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("liar", lying_servers.LIARS, ids=lambda liar: liar.__name__)
def test_whatever_the_server_does_there_is_an_answer_in_time(
    liar: Callable[[socket.socket, threading.Event], None], private: bool, stale: Mirror
) -> None:
    """Without a deadline, most of these would never end, and this test neither."""
    with lying_servers.server(liar) as url, Client(url) as client:
        guard = screener(client=client, mirror=stale, private=private, deadline=0.5)
        decision = guard.screen(BLOCKED)
        assert guard.screen(STRANGER).stale
    assert (decision.action, decision.source, decision.stale) == (BLOCK, Source.MIRROR, True)


@pytest.mark.slow
def test_nobody_at_the_address_is_an_answer_in_time_too(stale: Mirror) -> None:
    for address in (f"http://127.0.0.1:{free_port()}", "http://no-such-host.invalid"):
        with Client(address) as client:
            decision = screener(client=client, mirror=stale, deadline=0.5).screen(BLOCKED)
        assert decision.stale


def test_a_sync_under_way_keeps_nobody_waiting(tmp_path: Path) -> None:
    begun, go_on, feed = threading.Event(), threading.Event(), Feed()
    feed.say(**{BLOCKED: "block"})
    feed.publish()

    def serve(request: httpx.Request) -> httpx.Response:
        return feed(request)

    with Client("http://ringscore.test", transport=httpx.MockTransport(serve)) as client:
        mirror = Mirror(tmp_path, client)
        mirror.sync()

        def slowly(done: int, total: int) -> None:
            begun.set()
            go_on.wait()

        feed.horizon = 99  # so that the next sync takes a snapshot

        def sync() -> None:
            with pytest.raises(CursorExpired):
                mirror.sync(progress=slowly)

        syncing = threading.Thread(target=sync)
        syncing.start()
        try:
            assert begun.wait(30)
            (tmp_path / "state.json").touch()
            assert screener(mirror=mirror).screen(BLOCKED).action is BLOCK
            assert syncing.is_alive()
        finally:
            go_on.set()
            syncing.join()
