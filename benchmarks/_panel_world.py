"""A database for benchmarks/panel.py, kept between runs while its shape stays the same.

The million numbers of _filling.py, and the rows that moderators see about them: 1,000,000 reports
in order of time, one in twenty about one number; reporters with records and clusters; disputes,
decisions, and the log of public changes.
"""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import _database  # noqa: E402
from benchmarks._rows import insert  # noqa: E402

DATABASE = "ringscore_bench_panel"
FILLED_BY = ("_filling.py", "_panel_world.py")
REPORTS = int(os.environ.get("BENCH_REPORTS", "1000000"))
REPORTERS = 100_003  # a prime, so that its multiples walk through all of them
HOT = REPORTS // 20  # reports about the first number
DISPUTES = 20_000
DECISIONS = 200_000
CHANGES = REPORTS
CAMPAIGNS = 2_000
BATCHES, ROWS = 5_000, 500
DAYS = 365
# Of a row, so that most are of late.
AGE = f"NOW - interval '{DAYS} days' * (1 - i::float8 / ROWS) ^ 2"


def prepare(now: datetime) -> None:
    """Creates and fills the database if necessary; then sets Django up on it."""
    django.setup()
    with _database.kept(DATABASE, filled_by=FILLED_BY, rows=REPORTS) as is_empty:
        if is_empty:
            print(f"filling {DATABASE} with {REPORTS:,} reports, once", file=sys.stderr)
            from benchmarks import _filling

            _filling.fill()
            _fill(now)


def _fill(now: datetime) -> None:
    from django.contrib.auth.models import User

    call_command("load_authorities", verbosity=0)
    actor = User.objects.create_user("bench-moderator", is_staff=True).pk
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SELECT min(id), count(*) FROM reputation_number")
        first, numbers = cursor.fetchone()
        _fill_reports(cursor, now, first, numbers)
        _fill_public(cursor, now, first)
        _fill_decisions(cursor, now, first, numbers, actor)
        _fill_others(cursor, now, actor)
        cursor.execute("SET lock_timeout = 0")  # autovacuum may be at a table
        cursor.execute("VACUUM (ANALYZE)")


def _fill_reports(cursor: Any, now: datetime, first: int, numbers: int) -> None:
    """Reporters, campaigns and reports. `first`: the id of the first of so many numbers."""
    from reputation import models

    insert(
        cursor, models.Reporter, REPORTERS, now,
        kind="(ARRAY['key','person','sms','email'])[1 + i % 4]",
        handle="md5(i::text)",
        created_at=AGE,
        tp="i % 7", fn="i % 3", tn="i % 2", fp="i % 2", firsts="i % 2",
        cluster="CASE WHEN i % 50 = 0 THEN i / 1000 * 1000 END",
    )  # fmt: skip
    cursor.execute(f"UPDATE reputation_number SET reports = {HOT} WHERE id = {first}")  # noqa: S608 -- constants
    cursor.execute("SELECT min(id) FROM reputation_reporter")
    reporter = cursor.fetchone()[0]
    cursor.execute("UPDATE reputation_reporter SET cluster = %s + cluster", [reporter])
    # The first campaigns have most of the reports.
    insert(
        cursor, models.Campaign, CAMPAIGNS, now, order="i",
        key="substr(md5(i::text), 1, 16)", category="'loan_scam'",
        phrases="ARRAY['pay the release fee with a gift card, ' || i]",
        reports=f"{REPORTS} / 20 / (i + 1)", numbers="5000 / (i + 1)",
        reporters="900 / (i + 1)",
        first_at="NOW - interval '90 days'", last_at="NOW - interval '1 minute' * i",
        grouped_at="NOW",
    )  # fmt: skip
    cursor.execute("SELECT min(id) FROM reputation_campaign")
    campaign = cursor.fetchone()[0]
    # (number, place among its reports) decide the reporter, so that no reporter reports a
    # number twice.
    cursor.execute(
        f"""
        CREATE TEMP TABLE said AS
        SELECT i, n, row_number() OVER (PARTITION BY n ORDER BY i) AS k FROM (
            SELECT i, CASE WHEN i % 20 = 0 THEN 0
                ELSE 1 + floor(({numbers} - 2) * power(random(), 3))::int8 END AS n
            FROM generate_series(0, {REPORTS - 1}) i
        ) drawn
        """  # noqa: S608 -- constants
    )
    insert(
        cursor, models.Report, REPORTS, now, rows_of="said", order="i",
        public_id="gen_random_uuid()",
        number_id=f"{first} + n",
        reporter_id=f"{reporter} + (n * 7919 + k * 104729) % {REPORTERS}",
        status="CASE WHEN i % 40 = 0 THEN 'withdrawn' WHEN i % 41 = 0 THEN 'rejected' "
        "ELSE 'live' END",
        category="(ARRAY['loan_scam','telemarketing','illegal_collection','threat','phishing',"
        "'robocall','legitimate'])[1 + i % 7]",
        comment="'Said something about a loan, ' || i",
        comment_public="'Said something about a loan, ' || i",
        occurred_at=AGE, filed_at=AGE, counted_at=AGE,
        channel="CASE WHEN i % 5 = 0 THEN 'sms' ELSE 'call' END",
        attestation="(ARRAY['','A','B','C','failed','none'])[1 + i % 6]",
        seq="k", network="md5((i % 5000)::text)", weight="1.0", established="i % 3 = 0",
        contribution="0.5", campaign_id=f"CASE WHEN i % 10 = 0 AND i % 20 <> 0 THEN {campaign} "
        f"+ floor({CAMPAIGNS} * power((i::int8 * 7919 % 10007) / 10007.0, 3))::int8 END",
    )  # fmt: skip


