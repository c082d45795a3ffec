"""The cost of a gapless, commit-ordered cursor for writers: eight writers, six ways.

    python benchmarks/changelog.py [SECONDS_EACH] [ROUNDS]

Each transaction does to the database what a report does (lock a number, insert a report, update the
number, append a change), and each one appends, which is the worst case: most reports change nothing
public. pgbench writes, so that the database is measured and not Python; a second run waits a
millisecond between append and COMMIT, as a web process does. Schemes take turns, round by round,
since the machine's speed drifts. docs/adr names the choice.
"""

import argparse
import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import embedded  # noqa: E402

HOME = Path(os.environ.get("DATA_DIR") or ROOT / ".data").resolve()
DATABASE = "ringscore_bench_changelog"
WRITERS = 8
NUMBERS = 100_000
POLL = 0.05  # seconds between two sequencings, as with many readers

SHAPE = f"""
CREATE TABLE number (id bigint PRIMARY KEY, key text UNIQUE, action text, sums float8[]);
INSERT INTO number
    SELECT n, '+8613' || lpad(n::text, 9, '0'), 'allow', ARRAY[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    FROM generate_series(1, {NUMBERS}) n;
CREATE TABLE report (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number_id bigint, said text, at timestamptz
);
CREATE TABLE head (cursor bigint NOT NULL);
INSERT INTO head VALUES (0);
CREATE TABLE change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cursor bigint UNIQUE, xid xid8,
    key text, action text, at timestamptz
);
VACUUM ANALYZE
"""  # noqa: S608 -- constants
AT_COMMIT = """
CREATE FUNCTION number_it() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE next bigint;
BEGIN
    UPDATE head SET cursor = cursor + 1 RETURNING cursor INTO next;
    UPDATE change SET cursor = next WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON change DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION number_it();
"""
PLAIN = "INSERT INTO change (key, action, at) VALUES (:n, 'flag', now());"
SEQUENCE = """
WITH fresh AS (
    SELECT id, row_number() OVER (ORDER BY id) AS place FROM change WHERE cursor IS NULL
), numbered AS (
    UPDATE change SET cursor = head.cursor + fresh.place FROM fresh, head
    WHERE change.id = fresh.id RETURNING 1
)
UPDATE head SET cursor = cursor + (SELECT count(*) FROM numbered)
"""


@dataclass(frozen=True)
class Scheme:
    name: str
    append: str
    extra: str = ""
    sequenced: bool = False


SCHEMES = (
    Scheme("no log", "SELECT 1;"),
    Scheme("log without cursor", PLAIN),
    Scheme(
        "xid, read up to xmin",
        "INSERT INTO change (key, action, at, xid)"
        " VALUES (:n, 'flag', now(), pg_current_xact_id());",
    ),
    Scheme("sequenced after commit", PLAIN, sequenced=True),
    Scheme("counter at COMMIT", PLAIN, AT_COMMIT),
    Scheme(
        "counter in the append",
        "WITH next AS (UPDATE head SET cursor = cursor + 1 RETURNING cursor)"
        " INSERT INTO change (cursor, key, action, at) SELECT cursor, :n, 'flag', now() FROM next;",
    ),
)


def script(scheme: Scheme, wait: int) -> str:
    return f"""
\\set n random(1, {NUMBERS})
BEGIN;
SELECT * FROM number WHERE id = :n FOR UPDATE;
INSERT INTO report (number_id, said, at) VALUES (:n, 'illegal_collection', now());
UPDATE number SET action = 'flag', sums[1] = sums[1] + 1 WHERE id = :n;
{scheme.append}
{f"\\sleep {wait} us" if wait else ""}
COMMIT;
"""  # noqa: S608 -- constants


@contextlib.contextmanager
def sequencing(target: dict[str, Any]) -> Iterator[None]:
    stop = threading.Event()

    def run() -> None:
        with psycopg.connect(**target) as connection:
            while not stop.wait(POLL):
                with connection.transaction():
                    connection.execute("SELECT cursor FROM head FOR UPDATE")
                    connection.execute(SEQUENCE)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def measure(scheme: Scheme, wait: int, seconds: float, target: dict[str, Any]) -> float:
    """Transactions a second. Checks that a sequencer's numbers have no gap."""
    with psycopg.connect(**target, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS number, report, head, change")
        connection.execute("DROP FUNCTION IF EXISTS number_it")
        for statement in SHAPE.split(";\n"):
            connection.execute(statement.encode())
        if scheme.extra:
            connection.execute(scheme.extra.encode())
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script(scheme, wait))
        file.flush()
        command = [
            *(str(embedded.program("pgbench")), "-n", "-M", "prepared", "-f", file.name),
            *("-c", str(WRITERS), "-j", "2", "-T", f"{seconds:.0f}"),
            *("-h", target["host"], "-p", str(target["port"]), "-U", target["user"], DATABASE),
        ]
        with sequencing(target) if scheme.sequenced else contextlib.nullcontext():
            done = subprocess.run(
                command,
                env={**os.environ, "PGPASSFILE": target["passfile"]},
                capture_output=True,
                text=True,
                check=False,
            )
            time.sleep(3 * POLL)
    rate = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or rate is None:
        sys.exit(f"pgbench failed:\n{done.stdout}{done.stderr}")
    with psycopg.connect(**target) as connection:
        gaps = connection.execute("SELECT count(*) - coalesce(max(cursor), 0) FROM change")
        assert not scheme.sequenced or gaps.fetchone() == (0,), "not gapless"
    return float(rate[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("seconds", type=float, nargs="?", default=2.0, help="of each run")
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    options = parser.parse_args()
    seconds, rounds = options.seconds, options.rounds
    target = embedded.ensure_running(HOME)
    with psycopg.connect(**target, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    target = {**target, "dbname": DATABASE}
    waits = (0, 1000)
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for scheme in SCHEMES:
            for wait in waits:
                rate = measure(scheme, wait, seconds, target)
                rates.setdefault((scheme.name, wait), []).append(rate)
    print(f"{os.cpu_count()} cores, {WRITERS} writers, median of {rounds} runs of {seconds:.0f} s")
    print("transactions/s            back to back   1 ms before COMMIT")
    for scheme in SCHEMES:
        cells = [statistics.median(rates[scheme.name, wait]) for wait in waits]
        print(f"{scheme.name:<26}{cells[0]:>12,.0f}{cells[1]:>21,.0f}")
    with psycopg.connect(**{**target, "dbname": "ringscore"}, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {DATABASE}")


if __name__ == "__main__":
    main()
