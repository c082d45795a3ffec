"""The periodic jobs. `manage.py worker` runs them from a queue in PostgreSQL (docs/adr/0018).

Each may be killed at any moment, and run beside reports, web processes and other workers: what one
run leaves undone, the next one does. Of each job at most one run is under way and one waits.
"""

import logging
from collections.abc import Callable
from typing import Final

from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from api import idempotency
from reputation import disputes
from reputation.counting import reassess_due, trust_pass
from reputation.feeds import Busy, compact, publish, snapshots
from reputation.intake import receiving
from reputation.lookup import buckets
from reputation.moderation import figures
from reputation.moderation import queue as moderators_queue
from web import people

logger = logging.getLogger(__name__)

# Runs that ended stay on record this long, failed ones as well.
KEPT_HOURS: Final = 48
# Seconds without a sign of life after which a worker's jobs are given to another.
STALLED: Final = 60.0

type Job = Callable[[], str]


def every(cron: str) -> Callable[[Job], Job]:
    """Registers a job for these times, UTC. What it returns is logged; an error fails this run."""

    def register(job: Job) -> Job:
        name = job.__name__

        @app.periodic(cron=cron)
        @app.task(name=name, lock=name, queueing_lock=name)
        def run(timestamp: int) -> None:
            logger.info("%s: %s", name, job())

        return job

    return register


@every("*/5 * * * *")
def reweigh() -> str:
    """Numbers that were reported since: counts their reports anew, promotes to block."""
    done = trust_pass.reweigh_due()
    return f"{done.numbers:,} numbers reweighed, {done.changes.total():,} actions changed"


@every("*/5 * * * *")
def reassess() -> str:
    """Numbers whose action changes by now because evidence fades."""
    done = reassess_due(now=timezone.now())
    return f"{done.judged:,} judged, {done.changes.total():,} actions changed"


@every("2-59/5 * * * *")
def publish_feeds() -> str:
    """Snapshots of the feeds, where something has changed; after the two above had time to."""
    published = []
    for feed in snapshots.NAMES:
        try:
            done = publish(feed=feed, now=timezone.now())
        except Busy as error:
            return str(error)
        published.append(f"{feed} at cursor {done.cursor}" if done else f"{feed} unchanged")
    return ", ".join(published)


@every("3-59/5 * * * *")
def queue() -> str:
    """What waits for moderators, in the order of the harm at stake."""
    return f"{moderators_queue.refresh(now=timezone.now()):,} wait"


@every("4-59/5 * * * *")
def count_figures() -> str:
    """What the panel's dashboard shows: reports by hour, how each day ends."""
    return f"{figures.count_up(now=timezone.now()):,} hours and days counted"


@every("15 3 * * *")
def learn() -> str:
    """Whom to believe, from all reports together. `reweigh` then does what follows from it."""
    learnt = trust_pass.learn_trust()
    return (
        f"{learnt.reports:,} reports read, {learnt.moved:,} reporters moved, "
        f"{learnt.concerned:,} numbers concerned"
    )


@every("45 3 * * *")
def forget() -> str:
    """What nobody needs any more: overtaken changes, sessions, idempotency keys, contacts …"""
    now = timezone.now()
    changes = compact(now=now).forgotten
    buckets.measure()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    keys = idempotency.forget_old(now=now)
    holds = disputes.end_holds(now=now)
    disputes.costs.forget_paid(now=now)
    disputed = disputes.expire(now=now)
    accounts = people.forget_unconfirmed(now=now)
    people.forget_openings(now=now)
    messages = receiving.forget(now=now)
    return (
        f"{changes:,} changes, {sessions:,} sessions, {keys:,} idempotency keys, "
        f"{accounts:,} accounts that nobody entered, the words of {messages:,} messages, "
        f"{disputed.forgotten:,} disputes that nobody verified and {disputed.contacts:,} contacts; "
        f"{holds:,} holds ended"
    )


@app.periodic(cron="* * * * *")
@app.task(name="rescue", queueing_lock="rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Jobs of a worker that was killed: their locks would stop all later runs."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # its next run waits already
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
        logger.warning("%s: its worker is gone, it runs again", job.task_name)
    await manager.prune_stalled_workers(STALLED)


@app.periodic(cron="30 * * * *")
@app.task(name="tidy", queueing_lock="tidy", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:
    """Runs that ended long ago."""
    # procrastinate's task for this takes no timestamp, and every periodic job gets one.
    await context.app.job_manager.delete_old_jobs(KEPT_HOURS, include_failed=True)
