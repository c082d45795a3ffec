"""Retries, deadlines, errors and the cache: how the client handles the server's answers."""

import dataclasses
import email.utils
import json
import math
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import ringscore
from ringscore import (
    BadAnswer,
    Client,
    CursorExpired,
    DeadlineExceeded,
    InvalidNumber,
    KeyRejected,
    NotFound,
    Problem,
    ProblemField,
    RateLimited,
    Refused,
    RequestInvalid,
    RingscoreError,
    ServerFailed,
    Unreachable,
    _requests,
)
from ringscore import _sending as module
from ringscore._cache import Cache

from tests.given import lying_servers
from tests.given.contract import document
from tests.given.feed_server import problem
from tests.given.script import ANSWER, NUMBER, Script

RECEIPT = {
    "id": "12345678-1234-5678-1234-567812345678", "number": NUMBER, "action": "allow", "score": 55,
    "next_steps": [],
}  # fmt: skip


@pytest.fixture
def open_client() -> Iterator[Callable[..., Client]]:
    opened: list[Client] = []

    def open_client(script: Script, **options: Any) -> Client:
        transport = httpx.MockTransport(script)
        client = Client("http://ringscore.test", transport=transport, **options)
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        client.close()


JSON = {"Content-Type": "application/json"}
GOOD = httpx.Response(200, json=ANSWER)
DOWN = httpx.ConnectError("no network")


@pytest.mark.parametrize("first", [DOWN, httpx.Response(500), httpx.Response(503),
                                   httpx.ReadError("reset")])  # fmt: skip
def test_what_may_pass_is_tried_again(open_client: Any, first: Any) -> None:
    script = Script(first, first, GOOD)
    assert open_client(script, lookup_deadline=30).lookup(NUMBER).score == 93
    assert len(script.requests) == 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [(DOWN, Unreachable), (httpx.Response(502), ServerFailed)],
)
def test_and_not_for_ever(open_client: Any, answer: Any, error: type[Exception]) -> None:
    script = Script(answer)
    with pytest.raises(error):
        open_client(script, lookup_deadline=30).lookup(NUMBER)
    assert len(script.requests) == 3
    script = Script(answer)
    with pytest.raises(error):
        open_client(script, retries=0).lookup(NUMBER)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(400, "invalid-request"), RequestInvalid),
        (problem(400, "invalid-number"), InvalidNumber),
        (problem(401, "key-refused"), KeyRejected),
        (problem(403, "scope-missing"), KeyRejected),
        (problem(404, "not-found"), NotFound),
        (problem(410, "cursor-too-old"), CursorExpired),
        (problem(413, "too-large"), RequestInvalid),
        (problem(422, "idempotency-key-reused"), RequestInvalid),
        (problem(405, "method-not-allowed"), Refused),
        (httpx.Response(404, html="<h1>404</h1>"), BadAnswer),
        (httpx.Response(302, headers={"Location": "http://portal"}), BadAnswer),
        (httpx.Response(200, html="<h1>Welcome</h1>"), BadAnswer),
        (httpx.Response(200, json=[1]), BadAnswer),
        (httpx.Response(200, json={**ANSWER, "score": "93"}), BadAnswer),
        (httpx.Response(200, json={**ANSWER, "action": "explode"}), BadAnswer),
        (httpx.Response(200, json={**ANSWER, "reasons": None}), BadAnswer),
        (httpx.Response(200, json={**ANSWER, "first_reported_at": "once"}), BadAnswer),
        (httpx.Response(200, headers=JSON, content=b"{"), BadAnswer),
        (httpx.Response(200, headers=JSON, content=b"[" * 100_000), BadAnswer),
        (httpx.Response(200, json={**ANSWER, "ttl": 10**400}), BadAnswer),
        (httpx.Response(200, headers=JSON,
                        content=json.dumps({**ANSWER, "confidence": math.nan})), BadAnswer),
        (httpx.Response(200, headers=JSON,
                        content=json.dumps({**ANSWER, "confidence": 2.0**60})), BadAnswer),
        (httpx.Response(200), BadAnswer),
        (httpx.Response(200, headers={"Content-Type": "application/problem+json"},
                        content=b"[]"), BadAnswer),
        (httpx.Response(400, json=[]), BadAnswer),
    ],
)  # fmt: skip
def test_what_will_not_pass_is_not(
    open_client: Any, answer: httpx.Response, error: type[Exception]
) -> None:
    script = Script(answer)
    with pytest.raises(error) as raised:
        open_client(script).lookup(NUMBER)
    assert type(raised.value) is error
    assert len(script.requests) == 1


