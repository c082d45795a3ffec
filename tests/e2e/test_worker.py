"""The real worker process: it does the jobs, survives its database, and is survived when killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from reputation.models import Number
from tests.e2e.server import ROOT
from tests.given.processes import until
from tests.given.reporters import newcomer, say

pytestmark = pytest.mark.slow

JOBS = {
    *("calibrate", "chain_audit", "count_figures", "draw_reviews", "fetch_numbers_files", "forget"),
    "count_transparency",
    "group_campaigns",
    "measure_agreement",
    *("learn", "publish_feeds", "queue", "reassess", "refresh_silences", "rescue", "reweigh"),
    "send_webhooks",
    "tidy",
}


@contextmanager
def working(folder: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.worker"],
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "TEST_DATABASE": str(connection.settings_dict["NAME"]),
                "FEEDS_DIR": str(folder),
            }
            | environ,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def done() -> set[str]:
    """Jobs that have succeeded."""
    return set(
        ProcrastinateJob.objects.filter(status="succeeded").values_list("task_name", flat=True)
    )


def doing() -> set[str]:
    return set(ProcrastinateJob.objects.filter(status="doing").values_list("task_name", flat=True))


@pytest.fixture
def folder(transactional_db: None, tmp_path: Path) -> Iterator[Path]:
    """Where the worker publishes and logs; and no job has ever run, here and in later tests."""
    empty_queue()
    yield tmp_path
    empty_queue()


def empty_queue() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE procrastinate_jobs, procrastinate_periodic_defers, procrastinate_workers"
            " CASCADE"
        )


def test_it_makes_up_for_the_last_day_outlives_its_connections_and_ends_when_told(folder):
    say(newcomer("a"), at=timezone.now())
    with working(folder) as worker:
        until(lambda: done() >= JOBS, "not all jobs were done")
        assert (folder / "numbers").is_dir()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        app.configure_task("reweigh").defer(timestamp=0)  # what has been learnt meanwhile
        until(lambda: Number.objects.get().trust_seq > 0, "the number was not reweighed")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    assert b"Reports alone block no number yet" in (folder / "log").read_bytes()


def test_a_killed_workers_job_runs_again(folder):
    with working(folder) as worker, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_session")  # `forget` waits for it
        until(lambda: "forget" in doing(), "it did not begin")
        worker.kill()
        worker.wait()
    assert "forget" in doing(), "nobody has told the database"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = '2026-01-01'")
    with suppress(AlreadyEnqueued):
        app.configure_task("rescue").defer(timestamp=0)
    with working(folder):
        until(lambda: "forget" in done(), "it did not run again")
    assert b"forget: its worker was killed" in (folder / "log").read_bytes()


def runs(job: str) -> int:
    return ProcrastinateJob.objects.filter(status="succeeded", task_name=job).count()


@pytest.mark.parametrize("ahead", [86_400, -7 * 86_400])
def test_when_its_clock_is_set_it_does_each_job_once_that_is_due(folder, ahead):
    """Not none until a clock that was ahead is passed, and not one for each minute of a week."""
    clock = folder / "clock"
    clock.write_text(str(ahead))
    with working(folder, CLOCK_FILE=str(clock)):
        until(lambda: runs("tidy") > 0, "it did not begin")
        before = runs("tidy")
        clock.write_text("0")
        until(lambda: runs("tidy") > before, "it did not go on")
    assert runs("rescue") < 10
