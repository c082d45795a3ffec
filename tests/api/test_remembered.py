"""What a worker remembers: answers as the database gives them, as of less than two seconds ago."""

import dataclasses
import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from api import at_once as loops
from api import bodies, callers, keys, remembered
from api import lookup as api_lookup
from api.at_once import AtOnce
from api.bodies import flat
from api.rendering import dump
from api.wsgi import lookups_first
from edge import counted, request_ids
from reputation import lists, lookup
from reputation.counting import group_anew
from reputation.feeds import compact, log
from reputation.identity import identify
from reputation.lookup import known, recent, wrote
from reputation.models import FeedChange, FeedHead, KeyGrant
from reputation.moderation import end_key, mark_official, pin_number
from reputation.scoring import Action
from tests.given import worlds
from tests.given.api_requests import FOR_BROWSERS, NOW, Answer, Holder, ask, holder
from tests.given.clock import Clock
from tests.given.reporters import BAKERY, SCAMMER, moderator, newcomer, say
from tests.given.rows import a_key_grant
from tests.given.rsgi import Scope
from tests.given.staff import member

pytestmark = pytest.mark.django_db
PATH = f"/v1/numbers/{SCAMMER.key}"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> remembered.Memory:
    """A worker's memory on these tests' clock; `follow` and `read_keys` are called by hand."""
    for module in (api_lookup, remembered, known, recent, wrote):
        monkeypatch.setattr(module, "monotonic", lambda: clock.now.timestamp())
    for module in (loops, remembered):
        monkeypatch.setattr(module, "time", lambda: clock.now.timestamp())
    monkeypatch.setattr(counted, "_blocks", counted._Blocks())
    monkeypatch.setattr(wrote, "_until", memoryview(bytearray(wrote.BYTES)).cast("d"))
    memory = remembered.Memory(megabytes=8)
    monkeypatch.setattr(remembered, "_memory", memory)
    return memory


def at_once(
    target: str,
    by: Holder,
    *,
    loop: AtOnce | None = None,
    for_browsers: bool = False,
    client: str = "192.0.2.1:5",
    **headers: str,
) -> Answer | None:
    """The answer that the event loop gives; None where it leaves it to a thread."""
    memory = remembered.memory()
    assert memory is not None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["authorization"] = f"Bearer {by.token}"
    scope = Scope("GET", target, named, client)
    try:
        (loop or AtOnce(memory))(scope).send(None)
    except StopIteration as end:
        if end.value is None:
            return None
        status, pairs, body = end.value
        kept = {name: value for name, value in pairs if for_browsers or name not in FOR_BROWSERS}
        kept.pop(request_ids.HEADER)
        return Answer(status, kept, body)
    raise AssertionError("it waits")


def served(path: str, by: Holder) -> Answer:
    return at_once(path, by) or ask("GET", path, by=by)


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


