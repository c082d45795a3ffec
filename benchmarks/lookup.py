"""The speed of lookups, next to the best possible and to the usual way.

    python benchmarks/lookup.py [--seconds S] [--rounds N] [--connections N] [--threads N] [PART …]

Parts: single, mixed, bulk, inside (all by default). All servers are granian with one
worker and run at once; the load visits them in turn, round by round, since a shared machine is
never quiet: ratios are medians over rounds, rates and latencies medians too. The client is a
process of its own (this one) and takes CPU from the servers, so ratios between fast servers are
understated: the rate against the server alone is its ceiling. Processor time is the server's, and
PostgreSQL's for it; one worker of ours can answer no faster than its own allows, nor a machine than
the sum.
"""

import argparse
import contextlib
import itertools
import math
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import orjson
import psutil

from benchmarks import _load, _numbers, _world
from config.management.commands import serve

# The applications of _apps.py in the order of requests, with their titles.
SINGLE = (
    ("ours", "Ringscore: key, limit, row, arithmetic"),
    ("threaded", "the same under WSGI, open to slow clients"),
    ("plain", "(c) plain REST framework view over the ORM"),
    ("one_read", "(b) the server and one prepared read"),
    ("constant", "(a) the server alone"),
    ("ours", "Ringscore, a number nobody reported"),
)
BULK_SERVERS = (
    ("ours", "Ringscore: key, limit, rows, arithmetic"),
    ("one_read_of_many", "(b) the server and one prepared read"),
    ("one_read_thousand", "the server and the very read of ours"),
    ("constant_thousand", "the server alone, as many bytes"),
    ("ours", "Ringscore, numbers nobody reported"),
    ("one_read_of_many", "(b), numbers nobody reported"),
)
BULK = 1_000
KEPT = 4_000  # rows that a busy process has read in two seconds
TARGET = 200_000  # numbers of bulk lookups a second for each worker
# Relative to the server with one prepared read: rate of single lookups uniform over all numbers,
# rate and slowest hundredth with the traffic that a service sees.
UNIFORM, MIXED, SLOWEST = 0.6, 1.0, 1.5
# Distinct numbers that a round requests: more than PostgreSQL can keep cached.
ASKED = 30_000
# The traffic that a service sees: most callers were never reported, and of those that were, the
# n-th is looked up in proportion to 1 / n (Zipf's law).
NEVER_REPORTED = 0.7
# A worker has read by then which numbers there are.
KNOWN_SECONDS = 5.0