def _fill_public(cursor: Any, now: datetime, first: int) -> None:
    """The change log, lookups and published complaints."""
    from reputation import models

    insert(
        cursor, models.FeedChange, CHANGES, now, order="i",
        cursor="i + 1", key="'+86138' || lpad((i::int8 * 7368787 % 100000000)::text, 8, '0')",
        bucket="i % 65536",
        previous="(ARRAY['allow','flag','block'])[1 + i % 3]",
        action="(ARRAY['flag','block','allow'])[1 + i % 3]",
        category="'loan_scam'", status="'listed'", score="80", changed_at=AGE,
    )  # fmt: skip
    cursor.execute(
        "INSERT INTO reputation_feedhead (id, cursor, horizon) VALUES (1, %s, 0) "
        "ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor",
        [CHANGES],
    )
    insert(
        cursor, models.Traffic, 300_000, now,
        number_id=f"{first} + i * 3", count="i % 5000", at="NOW",
    )  # fmt: skip
    insert(
        cursor, models.ImportedComplaint, 200_000, now, order="i",
        source="'ftc'", digest="sha256(i::text::bytea)",
        number_id=f"{first} + CASE WHEN i % 20 = 0 THEN 0 ELSE i END",
        category="'robocall'", subject="'A recording'", filed_at=AGE,
        seq="1000000 + i", weight="0.1",
    )  # fmt: skip


def _fill_decisions(cursor: Any, now: datetime, first: int, numbers: int, actor: int) -> None:
    """What `actor` decided: of numbers, of disputes, in batches; notes and proposals."""
    from reputation import models

    insert(
        cursor, models.AuditEntry, DECISIONS, now, order="i",
        at=AGE, actor_id=str(actor),
        verb="(ARRAY['confirm_number','clear_number','unmark_spoofed','mark_spoofed'])"
        "[1 + i % 4]",
        number_id=f"{first} + CASE WHEN i % 20 = 0 THEN 0 ELSE (i * 7919) % {numbers} END",
        reason="'Heard a recording, ' || i", before="'{}'::jsonb", after="'{}'::jsonb",
    )  # fmt: skip
    insert(
        cursor, models.Dispute, DISPUTES, now, order="i",
        public_id="gen_random_uuid()",
        number_id=f"{first} + i", status="CASE WHEN i % 10 = 0 THEN 'open' ELSE 'rejected' END",
        grounds="(ARRAY['mistaken','spoofed','new_holder','other'])[1 + i % 4]",
        statement="'It is my number, ' || i", network="md5((i % 99)::text)", via="'sms'",
        language="'en'",
        opened_at=AGE, verified_at=AGE,
        deadline_at="NOW + interval '1 hour' * (i % 500 - 100)",
        decided_at=f"CASE WHEN i % 10 <> 0 THEN {AGE} END",
        decided_by_id=f"CASE WHEN i % 10 <> 0 THEN {actor} END",
        reason="CASE WHEN i % 10 <> 0 THEN 'Recordings.' ELSE '' END",
    )  # fmt: skip
    insert(
        cursor, models.DecisionBatch, BATCHES, now, order="i",
        id="gen_random_uuid()", subject="'number'", verb="'clear_number'", actor_id=str(actor),
        reason="'A list.'", targets=f"ARRAY(SELECT generate_series({first}, {first} + 499))",
        done=str(ROWS), created_at=AGE, finished_at=AGE,
    )  # fmt: skip
    insert(
        cursor, models.Note, 100_000, now, order="i",
        kind="'number'", subject_id=f"{first} + CASE WHEN i < 50 THEN 0 ELSE i END",
        author_id=str(actor), at=AGE, words="'Rang them, ' || i",
    )  # fmt: skip
    insert(
        cursor, models.Proposal, 20_000, now, order="i",
        id="gen_random_uuid()", what="'decision'", verb="'clear_number'",
        about="'+49' || i", number_id=f"{first} + i",
        permissions="ARRAY['reputation.change_number']",
        content=f"json_build_object('kind', 'number', 'subject', {first} + i, 'given', "
        "json_build_object())::jsonb",
        digest="md5(i::text)", foreseen="'[]'::jsonb", proposer_id=str(actor),
        reason="'An order.'", created_at=AGE,
        expires_at=f"CASE WHEN i % 10 = 0 THEN NOW + interval '2 days' ELSE {AGE} END",
    )  # fmt: skip


