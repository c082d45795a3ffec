"""The periodic jobs. `manage.py worker` runs them from a queue in PostgreSQL (docs/adr/0011).

Each job may be killed at any moment, and may run beside reports, web processes and other workers:
its next run does what is left. Per job, at most one run is in progress and one queued.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from api import idempotency
from edge import is_outage, tracing
from reputation import (
    disputes,
    health,
    intake,
    moderation,
    organisations,
    quality,
    rights,
    watching,
    webhooks,
)
from reputation.counting import (
    agreeing,
    calibrating,
    draws,
    group_anew,
    reassess_due,
    trust_pass,
)
from reputation.decisions import desk
from reputation.feeds import compact, publish, snapshots
from reputation.health import Level
from reputation.lookup import buckets
from reputation.models import Busy
from reputation.moderation import chaining, figures
from reputation.moderation import queue as moderators_queue
from web import people

logger = logging.getLogger(__name__)

# How long ended runs are stored, failed ones included.
KEPT: Final = timedelta(days=2)
OLD_RUNS: Final = """
    DELETE FROM procrastinate_jobs job
    WHERE status IN ('failed', 'succeeded')
    AND NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = job.id AND at >= %s)
    AND id NOT IN (
        SELECT max(id) FROM procrastinate_jobs
        WHERE status = 'succeeded' AND task_name = ANY(%s) GROUP BY task_name
    )
"""
# Seconds without a heartbeat after which a worker's jobs go to another worker.
STALLED: Final = 60.0

type Job = Callable[[], str]


class OutsideUnwell(Exception):
    """The certificate, a proxy, the mail server or the gateway does not work. The message says
    which, and how it shows."""


def every(cron: str) -> Callable[[Job], Job]:
    """Registers a job for these times (UTC). Logs its return value; an exception makes the run
    fail."""

    def register(job: Job) -> Job:
        name = job.__name__

        @app.periodic(cron=cron)
        @app.task(name=name, lock=name, queueing_lock=name)
        def run(timestamp: int) -> None:
            with tracing.span(f"job {name}", attributes={"ringscore.job": name}):
                calibrating.load()
                try:
                    logger.info("%s: %s", name, job())
                except Exception as error:
                    is_outage(error)  # a connection that leads to a standby by now is left
                    raise

        return job

    return register


@every("*/5 * * * *")
def reweigh() -> str:
    """Weighs the reports of recently reported numbers again, and promotes numbers to block."""
    done = trust_pass.reweigh_due()
    return f"{done.numbers:,} numbers reweighed, {done.changes.total():,} actions changed"


@every("*/5 * * * *")
def reassess() -> str:
    """Judges numbers again whose action is due to change because evidence faded."""
    done = reassess_due(now=timezone.now())
    return f"{done.judged:,} judged, {done.changes.total():,} actions changed"


@every("2-59/5 * * * *")
def publish_feeds() -> str:
    """Publishes a snapshot of each changed feed, after `reweigh` and `reassess` had time to run."""
    published = []
    for feed in snapshots.NAMES:
        try:
            done = publish(feed=feed, now=timezone.now())
        except Busy as error:
            return str(error)
        published.append(f"{feed} at cursor {done.cursor}" if done else f"{feed} unchanged")
    return ", ".join(published)


@every("* * * * *")
def restate() -> str:
    """Takes back, or brings back, the reports of reporters with very many, after a decision about
    them."""
    done = moderation.restating.carry_out(now=timezone.now())
    return f"{done:,} reports taken back or brought back"


@every("* * * * *")
def go_on_with_batches() -> str:
    """Takes further steps of the batches of decisions that had to wait, or that no page drives."""
    return f"{moderation.batches.go_on(now=timezone.now()):,} steps taken"


@every("8-58/10 * * * *")
def catch_up_with_messages() -> str:
    """Processes messages by SMS and e-mail that were stored and not processed, and sends answers to
    e-mails that were not sent."""
    return f"{intake.catch_up(now=timezone.now()):,} messages processed"


@every("*/30 * * * *")
def refresh_silences() -> str:
    """Begins and ends the silences of the directory's never-calling numbers."""
    return f"{moderation.refresh_silences(now=timezone.now()):,} numbers changed"


@every("17 * * * *")
def fetch_numbers_files() -> str:
    """Fetches the lists that organisations publish of their numbers; moderators decide about
    changes."""
    return f"{moderation.published_lists.fetch_due(now=timezone.now()):,} files wait for a decision"


@every("1-59/15 * * * *")
def group_campaigns() -> str:
    """Groups reports anew into campaigns; their numbers are linked and published accordingly."""
    try:
        done = group_anew(now=timezone.now())
    except Busy as error:
        return str(error)
    return f"{done.reports:,} reports, {done.campaigns:,} campaigns, {done.numbers:,} numbers"


@every("1-59/5 * * * *")
def draw_reviews() -> str:
    """Draws decisions for a second judgement by another moderator; `queue` offers them."""
    return f"{quality.draw(now=timezone.now()):,} decisions drawn"


@every("5 4 * * 1")
def measure_agreement() -> str:
    """Measures how established reporters agree, which `calibrate` uses to move percentages."""
    return f"established reporters spoke of {agreeing.measure(now=timezone.now()):,} numbers"


