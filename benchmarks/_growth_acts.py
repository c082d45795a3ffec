"""What benchmarks/growth.py measures in one database: each act, and what it costs.

Runs in a process of its own for each database, on one connection; acts come on standard input.
"""

import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.db import connection, transaction
from psycopg import pq

from benchmarks import _growth_world, _numbers, _world

TOKENS = 100
EVERY = timedelta(minutes=5)  # the worker refreshes the queue, and counts figures
DUE = 200  # numbers that one run of a job judges, or weighs
LOOKUP = "lookup, as numbers are asked for"
REPORT = "report"
LISTED = "a thousand numbers of the list published"
JUDGED = "number judged again"
WEIGHED = "number weighed again"
REFRESH = "the queue's refresh"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one act, on average: seconds of processor time, of this process and of PostgreSQL; pages
    of tables and indexes that PostgreSQL looked at; statements. `peak`: megabytes that this process
    has had at most so far."""

    own: float
    database: float
    buffers: float
    statements: float
    peak: float


@dataclass(frozen=True, slots=True)
class Act:
    """`ready` makes arguments and is not measured; one call of `do` is `each` acts."""

    ready: Callable[[int], Sequence[Any]]
    do: Callable[[Any], object]
    each: Callable[[], float] = lambda: 1


def serve(numbers: int) -> None:
    """Answers lines `ACT TIMES` with the act's cost as JSON, until the input ends."""
    acts = _acts(numbers)
    print("ready", flush=True)
    for line in sys.stdin:
        name, times = line.rsplit(maxsplit=1)
        print(orjson.dumps(asdict(_cost(acts[name], int(times)))).decode(), flush=True)


def _cost(act: Act, times: int) -> Cost:
    """Of `times` calls. Statements are counted in one call more: in the only one, of one."""
    first, *rest = act.ready(times + (times > 1))
    connection.ensure_connection()
    statements = _statements(lambda: act.do(first)) if rest else 0
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    buffers, before = _buffers(), _seconds(server)
    began = time.thread_time()
    if rest:
        for argument in rest:
            act.do(argument)
    else:
        statements = _statements(lambda: act.do(first))
    own = time.thread_time() - began
    # PostgreSQL first: what reading the statistics costs is not the acts'.
    database = _seconds(server) - before
    buffers = _buffers() - buffers
    calls = act.each() * times
    return Cost(
        own / calls,
        database / calls,
        buffers / calls,
        statements / act.each(),
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _seconds(server: Path) -> float:
    return int(server.read_text().split()[0]) / 1e9


def _buffers() -> int:
    """Pages that this database's servers have looked at so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def _statements(act: Callable[[], object]) -> int:
    """How many statements the act sends, counted on the wire."""
    connection.ensure_connection()
    wire = connection.connection.pgconn
    with tempfile.TemporaryFile("w+") as trace:
        wire.trace(trace.fileno())
        wire.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        act()
        wire.untrace()
        trace.seek(0)
        sent = [line.split("\t")[2].strip() for line in trace if line.startswith("F\t")]
    return sum(kind in ("Query", "Execute") for kind in sent)


def _acts(numbers: int) -> dict[str, Act]:
    import django
    from django.conf import settings

    for group in ("lookup", "report"):
        settings.RATE_LIMITS[group]["key"] = "1000000000/h"
    settings.MODERATOR_MFA_REQUIRED = False
    settings.FEEDS_DIR = Path(tempfile.mkdtemp(prefix="ringscore-growth-"))
    django.setup()
    _growth_world.use(numbers)
    chance = random.Random(os.getpid())

    def known() -> str:
        return _numbers.key_of(chance.randrange(numbers))

    def asked_for() -> str:
        """By Zipf's law: the n-th number in proportion to 1 / n."""
        return _numbers.key_of(int(numbers ** chance.random()) - 1)

    return (
        _of_the_api(known, asked_for, chance)
        | _of_the_panel(known, _growth_world.gateway(numbers))
        | _of_the_worker(numbers, chance)
    )


def _of_the_api(
    known: Callable[[], str], asked_for: Callable[[], str], chance: random.Random
) -> dict[str, Act]:
    from benchmarks.report_costs import ask
    from config.wsgi import application
    from reputation.models import Report
    from reputation.reports import withdraw_report

    tokens = _world.tokens(datetime.now(UTC))
    filed: list[tuple[str, str, str]] = []  # token, number, id
    hot = _numbers.key_of(0)
    turn = iter(range(TOKENS))

    def look_up(key: str) -> object:
        return ask(application, chance.choice(tokens), "GET", f"/v1/numbers/{key}")

    def report(said: tuple[str, str]) -> None:
        token, key = said
        body = orjson.dumps({"number": key, "category": "loan_scam"})
        answer = orjson.loads(ask(application, token, "POST", "/v1/reports", body))
        filed.append((token, key, answer["id"]))

    def repeats(times: int) -> list[tuple[str, str]]:
        _count_anew(hot)
        return [(tokens[place], hot) for place in range(times)]

    def any_reports(times: int) -> list[Report]:
        """Of any age, and not of the API's keys."""
        _count_anew(hot)
        reports = Report.objects.live().filter(number__key=hot, reporter__handle__regex="^.{32}$")
        return list(reports.order_by("?").select_related("reporter")[:times])

    def withdraw(report: Report) -> None:
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=datetime.now(UTC))

    for token in tokens:  # a key's use is noted once a minute
        ask(application, token, "GET", f"/v1/numbers/{hot}")
    return {
        LOOKUP: Act(lambda times: [asked_for() for _ in range(times)], look_up),
        "lookup, any number alike": Act(lambda times: [known() for _ in range(times)], look_up),
        "lookup of a number never reported": Act(
            lambda times: [f"+852{chance.randrange(51_000_000, 70_000_000)}" for _ in range(times)],
            look_up,
        ),
        REPORT: Act(lambda times: [(chance.choice(tokens), known()) for _ in range(times)], report),
        "report again": Act(lambda times: [each[:2] for each in filed[-times:]], report),
        "report withdrawn": Act(
            lambda times: [filed.pop() for _ in range(times)],
            lambda each: ask(application, each[0], "DELETE", f"/v1/reports/{each[2]}"),
        ),
        "report on the most reported number": Act(
            lambda times: [(tokens[next(turn)], hot) for _ in range(times)], report
        ),
        "report again on the most reported number": Act(repeats, report),
        "any report on the most reported number withdrawn": Act(any_reports, withdraw),
    }


