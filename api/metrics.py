"""Metrics for Prometheus. Counting must cost almost nothing, since a phone waits.

Each process counts in its own memory. Several workers write to files, which each of them can add up
(config.metrics); a count then costs about 3 µs rather than 1. api.views.metrics computes figures
from the database on request.
"""

import re
from collections.abc import Callable
from functools import cache
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram

from edge import tracing

REGISTRY = CollectorRegistry()

# Seconds. Lookups fall into the small ones; after 5 s phones no longer wait.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

LATENCY = Histogram(
    "ringscore_request_seconds",
    "Time from request to answer, without the application server's own.",
    ["endpoint", "method", "status"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
REPORTS = Counter(
    "ringscore_reports",
    "Reports taken in, by the way they came and whether they were new or an update.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
REFUSALS = Counter(
    "ringscore_limit_refusals",
    "Requests refused by a rate limit: a row of RATE_LIMITS, and whether it was a key's.",
    ["limit", "kind"],
    registry=REGISTRY,
)
UNCOUNTED = Counter(
    "ringscore_limit_uncounted",
    "Requests let through uncounted, because the cache was away.",
    ["limit"],
    registry=REGISTRY,
)

LOOKUP = "/v1/numbers/{number}"
LOOKUPS = "/v1/numbers/lookup"
REPORT = "/v1/reports"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PARAMETER = re.compile(r"<(?:[^:>]*:)?([^>]*)>")

_lookups: dict[int, Histogram] = {}


def lookup_answered(status: int, seconds: float) -> None:
    """Counts a lookup that bypassed Django. Called for each lookup, so it caches its counter."""
    counter = _lookups.get(status)
    if counter is None:
        counter = _lookups[status] = LATENCY.labels(LOOKUP, "GET", status)
    counter.observe(seconds)


def reports_taken(channel: str, *, created: int, updated: int) -> None:
    """Counts reports that are committed. `channel`: api, bulk, phoneblock, …"""
    if created:
        REPORTS.labels(channel, "created").inc(created)
    if updated:
        REPORTS.labels(channel, "updated").inc(updated)


def timed(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: times every answer of Django; for a stream, the time until it begins."""

    def middleware(request: HttpRequest) -> HttpResponse:
        start = perf_counter()
        response = get_response(request)
        seconds = perf_counter() - start
        method = request.method if request.method in METHODS else "other"
        match = request.resolver_match
        endpoint = template_of(match.route) if match is not None else "none"
        request.META[tracing.ROUTE] = endpoint
        LATENCY.labels(endpoint, method, response.status_code).observe(seconds)
        return response

    return middleware


@cache
def template_of(route: str) -> str:
    """A route as in the API document. Paths themselves contain numbers, and are unbounded.

    The panel's many pages are one endpoint.
    """
    if route.startswith("admin/"):
        return "/admin"
    return "/" + PARAMETER.sub(r"{\1}", route)