def test_a_wait_of_ages_is_an_overload_like_any_other(open_client: Any) -> None:
    script = Script(httpx.Response(429, headers={"Retry-After": "9" * 400}))
    with pytest.raises(RateLimited):
        open_client(script).lookup(NUMBER)


@pytest.mark.parametrize("number", [None, 12025550143, 12025550143.0, b"+12025550143"])
def test_what_is_no_text_is_no_number(open_client: Any, number: Any) -> None:
    client = open_client(Script(httpx.Response(200, json=ANSWER)))
    for ask in (client.lookup, client.lookup_private, client.reports_of, ringscore.canonical):
        with pytest.raises(TypeError, match=r"^a number is text, such as '\+12025550143', not "):
            ask(number)


def test_an_empty_number_leads_to_no_other_path(open_client: Any) -> None:
    script = Script(httpx.Response(200, json=ANSWER))
    for ask in (open_client(script).lookup, open_client(script).reports_of):
        with pytest.raises(InvalidNumber, match="The number is empty"):
            ask(" ")
    assert script.requests == []


def test_a_redirect_names_the_server_to_ask_and_no_number(open_client: Any) -> None:
    where = {"Location": f"https://ringscore.example/v1/numbers/{NUMBER}"}
    with pytest.raises(BadAnswer) as raised:
        open_client(Script(httpx.Response(301, headers=where))).lookup(NUMBER)
    assert str(raised.value) == (
        "The server redirects to https://ringscore.example: if that is the service, give that "
        "address."
    )


@pytest.mark.parametrize(
    ("model", "schema"),
    [
        (ringscore.Answer, "NumberAnswer"),
        (ringscore.Unreadable, "NotANumber"),
        (ringscore.Receipt, "ReportReceipt"),
        (ringscore.OwnReport, "OwnReport"),
        (ringscore.Evidence, "EvidenceRecord"),
        (ringscore.DisputeReceipt, "DisputeReceipt"),
        (ringscore.Dispute, "DisputeAnswer"),
        (ringscore.PublicReport, "PublicReport"),
        (ringscore.PublicReports, "PublicReports"),
        (_requests.Statement, "ReportRequest"),
    ],
)
def test_nothing_that_the_api_says_or_takes_is_left_out(model: Any, schema: str) -> None:
    fields = {field.name for field in dataclasses.fields(model)}
    assert fields == set(document()["components"]["schemas"][schema]["properties"])


def test_problem_details_are_kept(open_client: Any) -> None:
    body = {
        "type": "urn:ringscore:invalid-request", "title": "Bad Request", "status": 400,
        "detail": "Some fields are not valid: category.",
        "errors": [{"pointer": "#/category", "code": "invalid_choice", "detail": "Not a choice."},
                   "rubbish"],
    }  # fmt: skip
    answer = httpx.Response(400, json=body, headers={"Content-Type": "application/problem+json"})
    with pytest.raises(RequestInvalid) as raised:
        open_client(Script(answer)).report(NUMBER, "nonsense")
    assert raised.value.problem == Problem(
        400,
        "invalid-request",
        "Bad Request",
        "Some fields are not valid: category.",
        (ProblemField("#/category", "invalid_choice", "Not a choice."),),
    )
    assert "#/category: Not a choice." in str(raised.value)


@pytest.mark.parametrize(
    "answer",
    [
        problem(429, "rate-limited", **{"Retry-After": "0"}),
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.Response(503, headers={"Retry-After": email.utils.formatdate(usegmt=True)}),
        httpx.Response(503, headers={"Retry-After": "soon"}),
    ],
)
def test_retry_after_is_obeyed(open_client: Any, answer: httpx.Response) -> None:
    script = Script(answer, GOOD)
    assert open_client(script, lookup_deadline=30).lookup(NUMBER).score == 93
    assert len(script.requests) == 2


def test_a_date_to_wait_for_is_one_of_the_servers_clock(open_client: Any) -> None:
    """Ours may be days off."""
    dates = {
        "Date": "Thu, 03 Dec 2020 10:00:00 GMT",
        "Retry-After": "Thu, 03 Dec 2020 11:00:00 GMT",
    }
    with pytest.raises(RateLimited) as raised:
        open_client(Script(problem(429, "rate-limited", **dates))).lookup(NUMBER)
    assert raised.value.retry_after == 3600


