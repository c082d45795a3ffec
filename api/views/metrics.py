"""/metrics, for Prometheus. Private, since the figures would also help attackers."""

import hmac
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api import errors, limits, tally
from api.limits import LimitExceeded
from api.metrics import REGISTRY
from api.problems import problem
from api.views.service import for_reading
from edge import client_address, is_within
from reputation import health
from reputation.disputes import costs

# A longer scrape is useless, and would add load to a database in trouble.
PATIENCE_MS = 2000

QUEUES = """
    SELECT
        (SELECT count(*) FROM reputation_feedchange WHERE cursor IS NULL),
        (SELECT min(changed_at) FROM reputation_feedchange WHERE cursor IS NULL),
        (SELECT count(*) FROM reputation_number WHERE reassess_at <= %s),
        (SELECT min(reassess_at) FROM reputation_number WHERE reassess_at <= %s)
"""


@for_reading
def metrics(request: HttpRequest) -> HttpResponse:
    refusal = _refusal(request.META)
    if refusal is not None:
        return refusal
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
    registry.register(FromDatabase(now=timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class FromDatabase(Collector):
    """Figures from the database, read on request and therefore the same in every process."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        built = GaugeMetricFamily(
            "ringscore_build_info",
            "1, for the release that answers and the commit that it was built from.",
            labels=["version", "commit"],
        )
        built.add_metric([settings.RELEASE, settings.COMMIT], 1)
        yield built
        try:
            metrics = [*self._queues(), self._changes(), self._jobs(), *self._paid()]
        except (DatabaseError, InterfaceError):
            # The other figures are needed now more than ever.
            metrics = []
        yield GaugeMetricFamily(
            "ringscore_database_up", "Whether the database answered this time.", bool(metrics)
        )
        yield from metrics
        yield self._parts()

    def _parts(self) -> Metric:
        family = GaugeMetricFamily(
            "ringscore_part_level",
            "What doctor finds of a part: 0 well, 1 unchecked, 2 advice, 3 degraded, 4 broken.",
            labels=["part"],
        )
        for check, finding in health.look(now=self.now):
            family.add_metric([check.name], finding.level)
        return family

    def _queues(self) -> Iterator[Metric]:
        with _patiently() as cursor:
            cursor.execute(QUEUES, [self.now, self.now])
            changes, changed_at, numbers, due_at = cursor.fetchone()
        for name, meaning, waiting, since in (
            ("feed", "changes that have no cursor yet", changes, changed_at),
            ("reassess", "numbers to be judged anew", numbers, due_at),
        ):
            yield GaugeMetricFamily(f"ringscore_{name}_waiting", f"Waiting: {meaning}.", waiting)
            yield GaugeMetricFamily(
                f"ringscore_{name}_oldest_seconds",
                f"How long the oldest has waited: {meaning}.",
                max((self.now - since).total_seconds(), 0.0) if since else 0.0,
            )

    def _jobs(self) -> Metric:
        family = GaugeMetricFamily(
            "ringscore_job_succeeded_timestamp_seconds",
            "When the periodic job last ended well.",
            labels=["job"],
        )
        with _patiently():
            for job, at in health.job_runs().items():
                family.add_metric([job], at.timestamp())
        return family

    def _paid(self) -> Iterator[Metric]:
        sent = GaugeMetricFamily(
            "ringscore_paid_messages",
            "Codes by text or call and answers by text that went out within the last hour or day.",
            labels=["window", "country"],
        )
        with _patiently():
            paid = costs.paid(now=self.now)
        for country, (hour, day) in paid.items():
            sent.add_metric(["hour", country], hour)
            sent.add_metric(["day", country], day)
        yield sent
        budget = GaugeMetricFamily(
            "ringscore_paid_messages_budget",
            "How many may go out within an hour or a day, in all or to one country.",
            labels=["window", "scope"],
        )
        budget.add_metric(["hour", "all"], settings.CODES_PER_HOUR)
        budget.add_metric(["day", "all"], settings.CODES_PER_DAY)
        budget.add_metric(["hour", "country"], settings.CODES_PER_COUNTRY_HOUR)
        budget.add_metric(["day", "country"], settings.CODES_PER_COUNTRY_DAY)
        yield budget

    def _changes(self) -> Metric:
        family = CounterMetricFamily(
            "ringscore_actions_changed",
            "Changes of what is told of a number to do, as in the change log.",
            labels=["previous", "action"],
        )
        for (previous, action), count in tally.action_changes().items():
            family.add_metric([previous, action], count)
        return family


@contextmanager
def _patiently() -> Iterator[Any]:
    """A transaction in which no statement takes longer than PATIENCE_MS."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
        yield cursor


def _refusal(environ: MutableMapping[str, Any]) -> HttpResponse | None:
    """The refusal for a caller without access; None for an admitted one."""
    tokens: list[str] = settings.METRICS_TOKEN
    shown = environ.get("HTTP_AUTHORIZATION", "")
    if any(hmac.compare_digest(shown.encode(), f"Bearer {each}".encode()) for each in tokens):
        return None
    if not shown and _is_near(environ):
        return None
    if tokens and shown:
        try:
            limits.count("failed_auth", None, environ)
        except LimitExceeded as exceeded:
            body = problem(429, "rate-limited", str(exceeded))
            return errors.answer(body, limits.headers_of(exceeded.usage))
    detail = (
        "Metrics are private: show METRICS_TOKEN as `Authorization: Bearer <token>`, or ask from "
        "an address in METRICS_NETWORKS."
    )
    if tokens:
        challenge = {"WWW-Authenticate": errors.CHALLENGE}
        return errors.answer(problem(401, "metrics-private", detail), challenge)
    return errors.answer(problem(403, "metrics-private", detail))


def _is_near(environ: Mapping[str, Any]) -> bool:
    """Whether the request certainly comes from METRICS_NETWORKS.

    Behind an unconfigured proxy, on this machine for example, every client would seem to be local.
    So a request that shows more or fewer proxies than configured does not count as near.
    """
    if environ.get("HTTP_FORWARDED"):
        return False
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    proxies = len(forwarded.split(",")) if forwarded.strip() else 0
    if proxies and not 0 < settings.TRUSTED_PROXY_COUNT <= proxies:
        return False
    address = client_address(environ) if proxies else environ.get("REMOTE_ADDR", "")
    return is_within(address, settings.METRICS_NETWORKS)
