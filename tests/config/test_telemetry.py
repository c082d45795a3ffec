"""What OpenTelemetry gets to know: each request, statement, job and call, and no person."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
import requests
from django.db import connection
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_django import Settings

from api.wsgi import lookups_first
from config import jobs, telemetry, wsgi
from edge import NotRead, tracing
from tests.e2e.server import Server
from tests.given.api_requests import ask, holder

NUMBER, NATIONAL, MAILBOX, WORDS = "+12025550104", "2025550104", "a@mail.example", "Rumpelstilz"
ADDRESS, AGENT = "192.0.2.77", "Fritz/7.0"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALLER = f"00-{TRACE}-{PARENT}-01"


@dataclass
class Watched:
    """The application, traced into memory."""

    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    reader: InMemoryMetricReader = field(default_factory=InMemoryMetricReader)

    def __post_init__(self) -> None:
        self.telemetry = telemetry.Telemetry(
            SimpleSpanProcessor(telemetry.only_allowed(self.exporter)), self.reader
        )
        self.application = self.telemetry.traced(lookups_first(wsgi.django))

    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def everything(self) -> str:
        """All that left, as text."""
        metrics = self.reader.get_metrics_data()
        return "".join(span.to_json() for span in self.spans()) + (
            metrics.to_json() if metrics else ""
        )


@pytest.fixture
def watched() -> Iterator[Watched]:
    found = Watched()
    found.telemetry.instrument()
    with connection.execute_wrapper(found.telemetry.statement):  # as of a connection opened now
        yield found
    found.telemetry.end()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "target", "name", "status"),
    [
        ("GET", f"/v1/numbers/{NUMBER}?x={MAILBOX}", "GET /v1/numbers/{number}", 200),
        ("GET", f"/v1/numbers/{NATIONAL}?region=US", "GET /v1/numbers/{number}", 200),
        ("GET", f"/v1/numbers/{NUMBER}/reports", "GET /v1/numbers/{number}/reports", 200),
        ("POST", "/v1/numbers/lookup", "POST /v1/numbers/lookup", 200),
        ("POST", "/v1/reports", "POST /v1/reports", 201),
        ("GET", f"/numbers/{NUMBER}", "GET /numbers/{number}", 200),
        ("GET", f"/nothing/{NUMBER}", "GET", 404),
    ],
)
def test_each_request_is_a_span_by_its_template_in_the_callers_trace(
    watched: Watched, settings: Settings, method: str, target: str, name: str, status: int
) -> None:
    settings.FICTIONAL_NUMBERS = True
    by = holder()
    comment = f"He said he was {WORDS}, {MAILBOX}"
    body = {"number": NUMBER, "category": "loan_scam", "comment": comment}
    answer = ask(
        method, target, by=by, address=ADDRESS, traceparent=CALLER, app=watched.application,
        body={"numbers": [NUMBER]} if "lookup" in target else body if method == "POST" else None,
        user_agent=AGENT, x_forwarded_for=ADDRESS, baggage=f"who={MAILBOX}", host="testserver",
    )  # fmt: skip
    assert answer.status == status
    *statements, request = watched.spans()
    assert (request.name, request.kind.name) == (name, "SERVER")
    assert f"{request.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == PARENT
    assert request.attributes["http.response.status_code"] == answer.status
    assert len(request.attributes["ringscore.request_id"]) == 16
    assert {span.parent.span_id for span in statements} <= {request.context.span_id}
    if status in (200, 201):
        assert any("reputation_number" in span.attributes["db.query.text"] for span in statements)
    for personal in (
        *(NUMBER, NUMBER[1:], NATIONAL, MAILBOX, WORDS, ADDRESS, AGENT, by.token, by.key.prefix),
        "%2B12025550104",
    ):
        assert personal not in watched.everything()


@pytest.mark.django_db
def test_what_breaks_is_an_error_without_its_words(watched: Watched) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reputation_number RENAME COLUMN gathered TO gone")
    answer = ask("GET", f"/v1/numbers/{NUMBER}", app=watched.application)
    assert answer.status == 500
    statement, request = watched.spans()[-2:]
    assert statement.attributes["error.type"].endswith("UndefinedColumn")
    assert (statement.status.status_code.name, request.status.status_code.name) == ("ERROR",) * 2
    assert "does not exist" not in watched.everything()
    assert not any(span.events for span in watched.spans())


def test_a_run_that_ends_at_the_body_is_of_the_same_trace_and_no_error(watched: Watched) -> None:
    def application(environ, start_response):  # type: ignore[no-untyped-def]
        if environ["wsgi.input"] is None:
            raise NotRead
        start_response("200 OK", [])
        return [b"read"]

    traced = watched.telemetry.traced(application)
    environ = {"REQUEST_METHOD": "POST", "wsgi.url_scheme": "http", "wsgi.input": None}
    with pytest.raises(NotRead):
        traced(environ, lambda *_: None)
    environ["wsgi.input"] = object()
    assert b"".join(traced(environ, lambda *_: None)) == b"read"
    first, second = watched.spans()
    assert first.context.trace_id == second.context.trace_id
    assert second.parent.span_id == first.context.span_id
    assert first.status.status_code.name == "UNSET"
    # Nothing of it is left in this thread for the next request.
    b"".join(traced({**environ, "HTTP_TRACEPARENT": ""}, lambda *_: None))
    assert watched.spans()[-1].parent is None


@pytest.mark.django_db
def test_jobs_are_spans_with_their_statements(watched: Watched) -> None:
    jobs.app.tasks["queue"].func(0)
    *statements, job = watched.spans()
    assert (job.name, job.attributes) == ("job queue", {"ringscore.job": "queue"})
    assert statements
    assert {span.parent.span_id for span in statements} == {job.context.span_id}
    assert "ringscore.job.duration" in watched.everything()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.received = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_calls_to_others_carry_the_trace_and_name_the_server_alone(
    watched: Watched, receiver: http.server.ThreadingHTTPServer
) -> None:
    with tracing.span("job x"):
        requests.post(
            f"http://127.0.0.1:{receiver.server_port}/send/{NATIONAL}?to={NUMBER}",
            json={},
            timeout=5,
        )
        with tracing.span("POST", client=True, attributes={"server.address": "a.example"}) as more:
            pass
    call, own, job = watched.spans()
    [(_, headers, _)] = receiver.received  # type: ignore[attr-defined]
    trace = f"{job.context.trace_id:032x}"
    assert headers["traceparent"][:-3] == f"00-{trace}-{call.context.span_id:016x}"
    assert more["traceparent"][:-3] == f"00-{trace}-{own.context.span_id:016x}"
    assert (call.name, call.attributes["server.address"]) == ("POST", "127.0.0.1")
    assert NATIONAL not in watched.everything()


def test_without_a_collector_the_application_is_the_same_and_nothing_is_imported() -> None:
    assert telemetry.started() is None
    with tracing.span("job x") as headers:
        assert headers == {}


def test_statements_are_without_values() -> None:
    said = "SELECT 'it''s +12025550104', 17, a1 FROM b WHERE c IN (%s, %s, %s) AND d = $1"
    assert telemetry.without_values(said) == "SELECT ?, ?, a1 FROM b WHERE c IN (%s) AND d = $1"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_server_sends_what_it_did_to_the_collector(
    receiver: http.server.ThreadingHTTPServer,
) -> None:
    by = holder("lookup", "bulk")
    server = Server(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.server_port}",
        OTEL_BSP_SCHEDULE_DELAY="50",
        OTEL_METRIC_EXPORT_INTERVAL="50",
        FICTIONAL_NUMBERS="1",
    ).start()
    names, metrics, said = set[str](), set[str](), b""
    wanted = {"GET /v1/numbers/{number}", "POST /v1/reports/bulk", "SELECT"}
    try:
        auth = {"Authorization": f"Bearer {by.token}", "traceparent": CALLER}
        with httpx.Client(base_url=server.url, headers=auth, timeout=30) as client:
            assert client.get(f"/v1/numbers/{NUMBER}").status_code == 200
            # Sent in chunks, a body is read only after the key was looked at.
            row = b'{"number": "%s", "category": "loan_scam"}\n' % NUMBER.encode()
            headers = {"Content-Type": "application/x-ndjson"}
            bulk = client.post("/v1/reports/bulk", content=iter([row]), headers=headers)
            assert bulk.status_code == 200, bulk.text
            while not (wanted <= names and "http.server.request.duration" in metrics):
                client.get("/healthz")
                while receiver.received:  # type: ignore[attr-defined]
                    path, _, body = receiver.received.pop()  # type: ignore[attr-defined]
                    said += body
                    if path == "/v1/traces":
                        for found in ExportTraceServiceRequest.FromString(body).resource_spans:
                            for scope in found.scope_spans:
                                names |= {span.name for span in scope.spans}
                    else:
                        told = ExportMetricsServiceRequest.FromString(body).resource_metrics
                        for group in (scope for each in told for scope in each.scope_metrics):
                            metrics |= {metric.name for metric in group.metrics}
    finally:
        server.stop()
    assert NUMBER.encode() not in said
    assert NATIONAL.encode() not in said
