"""Both clients against the live server: what it really says, and that the models hold it."""

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from ringscore import (
    Action,
    Answer,
    AsyncClient,
    Category,
    Client,
    Conflict,
    Grounds,
    InvalidNumber,
    KeyRejected,
    NotFound,
    RequestInvalid,
    Unreadable,
    WrongCode,
)

from tests.given.sdk_server import Server

UNKNOWN = "+12025550100"
# A picture of one dot.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJg"
    "gg=="
)
REJECT = """
from django.contrib.auth.models import User
from django.utils import timezone
from reputation.disputes import decide_dispute
from reputation.models import Dispute
judge, _ = User.objects.get_or_create(username="judge")
decide_dispute(actor=judge, dispute=Dispute.objects.get(public_id="{id}"), upheld=False,
               reason="It stands.", now=timezone.now())
"""


# A second voice in another network: the server's tests all come from one.
REPORT_TOO = """
from django.utils import timezone
from reputation.identity import identify
from reputation.models import Reporter
from reputation.reports import Statement, submit_report
now = timezone.now()
who, _ = Reporter.objects.get_or_create(
    kind="person", handle="neighbour", defaults={{"created_at": now}}
)
submit_report(reporter=who, identity=identify("{number}", allow_fictional=True),
              statement=Statement(category="robocall"), network="elsewhere", now=now)
"""


