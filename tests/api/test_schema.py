"""The service keeps to its published schema, whatever is sent.

Each operation gets requests that schemathesis makes from the schema: right ones, and wrong ones
of every kind it can think of. `make test-all` sends a few, the same each time; `make fuzz` sends
many, and new ones.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from django.conf import LazySettings
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.stateful import OpenAPIStateMachine

from config.wsgi import application
from reputation.feeds.publishing import publish
from tests.given.api_requests import NOW, ask, holder, kept_connection
from tests.given.contract import document

pytestmark = pytest.mark.slow

# Requests for each operation; of the walks from one to the next, and how long they are.
FUZZ = int(os.environ.get("FUZZ", "0"))
EXAMPLES_EACH = FUZZ or 8
bounded = settings(
    max_examples=EXAMPLES_EACH,
    derandomize=not FUZZ,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # these cases are small enough to read as they are
    suppress_health_check=list(HealthCheck),
)

# What a schema cannot say: numbering plans, the last year, the content of a file. A request that
# keeps to the schema may be refused for these, and for nothing else.
BEYOND_SCHEMA = {
    "invalid-number",
    "invalid-prefix",
    "invalid-report",
    "invalid-cursor",
    "invalid-evidence",
    "invalid-complaint",
    "unsupported-type",
    "cursor-unknown",
    "wrong-code",
    "idempotency-key-reused",
}
REFUSALS = ["400", "410", "415", "422"]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The service, inside the transaction of the test.

    Unpacked: this client asks for gzip and cannot read it.
    """
    environ.pop("HTTP_ACCEPT_ENCODING", None)
    with kept_connection():
        answer = application(environ, start_response)
        try:
            yield from answer
        finally:
            if close := getattr(answer, "close", None):
                close()


class KeyInHand:
    """Shows the key of the test that runs, so that schemathesis knows how to leave it out."""

    token = ""

    def get(self, case: schemathesis.Case, ctx: schemathesis.AuthContext) -> str:
        return KeyInHand.token

    def set(self, case: schemathesis.Case, data: str, ctx: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def published(document: dict[str, Any]) -> schemathesis.BaseSchema:
    load_all_checks()
    accepted = ["2xx", "3xx", "401", "403", "404", "409", "429", *REFUSALS]
    config = schemathesis.Config.from_dict(
        {
            "checks": {"positive_data_acceptance": {"expected-statuses": accepted}},
            "operations": [
                {
                    # Its answer tells of each wrong row. Nothing that it reads as rows is refused.
                    "include-operation-id": "report_numbers",
                    "checks": {"negative_data_rejection": {"enabled": False}},
                },
                {
                    # A form's parts may be made wrong in a way that the bytes no longer show.
                    "include-operation-id": "add_evidence",
                    "checks": {"negative_data_rejection": {"enabled": False}},
                },
            ],
        }
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = app
    schema.auth(refresh_interval=None)(KeyInHand)
    return schema


@schemathesis.serializer("application/x-ndjson", "text/csv", "message/rfc822")
def _as_bytes(ctx: schemathesis.SerializationContext, value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode(errors="replace")
    return bytes(getattr(value, "data", b"")) or json.dumps(value, default=str).encode()


schema = published(document())


@pytest.fixture
def _in_business(db: None, evidence_dir: Path, feeds_dir: Path, settings: LazySettings) -> None:
    """Published feeds, and a key that may do everything, as often as it likes."""
    settings.RATE_LIMITS = {
        group: dict.fromkeys(limits, "1000000/m") for group, limits in settings.RATE_LIMITS.items()
    }
    KeyInHand.token = holder("lookup", "report", "bulk", "feed").token
    publish(now=NOW)


def _id_of(operation: schemathesis.APIOperation) -> str:
    return str(operation.definition.raw["operationId"])


def keeping(operation_id: str) -> Callable[..., None]:
    """A test of one operation. Its name makes its id, by which xdist tells tests apart."""

    @pytest.mark.usefixtures("_in_business")
    @schema.exclude(lambda context: _id_of(context.operation) != operation_id).parametrize()
    @bounded
    def test(case: schemathesis.Case) -> None:
        with undone():
            response = case.call_and_validate()
        hold_to_schema(case, response)

    test.__name__ = test.__qualname__ = f"test_{operation_id}_keeps_to_the_schema"
    return test


OPERATIONS = [
    operation["operationId"]
    for operations in document()["paths"].values()
    for operation in operations.values()
]
globals().update({f"test_{name}_keeps_to_the_schema": keeping(name) for name in OPERATIONS})


def hold_to_schema(case: schemathesis.Case, response: schemathesis.Response) -> None:
    assert response.status_code != 503, response.text
    if case.meta.generation.mode.is_positive and str(response.status_code) in REFUSALS:
        assert code_of(response.text) in BEYOND_SCHEMA, response.text


@contextmanager
def undone() -> Iterator[None]:
    """What a request changed must not decide how the next is answered, or no failure repeats."""
    here = transaction.savepoint_create()
    try:
        yield
    finally:
        transaction.savepoint_rollback(here)


def code_of(problem: str) -> str:
    """The kind of a problem, in each of the formats that lookups answer in."""
    if problem.startswith("{"):
        return str(json.loads(problem)["type"]).rpartition(":")[2]
    return re.split("[ =:&]", problem)[1]


@pytest.mark.django_db
@pytest.mark.parametrize("region", ["\x1c", " US", "00", "ZZ", "ß", "CNN"])
def test_a_region_is_a_known_country_of_two_letters(region: str) -> None:
    by, query = holder("lookup", "report", "bulk"), f"?region={quote(region)}"
    number, body = "/v1/numbers/%2B8613812345678", {"region": region}
    answers = [
        ask("GET", f"{number}{query}", by=by),
        ask("GET", f"{number}/reports{query}", by=by),
        ask("POST", "/v1/numbers/lookup", by=by, body=body | {"numbers": ["+8613812345678"]}),
        ask("POST", "/v1/reports", by=by, body=body | {"number": "10086", "category": "other"}),
        ask("POST", f"/v1/reports/bulk{query}", by=by, body=b""),
    ]
    assert [answer.status for answer in answers] == [400] * 5
    assert {answer.json["errors"][0]["pointer"] for answer in answers} == {"#/region"}


@pytest.mark.usefixtures("_in_business")
def test_every_walk_keeps_to_the_schema() -> None:
    """Report, add evidence, read it, withdraw: in any order that the schema's links allow."""
    seen = set()
    about_reports = deepcopy(document())
    for path in list(about_reports["paths"]):
        if not path.startswith("/v1/reports") or path.endswith("bulk"):
            del about_reports["paths"][path]
    # Numbers there are, since nobody walks on from one that is refused.
    request = about_reports["components"]["schemas"]["ReportRequest"]["properties"]
    request["number"] = request["callback_number"] = {"enum": ["+8613812345678", "+4930901820"]}
    del request["region"], request["occurred_at"]

    class Walk(published(about_reports).as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.undone = undone()
            self.undone.__enter__()

        def teardown(self) -> None:
            self.undone.__exit__(None, None, None)

        def after_call(self, response: schemathesis.Response, case: schemathesis.Case) -> None:
            seen.add((case.operation.definition.raw["operationId"], response.status_code))
            hold_to_schema(case, response)

    assert issubclass(Walk, OpenAPIStateMachine)
    Walk.run(settings=settings(bounded, max_examples=FUZZ or 15, stateful_step_count=8))
    # Ids were taken from one answer to the next: nobody finds a report of his by chance.
    assert {("read_report", 200), ("withdraw_report", 204), ("add_evidence", 201)} <= seen
