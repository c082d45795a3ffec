"""What a worker remembers: answers as the database gives them, as of less than two seconds ago."""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from api import callers, keys, remembered
from api import lookup as api_lookup
from api.bodies import flat
from api.rendering import dump
from reputation import lists, lookup
from reputation.counting import group_anew
from reputation.feeds import compact, log
from reputation.identity import identify
from reputation.lookup import recent, wrote
from reputation.models import FeedChange, FeedHead, KeyGrant
from reputation.moderation import end_key, mark_official, pin_number
from reputation.scoring import Action
from tests.given import worlds
from tests.given.api_requests import NOW, Holder, ask, holder
from tests.given.at_once import at_once, served
from tests.given.clock import Clock
from tests.given.reporters import BAKERY, SCAMMER, moderator, newcomer, say
from tests.given.rows import a_key_grant
from tests.given.staff import member

pytestmark = pytest.mark.django_db
PATH = f"/v1/numbers/{SCAMMER.key}"


def pass_by(clock: Clock, seconds: float) -> None:
    clock.now += timedelta(seconds=seconds)


class World:
    """Numbers in all states, and all that may change their answers."""

    def __init__(self, memory: remembered.Memory, clock: Clock, seed: int) -> None:
        self.memory, self.clock, self.chance = memory, clock, random.Random(seed)
        worlds.build(self.chance)
        self.staff = member("chief")
        self.numbers = [*worlds.NUMBERS, *(identify(f"+49301234{n:03}") for n in range(4))]
        self.reader, self.writer = holder("lookup"), holder("lookup", "report")
        # From when each row, and each list of the writer, was the number's.
        self.history: dict[str, list[tuple[float, Any]]] = {n.key: [] for n in self.numbers}
        self.changed()

    def changed(self) -> None:
        at = self.clock.now.timestamp()
        rules = lists.rules_of(self.writer.key.reporter_id)
        kept = [lists.Rule(rule.action, rule.pattern) for rule in rules]
        for number in self.numbers:
            self.history[number.key].append((at, (lookup.ONE.one(number.key), kept)))

    def bodies(self, key: str, *, own: bool) -> Iterator[bytes]:
        """All that may be answered now, by the rows and the lists of the last two seconds."""
        until, now = self.clock.now.timestamp(), api_lookup.moment(self.clock.now)
        for at, (row, rules) in reversed(self.history[key]):
            found = lookup.answer(row, identify(key, allow_fictional=True), now=now)
            yield dump(flat(lookup.with_own(found, rules) if own else found, settings.PUBLIC_URL))
            if at <= until - 2:
                return

    def act(self) -> bool:
        """Changes something; returns whether the writer did."""
        number, now = self.chance.choice(self.numbers), self.clock.now
        report = {"number": number.key, "category": self.chance.choice(["robocall", "legitimate"])}
        rule = {"pattern": number.key, "action": "block"}
        acts: dict[Callable[[], Any], bool] = {
            lambda: ask("POST", "/v1/reports", by=self.writer, body=report): True,
            lambda: ask("POST", "/v1/me/list", by=self.writer, body=rule): True,
            lambda: say(newcomer(str(self.chance.random())), "robocall", number, at=now): False,
            lambda: worlds.decide(self.staff, self.chance, now=now): False,
            lambda: mark_official(
                actor=self.staff, identity=number, name="A Bank", reason="x", now=now
            ): False,
            lambda: pin_number(
                actor=self.staff,
                identity=number,
                action=self.chance.choice(list(Action)),
                until=now + timedelta(seconds=1),
                reason="x",
                now=now,
            ): False,
            lambda: group_anew(now=now): False,
            lambda: compact(now=now, keep=timedelta(0)): False,
        }
        act = self.chance.choice(list(acts))
        act()
        return acts[act]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_answers_are_those_of_the_last_two_seconds(memory, clock, seed):
    """Random interleavings of reports, decisions, own lists, campaigns, pruning and time."""
    world = World(memory, clock, seed)
    immediate, numbers = 0, [*world.history, "+12025550199"]
    for _ in range(40):
        wrote_now = False
        if world.chance.random() < 0.5:
            wrote_now = world.act()
            world.changed()
        for act in (memory.known.follow, lambda: memory.read_keys(now=clock.now)):
            if world.chance.random() < 0.6:
                act()
        for key in world.history:
            path = f"/v1/numbers/{key}"
            for by in (world.reader, world.writer):
                own = by is world.writer
                immediate += at_once(path, by) is not None
                body = served(path, by).body
                bodies = list(world.bodies(key, own=own))
                assert bodies[0] == ask("GET", path, by=by).body
                assert body in (bodies[:1] if own and wrote_now else bodies)
        one_by_one = [ask("GET", f"/v1/numbers/{key}", by=world.reader).body for key in numbers]
        together = api_lookup.reply_many(numbers, "", now=clock.now)
        assert together == b'{"results":[' + b",".join(one_by_one) + b"]}"
        pass_by(clock, world.chance.choice([0.0, 0.1, 0.4, 1.2, 2.1, 86_400.0]))
    assert immediate > 100


