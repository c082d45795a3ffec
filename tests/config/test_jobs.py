"""The periodic jobs: what is caught up, and what stays on record of their runs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import InternalError, connection
from procrastinate.contrib.django import app

from config import jobs
from reputation.health import WELL, Check, Finding, Level, job_runs, looking

NOW = datetime.now(UTC)


def ended(job: str, *, well: bool, days: int) -> None:
    """A run on record, which ended so many days ago."""
    with connection.cursor() as cursor:
        status = "succeeded" if well else "failed"
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('default', %s, '{}', %s) RETURNING id",
            [job, status],
        )
        cursor.execute(
            "UPDATE procrastinate_events SET at = %s WHERE job_id = %s",
            [NOW - timedelta(days=days), (made := cursor.fetchone()[0])],
        )
        cursor.execute(
            "INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, %s, %s)",
            [made, status, NOW - timedelta(days=days)],
        )


@pytest.mark.django_db
def test_of_what_fails_for_a_week_the_last_good_run_stays_on_record() -> None:
    """Without it the metric of an alarm would be gone after two days, and the alarm with it."""
    for days in (9, 8):
        ended("learn", well=True, days=days)
    for days in (7, 6, 3, 1):
        ended("learn", well=False, days=days)
    ended("a job of an older release", well=True, days=9)
    ended("forget", well=True, days=1)
    assert jobs.tidy() == "5 runs forgotten"
    assert job_runs() == {"learn": NOW - timedelta(days=8), "forget": NOW - timedelta(days=1)}


def test_every_job_is_caught_up_however_seldom_it_runs() -> None:
    app.perform_import_paths()
    for periodic in app.periodic_registry.periodic_tasks.values():
        periodic.croniter.set_current(NOW.timestamp())
        first, second = (periodic.croniter.get_next(float) for _ in range(2))
        longest = settings.PROCRASTINATE_PERIODIC_DEFAULTS["max_delay"]
        assert second - first <= longest, periodic.task.name


@pytest.mark.django_db(transaction=True)
def test_a_job_leaves_a_connection_that_can_only_read() -> None:
    """After a failover it would lead to the standby until the worker is restarted."""
    app.perform_import_paths()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    with pytest.raises(InternalError):
        app.tasks["tidy"](timestamp=0)
    app.tasks["tidy"](timestamp=0)


@pytest.mark.django_db
def test_a_certificate_that_ends_makes_a_job_fail_so_that_metrics_tell_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = {"tls": WELL, "clock": Finding(Level.DEGRADED, "apart", "The clocks are apart.")}
    checks = [
        Check("tls", "Certificate", lambda _now: found["tls"], costly=True),
        Check("clock", "Clocks", lambda _now: found["clock"]),
    ]
    monkeypatch.setattr(looking, "CHECKS", checks)
    monkeypatch.setattr(looking, "_registered", [])
    jobs.look_outside()  # what it finds without other servers is in /metrics itself
    found["tls"] = Finding(Level.UNCHECKED, "unreachable", "It does not answer this machine.")
    jobs.look_outside()
    found["tls"] = Finding(Level.DEGRADED, "ending", "The certificate ends.")
    with pytest.raises(jobs.OutsideUnwell, match=r"^The certificate ends\.$"):
        jobs.look_outside()
