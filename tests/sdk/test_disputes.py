"""Evidence and disputes by transports: requests, retries, and the meaning of answers."""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx
import pytest
from ringscore import (
    AsyncClient,
    BadAnswer,
    Client,
    Conflict,
    Dispute,
    DisputeReceipt,
    Evidence,
    Grounds,
    RequestInvalid,
    RingscoreError,
    ServerFailed,
    Unreachable,
    WrongCode,
)

from tests.given.feed_server import problem
from tests.given.script import ANSWER, Script

NUMBER = "+12025550123"
REPORT = uuid.UUID("12345678-1234-5678-1234-567812345678")
ID = uuid.UUID("87654321-1234-5678-1234-567812345678")
CONTENT = "他说:不还钱就上门。".encode()
ENTRY = {
    "report": str(REPORT), "position": 1, "sha256": hashlib.sha256(CONTENT).hexdigest(),
    "size": len(CONTENT), "type": "text/plain", "name": "log.txt",
    "added_at": "2026-11-24T09:45:08.256074Z", "previous": "0" * 64, "digest": "1" * 64,
}  # fmt: skip
RECEIPT = {"id": str(ID), "expires_at": "2026-11-24T10:00:00Z"}
DISPUTE = {
    "id": str(ID), "number": NUMBER, "status": "open", "grounds": "mistaken",
    "opened_at": "2026-11-24T09:30:00Z", "expires_at": "", "verified_at": "2026-11-24T09:32:00Z",
    "deadline_at": "2026-12-08T09:32:00Z", "held": True, "decided_at": "", "reason": "",
    "immune_until": "", "appeal_until": "", "appeal_of": "", "appeal": "", "new": 9,
}  # fmt: skip
DOWN = httpx.ConnectError("no network")


def ok(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


type Run = Callable[[Script, Callable[[Any], Any]], Any]


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    """Calls a method on either client, over a script of answers."""

    def sync(script: Script, call: Callable[[Any], Any]) -> Any:
        with Client("http://x", transport=httpx.MockTransport(script), region="US") as client:
            return call(client)

    def asynchronous(script: Script, call: Callable[[Any], Any]) -> Any:
        async def go() -> Any:
            transport = httpx.MockTransport(script)
            async with AsyncClient("http://x", transport=transport, region="US") as client:
                return await call(client)

        return anyio.run(go)

    return sync if request.param == "sync" else asynchronous


def test_a_file_goes_as_a_form(run: Run) -> None:
    script = Script(DOWN, ok(ENTRY, 201))  # the same content again changes nothing
    name = 'the "log"\r\n日志.txt'
    entry = run(script, lambda client: client.add_evidence(REPORT, CONTENT, name=name))
    assert entry == Evidence(
        report=REPORT,
        position=1,
        sha256=ENTRY["sha256"],
        size=len(CONTENT),
        type="text/plain",
        name="log.txt",
        added_at=datetime(2026, 11, 24, 9, 45, 8, 256074, UTC),
        previous="0" * 64,
        digest="1" * 64,
    )
    first, again = script.requests
    assert first.content == again.content
    assert again.url.path == f"/v1/reports/{REPORT}/evidence"
    kind, _, boundary = again.headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert (
        again.content
        == (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="file"; '
            'filename="the %22log%22%0D%0A日志.txt"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        + CONTENT
        + f"\r\n--{boundary}--\r\n".encode()
    )
    assert boundary.encode() not in CONTENT


def test_a_file_by_its_path(run: Run, tmp_path: Any) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(CONTENT)
    script = Script(ok(ENTRY))
    run(script, lambda client: client.add_evidence(str(REPORT), path))
    assert b'filename="log.txt"' in script.requests[0].content


def test_another_file_than_was_sent_is_no_answer(run: Run) -> None:
    with pytest.raises(BadAnswer, match="SHA-256 differs"):
        run(Script(ok(ENTRY)), lambda client: client.add_evidence(REPORT, b"something else"))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(409, "evidence-full"), Conflict),
        (problem(413, "too-large"), RequestInvalid),
        (problem(415, "unsupported-type"), RequestInvalid),
        (ok({"results": 1}), BadAnswer),
    ],
)
def test_evidence_that_is_not_taken(run: Run, answer: Any, error: type[RingscoreError]) -> None:
    script = Script(answer)
    with pytest.raises(error) as raised:
        run(script, lambda client: client.add_evidence(REPORT, CONTENT))
    assert (type(raised.value), len(script.requests)) == (error, 1)


def test_the_log_of_evidence(run: Run) -> None:
    script = Script(ok({"report": str(REPORT), "results": [ENTRY]}))
    [entry] = run(script, lambda client: client.evidence_of(REPORT))
    assert entry.sha256 == ENTRY["sha256"]
    with pytest.raises(BadAnswer):
        run(Script(ok([ENTRY])), lambda client: client.evidence_of(REPORT))


