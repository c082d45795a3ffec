"""Databases for benchmarks/growth.py: a country at several sizes, the same in everything else.

Each has NUMBERS numbers as _filling.py makes them, EACH reports a number on average, of the last
DAYS days in order of time, a reporter for five numbers and a gateway that was the first to report
every third, and what belongs to them: buckets of evidence, the change log, complaints, lookups
counted, campaigns, disputes, decisions. Few numbers have most of the reports: the first has the
more, the larger the world is.

The server makes all rows itself, and indexes and references afterwards.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.management import call_command
from django.db import connection

from benchmarks import _database
from benchmarks._rows import insert

FILLED_BY = ("_filling.py", "growing/databases.py")
DAYS = 100
OBJECTED = 50_000  # numbers of which some are disputed
BUCKETS = 3  # reports of a number of which there are buckets
CATEGORIES = (
    "(ARRAY['loan_scam','telemarketing','illegal_collection','threat','phishing','robocall',"
    "'legitimate'])"
)


def database(numbers: int) -> str:
    return f"ringscore_bench_growth_{numbers}"


def prepare(numbers: int, each: int, now: datetime) -> None:
    """Creates and fills the database if necessary. Django is set up, on any database."""
    with _database.kept(database(numbers), filled_by=FILLED_BY, rows=each) as is_empty:
        use(numbers)
        if is_empty:
            print(f"filling {numbers:,} numbers, {numbers * each:,} reports", file=sys.stderr)
            _fill(numbers, numbers * each, now)
    connection.close()


def use(numbers: int) -> None:
    """Leads Django's connection to the database. One process for all: nothing by other workers."""
    connection.settings_dict["NAME"] = database(numbers)
    options = connection.settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c max_parallel_workers_per_gather=0"


