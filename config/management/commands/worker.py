import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

from django.core.management.base import BaseCommand
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from config.jobs import STALLED

logger = logging.getLogger(__name__)

# Jobs at once: a long one at night must not hold up those of every few minutes.
CONCURRENCY: Final = 2
# Seconds that a job under way is given to end. It may be killed; its next run goes on.
GRACE: Final = 10.0
# Seconds between attempts while the database is away: doubled each time.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0


class Command(BaseCommand):
    help = (
        "Runs the periodic jobs (config/jobs.py) until it is stopped: trust, fading, feeds, "
        "forgetting. Run at least one beside the web processes; several share the work."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        connection.ensure_connection()  # starts the embedded database where it does not run yet
        connection.close()
        asyncio.run(_until_stopped())


async def _until_stopped() -> None:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        stopping.set()
        loop.call_later(GRACE, os._exit, 0)

    _on_stop(loop, stop)
    pause = FIRST_PAUSE
    while not stopping.is_set():
        began = loop.time()
        error = await _work(stopping)
        if stopping.is_set():
            return
        if loop.time() - began > LONGEST_PAUSE:
            pause = FIRST_PAUSE
        logger.error("the worker cannot go on, again in %.0f s: %s", pause, _reason(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _work(stopping: asyncio.Event) -> BaseException | None:
    """Works until it is to stop or cannot go on, and says why."""
    work = asyncio.ensure_future(_run_worker())
    stop = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    work.cancel()  # it waits for the jobs under way
    (outcome,) = await asyncio.gather(work, return_exceptions=True)
    return outcome


def _reason(error: BaseException | None) -> str:
    """In one line. None: the worker has logged it, and stopped by itself."""
    if error is None:
        return "its connection ended"
    return " ".join(str(error.__cause__ or error).split()) or type(error).__name__


async def _run_worker() -> None:
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector) as worker:
        async with worker.open_async():
            await worker.run_worker_async(
                concurrency=CONCURRENCY,
                install_signal_handlers=False,
                stalled_worker_timeout=STALLED,
            )


def _on_stop(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop)