def test_a_wait_that_does_not_fit_is_an_error_at_once(open_client: Any) -> None:
    script = Script(problem(429, "rate-limited", **{"Retry-After": "3600"}))
    with pytest.raises(RateLimited) as raised:
        open_client(script).lookup(NUMBER)
    assert raised.value.retry_after == 3600
    assert len(script.requests) == 1


def test_pauses_grow_and_differ() -> None:
    error = Unreachable("no network")
    pauses = [[module._pause(error, attempt) or 0 for _ in range(20)] for attempt in range(3)]
    for attempt, drawn in enumerate(pauses):
        assert all(0.05 * 2**attempt <= pause <= 0.1 * 2**attempt for pause in drawn)
        assert len(set(drawn)) > 1


@pytest.mark.parametrize(
    "liar",
    [lying_servers.silent, lying_servers.slow_body, lying_servers.slow_head, lying_servers.endless],
    ids=lambda liar: liar.__name__,
)
def test_the_deadline_holds_against_whoever_drips(liar: Any) -> None:
    """These never end: without a deadline, neither would this test."""
    with (
        lying_servers.server(liar) as url,
        Client(url, lookup_deadline=0.3) as client,
        pytest.raises((DeadlineExceeded, BadAnswer)) as raised,
    ):
        client.lookup(NUMBER)
    if liar is not lying_servers.endless:
        assert str(raised.value) == "No answer within 0.3 s."


def test_reports_carry_a_key_and_keep_it(open_client: Any) -> None:
    script = Script(DOWN, httpx.Response(201, json=RECEIPT))
    client = open_client(script, key="rsk_x")
    client.report(NUMBER, "robocall")
    client.report(NUMBER, "robocall")
    keys = [request.headers["Idempotency-Key"] for request in script.requests]
    assert keys[0] == keys[1] != keys[2]
    assert script.requests[0].content == script.requests[1].content
    assert script.requests[0].headers["Authorization"] == "Bearer rsk_x"


def test_answers_are_cached_as_long_as_they_say(open_client: Any) -> None:
    script = Script(GOOD)
    client = open_client(script)
    assert client.lookup(NUMBER) is client.lookup(NUMBER)
    assert len(script.requests) == 1
    client.lookup(NUMBER, attestation="A")  # another question
    client.lookup(NUMBER, caller_name="City Loans")
    assert len(script.requests) == 3
    assert script.requests[2].url.params["caller_name"] == "City Loans"
    script = Script(httpx.Response(200, json={**ANSWER, "ttl": 0}))
    client = open_client(script)
    client.lookup(NUMBER)
    client.lookup(NUMBER)
    assert len(script.requests) == 2


def test_what_is_no_number_is_remembered_too(open_client: Any) -> None:
    script = Script(problem(400, "invalid-number"))
    client = open_client(script)
    for _ in range(3):
        with pytest.raises(InvalidNumber):
            client.lookup("nonsense!")
    assert len(script.requests) == 1


def test_an_empty_number_is_not_sent(open_client: Any) -> None:
    with pytest.raises(InvalidNumber):
        open_client(Script(GOOD)).lookup(" ")


def test_failures_are_not_remembered(open_client: Any) -> None:
    script = Script(httpx.Response(500), GOOD)
    client = open_client(script, retries=0)
    with pytest.raises(ServerFailed):
        client.lookup(NUMBER)
    assert client.lookup(NUMBER).score == 93


def test_a_report_makes_answers_old(open_client: Any) -> None:
    script = Script(GOOD, httpx.Response(200, json=RECEIPT), GOOD)
    client = open_client(script)
    client.lookup(NUMBER)
    client.report(NUMBER, "legitimate")
    client.lookup(NUMBER)
    assert len(script.requests) == 3


def test_a_cache_is_bounded_and_forgets() -> None:
    now = [0.0]
    cache: Cache[int] = Cache(2, clock=lambda: now[0])
    for key in "abc":
        cache.put(key, ord(key), seconds=10)
    assert [cache.get(key) for key in "abc"] == [None, ord("b"), ord("c")]
    cache.get("b")
    cache.put("d", 4, seconds=10)
    assert cache.get("c") is None  # the one not used for longest
    now[0] = 10
    assert cache.get("b") is None
    assert len(cache) == 1
    cache.put("e", 5, seconds=0)
    assert cache.get("e") is None


def test_threads_share_a_client(open_client: Any) -> None:
    client = open_client(Script(GOOD), cache_size=0)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(client.lookup(NUMBER).score))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [93] * 16