@cache
def _count_anew(key: str) -> None:
    """What the reports of the number come to: PostgreSQL has made the rows, which add up to
    nothing."""
    from reputation.counting import rescore_one

    rescore_one(key=key, now=datetime.now(UTC))


def _of_the_panel(known: Callable[[], str], gateway: str) -> dict[str, Act]:
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import reverse

    from reputation.models import Number, Report, Reporter

    hot = _numbers.key_of(0)
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(
        User.objects.get_or_create(username="b", is_superuser=True, is_staff=True)[0]
    )

    def get(path: str) -> None:
        response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answers {response.status_code}")

    def page(path: str) -> Act:
        return Act(lambda times: [path] * times, get)

    def of_number(key: str) -> str:
        return reverse(
            "admin:reputation_number_change", args=[Number.objects.only("pk").get(key=key).pk]
        )

    numbers = reverse("admin:reputation_number_changelist")
    newest = Report.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return {
        "panel: numbers": page(numbers),
        "panel: numbers, blocked": page(f"{numbers}?action=block"),
        "panel: a number found": Act(
            lambda times: [f"{numbers}?q=%2B{known()[1:]}" for _ in range(times)], get
        ),
        "panel: a number": Act(lambda times: [of_number(known()) for _ in range(times)], get),
        "panel: the most reported number": page(of_number(hot)),
        "page of the most reported number": page(f"/numbers/{hot}"),
        "panel: the queue": page(reverse("admin:reputation_queueitem_changelist")),
        "panel: reports": page(reverse("admin:reputation_report_changelist")),
        "panel: a report": page(reverse("admin:reputation_report_change", args=[newest])),
        "panel: the reporter with most reports": page(
            reverse(
                "admin:reputation_reporter_change", args=[Reporter.objects.get(handle=gateway).pk]
            )
        ),
    }