class Server:
    """One application under granian, with the cost of its processes."""

    def __init__(self, name: str, threads: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        target = f"benchmarks._apps:{name}"
        if name == "ours":
            line = serve.command(host="127.0.0.1", port=self.port, target=target)
        else:
            granian = str(Path(sys.executable).parent / "granian")
            line = [granian, "--interface", "wsgi", "--port", str(self.port), target]
            line += ["--workers", "1", "--blocking-threads", str(threads)]
        self.process = subprocess.Popen(
            [*line, "--factory", "--log-level", "error"],
            cwd=_world.ROOT,
            env=os.environ | {"WEB_THREADS": str(threads)},
        )

    def wait(self) -> None:
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("granian did not start")
            time.sleep(0.05)

    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        main = psutil.Process(self.process.pid)
        times = [each.cpu_times() for each in (main, *main.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


@contextlib.contextmanager
def serving(names: list[str], threads: int) -> Iterator[dict[str, Server]]:
    servers = {name: Server(name, threads) for name in names}
    try:
        for server in servers.values():
            server.wait()
        yield servers
    finally:
        for server in servers.values():
            server.stop()


def database_cpu() -> float:
    """Seconds of processor time that PostgreSQL has used so far for the servers' connections."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        times = [psutil.Process(pid).cpu_times() for (pid,) in cursor.fetchall()]
    return sum(each.user + each.system for each in times)


class Seen:
    """One server over several rounds: rates a second, latencies and CPU in seconds."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.latencies: list[float] = []
        self.cpu: list[float] = []
        self.database: list[float] = []

    def visit(
        self, server: Server, requests: list[bytes], *, seconds: float, connections: int
    ) -> None:
        before, before_database = server.cpu(), database_cpu()
        found = _load.drive(server.port, requests, seconds=seconds, connections=connections)
        self.rates.append(found.rate)
        self.latencies += found.latencies
        self.cpu.append((server.cpu() - before) / found.answers)
        self.database.append((database_cpu() - before_database) / found.answers)

    def line(self, name: str, ratio: str, *, each: int = 1) -> str:
        cuts = statistics.quantiles(self.latencies, n=100)
        cpu, database = statistics.median(self.cpu), statistics.median(self.database)
        return (
            f"{name:<44}{statistics.median(self.rates) * each:>10,.0f}"
            f"{cuts[49] * 1e3:>9.2f}{cuts[98] * 1e3:>9.2f}"
            f"{cpu / each * 1e6:>9.1f}{database / each * 1e6:>9.1f}{ratio:>10}"
        )

    def slowest(self) -> float:
        """Seconds that a hundredth of the requests took, or longer."""
        return statistics.quantiles(self.latencies, n=100)[98]

    def against(self, other: "Seen") -> str:
        """The rate of this server relative to another, visited in the same rounds."""
        pairs = zip(self.rates, other.rates, strict=True)
        return f"{statistics.median(ours / theirs for ours, theirs in pairs):.2f}"


def header(what: str) -> str:
    cpu = f"{'CPU µs':>9}{'in SQL':>9}"
    return f"{what:<44}{'per second':>10}{'p50 ms':>9}{'p99 ms':>9}{cpu}{'ratio':>10}"


def single(options: argparse.Namespace, tokens: list[str]) -> None:
    """Single lookups: ours, the references, and ours for unlisted numbers."""
    chance = random.Random()
    keys = [_known(chance) for _ in range(ASKED)]
    unknown = [_unknown(chance) for _ in range(ASKED)]
    bare = [_load.get(f"/{key}") for key in keys]
    known = _lookups(keys, tokens)
    asked = [known, known, bare, bare, bare, _lookups(unknown, tokens)]
    seen = [Seen() for _ in SINGLE]
    with serving([name for name, _ in SINGLE[:5]], options.threads) as servers:
        time.sleep(KNOWN_SECONDS)
        for _ in range(options.rounds):
            for (name, _title), requests, each in zip(SINGLE, asked, seen, strict=True):
                chance.shuffle(requests)
                each.visit(
                    servers[name],
                    requests,
                    seconds=options.seconds,
                    connections=options.connections,
                )
    print(header("Single lookups over HTTP") + "  (ratio: the first to this one)")
    for (_name, title), each in zip(SINGLE, seen, strict=True):
        print(each.line(title, "" if each is seen[0] else seen[0].against(each)))
    _compare("rate", float(seen[0].against(seen[3])), least=UNIFORM)


def mixed(options: argparse.Namespace, tokens: list[str]) -> None:
    """Single lookups as a service sees them, and the same numbers at the server with one read."""
    chance = random.Random()
    places = list(range(_numbers.NUMBERS))
    weights = list(itertools.accumulate(1 / (place + 1) for place in places))
    known = chance.choices(places, cum_weights=weights, k=3 * ASKED)
    keys = [
        _unknown(chance) if chance.random() < NEVER_REPORTED else _numbers.key_of(place)
        for place in known
    ]
    asked = (_lookups(keys, tokens), [_load.get(f"/{key}") for key in keys])
    names, seen = ("ours", "one_read"), (Seen(), Seen())
    with serving(list(names), options.threads) as servers:
        time.sleep(KNOWN_SECONDS)
        for _ in range(options.rounds):
            for name, requests, each in zip(names, asked, seen, strict=True):
                each.visit(
                    servers[name],
                    requests,
                    seconds=options.seconds,
                    connections=options.connections,
                )
    ours, bare = seen
    print(header(f"{NEVER_REPORTED:.0%} unknown, others by Zipf, {len(tokens)} keys"))
    print(ours.line("Ringscore", ""))
    print(bare.line("(b) the server and one prepared read", ours.against(bare)))
    _compare("rate", float(ours.against(bare)), least=MIXED)
    _compare("slowest hundredth", ours.slowest() / bare.slowest(), most=SLOWEST)


def _compare(what: str, ratio: float, *, least: float = 0.0, most: float = math.inf) -> None:
    """Prints a ratio to the server with one prepared read, and its target."""
    target = f"≥ {least}" if least else f"≤ {most}"
    met = "met" if least <= ratio <= most else "MISSED"
    print(f"{what}: {ratio:.2f} × the server and one prepared read, target {target}: {met}")


def _lookups(keys: list[str], tokens: list[str]) -> list[bytes]:
    return [_load.get(f"/v1/numbers/{key}", tokens[i % len(tokens)]) for i, key in enumerate(keys)]


def bulk(options: argparse.Namespace, tokens: list[str]) -> None:
    """Lookups of a thousand numbers at once, next to the least cost of such answers."""
    chance = random.Random()
    asked = [_questions(_known, tokens), _questions(_unknown, tokens)]
    requests = [asked[0], asked[0], asked[0], asked[0], asked[1], asked[1]]
    seen = [Seen() for _ in BULK_SERVERS]
    with serving([name for name, _ in BULK_SERVERS[:4]], options.threads) as servers:
        for _ in range(options.rounds):
            for (name, _title), sent, each in zip(BULK_SERVERS, requests, seen, strict=True):
                chance.shuffle(sent)
                each.visit(servers[name], sent, seconds=options.seconds, connections=4)
    print(header("Bulk lookups over HTTP, 1,000 a request") + "  (per second and CPU: numbers)")
    for (_name, title), each in zip(BULK_SERVERS, seen, strict=True):
        ratio = "" if each is seen[0] else seen[4 if each is seen[5] else 0].against(each)
        print(each.line(title, ratio, each=BULK))
    for title, ours, bare in (("known", seen[0], seen[1]), ("of nobody", seen[4], seen[5])):
        rate = statistics.median(ours.rates) * BULK
        alone = BULK / statistics.median(ours.cpu)
        print(
            f"{title}: {ours.against(bare)} × the server and one prepared read; "
            f"target {TARGET:,} a second for each worker: {'met' if rate >= TARGET else 'MISSED'}; "
            f"its processor time alone would allow {alone:,.0f}"
        )


def _known(chance: random.Random) -> str:
    return _numbers.key_of(chance.randrange(_numbers.NUMBERS))


def _unknown(chance: random.Random) -> str:
    return f"+852{chance.randrange(51_000_000, 70_000_000)}"


def _questions(draw: Callable[[random.Random], str], tokens: list[str]) -> list[bytes]:
    chance = random.Random()
    bodies = (orjson.dumps({"numbers": [draw(chance) for _ in range(BULK)]}) for _ in range(60))
    return [_load.post("/v1/numbers/lookup", body, tokens[i]) for i, body in enumerate(bodies)]


def inside(options: argparse.Namespace, tokens: list[str]) -> None:
    """The cost of the parts of a lookup: the least of many tries, one thread."""
    from django.conf import settings

    from api import bodies, callers, limits, lookup
    from reputation.identity import identify, line_type
    from reputation.lookup import Recent
    from reputation.lookup import single as lookups
    from reputation.scoring.days import to_days

    settings.RATE_LIMITS["lookup"]["key"] = "1000000000/h"
    now = datetime.now(UTC)
    at = to_days(now)
    chance = random.Random()
    sample = [_known(chance) for _ in range(BULK)]
    rows = [row for key in sample if (row := lookups.ONE.one(key))]
    answers = [lookups.of_row(row, now=at) for row in rows]
    prefixes = [callers.prefix_of(token) for token in tokens]
    row = callers.KEY.one(prefixes[0])
    caller = callers.check(row, tokens[0], now=now)
    kept: Recent[str, Any] = Recent(seconds=math.inf, most=KEPT)
    keys_kept = [f"+{place}" for place in range(2 * KEPT)]
    parts: dict[str, tuple[list[Any], Callable[[Any], object]]] = {
        "identify (fast path)": (sample, lambda key: identify(key, allow_fictional=True)),
        "line type (of unknown numbers only)": (sample[:50], line_type),
        "read key and row (waits for PostgreSQL)": (
            sample[:50],
            lambda key: lookup.KEY_AND_NUMBER.one(key, prefixes[0]),
        ),
        "check the key": ([row], lambda found: callers.check(found, tokens[0], now=now)),
        "count against the limit": ([caller], lambda who: limits.count("lookup", who, {})),
        f"keep one row of {KEPT:,}, the oldest goes": (
            keys_kept,
            lambda key: kept.keep(key, rows[0], since=0.0),
        ),
        "judge and explain, from row to answer": (
            rows,
            lambda row: lookups.of_row(row, now=at),
        ),
        "answer to JSON": (answers, lambda answer: orjson.dumps(bodies.flat(answer, ""))),
    }
    print(f"{'Inside one lookup':<44}{'CPU µs':>10}{'all µs':>10}")
    for title, (arguments, part) in parts.items():
        busy, whole = _least(arguments, part)
        print(f"{title:<44}{busy:>10.2f}{whole:>10.2f}")
    busy, whole = _least([sample], lambda keys: lookup.reply_many(keys, "", now=now))
    print(f"{'one of a thousand, from text to JSON':<44}{busy / BULK:>10.2f}{whole / BULK:>10.2f}")


def _least(arguments: list[Any], part: Callable[[Any], object]) -> tuple[float, float]:
    """Microseconds a call: this thread's own processor time, and elapsed time."""
    busy, whole = [], []
    for _ in range(50):
        processor, start = time.thread_time(), time.perf_counter()
        for argument in arguments:
            part(argument)
        busy.append(time.thread_time() - processor)
        whole.append(time.perf_counter() - start)
    return min(busy) / len(arguments) * 1e6, min(whole) / len(arguments) * 1e6


PARTS: dict[str, Callable[[argparse.Namespace, list[str]], None]] = {
    "single": single,
    "mixed": mixed,
    "bulk": bulk,
    "inside": inside,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=1.0, help="of load in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--threads", type=int, default=4, help="of the server, as in the Makefile")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    _world.prepare()
    tokens = _world.tokens(datetime.now(UTC))
    print(
        f"{psutil.cpu_count()} cores, {_numbers.NUMBERS:,} numbers, {_world.kept_in_memory()}, "
        f"1 worker, load of the machine {psutil.getloadavg()[0]:.1f} before"
    )
    for name in options.parts:
        print()
        PARTS[name](options, tokens)


if __name__ == "__main__":
    main()
