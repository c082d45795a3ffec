"""A block of rows files what the same reports file one after the other, to the last bit."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import batched
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.db.models import F

from reputation.counting import bucket_rows, chapters, settling
from reputation.counting.locking import LOCK, lock_numbers
from reputation.identity import Identity, identify
from reputation.models import (
    Campaign,
    CampaignMark,
    Chapter,
    EvidenceBucket,
    FeedChange,
    Number,
    Report,
    Reporter,
    ReportRevision,
    table,
)
from reputation.moderation import clear_number, confirm_number, reject_report
from reputation.reports import (
    ReportError,
    Statement,
    Submission,
    known,
    mark_stopped,
    submit_block,
    submit_report,
    submit_reports,
    withdraw_report,
)
from reputation.scoring import CATEGORIES
from tests.given.campaigns import linked
from tests.given.reporters import DAY, NOW, moderator, newcomer, say, veteran

pytestmark = pytest.mark.django_db

KEYS = [f"+1202555{place:04}" for place in range(100, 116)]
KEYS += ["+4930901820", "+8613812345678", "CN:95533", "CN@BANK", "+447700900123"]
NUMBERS = [identify(key, allow_fictional=True) for key in KEYS]
WORDS = (
    "",
    "",
    "5000 for a parcel; call +1 202 555 0173",
    "叫王伟先生回电",
    "parcel fee",
)
FILED = (Number, EvidenceBucket, Chapter, Report, ReportRevision, FeedChange, Reporter)
# Drawn anew for each row: who is who, and the names that nobody can foresee.
DRAWN = {"id", "public_id", "number_id", "reporter_id", "report_id", "cursor"}


def statement(chance: random.Random) -> Statement:
    ago = chance.choice([None, None, timedelta(hours=3), timedelta(days=40), -DAY, 400 * DAY])
    return Statement(
        category=chance.choice(["loan_scam", "loan_scam", "legitimate", *CATEGORIES]),
        occurred_at=None if ago is None else NOW - ago,
        conduct=chance.choice([[], [], ["threats", "privacy_disclosure"]]),
        comment=chance.choice(WORDS),
        transcript=chance.choice(WORDS),
        attestation=chance.choice(["", "", "A", "C", "failed"]),
        callback_number=chance.choice(["", "+12025550173"]),
        claimed_name=chance.choice(["", "the \u202ebank"]),
        call_count=chance.choice([1, 1, 7]),
        was_warned=chance.random() < 0.1,
        channel=chance.choice(["call", "sms"]),
    )


def world(chance: random.Random) -> tuple[Reporter, list[tuple[Identity, Statement]]]:
    """What others and the reporter said and moderators decided so far; and who files what now.

    Of most numbers there are some about which the same was said and is said.
    """
    people = [veteran(f"v{n}") if n % 3 else newcomer(f"n{n}") for n in range(7)]
    me, judge = chance.choice(people), moderator()
    known = chance.sample(NUMBERS, 12)
    rows: list[tuple[Identity, Statement]] = []
    while known:
        alike = [known.pop() for _ in range(min(len(known), chance.randrange(1, 5)))]
        for who in chance.sample(people, chance.randrange(5)):
            category = chance.choice(["loan_scam", "loan_scam", "legitimate", "survey"])
            at, words = NOW - chance.randrange(90) * DAY, chance.choice(WORDS)
            reports = [say(who, category, each, at=at, comment=words).report for each in alike]
            fate = chance.randrange(9)
            for number, report in zip(alike, reports, strict=True):
                if fate == 0:
                    withdraw_report(reporter=who, public_id=report.public_id, now=at)
                elif fate == 1:
                    mark_stopped(reporter=who, public_id=report.public_id, now=at)
                elif fate == 2:
                    reject_report(actor=judge, report=report, reason="untrue", now=at)
                elif fate == 3:
                    decide = chance.choice([confirm_number, clear_number])
                    decide(actor=judge, identity=number, reason="heard it", now=at)
        if chance.random() < 0.8:
            said = statement(chance)
            rows += [(each, replace(said, call_count=chance.choice([1, 2]))) for each in alike]
    rows += [(chance.choice(NUMBERS), statement(chance)) for _ in range(chance.randrange(12))]
    chance.shuffle(rows)
    return me, rows


def outcome(each: Any) -> Any:
    """Whether a report was new, or the error's field and words."""
    if isinstance(each, ReportError):
        return type(each), each.field, str(each)
    return each.created if isinstance(each, Submission) else each


def filed(act: Callable[[], Iterable[Any]]) -> tuple[list[Any], dict[str, list[Any]]]:
    """What `act` answers, and every row after it; it is then taken back."""
    with transaction.atomic():
        outcomes = list(map(outcome, act()))
        numbers = dict(Number.objects.values_list("pk", "key"))
        reports = {
            pk: (numbers[number], who)
            for pk, number, who in Report.objects.values_list("pk", "number_id", "reporter_id")
        }
        rows = {}
        for model in FILED:
            rows[model.__name__] = sorted(
                (
                    str(numbers.get(row.get("number_id")) or reports.get(row.get("report_id"))),
                    repr([value for name, value in row.items() if name not in DRAWN]),
                )
                for row in model.objects.values()
            )
        rows["FeedChange"] = changes()
        transaction.set_rollback(True)
    return outcomes, rows