def end_of_key(by: Holder, clock: Clock) -> None:
    keys.revoke_key(key=by.key, now=clock.now)


def end_of_grant(by: Holder, clock: Clock) -> None:
    end_key(actor=moderator("senior"), grant=KeyGrant.objects.get(), reason="x", now=clock.now)


@pytest.mark.parametrize("end", [end_of_key, end_of_grant])
def test_an_end_holds_within_a_second(memory, clock, end):
    hour = timedelta(hours=1)
    grant = a_key_grant(
        voice=newcomer("an organisation"),
        granted_at=clock.now,
        expires_at=clock.now + hour,
        scopes=["lookup"],
        lookups_per_minute=600,
    )
    by = holder("lookup", grant=grant)
    for _ in range(5):
        assert served(PATH, by).status == 200
        memory.read_keys(now=clock.now)
    end(by, clock)
    for _ in range(10):
        pass_by(clock, 0.1)
        memory.read_keys(now=clock.now)
    assert at_once(PATH, by) is None
    assert served(PATH, by).status == 401


def test_a_worker_that_cannot_read_keys_forgets_them(memory, clock):
    by = holder("lookup")
    served(PATH, by)
    assert memory.guest(callers.digest_of(by.token)) is not None
    pass_by(clock, 1)
    assert memory.guest(callers.digest_of(by.token)) is None


def known_to(memory: remembered.Memory, number: str) -> bool:
    return not memory.known.lacks(number)


def test_new_numbers_are_known_within_two_seconds_or_nothing_is_said(memory, clock):
    assert known_to(memory, SCAMMER.key), "before the first look nothing is unknown"
    memory.known.follow()
    assert not known_to(memory, SCAMMER.key)
    say(newcomer("a"))
    pass_by(clock, 2)
    assert known_to(memory, SCAMMER.key), "nobody looked for two seconds"
    memory.known.follow()
    assert known_to(memory, SCAMMER.key)
    assert not known_to(memory, "+8613812345679")


def test_a_number_that_only_a_decision_made_is_known(memory):
    memory.known.follow()
    pin_number(
        actor=moderator(),
        identity=SCAMMER,
        action=Action.ALLOW,
        until=NOW + timedelta(days=1),
        reason="x",
        now=NOW,
    )
    memory.known.follow()
    assert known_to(memory, SCAMMER.key)


def pruned() -> None:
    log.sequence()
    FeedHead.objects.update(horizon=log.head())
    FeedChange.objects.all().delete()


def restored() -> None:
    """An older state, in which other numbers have the cursors."""
    FeedChange.objects.all().delete()
    FeedHead.objects.update(cursor=0, horizon=0)


