"""Checks of the settings, the database and the disk."""

import socket
import ssl
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.mail import mailers
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reputation.attachments import quotas
from reputation.feeds import snapshots
from reputation.health.findings import WELL, Check, Finding, Level
from reputation.models import FeedChange
from reputation.service_role import owns_its_tables

# A worker that lives says so every ten seconds.
SILENT: Final = timedelta(minutes=1)
# Feeds are published every five minutes, if something has changed.
FEED_AGE: Final = timedelta(minutes=20)
PATIENCE: Final = 5  # seconds for a gateway to take a connection
# Seconds between our clock and the database's.
APART: Final = 5

JOBS: Final = """
    SELECT job.task_name, max(event.at)
    FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id
    WHERE event.type = 'succeeded' GROUP BY job.task_name ORDER BY job.task_name
"""


def database(_now: datetime) -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
            )
            [read_only] = cursor.fetchone()
    except Exception as error:
        # The reason is for the operator: /readyz says the word alone.
        connection.close()
        return Finding(
            Level.BROKEN,
            "unavailable",
            _("The database does not answer: %(error)s.")
            % {"error": " ".join(str(error).split()).rstrip(".")},
            _("Nothing can be looked up or reported."),
            _("Start the database. See whether DATABASE_URL leads to it, and what its log says."),
        )
    if read_only:
        connection.close()  # after a failover the same address leads to another server
        return Finding(
            Level.BROKEN,
            "read-only",
            _("The database takes no writes."),
            _("Lookups are answered, but no report is taken."),
            _(
                "If it is a standby, let DATABASE_URL lead to the primary "
                "(target_session_attrs=read-write). If not, see what made it read-only: managed "
                "databases do so when their disk is full."
            ),
        )
    return WELL


def migrations(_now: datetime) -> Finding:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:
        return Finding(
            Level.BROKEN,
            "unknown",
            _("Nobody can tell whether the tables fit this release."),
            _("The database does not answer, or this role may not read django_migrations."),
            _("See the line above; after `migrate`, run `grant_service_role`."),
        )
    if not pending:
        return WELL
    return Finding(
        Level.BROKEN,
        "pending",
        ngettext(
            "The tables do not fit this release: %(n)d migration is missing.",
            "The tables do not fit this release: %(n)d migrations are missing.",
            len(pending),
        )
        % {"n": len(pending)},
        _("Requests fail as soon as they need what is missing."),
        _("Run `migrate` as the owner of the tables."),
    )


def cached(_now: datetime) -> Finding:
    try:
        cache.set("readyz", 1, 5)
        if cache.get("readyz") == 1:
            return WELL
    except Exception:  # noqa: S110 -- said below
        pass
    return Finding(
        Level.DEGRADED,
        "unavailable",
        _("The cache does not answer."),
        _("Nobody can sign in, and rate limits are not counted; all else works."),
        _("Start Valkey or Redis. See whether CACHE_URL leads to it."),
    )


def disk(_now: datetime) -> Finding:
    if not quotas.can_write():
        return Finding(
            Level.DEGRADED,
            "read-only",
            _("The disk takes no files."),
            _("Reports are taken, but no files for them, and feeds stand still."),
            _("See whether it is mounted read-only, is full, or belongs to another account."),
        )
    if quotas.has_space():
        return WELL
    return Finding(
        Level.DEGRADED,
        "low",
        _("The disk is nearly full."),
        _("Reports are taken, but no files for them."),
        _("Make room, or move DATA_DIR, EVIDENCE_DIR or FEEDS_DIR to a larger disk."),
    )


def worker(now: datetime) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        [beat] = cursor.fetchone()
        cursor.execute(
            "SELECT task_name FROM (SELECT DISTINCT ON (task_name) task_name, status FROM"
            " procrastinate_jobs WHERE status IN ('failed', 'succeeded')"
            " ORDER BY task_name, id DESC) last WHERE status = 'failed' ORDER BY task_name"
        )
        failed = [name for (name,) in cursor.fetchall()]
    if beat is None or now - beat > SILENT:
        return Finding(
            Level.DEGRADED,
            "away",
            _("No worker runs."),
            _("Feeds stand still, evidence does not fade, and reports alone block no number."),
            _("Start `worker`. Its log says why it ended."),
        )
    if failed:
        return Finding(
            Level.DEGRADED,
            "failing",
            _("These jobs of the worker failed when they ran last: %(jobs)s.")
            % {"jobs": ", ".join(failed)},
            _("Their work is not done: see the table of jobs in docs/guide/worker.md."),
            _("Look for the error in the worker's log; the job runs again at its time."),
        )
    return WELL


def feeds(now: datetime) -> Finding:
    oldest = None
    for feed in snapshots.NAMES:
        known = snapshots.manifest(feed)
        cursor = known.current.cursor if known else 0
        since = FeedChange.objects.filter(Q(cursor=None) | Q(cursor__gt=cursor)).aggregate(
            at=Min("changed_at")
        )["at"]
        if since is not None:
            oldest = min(since, oldest or since)
    if oldest is None or now - oldest < FEED_AGE:
        return WELL
    return Finding(
        Level.DEGRADED,
        "old",
        _("The published feeds lack changes since %(at)s UTC.") % {"at": f"{oldest:%F %H:%M}"},
        _("Phones that keep a copy of the list go on with an old one."),
        _("See whether a worker runs, and whether it may write to FEEDS_DIR."),
    )