def test_opening_a_dispute(run: Run) -> None:
    script = Script(httpx.Response(503, headers={"Retry-After": "0"}), ok(RECEIPT, 202))
    receipt = run(
        script,
        lambda client: client.dispute(NUMBER, Grounds.SPOOFED, "Not my calls.", language="en"),
    )
    assert receipt == DisputeReceipt(ID, datetime(2026, 11, 24, 10, tzinfo=UTC))
    request = script.requests[-1]
    assert request.url.raw_path == b"/v1/numbers/%2B12025550123/disputes?region=US"
    assert json.loads(request.content) == {
        "grounds": "spoofed",
        "statement": "Not my calls.",
        "language": "en",
    }
    assert len(script.requests) == 2


def test_the_code_verifies_the_dispute(run: Run) -> None:
    script = Script(ok(DISPUTE))
    dispute = run(script, lambda client: client.verify_dispute(ID, "1234 5678"))
    assert dispute == Dispute(
        id=ID,
        number=NUMBER,
        status="open",
        grounds=Grounds.MISTAKEN,
        opened_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        expires_at=None,
        verified_at=datetime(2026, 11, 24, 9, 32, tzinfo=UTC),
        deadline_at=datetime(2026, 12, 8, 9, 32, tzinfo=UTC),
        held=True,
        decided_at=None,
        reason="",
        immune_until=None,
        appeal_until=None,
        appeal_of=None,
        appeal=None,
    )
    [request] = script.requests
    assert request.url.path == f"/v1/disputes/{ID}/verify"
    assert json.loads(request.content) == {"code": "1234 5678"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [(DOWN, Unreachable), (httpx.Response(503, headers={"Retry-After": "0"}), ServerFailed)],
)
def test_a_code_is_never_sent_twice_by_itself(
    run: Run, answer: Any, error: type[RingscoreError]
) -> None:
    """It may be wrong, and have arrived: each costs an attempt."""
    script = Script(answer)
    with pytest.raises(error):
        run(script, lambda client: client.verify_dispute(ID, "12345678"))
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(400, "wrong-code"), WrongCode),
        (problem(400, "invalid-request"), RequestInvalid),
        (problem(409, "no-more-attempts"), Conflict),
        (problem(409, "code-expired"), Conflict),
    ],
)
def test_what_becomes_of_a_code(run: Run, answer: Any, error: type[RingscoreError]) -> None:
    with pytest.raises(error) as raised:
        run(Script(answer), lambda client: client.verify_dispute(ID, "12345678"))
    assert type(raised.value) is error


def test_a_verified_dispute_makes_answers_old() -> None:
    script = Script(ok(ANSWER), ok(DISPUTE), ok({**ANSWER, "status": "disputed"}))
    with Client("http://x", transport=httpx.MockTransport(script)) as client:
        assert client.lookup(NUMBER).status == "listed"
        client.verify_dispute(ID, "12345678")
        assert client.lookup(NUMBER).status == "disputed"


def test_following_and_appealing(run: Run) -> None:
    appeal_id = str(REPORT)
    lost = {
        **DISPUTE, "status": "rejected", "held": False, "decided_at": "2026-11-25T09:30:00Z",
        "reason": "It stands.", "appeal_until": "2026-12-25T09:30:00Z", "appeal": appeal_id,
    }  # fmt: skip
    found = run(Script(ok(lost)), lambda client: client.dispute_status(str(ID)))
    assert (found.status, found.reason, found.appeal) == ("rejected", "It stands.", REPORT)
    script = Script(DOWN, ok({**DISPUTE, "id": appeal_id, "appeal_of": str(ID)}, 201))
    appeal = run(script, lambda client: client.appeal(ID, "Hear both voices."))
    assert (appeal.id, appeal.appeal_of) == (REPORT, ID)
    assert json.loads(script.requests[-1].content) == {"statement": "Hear both voices."}
    assert script.requests[-1].url.path == f"/v1/disputes/{ID}/appeal"
    with pytest.raises(Conflict) as raised:
        run(Script(problem(409, "not-appealable")), lambda client: client.appeal(ID, "No."))
    assert raised.value.problem.code == "not-appealable"


@pytest.mark.parametrize(
    "wrong",
    [
        {"grounds": "angry"},
        {"held": "yes"},
        {"opened_at": ""},
        {"deadline_at": "soon"},
        {"appeal": "me"},
        {"id": None},
    ],
)
def test_what_is_no_dispute(run: Run, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        run(Script(ok({**DISPUTE, **wrong})), lambda client: client.dispute_status(ID))
