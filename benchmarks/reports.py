"""Single reports over HTTP: where their time goes, and how many there are a second.

    python benchmarks/reports.py [--rounds N] [--each N]

The load visits the servers in turn, round by round, as in benchmarks/lookup.py: ratios are medians
over rounds. pgbench runs the SQL of other reports, as our server sends it, in the same rounds. The
results are compared with those of an early version, as ratios: 0.12 of the rate of that SQL, and
0.21 of the rate of a plain view of Django REST framework.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import orjson
import psutil

from benchmarks import _apps, _load, _numbers, _parts, _world
from benchmarks.lookup import Server, database_cpu, serving
from benchmarks.report_costs import ask

if TYPE_CHECKING:
    from benchmarks import _reports

CONNECTIONS = 4
# The early version: 171 reports a second, beside 814 answers of the plain view.
THEN_OF_PLAIN = 171 / 814
SPREAD, GATEWAY, HOT, ALONE, PLAIN = (
    "many numbers, many reporters",
    "many numbers, one reporter (a gateway)",
    "one number, as many reporters as reports",
    "many numbers, many reporters, one connection",
    "a plain REST framework view, reading a number",
)
PGBENCH, PREPARED = "the same SQL through pgbench", "the same, each statement planned once"


class Seen:
    """One kind of load over several rounds; processor seconds are those of a request."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.latencies: list[float] = []
        self.python: list[float] = []
        self.database: list[float] = []

    def visit(self, server: Server, requests: list[bytes], connections: int) -> None:
        before, before_database = server.cpu(), database_cpu()
        found = _load.send(server.port, requests, connections=connections)
        self.rates.append(found.rate)
        self.latencies += found.latencies
        self.python.append((server.cpu() - before) / found.answers)
        self.database.append((database_cpu() - before_database) / found.answers)

    def note(self, replayed: "_reports.Replayed") -> None:
        self.rates.append(replayed.rate)
        self.python.append(replayed.client)
        self.database.append(replayed.database)

    def line(self, title: str) -> str:
        cuts = statistics.quantiles(self.latencies, n=100) if self.latencies else []
        waits = f"{cuts[49] * 1e3:>9.2f}{cuts[98] * 1e3:>9.2f}" if cuts else " " * 18
        return (
            f"{title:<48}{statistics.median(self.rates):>9,.0f}{waits}"
            f"{statistics.median(self.python) * 1e6:>9,.0f}"
            f"{statistics.median(self.database) * 1e6:>9,.0f}"
        )

    def against(self, other: "Seen") -> float:
        pairs = zip(self.rates, other.rates, strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)

    def lighter_than(self, other: "Seen") -> float:
        """How many requests of this kind take the processor time of one of the other."""
        mine = zip(self.python, self.database, strict=True)
        theirs = zip(other.python, other.database, strict=True)
        return statistics.median(
            sum(heavy) / sum(light) for light, heavy in zip(mine, theirs, strict=True)
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=200, help="requests of each kind in a round")
    options = parser.parse_args()
    _world.prepare()
    _apps.unlimited()
    now = datetime.now(UTC)
    tokens = _world.tokens(now)
    print(
        f"{psutil.cpu_count()} cores, {_numbers.NUMBERS:,} numbers, 1 worker, "
        f"load of the machine {psutil.getloadavg()[0]:.1f} before"
    )
    inside(options.each, tokens)
    print()
    over_http(options, tokens, now)


# --- Where it goes -------------------------------------------------------------------------------


def inside(times: int, tokens: list[str]) -> None:
    """A first report in this process, on one connection, part by part."""
    from config.wsgi import application

    parts, chance = _parts.Parts(), random.Random()
    bodies = [_body(chance.randrange(_numbers.NUMBERS)) for _ in range(times + len(tokens))]
    for token in tokens:  # a key's use is noted once a minute
        ask(application, token, "POST", "/v1/reports", bodies.pop())
    with parts.measured(_functions()):
        for place, body in enumerate(bodies):
            token = tokens[place % len(tokens)]
            parts.request(partial(ask, application, token, "POST", "/v1/reports", body))
    print(f"{'Inside one report, the parts without one another':<58}{'CPU µs':>8}{'share':>8}")
    print(*parts.lines(), sep="\n")