@every("9-59/10 * * * *")
def calibrate() -> str:
    """Draws numbers at random for the audits, and fits percentages to the decisions about them and
    to the agreement of established reporters."""
    now = timezone.now()
    answers, drawn = draws.take_answers(now=now), draws.draw(now=now)
    fitted, due = calibrating.refit(now=now), calibrating.spread(now=now)
    curves = "other curves from now on" if fitted else "the curves stay"
    return f"{answers:,} draws closed, {drawn:,} drawn, {curves}, {due:,} numbers due"


@every("3-59/5 * * * *")
def queue() -> str:
    """Rebuilds the moderators' queue."""
    return f"{moderators_queue.refresh(now=timezone.now()):,} wait"


@every("4-59/5 * * * *")
def count_figures() -> str:
    """Counts the dashboard's figures (reports by hour, the state at each day's end), and how
    decisions hold.
    """
    now = timezone.now()
    counted = figures.count_up(now=now) + quality.tallies.count_up(now=now)
    return f"{counted:,} hours and days counted"


@every("25 4 * * *")
def count_transparency() -> str:
    """Counts the months that have ended, for the public report."""
    return f"{quality.transparency.count_up(now=timezone.now()):,} months counted"


@every("1-59/5 * * * *")
def chain_audit() -> str:
    """Adds new audit entries to the chain of hashes, and so logs the last digest."""
    chained = chaining.chain()
    return f"{chained.added:,} audit entries chained, the last digest is {chained.head}"


@every("2-59/5 * * * *")
def notice() -> str:
    """Mails holders the outcome of their disputes, and organisations that of their requests for
    keys."""
    now = timezone.now()
    sent = disputes.send_notices() + organisations.send_notices(now=now)
    return f"{sent:,} mails sent"


@every("6-56/10 * * * *")
def tell_watchers() -> str:
    """Mails people whose watched numbers have changed."""
    return f"{watching.send_changes(now=timezone.now()):,} mails sent"


@every("20 * * * *")
def remind() -> str:
    """Mails people on the day on which the answer to a complaint is due."""
    return f"{watching.send_reminders(now=timezone.now()):,} mails sent"


@every("7-57/10 * * * *")
def tell_moderators() -> str:
    """Mails moderators who asked for it a digest of the items that wait for them."""
    return f"{desk.send_digests(now=timezone.now()):,} mails sent"


@every("2-59/5 * * * *")
def send_webhooks() -> str:
    """Tells moderators' tools of new items, decisions and deadlines."""
    sent = webhooks.send_due(now=timezone.now())
    return f"{sent.messages:,} messages taken, {sent.failed:,} failed"


@every("11-56/15 * * * *")
def look_outside() -> str:
    """Looks at the certificate, proxies, mail server and gateway, as `doctor` does. Fails if
    something is wrong: /metrics, which cannot wait for other servers, tells of failing jobs."""
    found = health.look(now=timezone.now(), costly=True)
    wrong = [each.wrong for check, each in found if check.costly and each.level >= Level.DEGRADED]
    if wrong:
        raise OutsideUnwell(" ".join(wrong))
    return "certificate, proxies, mail server and gateway are well"


@every("15 3 * * *")
def learn() -> str:
    """Learns from all reports together which reporters to believe. `reweigh` then applies it."""
    try:
        learnt = trust_pass.learn_trust()
    except Busy as error:
        return str(error)
    return (
        f"{learnt.reports:,} reports read, {learnt.moved:,} reporters moved, "
        f"{learnt.concerned:,} numbers concerned"
    )


@every("45 3 * * *")
def forget() -> str:
    """Deletes obsolete data: replaced changes, sessions, idempotency keys, contacts …"""
    now = timezone.now()
    changes = compact(now=now).forgotten
    buckets.measure()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    keys = idempotency.forget_old(now=now)
    holds = disputes.end_holds(now=now)
    disputes.costs.forget_paid(now=now)
    disputed = disputes.expire(now=now)
    files = disputes.forget_old_files(now=now)
    accounts = people.forget_unconfirmed(now=now)
    people.forget_openings(now=now)
    messages = intake.keeping.forget(now=now)
    organisations.forget(now=now)
    noted = moderation.notes.forget(now=now)
    rights.forget(now=now)
    return (
        f"{changes:,} changes, {sessions:,} sessions, {keys:,} idempotency keys, "
        f"{accounts:,} accounts that nobody entered, the words of {messages:,} messages, "
        f"{disputed.forgotten:,} disputes that nobody verified and {disputed.contacts:,} contacts, "
        f"{files:,} files of disputes; "
        f"{holds:,} holds ended, {noted:,} notes of moderators"
    )


@app.periodic(cron="* * * * *")
@app.task(name="rescue", queueing_lock="rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Restarts the jobs of a killed worker: their locks would block all later runs."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # its next run is already queued
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
        logger.warning("%s: its worker was killed, the job runs again", job.task_name)
    await manager.prune_stalled_workers(STALLED)


@every("30 * * * *")
def tidy() -> str:
    """Deletes runs that ended long ago, except each job's last successful one: otherwise a job that
    fails for weeks would look like one that never ran, and raise no alarm."""
    with connection.cursor() as cursor:
        cursor.execute(OLD_RUNS, [timezone.now() - KEPT, [*app.tasks]])
        return f"{cursor.rowcount:,} runs forgotten"
