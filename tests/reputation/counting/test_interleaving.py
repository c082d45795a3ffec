"""Whatever runs beside the trust pass, wherever it comes in: the end is what one full pass says."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from reputation.counting import DUE, reassess_due, trust_pass
from reputation.identity import identify
from reputation.models import Busy, DueNumber, Number, Report, Reporter
from reputation.moderation import clear_number, confirm_number, vouch_for_reporter
from reputation.reports import withdraw_report
from reputation.scoring.moves import MOVED
from tests.given.concurrency import together
from tests.given.reporters import DAY, NOW, moderator, newcomer, say, veteran
from tests.given.worlds import NUMBERS

UNTOUCHED = identify("+12025550150", allow_fictional=True)
# How far a report's weight may lag behind its reporter's record, twice: by learning and by credits.
LAG = 2 * MOVED

type Act = Callable[[], object]


@pytest.fixture
def acts(transactional_db: None) -> dict[str, Act]:
    """A world in which learning finds a ring, and what may happen in it at any moment."""
    ring = [newcomer(f"ring{place}") for place in range(5)]
    honest = [veteran(f"v{place}") for place in range(3)]
    for which, number in enumerate(NUMBERS[:4]):
        for member in ring:
            say(member, number=number, at=NOW - (40 - which) * DAY)
    for place, person in enumerate(honest):
        say(person, number=NUMBERS[place], at=NOW - (9 - place) * DAY)
    judge = moderator()
    first = Report.objects.get(reporter=honest[0])

    def report() -> None:
        say(ring[0], number=UNTOUCHED)
        say(honest[1], number=NUMBERS[0])

    def take_back() -> None:
        withdraw_report(reporter=honest[0], public_id=first.public_id, now=NOW)
        say(honest[0], number=NUMBERS[0])

    def decide() -> None:
        clear_number(actor=judge, identity=NUMBERS[3], reason="a clinic", now=NOW)
        confirm_number(actor=judge, identity=NUMBERS[3], reason="not a clinic", now=NOW)

    def vouch() -> None:
        vouch_for_reporter(actor=judge, reporter=ring[1], reason="known to us", now=NOW)

    return {
        "learn": trust_pass.learn_trust,
        "reweigh": trust_pass.reweigh_due,
        "reassess": lambda: reassess_due(now=NOW + 90 * DAY),
        "report": report,
        "take back": take_back,
        "decide": decide,
        "vouch": vouch,
    }


def forget() -> None:
    """Back to before the ring was found: all numbers weighed, by records that nobody learnt."""
    Reporter.objects.update(cluster=None, backers=[], vouched_at=None)
    Number.objects.update(trust_seq=DUE)
    trust_pass.reweigh_due()


def published() -> dict[tuple[str, str], object]:
    numbers = Number.objects.order_by("key")
    found: dict[tuple[str, str], object] = {}
    for key, networks, promoted in numbers.values_list("key", "networks", "promoted"):
        found[key, "networks"], found[key, "promoted"] = networks, promoted
    reports = Report.objects.live().order_by("number__key", "reporter__handle")
    for key, who, weight, established in reports.values_list(
        "number__key", "reporter__handle", "weight", "established"
    ):
        found[key, who] = (pytest.approx(weight, abs=LAG), established)
    return found


def check() -> None:
    """The day ends, and the next night's learning: a pass over all numbers changes none of them."""
    trust_pass.reweigh_due()
    trust_pass.learn_trust()
    trust_pass.reweigh_due()
    assert trust_pass.due() == 0
    found = published()
    Number.objects.update(trust_seq=DUE)
    trust_pass.reweigh_due()
    assert published() == found


