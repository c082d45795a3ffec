"""Both clients against the live server: what it really says, and that the models hold it."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from ringscore import (
    Action,
    Answer,
    AsyncClient,
    Category,
    Client,
    InvalidNumber,
    KeyRejected,
    NotFound,
    RequestInvalid,
    Unreadable,
)

from tests.sdk.conftest import Server

UNKNOWN = "+12025550100"


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


@pytest.fixture
def number() -> Callable[[], str]:
    """Fictional numbers that no other test has used."""
    return lambda: f"+1{uuid.uuid4().int % 600 + 202}55501{uuid.uuid4().int % 100:02}"


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
    with pytest.raises(InvalidNumber, match=r"\+8613812345678"):
        client.lookup("12 monkeys !?")


def test_refusals_name_the_field(client: Any, number: Callable[[], str]) -> None:
    with pytest.raises(RequestInvalid) as refusal:
        client.report(number(), "nonsense")
    assert [each.pointer for each in refusal.value.problem.errors] == ["#/category"]
    with pytest.raises(NotFound):
        client.my_report(uuid.uuid4())


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