def role(_now: datetime) -> Finding:
    if not settings.IS_SERVER or not owns_its_tables():
        return WELL
    return Finding(
        Level.ADVICE,
        "owner",
        _("The service runs as the owner of its tables."),
        _("An attacker who takes over the service can change what is on record."),
        _("Give the service a database role of its own: docs/guide/database-roles.md"),
    )


def clock(now: datetime) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [theirs] = cursor.fetchone()
    apart = (theirs - now).total_seconds()
    if abs(apart) < APART:
        return WELL
    return Finding(
        Level.ADVICE,
        "apart",
        _("The clocks of this machine and of the database are %(n)d seconds apart.")
        % {"n": abs(apart)},
        _("Reports get wrong dates, and fade too early or too late."),
        _("Let both keep their time by NTP."),
    )


def mail(_now: datetime) -> Finding:
    scheme = urlsplit(settings.EMAIL_URL).scheme
    if scheme not in ("console", "file") or not settings.IS_PUBLIC:
        return WELL
    return Finding(
        Level.DEGRADED,
        "nowhere",
        _("Mail goes nowhere: EMAIL_URL is %(scheme)s.") % {"scheme": f"{scheme}:"},
        _("Nobody can sign in to report, since the code does not arrive."),
        _("Set EMAIL_URL to a mail server: smtp://user:password@host:587"),
    )


def mail_server(_now: datetime) -> Finding:
    backend = mailers["default"]
    try:
        backend.open()
        backend.close()
    except Exception as error:
        return Finding(
            Level.DEGRADED,
            "unavailable",
            _("The mail server refuses us: %(error)s.") % {"error": str(error) or repr(error)},
            _("Nobody can sign in to report, since the code does not arrive."),
            _("Correct EMAIL_URL, or let this machine through to that server."),
        )
    return WELL


def code_sender(_now: datetime) -> Finding:
    if settings.CODE_SENDER not in ("off:", "console:") or not settings.IS_PUBLIC:
        return WELL
    return Finding(
        Level.ADVICE,
        "off",
        _("No gateway sends codes: CODE_SENDER is %(value)s.") % {"value": settings.CODE_SENDER},
        _("Holders of numbers that are listed wrongly cannot prove that they hold them."),
        _("Name a gateway for SMS in CODE_SENDER: docs/guide/disputes.md"),
    )


def gateway(_now: datetime) -> Finding:
    place = urlsplit(settings.CODE_SENDER)
    if place.scheme != "https" or not place.hostname:
        return WELL
    try:
        with socket.create_connection((place.hostname, place.port or 443), PATIENCE) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname=place.hostname).close()
    except OSError as error:  # ssl.SSLError is one
        return Finding(
            Level.DEGRADED,
            "unavailable",
            _("The gateway for codes at %(host)s does not answer: %(error)s.")
            % {"host": place.hostname, "error": str(error) or type(error).__name__},
            _("Holders of numbers that are listed wrongly cannot prove that they hold them."),
            _("Correct CODE_SENDER, or let this machine through to that server."),
        )
    return WELL


def strictness(_now: datetime) -> Finding:
    if not settings.IS_PUBLIC or not settings.ALLOW_ON_SERVER:
        return WELL
    return Finding(
        Level.ADVICE,
        "lax",
        _("ALLOW_ON_SERVER allows %(what)s.")
        % {"what": ", ".join(sorted(settings.ALLOW_ON_SERVER))},
        _("That is for trying out, but strangers can reach this service."),
        _(
            "Correct the settings that these names excuse, and take the names out of "
            "ALLOW_ON_SERVER."
        ),
    )


CHECKS: Final = (
    Check("database", gettext_lazy("Database"), database, public=True),
    Check("migrations", gettext_lazy("Tables"), migrations, public=True, stored=True),
    Check("cache", gettext_lazy("Cache"), cached, public=True),
    Check("disk", gettext_lazy("Disk"), disk, public=True),
    Check("worker", gettext_lazy("Worker"), worker, public=True, stored=True),
    Check("feeds", gettext_lazy("Feeds"), feeds, public=True, stored=True),
    Check("role", gettext_lazy("Database role"), role, stored=True),
    Check("clock", gettext_lazy("Clocks"), clock, stored=True),
    Check("settings", gettext_lazy("Strict settings"), strictness),
    Check("mail", gettext_lazy("Mail"), mail),
    Check("mail server", gettext_lazy("Mail server"), mail_server, costly=True),
    Check("code sender", gettext_lazy("Codes to numbers"), code_sender),
    Check("code gateway", gettext_lazy("Gateway for codes"), gateway, costly=True),
)


def job_runs() -> dict[str, datetime]:
    """When each periodic job last ended well, as far as runs are on record (config.jobs)."""
    with connection.cursor() as cursor:
        cursor.execute(JOBS)
        return dict(cursor.fetchall())
