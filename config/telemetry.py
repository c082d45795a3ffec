"""Traces and metrics by OpenTelemetry, with the extra `ringscore-server[otel]`.

OpenTelemetry's instrumentation of WSGI traces requests, around the whole application, so that
lookups, which bypass Django, are traced like all others. Statements are traced by Django's
execute_wrapper, which the prepared statements of lookups honour too; an instrumentation of psycopg
would miss those. Only an allow-list of attributes is sent: no path, query, parameter, address, or
error message, even if an instrumentation adds one some day.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db.backends.signals import connection_created

from edge import Application, Environ, NotRead, request_ids, tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
    from opentelemetry.sdk.trace.export import SpanExporter


# Attributes that may be sent, by the names of OpenTelemetry's semantic conventions.
ALLOWED: Final = frozenset(
    {
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "url.scheme",
        "network.protocol.version",
        "error.type",
        "db.system.name",
        "db.query.text",
        "ringscore.job",
        "ringscore.request_id",
    }
)
# Only for requests to other servers. In requests to us, clients choose it by the header Host.
OF_CLIENTS: Final = frozenset({"server.address", "server.port"})
MOST_TEXT: Final = 8_000
# Set while a request waits for its body, with which the application begins again.
UNREAD: Final = "ringscore.unread"

LITERALS: Final = re.compile(r"'(?:[^']|'')*'|(?<![\w$%])\d+(?:\.\d+)?\b")
LISTS: Final = re.compile(r"%s(?:, ?%s)+")


def started() -> "Telemetry | None":
    """The telemetry of this process to settings.OTEL_ENDPOINT; None without one. Call it once."""
    if not settings.OTEL_ENDPOINT:
        return None
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    telemetry = Telemetry(
        BatchSpanProcessor(only_allowed(OTLPSpanExporter())),
        PeriodicExportingMetricReader(OTLPMetricExporter()),
    )
    telemetry.instrument()
    return telemetry


class Telemetry:
    """Traces and metrics of one process: measures and sends them."""

    def __init__(self, processor: "SpanProcessor", reader: "MetricReader") -> None:
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.view import View
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        resource = Resource.create(
            {
                "service.name": os.environ.get("OTEL_SERVICE_NAME", "ringscore"),
                "service.version": settings.RELEASE,
            }
        )
        self.spans = TracerProvider(resource=resource)
        self.spans.add_span_processor(processor)
        allowed = View(instrument_name="*", attribute_keys=set(ALLOWED | OF_CLIENTS))
        self.metrics = MeterProvider([reader], resource=resource, views=[allowed])
        self.tracer = self.spans.get_tracer("ringscore")
        self.jobs = self.metrics.get_meter("ringscore").create_histogram(
            "ringscore.job.duration", unit="s", description="Duration of periodic jobs."
        )
        self.propagator = TraceContextTextMapPropagator()

    def instrument(self) -> None:
        """Traces the database and requests to other servers, in the whole process."""
        from opentelemetry import propagate
        from opentelemetry.instrumentation.requests import RequestsInstrumentor

        propagate.set_global_textmap(self.propagator)  # without the clients' baggage
        RequestsInstrumentor().instrument(tracer_provider=self.spans, meter_provider=self.metrics)
        connection_created.connect(self._watch, weak=False)
        tracing.use(self)

    def end(self) -> None:
        """Undoes `instrument`, and sends what is waiting."""
        from opentelemetry.instrumentation.requests import RequestsInstrumentor

        RequestsInstrumentor().uninstrument()
        connection_created.disconnect(self._watch)
        tracing.use(None)
        self.spans.shutdown()
        self.metrics.shutdown()

    def _watch(self, connection: Any, **_: Any) -> None:
        if self.statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.statement)

    def statement(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        """An execute_wrapper: one span for each statement within a request or job."""
        from opentelemetry.trace import get_current_span

        if not get_current_span().is_recording():
            return execute(sql, params, many, context)
        text = without_values(sql) if isinstance(sql, str) else ""
        attributes = {"db.system.name": "postgresql", "db.query.text": text}
        with self.span(text.partition(" ")[0] or "statement", client=True, attributes=attributes):
            return execute(sql, params, many, context)

    @contextmanager
    def span(self, name: str, *, client: bool, attributes: Mapping[str, str]) -> Iterator[None]:
        from opentelemetry.trace import SpanKind, Status, StatusCode

        began = time.perf_counter()
        with self.tracer.start_as_current_span(
            name,
            kind=SpanKind.CLIENT if client else SpanKind.INTERNAL,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute("error.type", type(error).__qualname__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                if job := attributes.get("ringscore.job"):
                    self.jobs.record(time.perf_counter() - began, {"ringscore.job": job})

    def headers(self) -> dict[str, str]:
        carrier: dict[str, str] = {}
        self.propagator.inject(carrier)
        return carrier

    def traced(self, application: Application) -> Application:
        """`application`, with a span for each request that continues the caller's trace."""
        from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

        def reading(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            try:
                return application(environ, start_response)
            except NotRead:
                # The run with the body continues this trace.
                environ["HTTP_TRACEPARENT"] = self.headers().get("traceparent", "")
                environ[UNREAD] = True
                return ()

        middleware: Any = OpenTelemetryMiddleware(
            reading,
            response_hook=_name,
            tracer_provider=self.spans,
            meter_provider=self.metrics,
        )

        def outer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            answer: Iterable[bytes] = middleware(environ, start_response)
            if environ.pop(UNREAD, False):
                for _ in answer:  # ends the span
                    pass
                raise NotRead
            return answer

        return outer


def _name(span: Any, environ: Environ, status: str, headers: list[tuple[str, str]]) -> None:
    if (route := environ.get(tracing.ROUTE, "none")) != "none":
        span.set_attribute("http.route", route)
    if request_id := environ.get(request_ids.KEPT):
        span.set_attribute("ringscore.request_id", request_id)


@lru_cache(maxsize=1_000)
def without_values(sql: str) -> str:
    """A statement without literals; lists of parameters of any length look the same."""
    return LISTS.sub("%s", LITERALS.sub("?", " ".join(sql.split())))[:MOST_TEXT]


def only_allowed(exporter: "SpanExporter") -> "SpanExporter":
    """`exporter`, which gets spans with only the attributes that ALLOWED names."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class OnlyAllowed(SpanExporter):
        def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
            return exporter.export([bare(span) for span in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return exporter.force_flush(timeout_millis)

    return OnlyAllowed()


def bare(span: "ReadableSpan") -> "ReadableSpan":
    """A span without names made of paths, and without events, messages and other attributes."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanKind, Status

    allowed = ALLOWED | OF_CLIENTS if span.kind is SpanKind.CLIENT else ALLOWED
    attributes = {name: value for name, value in (span.attributes or {}).items() if name in allowed}
    name = span.name
    if method := attributes.get("http.request.method"):
        name = f"{method} {attributes.get('http.route', '')}".strip()
    return ReadableSpan(
        name=name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
