"""The SQL of filing reports, as Django sends it, replayed by pgbench: the database's own cost.

Each transaction files a report for real and is rolled back, and its statements are kept as sent.
No two concern the same number, so that they can be replayed in any order and at once, with the same
effect.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from api import keys
from config import postgres
from reputation.identity import identify
from reputation.models import Reporter
from reputation.reports import Statement, submit_report

CATEGORIES = ("loan_scam", "telemarketing", "robocall", "illegal_collection", "legitimate")


def transactions(numbers: Sequence[str], tokens: Sequence[str], *, now: datetime) -> list[str]:
    """One script for each number: it reads the key, and files the report under it."""
    return [
        _filed(number, tokens[i % len(tokens)], CATEGORIES[i % len(CATEGORIES)], now)
        for i, number in enumerate(numbers)
    ]


def replay(scripts: Sequence[Sequence[str]]) -> float:
    """Transactions a second, each list of scripts on a connection of its own, all at once."""
    parameters = connection.get_connection_params()
    kept = ("host", "port", "user", "dbname", "passfile", "sslmode", "require_auth")
    target = make_conninfo(**{name: parameters[name] for name in kept if name in parameters})
    environment = os.environ | {"PGPASSWORD": parameters.get("password", "")}
    if not environment["PGPASSWORD"]:
        del environment["PGPASSWORD"]
    with tempfile.TemporaryDirectory(prefix="ringscore-bench-") as folder:
        running = []
        for i, script in enumerate(scripts):
            path = Path(folder) / f"{i}.sql"
            path.write_text("\n".join(script))
            command = [str(postgres.program("pgbench")), "-n", "-t", "1", "-f", str(path), target]
            running.append(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
            )
        printed = [process.communicate()[0] for process in running]
    rate = 0.0
    for script, process, text in zip(scripts, running, printed, strict=True):
        took = re.search(r"latency average = ([\d.]+) ms", text)
        if process.returncode or took is None:
            raise SystemExit(f"pgbench failed: {text}")
        rate += len(script) / float(took[1]) * 1000
    return rate


def _filed(number: str, token: str, category: str, now: datetime) -> str:
    sent: list[str] = []

    def keep(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE")):  # there for the roll-back only
            sent.append(psycopg.ClientCursor(connection.connection).mogrify(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep), transaction.atomic():
        caller = keys.find(token, now=now)
        submit_report(
            reporter=Reporter.objects.get(pk=caller.reporter_id),
            identity=identify(number),
            statement=Statement(category=category),
            network=f"network {caller.key_id}",
            now=now,
        )
        transaction.set_rollback(True)
    read, *filed = sent
    return ";\n".join([read, "BEGIN", *filed, "COMMIT"]) + ";"
