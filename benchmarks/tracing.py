"""What OpenTelemetry costs a lookup: off, and on with spans that are kept in memory.

    python -m benchmarks.tracing

The processor time of this thread for one lookup, the least of many rounds that take turns; the
application as config.wsgi makes it, on the development database, without HTTP.
"""

import os
import time
from io import BytesIO
from typing import Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from edge import Application  # noqa: E402

ROUNDS: Final = 15
LOOKUPS: Final = 100


def ask(application: Application) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/v1/numbers/+12025550143",
        "QUERY_STRING": "",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
    }
    started: list[str] = []
    b"".join(application(environ, lambda status, *_: started.append(status)))
    assert started[0].startswith("200"), started


def main() -> None:
    call_command("migrate", verbosity=0)
    settings.RATE_LIMITS["lookup"]["anonymous"] = "1000000000/h"
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from config import telemetry, wsgi

    kept = InMemorySpanExporter()
    on = telemetry.Telemetry(
        SimpleSpanProcessor(telemetry.only_allowed(kept)), InMemoryMetricReader()
    )
    variants: dict[str, Application] = {
        "off": wsgi.application,
        "off, again": wsgi.application,
        "on": on.traced(wsgi.application),
    }
    least = dict.fromkeys(variants, float("inf"))
    for _ in range(ROUNDS):
        for name, application in variants.items():
            connection.execute_wrappers[:] = [on.statement] if name == "on" else []
            began = time.thread_time()
            for _ in range(LOOKUPS):
                ask(application)
            least[name] = min(least[name], (time.thread_time() - began) / LOOKUPS)
            kept.clear()
    for name, seconds in least.items():
        print(f"{name:<12}{seconds * 1e6:>8.1f} µs{seconds / least['off']:>8.2f}")


if __name__ == "__main__":
    main()