@contextmanager
def interrupted(place: int | str, by: Act) -> Iterator[list[int]]:
    """Before this thread's statement `place`, or the first that has these words, `by` runs: to its
    end, unless it waits for a lock."""
    count = [0]
    threads: list[threading.Thread] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            by()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def pause(execute: Any, sql: str, *rest: Any) -> Any:
        if not threads and (count[0] == place if isinstance(place, int) else place in sql):
            threads.append(threading.Thread(target=run))
            threads[0].start()
            threads[0].join(0.5)
        count[0] += 1
        return execute(sql, *rest)

    with connection.execute_wrapper(pause):
        yield count
    for thread in threads:
        thread.join(60)
    assert errors == []


@pytest.mark.slow
def test_reweighing_comes_in_as_records_are_written(acts: dict[str, Act]) -> None:
    forget()
    with interrupted("UPDATE reputation_reporter", acts["reweigh"]):
        acts["learn"]()
    check()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "by"),
    [
        ("learn", "reweigh"),
        ("learn", "report"),
        ("learn", "decide"),
        ("reweigh", "learn"),
        ("reweigh", "report"),
        ("vouch", "report"),
        ("vouch", "reweigh"),
    ],
)
def test_coming_in_at_any_statement(acts: dict[str, Act], act: str, by: str) -> None:
    place, statements = 0, 1
    while place < statements:
        forget()
        with interrupted(place, acts[by]) as count:
            acts[act]()
        statements = count[0]
        trust_pass.reweigh_due()
        check()
        place += 1
    assert place > 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_all_of_them_at_once(acts: dict[str, Act], seed: int) -> None:
    """Each in a thread of its own that pauses here and there; the jobs run again and again."""

    def paused(name: str, times: int) -> Act:
        chance = random.Random(f"{seed} {name}")

        def pause(execute: Any, *statement: Any) -> Any:
            time.sleep(chance.choice([0, 0, 0, 0.01, 0.03]))
            return execute(*statement)

        def run() -> None:
            with connection.execute_wrapper(pause):
                for _ in range(times):
                    acts[name]()

        return run

    forget()
    often = {"learn": 3, "reweigh": 6, "reassess": 2}
    together(*(paused(name, often.get(name, 1)) for name in acts))
    check()


@pytest.mark.slow
def test_learning_beside_learning_adds_nothing_up(acts: dict[str, Act]) -> None:
    refused: list[pytest.ExceptionInfo[Busy]] = []

    def another() -> None:
        with pytest.raises(Busy) as error:
            trust_pass.learn_trust()
        refused.append(error)

    with interrupted(1, another):
        trust_pass.learn_trust()
    assert len(refused) == 1
    assert trust_pass.learn_trust().moved == 0  # the lock is free again, and nothing was doubled


@pytest.mark.slow
def test_a_mark_that_somebody_has_taken_is_theirs(acts: dict[str, Act]) -> None:
    """Who meets its number as one that became due by itself weighs it, and waits for nobody."""
    forget()
    acts["report"]()
    DueNumber.objects.create(number=Number.objects.get(key=UNTOUCHED.key))
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM reputation_duenumber FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        assert trust_pass.reweigh(now=NOW).numbers == 2
        assert trust_pass.due() == 1
    finally:
        other.rollback()
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    assert trust_pass.reweigh(now=NOW).numbers == 1
    assert trust_pass.due() == 0


@pytest.mark.slow
def test_a_number_that_somebody_has_locked_keeps_no_other_from_being_weighed(
    acts: dict[str, Act],
) -> None:
    forget()
    first, second = Number.objects.order_by("pk")[:2]
    DueNumber.objects.bulk_create([DueNumber(number=first), DueNumber(number=second)])
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM reputation_number WHERE id = %s FOR UPDATE", [first.pk])
        assert trust_pass.reweigh(limit=1, now=NOW).numbers == 1
        assert list(DueNumber.objects.values_list("number", flat=True)) == [first.pk]
        other.rollback()  # a server lets go of locks some time after a connection is closed
    finally:
        other.rollback()
        other.close()
    assert trust_pass.reweigh(limit=1, now=NOW).numbers == 1
    assert trust_pass.due() == 0