def _functions() -> dict[str, list[tuple[Any, str]]]:
    from api import callers, filing, idempotency, limits
    from reputation import campaigns, counting, reports
    from reputation.counting import publishing
    from reputation.feeds import log
    from reputation.models import prepared, table

    return {
        "authentication: the key is read and checked": [
            (callers, "presented"),
            (callers, "find"),
            (callers, "touch"),
        ],
        "limit: counted in the cache": [(limits, "count")],
        "body: parsed and validated": [(filing, "read_fields")],
        "number: identified": [(filing, "identify_field")],
        "network: its pseudonym": [(filing, "network_of")],
        "idempotency: fingerprint and record; the statement": [
            (idempotency, "once"),
            (idempotency, "fingerprint"),
        ],
        "statements: sent, and their results awaited": [
            (prepared, "_in_one_trip"),
            (prepared.Prepared, "_execute"),
        ],
        "rows of objects as JSON": [(table, "_texts")],
        "objects of rows": [(table.Table, "load"), (table.Table, "new")],
        "fold: weight, buckets, evidence": [(counting, "append_reports")],
        "campaign: does it join one": [(campaigns, "join")],
        "settlement: is it plain, who earns": [(counting, "settle")],
        "judgement: answer, and when it changes": [(publishing, "decide")],
        "change log": [(log, "append")],
        "filing, locks and the transaction besides": [(reports, "submit_report")],
        "answer: made and as JSON": [(filing, "_receipt"), (filing, "dump")],
    }


# --- How many there are --------------------------------------------------------------------------


def over_http(options: argparse.Namespace, tokens: list[str], now: datetime) -> None:
    from api.keys import create_key
    from benchmarks import _reports

    each, rounds = options.each, options.rounds
    seen = {title: Seen() for title in (SPREAD, GATEWAY, HOT, ALONE, PLAIN, PGBENCH, PREPARED)}
    # Distinct numbers throughout: two first reports by one reporter would be a repetition.
    places = iter(random.Random().sample(range(_numbers.NUMBERS), (rounds + 1) * 8 * each))
    voices = [create_key(name="hot", scopes=["report"], now=now)[1] for _ in range(each)]

    def spread(by: list[str]) -> list[bytes]:
        return [_report(next(places), by[i % len(by)]) for i in range(each)]

    def hot() -> Iterator[bytes]:
        place = next(places)
        return (_report(place, voice) for voice in voices)

    with serving(["ours", "plain"], CONNECTIONS) as servers:
        ours = servers["ours"]
        for round_ in range(-1, rounds):  # the first warms up
            if round_ == 0:
                seen = {title: Seen() for title in seen}
            seen[SPREAD].visit(ours, spread(tokens), CONNECTIONS)
            seen[GATEWAY].visit(ours, spread(tokens[:1]), CONNECTIONS)
            seen[HOT].visit(ours, list(hot()), CONNECTIONS)
            seen[ALONE].visit(ours, spread(tokens), 1)
            seen[PLAIN].visit(
                servers["plain"],
                [_load.get(f"/{_numbers.key_of(next(places))}") for _ in range(each)],
                CONNECTIONS,
            )
            for title, script in (
                (PGBENCH, _reports.planned_each_time),
                (PREPARED, _reports.prepared),
            ):
                numbers = [_numbers.key_of(next(places)) for _ in range(each)]
                sent = _reports.transactions(numbers, tokens, now=datetime.now(UTC))
                scripts = [script(sent[i::CONNECTIONS]) for i in range(CONNECTIONS)]
                seen[title].note(_reports.replay(scripts))
    title = f"Reports over HTTP, {CONNECTIONS} connections"
    print(f"{title:<48}{'a second':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>9}{'in SQL':>9}")
    for title, found in seen.items():
        print(found.line(title))
    print()
    _verdicts(seen)


def _verdicts(seen: dict[str, Seen]) -> None:
    reports = seen[SPREAD]
    print(f"{'':<68}{'target':>8}{'found':>8}")
    for title, target, found in (
        ("reports to the same SQL through pgbench (then .12)", 0.5, reports.against(seen[PGBENCH])),
        ("  by processor time: its SQL to our report", 0.5, reports.lighter_than(seen[PGBENCH])),
        ("  to SQL that is planned once", None, reports.against(seen[PREPARED])),
        (
            "times the rate of then, as a share of the plain view's",
            6.0,
            reports.against(seen[PLAIN]) / THEN_OF_PLAIN,
        ),
        (
            "  by the worker's processor time, which bounds the rate of one worker",
            6.0,
            statistics.median(
                plain / ours for ours, plain in zip(reports.python, seen[PLAIN].python, strict=True)
            )
            / THEN_OF_PLAIN,
        ),
        ("one number to many, one after the other", 1.0, seen[HOT].against(seen[ALONE])),
        ("one reporter to many", 0.9, seen[GATEWAY].against(reports)),
    ):
        goal = "" if target is None else f"{target:.2f}"
        verdict = "" if target is None else "  met" if found >= target else "  MISSED"
        print(f"{title:<68}{goal:>8}{found:>8.2f}{verdict}")


def _body(place: int) -> bytes:
    return orjson.dumps({"number": _numbers.key_of(place), "category": "loan_scam"})


def _report(place: int, token: str) -> bytes:
    return _load.post("/v1/reports", _body(place), token)


if __name__ == "__main__":
    main()
