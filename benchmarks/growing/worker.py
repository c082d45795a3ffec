"""What the worker's jobs cost, of benchmarks/growth.py."""

import random
from datetime import UTC, datetime, timedelta
from functools import cache

from django.db import connection, transaction

from benchmarks import _numbers
from benchmarks.growing.costs import JUDGED, LISTED, REFRESH, WEIGHED, Act
from reputation import counting
from reputation.counting import reassess_due, trust_pass
from reputation.feeds import deltas, log, publish
from reputation.identity import identify
from reputation.models import Campaign, ClusterFigures, DayFigures, HourFigures, Number, QueueItem
from reputation.moderation import figures, queue

EVERY = timedelta(minutes=5)  # the worker refreshes the queue, and counts figures
DUE = 200  # numbers that one run of a job judges, or weighs


def acts(numbers: int, chance: random.Random) -> dict[str, Act]:
    worker = _Worker(numbers, chance)
    return {
        LISTED: Act(worker.changed, worker.publish_list, lambda: worker.listed / 1000),
        "change of the list, published and fetched": Act(worker.changed, change),
        JUDGED: Act(worker.due, reassess, lambda: DUE),
        WEIGHED: Act(worker.to_be_weighed, weigh, lambda: DUE),
        REFRESH: Act(as_vacuumed, lambda now: queue.refresh(now=now)),
        "the figures of the dashboard": Act(as_counted, lambda now: figures.count_up(now=now)),
    }


class _Worker:
    """What the jobs find to do. listed: how many numbers the last published list had."""

    def __init__(self, numbers: int, chance: random.Random) -> None:
        self.numbers, self.chance, self.listed = numbers, chance, 1

    def some(self, count: int) -> list[str]:
        return [_numbers.key_of(self.chance.randrange(self.numbers)) for _ in range(count)]

    def due(self, times: int) -> list[datetime]:
        """Moments at each of which DUE more numbers are due, and no others."""
        now = datetime.now(UTC)
        moments = [now + timedelta(minutes=minute) for minute in range(times)]
        # Thousands of numbers are copies of one that is due by itself.
        Number.objects.filter(reassess_at__lte=moments[-1]).update(
            reassess_at=now + timedelta(days=1)
        )
        for moment in moments:
            Number.objects.filter(key__in=self.some(DUE)).update(reassess_at=moment)
        return moments

    def to_be_weighed(self, times: int) -> list[int]:
        trust_pass.reweigh_due()  # of reports made meanwhile
        Number.objects.filter(key__in=self.some(DUE)).update(trust_seq=-1)
        return [DUE] * times

    def changed(self, times: int) -> list[str]:
        """Numbers that are on the list, or will be by a moderator's word; one has just been."""
        keys = self.some(50 * times)
        rows = Number.objects.filter(key__in=keys, moderated=0, official=False, disputed=False)
        free = list(rows.exclude(action="block").values_list("key", flat=True))
        change(free.pop())
        return free[:times]

    def publish_list(self, key: str) -> None:
        done = publish(now=datetime.now(UTC))
        if done is None:
            raise SystemExit("no list was published")
        self.listed = done.count


def reassess(moment: datetime) -> None:
    if (done := reassess_due(now=moment)).judged < DUE - 5:
        raise SystemExit(f"{done.judged} numbers were due, not {DUE}")


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


def as_vacuumed(times: int) -> list[datetime]:
    """Moments five minutes apart, with the queue as autovacuum leaves it between two refreshes."""
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
    for model in (ClusterFigures, DayFigures, HourFigures):
        model._default_manager.all().delete()
    filled = Campaign.objects.order_by("-grouped_at").values_list("grouped_at", flat=True)[0]
    begin = filled - timedelta(hours=1)
    figures.count_up(now=begin)
    return [begin]