@pytest.mark.parametrize("loss", [pruned, restored])
def test_what_the_log_no_longer_tells_is_read_from_the_numbers(memory, loss):
    for number in range(3):
        say(newcomer(str(number)), number=identify(f"+4930901821{number}"))
    memory.known.follow()
    say(newcomer("a"))
    loss()
    memory.known.follow()
    memory.known.follow()
    assert known_to(memory, SCAMMER.key)


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_means_to_read_all_again(memory, monkeypatch):
    memory.known.follow()
    say(newcomer("a"))
    FeedChange.objects.all().delete()  # as a server that took over may never have had it
    FeedHead.objects.update(cursor=0)
    monkeypatch.setattr(remembered, "PAUSE", 0.0)
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "HOST", "/nowhere")
        threading.Timer(0.3, memory.stopped.set).start()
        memory.run()
    memory.stopped.clear()
    memory.known.follow()
    assert known_to(memory, SCAMMER.key)


def test_more_numbers_than_there_is_room_for(memory, monkeypatch, caplog):
    say(newcomer("a"))
    memory.known.most = 0
    memory.known.follow()
    assert known_to(memory, "+8613812345679")
    assert "LOOKUP_MEMORY_MB" in caplog.text


def test_numbers_that_came_later_have_so_much_room_too(memory, caplog):
    """And a change of a number that is known already takes none."""
    memory.known.most = 2
    for who in ("a", "b"):
        for number in (SCAMMER, BAKERY):
            say(newcomer(f"{who} of {number.key}"), number=number)
        memory.known.follow()
        assert not known_to(memory, "+8613812345679")
    say(newcomer("c"), number=identify("+49301234567"))
    memory.known.follow()
    assert known_to(memory, "+8613812345679")
    assert (len(memory.known.numbers), len(memory.known.new)) == (0, 0)
    assert "LOOKUP_MEMORY_MB" in caplog.text


def test_what_cannot_be_read_at_all_ends_neither_keys_nor_numbers(memory, monkeypatch, caplog):
    """A key that is no number: whoever wrote it, the thread that remembers goes on."""
    memory.known.follow()
    say(newcomer("a"))
    FeedChange.objects.update(key="+no number")
    monkeypatch.setattr(remembered, "PAUSE", 0.0)
    monkeypatch.setattr(remembered.connection, "close", lambda: None)  # of this test's transaction
    threading.Timer(0.3, memory.stopped.set).start()
    memory.run()
    assert "no number" in caplog.text
    assert known_to(memory, SCAMMER.key)


def test_rows_have_so_much_room():
    rows = lookup.Recent[int, int](seconds=100, most=3)
    for each in range(10):
        rows.keep(each, each, since=recent.monotonic())
    assert list(rows.kept) == [7, 8, 9]


def test_the_writers_of_one_process_are_known_to_the_others(tmp_path, monkeypatch):
    file = tmp_path / "wrote"
    monkeypatch.setattr(wrote, "_until", wrote._until)
    wrote.share(file)
    wrote.note(7, seconds=1)
    wrote.share(file)  # as another process does
    assert wrote.lately(7)
    assert not wrote.lately(8)


def test_the_shared_moments_have_their_place_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wrote, "_until", wrote._until)
    for _ in range(2):  # two processes
        wrote.share(tmp_path / "wrote")
    wrote.note(7, seconds=5)
    held = (tmp_path / "wrote").stat()
    assert held.st_size == wrote.BYTES <= held.st_blocks * 512  # no hole
    assert wrote.lately(7)
    assert not wrote.lately(8)
    # As left by a machine that had run longer before it was started anew.
    wrote._until[8] = wrote.monotonic() + 2 * wrote.MOST
    assert not wrote.lately(8)
    wrote.note(8, seconds=5)
    assert wrote.lately(8)


def test_behind_replicas_who_has_reported_reads_the_database_until_none_lacks_it(
    memory, clock, monkeypatch
):
    monkeypatch.setattr(remembered, "ROW_SECONDS", 0.9)  # as with DATABASE_REPLICA_URL
    by = holder("lookup", "report")
    body = {"number": SCAMMER.key, "category": "robocall"}
    assert ask("POST", "/v1/reports", by=by, body=body).status == 201
    # A row read just now by somebody else from a replica that is late may be kept for ROW_SECONDS.
    pass_by(clock, remembered.replicas.LATE + 0.89)
    assert wrote.lately(by.key.reporter_id)
    pass_by(clock, 0.02)
    assert not wrote.lately(by.key.reporter_id)