TARGETS = [
    *(PATH, f"{PATH}?format=text", f"{PATH}?format=pairs", f"{PATH}?attestation=failed"),
    *("/v1/numbers/13812345678", "/v1/numbers/+49301234567", "/v1/numbers/%2B49301234567"),
    *("/v1/numbers/030901820?region=DE", "/v1/numbers/+4930901820?format=text&region=CN"),
    *("/v1/numbers/95533", "/v1/numbers/BANKNAME", "/v1/numbers/sip:+8613812345678@host"),
    *("/v1/numbers/%E9%93%B6", "/v1/numbers/", "/v1/numbers/lookup", "/v1/numbers/110"),
    *(f"{PATH}?format=xml", f"{PATH}/", f"/{PATH}", "/v1/numbers/+1", "/v1/numbers/1?region=XX"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_the_loop_answers_as_a_thread_does(memory, settings, target):
    """With all headers, or not at all."""
    settings.BROWSER_ORIGINS = ["https://a.example"]
    by, sent = holder("lookup"), {"origin": "https://a.example"}
    say(newcomer("a"))
    memory.known.follow()
    by_thread = ask("GET", target, by=by, **sent)
    for headers in (sent, sent | {"if_none_match": by_thread.headers.get("ETag", "")}):
        by_loop = at_once(target, by, for_browsers=True, **headers)
        by_thread = ask("GET", target, by=by, for_browsers=True, **headers)
        if by_loop is not None:
            assert (by_loop.status, by_loop.body) == (by_thread.status, by_thread.body)
            by_loop.headers.pop("RateLimit-Remaining")
            by_thread.headers.pop("RateLimit-Remaining")
            assert [*by_loop.headers.items()] == [*by_thread.headers.items()]
    assert (by_loop is not None) == (TARGETS.index(target) < 12)


def test_numbers_of_nobody_have_the_same_answers_but_for_their_digits(memory):
    by, loop = holder("lookup"), AtOnce(memory)
    memory.known.follow()
    ask("GET", PATH, by=by)
    for start in ("+861381234", "+49301234", "+1202555", "+8525123", "+39061234"):
        for place in range(1000, 1005):
            identity = identify(f"{start}{place}", allow_fictional=True)
            found = lookup.answer(None, identity, now=0.0)
            by_loop = at_once(f"/v1/numbers/{identity.key}", by, loop=loop)
            assert by_loop is not None
            assert by_loop.body == dump(flat(found, settings.PUBLIC_URL))
    assert len(bodies._around) > 3


@pytest.mark.parametrize("proto", ["https", "https, http", "http", ""])
@pytest.mark.parametrize("redirects", [True, False])
def test_the_loop_asks_for_tls_as_a_thread_does(memory, settings, redirects, proto):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = redirects, 3600
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    by, sent = holder("lookup"), {"x_forwarded_proto": proto}
    memory.known.follow()
    by_thread = ask("GET", PATH, by=by, app=lookups_first(WSGIHandler()), for_browsers=True, **sent)
    by_loop = at_once(PATH, by, for_browsers=True, **sent)
    if by_thread.status == 301:
        assert by_loop is None
    else:
        assert by_loop is not None
        for each in (by_loop, by_thread):
            each.headers.pop("RateLimit-Remaining")
        assert by_loop.headers == by_thread.headers


def test_a_key_of_a_network_is_answered_there_alone(memory, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    grant = a_key_grant(
        voice=newcomer("an organisation"),
        granted_at=NOW,
        expires_at=NOW + timedelta(days=1),
        scopes=["lookup"],
        lookups_per_minute=600,
        networks=["198.51.100.0/24"],
    )
    by = holder("lookup", grant=grant)
    memory.known.follow()
    ask("GET", PATH, by=by, x_forwarded_for="198.51.100.7")
    assert at_once(PATH, by, x_forwarded_for="198.51.100.7") is not None
    assert at_once(PATH, by, x_forwarded_for="198.51.100.7, 203.0.113.1") is None
    assert at_once(PATH, by) is None
    # What the client wrote made the header unreadable: it does not become the proxy, which is near.
    near = "198.51.100.9:5"
    assert at_once(PATH, by, client=near) is not None
    assert at_once(PATH, by, client=near, x_forwarded_for="é, 203.0.113.1") is None


@pytest.mark.parametrize("scopes", [("report",), ("lookup",)])
def test_who_may_not_look_up_is_refused_by_a_thread(memory, scopes):
    by = holder(*scopes)
    memory.known.follow()
    for _ in range(2):
        assert (served(PATH, by).status == 200) == (scopes == ("lookup",))
    assert (at_once(PATH, by) is None) == (scopes == ("report",))


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


def test_terms_that_changed_while_the_row_was_read_hold(memory, clock, monkeypatch):
    say(newcomer("a"))
    by = holder("lookup")
    ask("GET", PATH, by=by)  # and its use is noted
    since, digest = clock.now.timestamp(), callers.digest_of(by.token)
    caller = callers.find(by.token, now=clock.now)
    memory.keep_caller(digest, caller, since=since)

    async def read(key: str, make: Callable[[remembered.Kept], Any]) -> Any:
        narrower = dataclasses.replace(caller, networks=("192.0.2.0/24",))
        memory.keep_caller(digest, narrower, since=since)
        return make(remembered.Kept(lookup.ONE.one(key)))

    memory.rows.clear()
    with monkeypatch.context() as patched:
        patched.setattr(memory, "read", read)
        assert at_once(PATH, by) is None, "from another network"
    memory.keep_caller(digest, caller, since=since)
    memory.keep_row(SCAMMER.key, lookup.ONE.one(SCAMMER.key), since)
    assert at_once(PATH, by) is not None, "with the terms of before"


@pytest.mark.parametrize(("limit", "reads"), [("199/m", 0), ("200/m", 1)])
def test_a_row_is_read_once_whoever_counts(memory, settings, monkeypatch, limit, reads):
    """Small limits are not counted in blocks: a thread counts them, and reads the row."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"lookup": {"key": limit, "anonymous": "9/m"}}
    by, asked = holder("lookup"), list[str]()
    say(newcomer("a"))
    ask("GET", PATH, by=by)
    memory.rows.clear()

    async def read(key: str, make: object) -> lookup.Missing:
        asked.append(key)
        return lookup.MISSING

    monkeypatch.setattr(memory, "read", read)
    assert at_once(PATH, by) is None
    assert len(asked) == reads
