"""The SQL of filing reports, as Django sends it, replayed by pgbench: the database's own cost.

Each transaction files a report for real and is rolled back, and its statements are kept as sent.
No two concern the same number, so that they can be replayed in any order and at once, with the same
effect.
"""

import os
import re
import resource
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from api import callers
from config import embedded
from reputation.identity import identify
from reputation.models import Reporter
from reputation.reports import Statement, submit_report

CATEGORIES = ("loan_scam", "telemarketing", "robocall", "illegal_collection", "legitimate")

# Statements with their parameters, in their order.
type Sent = list[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """Transactions a second, and seconds of processor time of each: pgbench's, PostgreSQL's."""

    rate: float
    client: float
    database: float


def transactions(numbers: Sequence[str], tokens: Sequence[str], *, now: datetime) -> list[Sent]:
    """What is sent for each number: it reads the key, and files the report under it."""
    return [
        _filed(number, tokens[i % len(tokens)], CATEGORIES[i % len(CATEGORIES)], now)
        for i, number in enumerate(numbers)
    ]


def planned_each_time(sent: Sequence[Sent]) -> str:
    """A script for pgbench in which PostgreSQL parses and plans each statement."""
    cursor = psycopg.ClientCursor[Any](connection.connection)
    return _script([[cursor.mogrify(sql, params) for sql, params in each] for each in sent])


def prepared(sent: Sequence[Sent]) -> str:
    """The same with statements that are planned once, as ours are."""
    cursor = psycopg.ClientCursor[Any](connection.connection)
    names: dict[str, str] = {}
    for sql in (sql for each in sent for sql, _ in each):
        names.setdefault(sql, f"statement_{len(names)}")
    plans = []
    for sql, name in names.items():
        first, *rest = sql.split("%s")
        numbered = "".join(f"${place}{part}" for place, part in enumerate(rest, 1))
        plans.append(f"PREPARE {name} AS {first}{numbered};")

    def run(sql: str, params: Sequence[str]) -> str:
        values = ", ".join(["%s"] * len(params))
        return cursor.mogrify(f"EXECUTE {names[sql]}" + (f"({values})" if params else ""), params)

    return "\n".join([*plans, _script([[run(*each) for each in some] for some in sent])])


def _script(transactions: Sequence[Sequence[str]]) -> str:
    """The first statement of each, which reads the key, comes before its transaction begins."""
    return "\n".join(
        ";\n".join([read, "BEGIN", *filed, "COMMIT"]) + ";" for read, *filed in transactions
    )


def replay(scripts: Sequence[str]) -> Replayed:
    """Runs each script on a connection of its own, all at once."""
    parameters = connection.get_connection_params()
    kept = ("host", "port", "user", "dbname", "passfile", "sslmode", "require_auth")
    target = make_conninfo(**{name: parameters[name] for name in kept if name in parameters})
    environment = os.environ | {"PGPASSWORD": parameters.get("password", "")}
    if not environment["PGPASSWORD"]:
        del environment["PGPASSWORD"]
    server = psutil.Process(connection.connection.info.backend_pid).parent()
    before, before_server = _children(), server.cpu_times() if server else None
    with tempfile.TemporaryDirectory(prefix="ringscore-bench-") as folder:
        running = []
        for i, script in enumerate(scripts):
            path = Path(folder) / f"{i}.sql"
            path.write_text(script)
            command = [str(embedded.program("pgbench")), "-n", "-t", "1", "-f", str(path), target]
            running.append(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
            )
        printed = [process.communicate()[0] for process in running]
    rate = count = 0.0
    for script, process, text in zip(scripts, running, printed, strict=True):
        took = re.search(r"latency average = ([\d.]+) ms", text)
        if process.returncode or took is None:
            raise SystemExit(f"pgbench failed: {text}")
        transactions = script.count("COMMIT;")
        count += transactions
        rate += transactions / float(took[1]) * 1000
    # Sessions that have ended are on their parent's account.
    after = server.cpu_times() if server else None
    database = (
        after.children_user
        + after.children_system
        - before_server.children_user
        - before_server.children_system
        if after and before_server
        else 0.0
    )
    return Replayed(rate, (_children() - before) / count, database / count)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _filed(number: str, token: str, category: str, now: datetime) -> Sent:
    sent: Sent = []

    def keep(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE")):  # there for the roll-back only
            sent.append((sql, params or ()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep), transaction.atomic():
        caller = callers.find(token, now=now)
        submit_report(
            reporter=Reporter(pk=caller.reporter_id),
            identity=identify(number),
            statement=Statement(category=category),
            network=f"network {caller.key_id}",
            now=now,
        )
        transaction.set_rollback(True)
    return sent
