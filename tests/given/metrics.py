"""Scrapes of GET /metrics, read as Prometheus does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.given.api_requests import Answer, ask

type Samples = dict[tuple[str, ...], float]


def scrape(**kwargs: Any) -> Answer:
    return ask("GET", "/metrics", **({"address": "127.0.0.1"} | kwargs))


def samples() -> Samples:
    """All that is told, by name and labels in the order of their names."""
    answer = scrape()
    assert answer.status == 200, answer.body
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


@contextmanager
def growth() -> Iterator[Samples]:
    """What the counters of the service grew by meanwhile: they are the process's, not a test's."""
    grown: Samples = {}
    before = samples()
    yield grown
    for name, value in samples().items():
        if name[0].startswith("ringscore") and not name[0].endswith(
            ("_created", "_bucket", "_sum")
        ):
            grown[name] = value - before.get(name, 0.0)
    # The scrapes themselves.
    grown.pop(("ringscore_request_seconds_count", "/metrics", "GET", "200"))
    grown.pop(("ringscore_feed_waiting",), None)
    for name in [name for name, value in grown.items() if value == 0]:
        del grown[name]
