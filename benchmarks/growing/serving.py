"""What benchmarks/growth.py measures in one database: each act, and what it costs.

Runs in a process of its own for each database, on one connection; acts come on standard input.
"""

import os
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import orjson

from benchmarks import _numbers
from benchmarks.growing import databases
from benchmarks.growing.costs import Act, cost_of


def serve(numbers: int) -> None:
    """Answers lines `ACT TIMES` with the act's cost as JSON, until the input ends."""
    acts = _acts(numbers)
    print("ready", flush=True)
    for line in sys.stdin:
        name, times = line.rsplit(maxsplit=1)
        print(orjson.dumps(asdict(cost_of(acts[name], int(times)))).decode(), flush=True)


def _acts(numbers: int) -> dict[str, Act]:
    import django
    from django.conf import settings

    for group in ("lookup", "report"):
        settings.RATE_LIMITS[group]["key"] = "1000000000/h"
    settings.MODERATOR_MFA_REQUIRED = False
    settings.FEEDS_DIR = Path(tempfile.mkdtemp(prefix="ringscore-growth-"))
    django.setup()
    databases.use(numbers)
    chance = random.Random(os.getpid())

    def known() -> str:
        return _numbers.key_of(chance.randrange(numbers))

    def asked_for() -> str:
        """Draws a number by Zipf's law: the n-th is drawn in proportion to 1 / n."""
        return _numbers.key_of(int(numbers ** chance.random()) - 1)

    from benchmarks.growing import api, panel, worker

    return (
        api.acts(known, asked_for, chance)
        | panel.acts(known, databases.gateway(numbers))
        | worker.acts(numbers, chance)
    )