class Driven:
    """An AsyncClient behind the synchronous face, so that each test runs on both."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.args, self.options = args, options

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            async def run() -> Any:
                async with AsyncClient(*self.args, **self.options) as client:
                    return await getattr(client, name)(*args, **options)

            return anyio.run(run)

        return call


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, server: Server, key: str) -> Iterator[Any]:
    options = {"key": key, "lookup_deadline": 10.0}
    if request.param == "async":
        yield Driven(server.url, **options)
        return
    with Client(server.url, **options) as client:
        yield client


def test_an_unknown_number_is_an_answer(client: Any, server: Server) -> None:
    answer = client.lookup(UNKNOWN)
    assert answer == Answer(
        number=UNKNOWN,
        action=Action.ALLOW,
        score=0,
        confidence=0.0,
        status="unknown",
        category="",
        reports=0,
        reporters=0,
        first_reported_at=None,
        last_reported_at=None,
        name="",
        country="US",
        line_type=answer.line_type,
        reasons=answer.reasons,
        advice="",
        redress_url=f"{server.url}/numbers/{UNKNOWN.replace('+', '%2B')}/dispute",
        ttl=300,
    )


def test_a_number_can_be_written_as_people_do(client: Any) -> None:
    assert client.lookup("(202) 555-0100", region="US").number == UNKNOWN
    assert client.lookup("tel:+1-202-555-0100").number == UNKNOWN


def test_a_report_is_filed_read_back_and_withdrawn(client: Any, number: Callable[[], str]) -> None:
    who = number()
    when = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    receipt = client.report(
        who, Category.LOAN_SCAM, occurred_at=when, conduct=("threats",), comment="a loan, again"
    )
    assert receipt.number == who
    mine = client.my_report(receipt.id)
    assert (mine.status, mine.category, mine.occurred_at) == ("live", Category.LOAN_SCAM, when)
    assert (mine.conduct, mine.comment) == (("threats",), "a loan, again")
    answer = client.lookup(who)
    assert (answer.reports, answer.category, answer.score) == (1, "loan_scam", receipt.score)
    assert client.reports_of(who).results[0].category == "loan_scam"
    client.withdraw(receipt.id)
    client.withdraw(receipt.id)
    assert client.my_report(receipt.id).status == "withdrawn"


def test_the_same_idempotency_key_reports_once(client: Any, number: Callable[[], str]) -> None:
    who, once = number(), str(uuid.uuid4())
    first = client.report(who, "robocall", idempotency_key=once)
    assert client.report(who, "robocall", idempotency_key=once) == first
    with pytest.raises(RequestInvalid) as refusal:
        client.report(who, "survey", idempotency_key=once)
    assert refusal.value.problem.code == "idempotency-key-reused"


def test_many_numbers_keep_their_order(client: Any) -> None:
    found = client.lookup_many([UNKNOWN, "nonsense!", "+442079460000"])
    assert [type(each) for each in found] == [Answer, Unreadable, Answer]
    assert [found[0].number, found[1].input, found[2].number] == [
        UNKNOWN,
        "nonsense!",
        "+442079460000",
    ]


def test_what_is_no_number_is_said_so(client: Any) -> None:
    with pytest.raises(InvalidNumber, match=r"\+8615400001234"):
        client.lookup("12 monkeys !?")


def test_refusals_name_the_field(client: Any, number: Callable[[], str]) -> None:
    with pytest.raises(RequestInvalid) as refusal:
        client.report(number(), "nonsense")
    assert [each.pointer for each in refusal.value.problem.errors] == ["#/category"]
    with pytest.raises(NotFound):
        client.my_report(uuid.uuid4())


@pytest.mark.slow
def test_keys_are_needed_where_they_are(server: Server, number: Callable[[], str]) -> None:
    with Client(server.url, lookup_deadline=10) as anybody:
        assert anybody.lookup(UNKNOWN).status == "unknown"
        with pytest.raises(KeyRejected):
            anybody.report(number(), "survey")
    with (
        Client(server.url, key="rsk_nosuch", lookup_deadline=10) as stranger,
        pytest.raises(KeyRejected),
    ):
        stranger.lookup(UNKNOWN)


# --- Evidence ---


def test_evidence_is_added_once_and_read_back(
    client: Any, number: Callable[[], str], tmp_path: Path
) -> None:
    report = client.report(number(), "threat")
    log = tmp_path / 'a "call" log.txt'
    log.write_bytes("他说:不还钱就上门。\r\n--ringscore-\r\n".encode())
    first = client.add_evidence(report.id, log)
    assert (first.report, first.position, first.type) == (report.id, 1, "text/plain")
    assert first.sha256 == hashlib.sha256(log.read_bytes()).hexdigest()
    assert first.size == log.stat().st_size
    assert client.add_evidence(report.id, log.read_bytes(), name="another name") == first
    picture = client.add_evidence(report.id, PNG, name="截图.png", transcript="Pay today")
    assert (picture.position, picture.name, picture.type) == (2, "截图.png", "image/png")
    assert picture.previous == first.digest
    assert client.evidence_of(report.id) == [first, picture]


def test_what_is_no_evidence_is_refused(client: Any, number: Callable[[], str]) -> None:
    report = client.report(number(), "threat")
    with pytest.raises(RequestInvalid) as refusal:
        client.add_evidence(report.id, b"MZ\x90\x00\x03", name="holiday.png")
    assert (refusal.value.problem.status, refusal.value.problem.code) == (415, "unsupported-type")
    with pytest.raises(RequestInvalid):
        client.add_evidence(report.id, b"")
    with pytest.raises(NotFound):
        client.add_evidence(uuid.uuid4(), PNG)
    assert client.evidence_of(report.id) == []


# --- Disputes ---


@pytest.mark.slow
def test_a_dispute_from_the_code_to_the_appeal(
    client: Any, server: Server, number: Callable[[], str]
) -> None:
    who = number()
    client.report(who, "robocall")
    server.manage(code=REPORT_TOO.format(number=who))
    with pytest.raises(Conflict) as refusal:
        client.dispute(number(), "mistaken", "Nobody ever called you.")
    assert refusal.value.problem.code == "nothing-to-dispute"

    words = "We are a florist."
    receipt = client.dispute(who, Grounds.NEW_HOLDER, words, contact="a@example.org", via="sms")
    assert client.dispute(who, "new_holder", words, contact="a@example.org", via="sms") == receipt
    waiting = client.dispute_status(receipt.id)
    assert (waiting.number, waiting.status, waiting.grounds) == (
        who,
        "awaiting_code",
        Grounds.NEW_HOLDER,
    )
    assert (waiting.expires_at, waiting.verified_at) == (receipt.expires_at, None)

    code = server.last_code()
    with pytest.raises(WrongCode, match="4 attempts left"):
        client.verify_dispute(receipt.id, f"{(int(code) + 1) % 10**8:08}")
    opened = client.verify_dispute(receipt.id, code)
    assert (opened.status, opened.held) == ("open", True)
    assert opened.deadline_at is not None
    assert client.verify_dispute(receipt.id, code) == opened
    assert client.lookup(who).status == "disputed"
    with pytest.raises(Conflict) as refusal:
        client.appeal(receipt.id, "No.")
    assert refusal.value.problem.code == "not-appealable"

    server.manage(code=REJECT.format(id=receipt.id))
    lost = client.dispute_status(receipt.id)
    assert (lost.status, lost.reason) == ("rejected", "It stands.")
    assert lost.appeal_until is not None
    appeal = client.appeal(receipt.id, "Please hear both voices.")
    assert client.appeal(receipt.id, "Please hear both voices.") == appeal
    assert (appeal.status, appeal.appeal_of) == ("open", receipt.id)
    assert client.dispute_status(receipt.id).appeal == appeal.id
    with pytest.raises(Conflict) as refusal:
        client.dispute(who, "other", "Again.")
    assert refusal.value.problem.code == "already-disputed"
    with pytest.raises(NotFound):
        client.dispute_status(uuid.uuid4())