@pytest.mark.parametrize(
    "options",
    [{"base_url": "ringscore.example"}, {"base_url": "ftp://x"}, {"base_url": "http://x/?a=b"},
     {"base_url": "http://x/v1"}, {"base_url": "http://x/v1/"}, {"lookup_deadline": 0},
     {"base_url": "http://x:80a"}, {"base_url": "http://[::1"},
     {"deadline": float("inf")}],
)  # fmt: skip
def test_what_cannot_work_is_said_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"https://|seconds"):
        Client(**{"base_url": "http://ringscore.test", **options})


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALL_PROXY", "socks5://127.0.0.1:7890"), ("all_proxy", "socks://127.0.0.1:7891/"),
     ("HTTPS_PROXY", "http://[::1"), ("SSL_CERT_FILE", "/nowhere/ca.pem")],
)  # fmt: skip
def test_a_proxy_or_a_certificate_that_cannot_be_used_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "socksio", None)  # httpx brings SOCKS as an extra
    with pytest.raises(ValueError, match=f"the environment names.*{name.upper()}"):
        Client("https://ringscore.test")


@pytest.mark.parametrize("key", ["rsk_…", "rsk_x\nrsk_y", "rsk x"])
def test_a_key_that_no_header_can_carry_is_refused_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="key has characters"):
        Client("http://ringscore.test", key=key)


def test_a_key_is_taken_from_a_file_with_its_last_line_end(open_client: Any) -> None:
    script = Script(GOOD)
    open_client(script, key="rsk_x\n").lookup(NUMBER)
    assert script.requests[0].headers["Authorization"] == "Bearer rsk_x"


@pytest.mark.parametrize("count", [0, 1001])
def test_bulk_has_bounds(open_client: Any, count: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        open_client(Script(GOOD)).lookup_many([NUMBER] * count)


def test_a_bulk_answer_of_another_length_is_none(open_client: Any) -> None:
    with pytest.raises(BadAnswer, match="2 numbers"):
        open_client(Script(httpx.Response(200, json={"results": [ANSWER]}))).lookup_many(
            [NUMBER] * 2
        )
    with pytest.raises(BadAnswer):
        open_client(Script(httpx.Response(200, json={"results": 5}))).lookup_many([NUMBER])


def test_the_list_of_feeds_is_read(open_client: Any) -> None:
    feed = {"name": "numbers", "formats": ["json", "roaring"], "cursor": 7, "min_wait": 300}
    (found,) = open_client(Script(httpx.Response(200, json={"feeds": [feed]}))).feeds()
    assert (found.name, found.formats, found.cursor) == ("numbers", ("json", "roaring"), 7)
    with pytest.raises(BadAnswer):
        open_client(Script(httpx.Response(200, json=[]))).feeds()


def test_times_without_a_zone_are_refused(open_client: Any) -> None:
    from datetime import datetime

    with pytest.raises(ValueError, match="time zone"):
        open_client(Script(GOOD)).report(
            NUMBER,
            "robocall",
            occurred_at=datetime(2026, 11, 24),  # noqa: DTZ001
        )


def test_a_client_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "KEY", "REGION"):
        monkeypatch.delenv(f"RINGSCORE_{name}", raising=False)
    with pytest.raises(ValueError, match="set RINGSCORE_URL"):
        Client.from_env()
    monkeypatch.setenv("RINGSCORE_URL", "http://ringscore.test")
    monkeypatch.setenv("RINGSCORE_KEY", "rsk_x")
    monkeypatch.setenv("RINGSCORE_REGION", "DE")
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"rules": []})

    with Client.from_env(region="GB", transport=httpx.MockTransport(answer)) as client:
        client.own_list()
        assert client.region == "GB"  # what is given comes first
    with Client.from_env(transport=httpx.MockTransport(answer)) as client:
        assert client.region == "DE"
    assert asked[0].headers["Authorization"] == "Bearer rsk_x"
    assert asked[0].url == "http://ringscore.test/v1/me/list"


@pytest.mark.parametrize("status", [200, 400, 404, 429, 503])
def test_an_error_names_its_request(open_client: Callable[..., Client], status: int) -> None:
    answer = problem(status, "code", **{"X-Request-Id": "5f2c9e0b7a41d386"})
    client = open_client(Script(answer), retries=0)
    with pytest.raises(RingscoreError) as raised:
        client.lookup(NUMBER)
    assert raised.value.request_id == "5f2c9e0b7a41d386"
    assert ("5f2c9e0b7a41d386" in str(raised.value)) == (status >= 500)