def changes() -> list[Any]:
    """What readers of the change log know of each number before and after: a number that a block
    names twice changes once."""
    found: dict[str, list[Any]] = {}
    names = ("previous", "action", "category", "status", "score", "changed_at", "bucket")
    for key, *change in FeedChange.objects.order_by("id").values_list("key", *names):
        found.setdefault(key, []).append(change)
    return sorted((key, each[0][0], each[-1][1:]) for key, each in found.items())


def without_scores(found: tuple[list[Any], dict[str, list[Any]]]) -> Any:
    """The same, without the score as of a change: a number that is named twice changes at the first
    report where they come one by one, and after the second in a block."""
    outcomes, rows = found
    told = [(key, before, change[:3] + change[4:]) for key, before, change in rows["FeedChange"]]
    return outcomes, rows | {"FeedChange": told}


def one_by_one(entries: Sequence[Any], **shared: Any) -> Iterator[Any]:
    for identity, said in entries:
        try:
            yield submit_report(identity=identity, statement=said, **shared)
        except ReportError as error:
            yield error


def write_few_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are counted and written as thousands are."""
    for module in (table, known):
        monkeypatch.setattr(module, "MANY", 2)
    for module in (bucket_rows, chapters):
        monkeypatch.setattr(module, "COPIED", 2)


SEEDS = [seed if seed < 2 else pytest.param(seed, marks=pytest.mark.slow) for seed in range(16)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_is_the_same_as_its_reports_in_turn(seed: int, monkeypatch: pytest.MonkeyPatch):
    me, rows = world(random.Random(seed))
    shared = {"reporter": me, "entries": rows, "network": "here", "now": NOW}
    block = filed(lambda: submit_block(**shared))
    assert block == filed(lambda: submit_reports(**shared))
    assert without_scores(block) == without_scores(filed(lambda: one_by_one(**shared)))
    write_few_as_many(monkeypatch)
    assert block == filed(lambda: submit_block(**shared))
    assert block == filed(lambda: submit_reports(**shared))


def test_new_numbers_are_copied_and_not_inserted():
    me, sent = newcomer("me"), list[str]()

    def keep(execute: Any, sql: str, *rest: Any) -> Any:
        sent.append(sql)
        return execute(sql, *rest)

    rows = [
        (identify(f"+86138{place:08}"), Statement(category="robocall", call_count=1 + place))
        for place in range(300)
    ]
    with connection.execute_wrapper(keep):
        assert submit_block(reporter=me, entries=rows, network="here", now=NOW) == [True] * 300
    assert not [sql for sql in sent if "INSERT" in sql or "UPDATE" in sql]
    assert Number.objects.filter(reports=1, score__gt=0).count() == 300


def test_numbers_on_record_that_stand_alike_are_counted_once():
    numbers = [identify(f"+86138{place:08}") for place in range(40)]
    said = [(number, Statement(category="robocall")) for number in numbers]
    people = {who: newcomer(who) for who in "ab"}
    for who, is_new in (("a", True), ("b", True), ("a", False)):
        written: list[Any] = []

        def keep(execute: Any, sql: str, values: Any, *rest: Any) -> Any:
            if sql.startswith("UPDATE reputation_number"):
                written.append(orjson.loads(values[0]))  # noqa: B023 -- run within the turn
            return execute(sql, values, *rest)

        with connection.execute_wrapper(keep):
            block = submit_block(reporter=people[who], entries=said, network=who, now=NOW)
        assert block == [is_new] * len(numbers)
        assert [len(rows) for rows in written] == [1] * len(written)
    assert set(Number.objects.values_list("reports", "seq")) == {(2, 3)}
    assert ReportRevision.objects.count() == len(numbers)


def test_numbers_whose_truth_becomes_plain_are_settled_at_once():
    numbers = [identify(f"+86138{place:08}") for place in range(3)]
    people = [veteran(f"v{place}") for place in range(3)]
    for place, who in enumerate(people[:2]):
        for number in numbers:
            say(who, number=number, at=NOW - (2 - place) * DAY)
    said = [(number, Statement(category="loan_scam")) for number in numbers]
    shared = {"reporter": people[2], "entries": said, "network": "v2", "now": NOW}
    block = filed(lambda: submit_block(**shared))
    assert block == filed(lambda: submit_reports(**shared))
    assert block == filed(lambda: one_by_one(**shared))
    asked = list[str]()

    def keep(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(keep):
        submit_block(**shared)
    assert asked.count(settling.OPEN.text) == 1
    assert set(Number.objects.values_list("settled_side", "settled_seq")) == {(1, 3)}
    assert Report.objects.filter(credit__gt=0).count() == 9


def test_a_block_leaves_settled_credits_noted_as_single_reports_do():
    numbers = [identify(f"+86138{place:08}") for place in range(3)]
    people = [newcomer(f"n{place}") for place in range(6)]
    for who in people:
        for number in numbers:
            say(who, number=number, network="one")
    quiet = Report.objects.filter(contribution__lt=0.1)
    assert quiet.update(credit=1.0, full_side=1) == 15
    said = [(number, Statement(category="loan_scam")) for number in numbers]
    shared = {"reporter": people[0], "entries": said, "network": "one", "now": NOW}
    block = filed(lambda: submit_block(**shared))
    assert block == filed(lambda: submit_reports(**shared))
    submit_block(**shared)
    assert Report.objects.filter(full_side=1).count() == 12


def test_numbers_that_each_stand_as_no_other_does_are_counted_without_objects(
    monkeypatch: pytest.MonkeyPatch,
):
    write_few_as_many(monkeypatch)
    numbers = [identify(f"+86138{place:08}") for place in range(8)]
    people = [veteran(f"v{place}") for place in range(4)]
    for place, number in enumerate(numbers):
        for who in people[: 1 + place % 3]:
            say(who, number=number, at=NOW - (20 - place) * DAY)
    clear_number(actor=moderator(), identity=numbers[2], reason="heard it", now=NOW - DAY)
    said = [(number, Statement(category="robocall")) for number in numbers]
    shared = {"reporter": people[3], "entries": said, "network": "v3", "now": NOW}
    block = filed(lambda: submit_block(**shared))
    assert block == filed(lambda: submit_reports(**shared))
    asked, sent = list[str](), list[Any]()

    def keep(execute: Any, sql: str, values: Any, *rest: Any) -> Any:
        asked.append(sql)
        sent.append(values)
        return execute(sql, values, *rest)

    with connection.execute_wrapper(keep):
        assert submit_block(**shared) == [True] * 8
    loaded = [values[0] for sql, values in zip(asked, sent, strict=True) if sql == LOCK.text]
    assert loaded == [numbers[2].key]  # only what a moderator decided about goes the other way
    assert asked.count(settling.OPEN.text) == 1  # reporters are locked in one order
    assert Report.objects.filter(reporter=people[3], credit__gt=0).exists()
    assert Number.objects.filter(settled_side=1, settled_seq=F("seq"), reports=4).exists()


def test_what_was_decided_or_is_said_of_numbers_counts_in_a_block_as_in_single_reports(
    monkeypatch: pytest.MonkeyPatch,
):
    write_few_as_many(monkeypatch)
    monkeypatch.setattr(chapters, "CHAPTER", 4)
    me = linked("me")
    caller = Campaign.objects.create(
        key="caller", first_at=NOW, last_at=NOW, grouped_at=NOW, known=True, numbers=3
    )
    CampaignMark.objects.create(mark="number +12025550173", campaign=caller, at=NOW)
    states: list[dict[str, Any]] = [
        {},
        {"promoted": True},
        {"epoch_at": NOW - DAY},
        {"campaign": caller, "linked": 1, "linked_until": NOW + DAY},
        {"campaign": caller},
        {"linked": 1, "linked_until": NOW + DAY},
        {"pinned": "flag", "pinned_until": NOW - DAY},
        {"pinned": "block"},
        {"official": True},
        {"holder_verified": True},
        {"disputed": True},
        {"spoofed": True},
        {"never_calls": True, "action": "block"},
        {"immune_until": NOW + DAY},
        {"moderated": -1, "moderated_at": NOW - DAY},
    ]
    rows: list[tuple[Identity, Statement]] = []
    for place, state in enumerate(states):
        number = identify(f"+86138{place:08}")
        for earlier in range(3):
            who = veteran(f"v{place}.{earlier}")
            at = NOW - (1 + earlier + place / 100) * DAY
            say(who, number=number, network=f"n{earlier}", at=at)
        Number.objects.filter(key=number.key).update(**state)
        rows.append((number, Statement(category="survey", occurred_at=NOW - 2 * DAY)))
    for earlier in range(4):  # the next report begins a chapter
        say(newcomer(f"c{earlier}"), number=NUMBERS[0], network="n", at=NOW - 2 * DAY)
    say(newcomer("n0"), number=NUMBERS[1], network="n", at=NOW - 3 * DAY)
    say(newcomer("n1"), number=NUMBERS[2], network="n", at=NOW - 4 * DAY)
    say(newcomer("n2"), "survey", NUMBERS[4], at=NOW - 5 * DAY)
    Number.objects.filter(key=NUMBERS[4].key).update(reassigned=True)
    lock_numbers([NUMBERS[3]], now=NOW)  # created, and nothing told of it
    rows += [
        (NUMBERS[0], Statement(category="loan_scam")),
        (NUMBERS[1], Statement(category="loan_scam", callback_number="+12025550173")),
        (NUMBERS[2], Statement(category="loan_scam", was_warned=True)),
        (NUMBERS[3], Statement(category="loan_scam", was_warned=True)),
        (NUMBERS[4], Statement(category="survey", was_warned=True)),
    ]
    shared = {"reporter": me, "entries": rows, "network": "here", "now": NOW}
    for some in (rows, *batched(rows, 5, strict=False)):
        shared["entries"] = some
        block = filed(lambda: submit_block(**shared))
        assert block == filed(lambda: submit_reports(**shared))