def size(numbers: int) -> str:
    """How much disk the database takes. Django's connection may lead to another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_size_pretty(pg_database_size(%s))", [database(numbers)])
        return str(cursor.fetchone()[0])


def gateway(numbers: int) -> str:
    """The handle of the reporter with most reports."""
    return hashlib.md5(str(_prime(numbers // 5)).encode(), usedforsecurity=False).hexdigest()


# What there is for each number, and for each report.
TABLES = {
    "number": ("number", "feedchange", "traffic", "importedcomplaint", "auditentry", "dispute"),
    "report": ("report", "evidencebucket", "chapter", "chapterbucket", "reporter"),
}


def measured(numbers: int) -> tuple[dict[str, int], int]:
    """Bytes on disk of TABLES with their indexes, and how many numbers are on the list."""
    connection.close()
    use(numbers)
    found = {}
    with connection.cursor() as cursor:
        for name, tables in TABLES.items():
            cursor.execute(
                "SELECT sum(pg_total_relation_size('reputation_' || name))"
                " FROM unnest(%s::text[]) name",
                [list(tables)],
            )
            found[name] = int(cursor.fetchone()[0])
        cursor.execute("SELECT count(*) FROM reputation_number WHERE action <> 'allow'")
        listed = int(cursor.fetchone()[0])
    return found, listed


def drop(numbers: int) -> None:
    connection.close()
    connection.settings_dict["NAME"] = "ringscore"
    with connection.cursor() as cursor:
        _database.drop(cursor, database(numbers))
    connection.close()


def _fill(numbers: int, reports: int, now: datetime) -> None:
    from django.contrib.auth.models import User

    from benchmarks import _filling
    from benchmarks._numbers import TEMPLATES

    call_command("load_authorities", verbosity=0)
    actor = User.objects.create_user("bench-moderator", is_staff=True).pk
    with connection.cursor() as cursor:
        for setting in (
            "synchronous_commit = off",
            "maintenance_work_mem = '512MB'",
            "work_mem = '256MB'",
            "lock_timeout = 0",  # autovacuum may be at a table
            "statement_timeout = 0",
            "max_parallel_maintenance_workers = 0",
        ):
            cursor.execute(f"SET {setting}")
        _said(cursor, numbers, reports, now)
        _say("numbers")
        with _bare(cursor, "reputation_number"):
            _filling.templates()
            cursor.execute("DELETE FROM reputation_feedchange")  # `_others` has them all
            _filling.repeat(numbers, instead=INSTEAD, beside="LEFT JOIN heard ON heard.n = i")
            changed = ", ".join(
                f"{name} = {said.replace('template.', 'number.')}"
                for name, said in INSTEAD.items()
                if name not in ("id", "campaign_id", "disputed", "holder_verified")
            )
            cursor.execute(
                f"UPDATE reputation_number number SET {changed}"  # noqa: S608 -- constants
                f" FROM (SELECT n AS i, * FROM heard WHERE n < {TEMPLATES}) heard"
                " WHERE id = i + (SELECT min(id) FROM reputation_number)"
            )
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('reputation_number', 'id'), max(id))"
                " FROM reputation_number"
            )
        _say("reports")
        _reports(cursor, numbers, reports, now)
        _say("the rest")
        _others(cursor, numbers, now, actor)
        _say("vacuum")
        cursor.execute("VACUUM (ANALYZE)")


def _say(what: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def _said(cursor: Any, numbers: int, reports: int, now: datetime) -> None:
    """Who is reported when (`said`, in order of time), and what that makes of each (`heard`).

    The k-th report of number n: together they decide the reporter, so that no one reports a number
    twice. And the d-th of a day: what it contributes, since a day contributes no more than so much.
    """
    cursor.execute(f"SELECT setseed({1 / 3})")
    cursor.execute(
        f"""
        CREATE UNLOGGED TABLE said AS
        SELECT (row_number() OVER (PARTITION BY n ORDER BY i))::int AS k,
            (row_number() OVER (PARTITION BY n, i * {DAYS}::int8 / {reports} ORDER BY i))::int AS d,
            n, i
        FROM (
            SELECT i, floor({numbers - 1} * power(random(), 3))::int AS n
            FROM generate_series(0, {reports - 1}) i
        ) drawn ORDER BY i
        """  # noqa: S608 -- constants
    )
    cursor.execute("CREATE UNLOGGED TABLE heard AS SELECT n, max(k) AS k, min(i) AS first,"
                   " max(i) AS last FROM said GROUP BY n")  # fmt: skip
    at = f"timestamptz '{now}' - interval '{DAYS} days' * (1 - %s::float8 / {reports})"
    for name in ("first", "last"):
        cursor.execute(f"ALTER TABLE heard ADD {name}_at timestamptz")
    cursor.execute(
        f"UPDATE heard SET first_at = {at % 'first'}, last_at = {at % 'last'}"  # noqa: S608 -- constants
    )
    cursor.execute("ANALYZE heard")


# The columns of a number by which reports find it, and those that follow from its reports. One in
# twenty is in a campaign.
INSTEAD = {
    "id": "(SELECT min(id) FROM reputation_number) + i",
    # As many holders object at any size: moderators decide as many.
    "disputed": f"template.disputed AND i < {OBJECTED}",
    "holder_verified": f"template.holder_verified AND i < {OBJECTED}",
    "reports": "coalesce(heard.k, 0)",
    "seq": "template.seq + coalesce(heard.k, 0) + (i % 5 = 0)::int",
    "trust_seq": "template.seq + coalesce(heard.k, 0) + (i % 5 = 0)::int",
    # Its truth was plain after a few; that of the most reported number has just become plain.
    "settled_side": "CASE WHEN heard.k > 10 THEN 1 ELSE template.settled_side END",
    "settled_seq": "CASE WHEN heard.n = 0 THEN heard.k WHEN heard.k > 10 THEN 10"
    " ELSE template.settled_seq END",
    "moderated": "CASE WHEN heard.n = 0 THEN 0 ELSE template.moderated END",
    "unwanted_short": "CASE WHEN heard.n = 0 THEN 3.0 ELSE template.unwanted_short END",
    "legitimate": "CASE WHEN heard.n = 0 THEN 0.0 ELSE template.legitimate END",
    "evidence_at": "CASE WHEN heard.n = 0 THEN heard.last_at ELSE template.evidence_at END",
    "first_reported_at": "coalesce(heard.first_at, template.first_reported_at)",
    "last_reported_at": "coalesce(heard.last_at, template.last_reported_at)",
    "campaign_id": "CASE WHEN i % 20 = 0 THEN 1 + i / 20 % 2000 END",
}


def _reports(cursor: Any, numbers: int, reports: int, now: datetime) -> None:
    from reputation import models

    people = _prime(numbers // 5)
    insert(
        cursor, models.Campaign, 2_000, now,
        key="substr(md5(i::text), 1, 16)", category="'loan_scam'",
        phrases="ARRAY['pay the release fee with a gift card, ' || i]",
        reports="5000 / (i + 1)", numbers="500 / (i + 1)", reporters="900 / (i + 1)",
        first_at="NOW - interval '90 days'", last_at="NOW - interval '1 hour' * i",
        grouped_at="NOW",
    )  # fmt: skip
    with _bare(cursor, "reputation_reporter"):
        insert(
            cursor, models.Reporter, people + 1, now,
            kind="(ARRAY['key','person','sms','email'])[1 + i % 4]",
            handle="md5(i::text)", created_at="NOW - interval '400 days' * (1 - i::float8 / ROWS)",
            tp="i % 7", fn="i % 3", tn="i % 2", fp="i % 2", firsts="i % 2",
            # Twenty act as one, of a thousand.
            cluster="CASE WHEN i % 50 = 0 THEN 1 + i / 1000 * 1000 END",
        )  # fmt: skip
    cursor.execute("SELECT (SELECT min(id) FROM reputation_number), min(id)"
                   " FROM reputation_reporter")  # fmt: skip
    first, reporter = cursor.fetchone()
    at = f"NOW - interval '{DAYS} days' * (1 - i::float8 / ROWS)"
    # Numbers have a campaign before reports do: those of reports lead to the same two thousand.
    with _bare(cursor, "reputation_report"):
        insert(
            cursor, models.Report, reports, now, rows_of="said",
            public_id="md5(i::text)::uuid",
            number_id=f"{first} + n",
            reporter_id=f"{reporter} + CASE WHEN k = 1 AND n % 3 = 0 THEN {people}"
            f" ELSE (n::int8 * 7919 + k::int8 * 104729) % {people} END",
            status="CASE WHEN i % 40 = 0 THEN 'withdrawn' WHEN i % 41 = 0 THEN 'rejected' "
            "ELSE 'live' END",
            category=f"{CATEGORIES}[1 + i % 7]",
            comment="CASE WHEN i % 3 = 0 THEN 'Said something about a loan, ' || i ELSE '' END",
            comment_public="CASE WHEN i % 3 = 0 THEN 'Said something about a loan, ' || i "
            "ELSE '' END",
            occurred_at=at, filed_at=at, counted_at=at,
            channel="CASE WHEN i % 5 = 0 THEN 'sms' ELSE 'call' END",
            seq="k", network="md5((i % 50000)::text)", weight="1.0", established="i % 3 = 0",
            contribution="power(0.5, least(d, 50))",
            campaign_id="CASE WHEN n % 20 = 0 AND i % 2 = 0 THEN 1 + n / 20 % 2000 END",
        )  # fmt: skip
    side = f"CASE WHEN {CATEGORIES}[1 + i % 7] = 'legitimate' THEN 1 ELSE 0 END"
    cursor.execute("ALTER TABLE reputation_evidencebucket DROP CONSTRAINT"
                   " reputation_evidencebucket_pkey")  # fmt: skip
    with _bare(cursor, "reputation_evidencebucket"):
        for kind, name in ((1, "md5((i % 50000)::text)"), (3, f"to_char({at}, 'YYYYMMDD')")):
            met = f"SELECT n, i, {name} AS bucket, {side} AS side FROM said WHERE k <= {BUCKETS}"  # noqa: S608 -- constants
            insert(
                cursor, models.EvidenceBucket, reports, now,
                rows_of=f"(SELECT DISTINCT ON (n, bucket, side) * FROM ({met}) met) said",  # noqa: S608 -- constants
                number_id=f"{first} + n", side="side", kind=str(kind), bucket="bucket",
                short="0.3", long="0.2", at=at,
            )  # fmt: skip
    cursor.execute("ALTER TABLE reputation_evidencebucket"
                   " ADD PRIMARY KEY (number_id, side, kind, bucket)")  # fmt: skip
    cursor.execute("DROP TABLE said, heard")


def _others(cursor: Any, numbers: int, now: datetime, actor: int) -> None:
    from reputation import models

    cursor.execute("SELECT min(id) FROM reputation_number")
    [first] = cursor.fetchone()
    age = f"NOW - interval '{DAYS} days' * (1 - i::float8 / ROWS)"
    with _bare(cursor, "reputation_feedchange"):
        insert(
            cursor, models.FeedChange, numbers, now,
            rows_of="(SELECT row_number() OVER (ORDER BY last_reported_at, id) - 1 AS i, key, "
            "action AS told, category AS kind, status AS standing, score AS sure "
            "FROM reputation_number) each",
            cursor="i + 1", key="key", bucket="hashtext(key) & 65535",
            previous="'allow'", action="told", category="kind", status="standing", score="sure",
            changed_at=age,
        )  # fmt: skip
    cursor.execute(
        "INSERT INTO reputation_feedhead (id, cursor, horizon) VALUES (1, %s, 0)", [numbers]
    )
    some = f"{first} + (i::int8 * 7919) % {numbers}"
    insert(
        cursor, models.AuditEntry, numbers // 50, now,
        at=age, actor_id=str(actor),
        verb="(ARRAY['confirm_number','clear_number'])[1 + i % 2]", number_id=some,
        reason="'Heard a recording, ' || i", before="'{}'::jsonb", after="'{}'::jsonb",
    )  # fmt: skip
    insert(
        cursor, models.Dispute, numbers // 500, now,
        public_id="gen_random_uuid()", number_id=some,
        status="CASE WHEN i > ROWS - 200 THEN 'open' ELSE 'rejected' END",
        grounds="(ARRAY['mistaken','spoofed','new_holder','other'])[1 + i % 4]",
        statement="'It is my number, ' || i", network="md5((i % 99)::text)", via="'sms'",
        language="'en'", opened_at=age, verified_at=age,
        deadline_at="NOW + interval '1 hour' * (i % 500 - 100)",
        decided_at=f"CASE WHEN i <= ROWS - 200 THEN {age} END",
        decided_by_id=f"CASE WHEN i <= ROWS - 200 THEN {actor} END",
        reason="CASE WHEN i <= ROWS - 200 THEN 'Recordings.' ELSE '' END",
    )  # fmt: skip
    # Few numbers are looked up often.
    insert(
        cursor, models.Traffic, numbers // 3, now,
        number_id=f"{first} + i * 3", count="5000 * power(hashtext(i::text) / 2147483648.0, 8)",
        at="NOW",
    )  # fmt: skip
    insert(
        cursor, models.ImportedComplaint, numbers // 5, now,
        source="'ftc'", digest="sha256(i::text::bytea)", number_id=f"{first} + i * 5",
        category="'robocall'", subject="'A recording'", filed_at=age, weight="0.1",
        seq=f"(SELECT seq FROM reputation_number n WHERE n.id = {first} + i * 5)",  # noqa: S608
    )  # fmt: skip


@contextmanager
def _bare(cursor: Any, table: str) -> Iterator[None]:
    """The table without indexes and constraints, made again afterwards.

    References and conditions are not checked again: the rows were made so that they hold.
    """
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('u', 'f', 'c')",
        [table],
    )
    constraints = cursor.fetchall()
    for name, _ in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for name, definition in constraints:
        unchecked = "" if definition.startswith("UNIQUE") else " NOT VALID"
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}{unchecked}")


def _prime(least: int) -> int:
    """The first prime from `least` on: its multiples walk through all below it."""
    while any(least % divisor == 0 for divisor in range(2, int(least**0.5) + 1)):
        least += 1
    return least