def _of_the_worker(numbers: int, chance: random.Random) -> dict[str, Act]:

    from reputation import counting
    from reputation.counting import reassess_due, trust_pass
    from reputation.feeds import deltas, log, publish
    from reputation.identity import identify
    from reputation.models import Number
    from reputation.moderation import figures, queue

    listed = [1]

    def some(count: int) -> list[str]:
        return [_numbers.key_of(chance.randrange(numbers)) for _ in range(count)]

    def due(times: int) -> list[datetime]:
        """Moments at each of which DUE more numbers are due, and no others."""
        now = datetime.now(UTC)
        moments = [now + timedelta(minutes=minute) for minute in range(times)]
        # Thousands of numbers are copies of one that is due by itself.
        Number.objects.filter(reassess_at__lte=moments[-1]).update(
            reassess_at=now + timedelta(days=1)
        )
        for moment in moments:
            Number.objects.filter(key__in=some(DUE)).update(reassess_at=moment)
        return moments

    def reassess(moment: datetime) -> None:
        if (done := reassess_due(now=moment)).judged < DUE - 5:
            raise SystemExit(f"{done.judged} numbers were due, not {DUE}")

    def to_be_weighed(times: int) -> list[int]:
        trust_pass.reweigh_due()  # of reports made meanwhile
        Number.objects.filter(key__in=some(DUE)).update(trust_seq=-1)
        return [DUE] * times

    def weigh(_: int) -> None:
        if (done := trust_pass.reweigh_due()).numbers < DUE - 5:
            raise SystemExit(f"{done.numbers} numbers were due, not {DUE}")

    def change(key: str) -> None:
        since, now = log.head(), datetime.now(UTC)
        with transaction.atomic():
            number = counting.lock_number(identify(key), now=now)
            number.moderated = -1 if number.moderated > 0 else 1
            counting.publish(number, now=now)
        if not deltas.read(feed="numbers", since=since).changes:
            raise SystemExit(f"the change of {key} was not published")

    def publish_list(key: str) -> None:
        done = publish(now=datetime.now(UTC))
        if done is None:
            raise SystemExit("no list was published")
        listed[0] = done.count

    def changed(times: int) -> list[str]:
        """Numbers that are on the list, or will be by a moderator's word; one has just been."""
        keys = some(50 * times)
        rows = Number.objects.filter(key__in=keys, moderated=0, official=False, disputed=False)
        free = list(rows.exclude(action="block").values_list("key", flat=True))
        change(free.pop())
        return free[:times]

    return {
        LISTED: Act(changed, publish_list, lambda: listed[0] / 1000),
        "change of the list, published and fetched": Act(changed, change),
        JUDGED: Act(due, reassess, lambda: DUE),
        WEIGHED: Act(to_be_weighed, weigh, lambda: DUE),
        REFRESH: Act(as_vacuumed, lambda now: queue.refresh(now=now)),
        "the figures of the dashboard": Act(as_counted, lambda now: figures.count_up(now=now)),
    }


def as_vacuumed(times: int) -> list[datetime]:
    """Moments five minutes apart, with the queue as autovacuum leaves it between two refreshes."""
    from reputation.models import QueueItem

    newest = QueueItem.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    begin = max(filter(None, (newest, datetime.now(UTC))))
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")  # autovacuum may be at it
        cursor.execute("VACUUM reputation_queueitem")
    return [begin + turn * EVERY for turn in range(1, times + 1)]


def as_counted(times: int) -> list[datetime]:
    """Moments five minutes apart, with as many reports between them as the country has."""
    begin = _counted().pop()
    moments = [begin + turn * EVERY for turn in range(1, times + 1)]
    _counted().append(moments[-1])
    return moments


@cache
def _counted() -> list[datetime]:
    """The moment of the last count: first, an hour before the database was filled."""
    from reputation.models import Campaign, ClusterFigures, DayFigures, HourFigures
    from reputation.moderation import figures

    for model in (ClusterFigures, DayFigures, HourFigures):
        model._default_manager.all().delete()
    filled = Campaign.objects.order_by("-grouped_at").values_list("grouped_at", flat=True)[0]
    begin = filled - timedelta(hours=1)
    figures.count_up(now=begin)
    return [begin]
