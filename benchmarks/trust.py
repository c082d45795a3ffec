"""The time of the trust pass, in the database, from reading the reports to the last promotion.

    python benchmarks/trust.py [--reports 1000000] [--reporters 100000] [--keep]

Fills a database of its own with reports of a simple world (heavy-tailed reporters and numbers, one
in seven reports wrong, 180 days) and runs the pass on it twice, as `manage.py trust` does: on
records of strangers, so that each number has to be reweighed, and again on the result. The
reference is PostgreSQL itself: one sort and one running count of the same reports, in the same run.

Seconds are of the clock and of the processors, Python's and PostgreSQL's, which tell more on a busy
machine: an equal share of them on each processor is what the clock would show on a quiet one.
"""

import argparse
import os
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import _database  # noqa: E402

DATABASE = "ringscore_bench_trust"

FILL = """
SELECT setseed(0.5);
INSERT INTO reputation_reporter (id, kind, handle, created_at)
SELECT i, 'sms', 'bench ' || i, now() - interval '300 days' * random()
FROM generate_series(1, %(reporters)s) AS i;
CREATE TEMP TABLE said AS
SELECT DISTINCT ON (reporter, number) reporter, number,
    now() - interval '180 days' * random() AS at, random() < .857 AS correct
FROM (
    SELECT 1 + floor(%(reporters)s * random() ^ 1.7)::bigint AS reporter,
        1 + floor(%(numbers)s * random() ^ 2)::bigint AS number
    FROM generate_series(1, %(reports)s)
) AS pairs ORDER BY reporter, number;
CREATE TEMP TABLE counted AS
SELECT *, row_number() OVER (PARTITION BY number ORDER BY at, reporter) AS seq FROM said;
INSERT INTO reputation_number (id, key, country, line_type, created_at, evidence_at, prior,
    reports, first_reported_at, last_reported_at, seq)
SELECT number, '+86138' || lpad(number::text, 8, '0'), 'CN', 'mobile', min(at), min(at),
    %(prior)s, count(*), min(at), max(at), count(*)
FROM counted GROUP BY number;
INSERT INTO reputation_report (public_id, number_id, reporter_id, category, channel, filed_at,
    seq, counted_at, network, weight, established)
SELECT gen_random_uuid(), number, reporter,
    CASE WHEN (number %% 2 = 1) = correct THEN 'loan_scam' ELSE 'legitimate' END, 'call', at,
    seq, at, md5((reporter / 3)::text), 1, false
FROM counted ORDER BY at;
"""
REFERENCE = """
SELECT sum(so_far) FROM (
    SELECT count(*) OVER (PARTITION BY number_id, category, network ORDER BY counted_at) AS so_far
    FROM reputation_report
) AS sorted
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--reporters", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="leave the database for a look")
    options = parser.parse_args()
    django.setup()
    with _database.made(DATABASE, stays=options.keep):
        measure(options.reports, options.reporters)


def measure(reports: int, reporters: int) -> None:

    from reputation.counting import trust_pass

    _fill(reports, reporters)
    used = _Used(connection)
    with connection.cursor() as cursor:
        cursor.execute(REFERENCE)
    reference = used.since("one sort and running count of the reports in PostgreSQL")
    processors = os.cpu_count() or 1
    for name in ("trust pass, every number reweighed", "trust pass again"):
        print(name)
        rounds: list[float] = []
        whole = used.marked()

        def progress(_what: str, _moved: float, rounds: list[float] = rounds) -> None:
            rounds.append(time.perf_counter())

        trust_pass.learn_trust(processes=processors, progress=progress)
        used.since("  learning and writing records")
        begin, ended = whole[0], time.perf_counter()
        print(
            f"    by the clock {rounds[0] - begin:.1f} s to the end of the first round,"
            f" {rounds[-1] - rounds[0]:.1f} s in {len(rounds) - 1} more,"
            f" {ended - rounds[-1]:.1f} s after the last"
        )
        call_command("trust", touched=True)
        used.since("  reweighing and publishing")
        seconds, python, database = (
            now - before for now, before in zip(used.marked(), whole, strict=True)
        )
        share = (python + database) / processors
        print(
            f"  whole pass: {seconds:.1f} s, {python + database:.1f} s of processors, "
            f"{(python + database) / reference:.0f} × the reference"
        )
        aim = 40.0 * reports / 1_000_000
        for what, taken in (("by the clock", seconds), ("an equal share", share)):
            print(
                f"    {what}, on {processors} processors: {taken:.1f} s, target {aim:.0f}: "
                f"{'reached' if taken <= aim else 'MISSED'}"
            )
    for whose, who in (("learns", resource.RUSAGE_SELF), ("reweighs", resource.RUSAGE_CHILDREN)):
        peak = resource.getrusage(who).ru_maxrss / 1024
        print(f"peak memory of the process that {whose}: {peak:.0f} MB")


class _Used:
    """What this process, those it has waited for, and the database have used so far."""

    def __init__(self, connection: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
        self._server = int(_fields(backend)[1])
        self._before = self.marked()

    def marked(self) -> tuple[float, float, float]:
        """The clock, and seconds of the processors: of Python, and of PostgreSQL."""
        python = sum(
            used.ru_utime + used.ru_stime
            for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )
        # Of a backend that has ended the server holds what it used.
        ticks = sum(map(int, _fields(self._server)[11:15]))
        for path in Path("/proc").iterdir():
            if path.name.isdecimal():
                with suppress(OSError):
                    fields = _fields(int(path.name))
                    if int(fields[1]) == self._server:
                        ticks += sum(map(int, fields[11:13]))
        return time.perf_counter(), python, ticks / os.sysconf("SC_CLK_TCK")

    def since(self, what: str) -> float:
        """Prints what was used since this was last called. Returns seconds of the processors."""
        now = self.marked()
        seconds, python, database = (a - b for a, b in zip(now, self._before, strict=True))
        self._before = now
        print(
            f"{what}: {seconds:.1f} s, of processors {python:.1f} s in Python and "
            f"{database:.1f} s in PostgreSQL",
            flush=True,
        )
        return python + database


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _fill(reports: int, reporters: int) -> None:
    """Fills the tables in SQL; the database gets the models' defaults for all omitted columns."""
    from psycopg import sql

    from reputation.models import Number, Report, Reporter
    from reputation.scoring.evidence import PRIOR

    values = {
        "reports": reports,
        "reporters": reporters,
        "numbers": reports // 5,
        "prior": PRIOR,
    }
    with connection.cursor() as cursor:
        for model in (Reporter, Number, Report):
            for field in model._meta.concrete_fields:
                if field.has_default() and not field.primary_key:
                    default = field.get_db_prep_save(field.get_default(), connection)
                    cursor.execute(
                        sql.SQL("ALTER TABLE {} ALTER {} SET DEFAULT {}").format(
                            sql.Identifier(model._meta.db_table),
                            sql.Identifier(str(field.column)),
                            default,
                        )
                    )
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
        cursor.execute("SET lock_timeout = 0")  # autovacuum may have begun
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT count(*), count(DISTINCT number_id) FROM reputation_report")
        print("{:,} reports on {:,} numbers".format(*cursor.fetchone()))


if __name__ == "__main__":
    main()
