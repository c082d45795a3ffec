import asyncio
import logging
import os
import signal
import time
from contextlib import suppress
from typing import Any, Final, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from config import mail, start, telemetry
from config.jobs import STALLED
from reputation.counting import crowd

logger = logging.getLogger(__name__)

# Simultaneous jobs: a long nightly job must not hold up the frequent ones.
CONCURRENCY: Final = 2
# Seconds that a running job has to finish. It may be killed; its next run continues.
GRACE: Final = 10.0
# Seconds between attempts while the database is unreachable: doubled each time.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
# Seconds by which the clock may differ from the time that passed, and seconds between two checks.
CLOCK_MOVES: Final = 60.0
CLOCK_EVERY: Final = 5.0


class Command(BaseCommand):
    help = (
        "Run the periodic jobs (config/jobs.py) until stopped: trust, fading, feeds, deletion. "
        "Run at least one worker beside the web processes; several share the work."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DATABASE_POOLED:
            raise CommandError(
                "DATABASE_POOLED is set, but the worker needs sessions of its own: give it a "
                "DATABASE_URL that leads to PostgreSQL itself, and unset DATABASE_POOLED."
            )
        connection.ensure_connection()  # starts the embedded database if necessary
        with suppress(DatabaseError):  # before `migrate` there are no tables: the jobs log that
            if notice := crowd.notice():
                logger.warning(notice)
        start.check()
        mail.wait_as_jobs(settings.MAILERS)
        telemetry.started()
        connection.close()
        asyncio.run(_until_stopped())


# procrastinate's own worker ends when its database goes away, with exit code 0 or an error, and
# waits without limit for a job in a thread. `make run` restarts nothing, so this loop does both.
async def _until_stopped() -> None:
    loop, this = asyncio.get_running_loop(), cast("asyncio.Task[None]", asyncio.current_task())

    def stop() -> None:
        loop.call_later(GRACE, os._exit, 0)
        if not this.cancelling():
            this.cancel()  # the worker waits for running jobs

    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop)
    pause = FIRST_PAUSE
    with suppress(asyncio.CancelledError):
        while True:
            began = loop.time()
            try:
                reason = await _run_worker()
            except Exception as error:
                if this.cancelling():
                    return
                reason = _reason(error)
            if loop.time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            logger.error("the worker stopped and restarts in %.0f s: %s", pause, reason)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _reason(error: Exception) -> str:
    """The reason in one line."""
    return " ".join(str(error.__cause__ or error).split()) or type(error).__name__


async def _run_worker() -> str:
    """Does jobs until there is a reason to begin anew, and returns it.

    procrastinate remembers for which times it has queued each job. After a clock was ahead and is
    set back, it would queue none until the clock gets there again; after a clock was behind, or a
    machine slept, one job for each time that was passed over. A worker that begins anew queues each
    job once.
    """
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector) as worker:
        async with worker.open_async():
            working = asyncio.ensure_future(
                worker.run_worker_async(
                    concurrency=CONCURRENCY,
                    install_signal_handlers=False,
                    stalled_worker_timeout=STALLED,
                )
            )
            clock = asyncio.create_task(_until_set())
            clock.add_done_callback(lambda _: working.cancel())  # it waits for running jobs
            try:
                await working
            except asyncio.CancelledError:
                if cast("asyncio.Task[None]", asyncio.current_task()).cancelling():
                    raise
                return "the clock was set"
            finally:
                clock.cancel()
    return "its connection ended"


async def _until_set() -> None:
    """Returns when the clock was set, or the machine slept."""
    loop = asyncio.get_running_loop()
    began = time.time() - loop.time()
    while abs(time.time() - loop.time() - began) < CLOCK_MOVES:
        await asyncio.sleep(CLOCK_EVERY)