def _fill_others(cursor: Any, now: datetime, actor: int) -> None:
    """Second judgements, messages, published lists, requests for keys, webhooks, files, jobs.

    `actor`: who decided.
    """
    from reputation import models

    cursor.execute("SELECT max(id) FROM reputation_auditentry")
    last = cursor.fetchone()[0]
    cursor.execute("SELECT max(id) FROM reputation_report")
    report = cursor.fetchone()[0]
    insert(
        cursor, models.SecondReview, 4_000, now, order="i",
        entry_id=f"{last} - i * 17", sampled_at="NOW - interval '1 minute' * i", shown_to="'{}'",
        reviewer_id=f"CASE WHEN i % 2 = 0 THEN {actor} END",
        judged_at="CASE WHEN i % 2 = 0 THEN NOW - interval '1 minute' * i END",
        verdict="CASE WHEN i % 2 = 0 THEN 'clear_number' ELSE '' END",
        reason="CASE WHEN i % 2 = 0 THEN 'A recording.' ELSE '' END",
    )  # fmt: skip
    insert(
        cursor, models.IntakeMessage, 20_000, now, order="i",
        public_id="gen_random_uuid()", channel="'email'",
        digest="md5(i::text)", claimed="md5(i::text)",
        received_at="NOW - interval '1 minute' * i", status="'kept'", trouble="'unreadable'",
        masked="'He called again, ' || i", sealed="'x'::bytea", sealed_reply="''::bytea",
    )  # fmt: skip
    insert(
        cursor, models.NumbersFile, 2_000, now, order="i",
        domain="'bank' || i || '.example'", name="'Bank ' || i", added_at="NOW", found_at="NOW",
        found="""'{"calls": {"+13125550100": "service"}, "never_calls": {}}'::jsonb""",
    )  # fmt: skip
    insert(
        cursor, models.KeyGrant, 2_000, now, order="i",
        public_id="gen_random_uuid()", organisation="'Firm ' || i", calls_per_day="10",
        asked_scopes="ARRAY['lookup']", asked_attestation="false", language="'en'",
        asked_at="NOW - interval '1 hour' * i",
    )  # fmt: skip
    insert(
        cursor, models.Webhook, 20, now, order="i",
        url="'https://tools' || i || '.example/'", sealed="'x'::bytea", events="ARRAY['item']",
        added_at="NOW", seen_deadline="NOW",
    )  # fmt: skip
    given = {"sha256": "repeat('a', 64)", "size": "1", "media_type": "'image/png'",
             "added_at": "NOW", "position": "1"}  # fmt: skip
    insert(
        cursor, models.EvidenceEntry, 1, now,
        report_id=str(report), previous=f"'{models.attachment.NO_ENTRY}'",
        digest="repeat('b', 64)", **given,
    )  # fmt: skip
    disputes = "(SELECT min(id) FROM reputation_dispute)"
    insert(cursor, models.DisputeFile, 1, now, dispute_id=disputes, **given)
    cursor.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status) "
        "SELECT 'default', 'queue', 0, '{}', 'todo' FROM generate_series(1, 1000)"
    )
