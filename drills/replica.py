"""Lookups go on while a replica falls behind and dies, and while PgBouncer dies; none is stale.

Two web processes reach the primary through two PgBouncers, and one replica. Clients report numbers
and look them up all the while; a lookup is never sent a second time.
"""

import http.client
import itertools
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from drills.clients import fictional, make_keys
from drills.machines import DATABASE, Machine, address, follow, let_follow
from drills.pooler import Cache, Pooler
from drills.processes import Service, free_port, until

# Seconds of load in each state.
STATE = 4.0
# So old may an answer be (seconds): docs/guide/scale.md.
LATE = 2.0
# Seconds after which everybody must see a report: with some for a machine that is busy.
SEEN_BY_ALL = LATE + 1.0
PAUSE = 0.1

PAUSED, RESUMED = "SELECT pg_wal_replay_pause()", "SELECT pg_wal_replay_resume()"


@dataclass(slots=True)
class Seen:
    """What the clients met in one state. stale: answers without a report that they must have."""

    lookups: Counter[int] = field(default_factory=Counter)
    stale_to_reporters: int = 0
    stale_to_others: int = 0
    reports: int = 0

    def __str__(self) -> str:
        all_of_them = self.lookups.total()
        return (
            f"{all_of_them:4} lookups, {all_of_them - self.lookups[200]} failed; {self.reports} "
            f"reports, {self.stale_to_reporters} not shown to their reporter at once, "
            f"{self.stale_to_others} not shown to others {SEEN_BY_ALL:.0f} s later"
        )

    @property
    def well(self) -> bool:
        stale = self.stale_to_reporters + self.stale_to_others
        return self.lookups.keys() <= {200} and not stale and self.reports > 0


class Callers:
    """Each reports a number, looks it up at the other web process, and later as somebody else."""

    def __init__(self, ports: list[int], keys: list[str]) -> None:
        self.ports, self.keys = ports, keys
        self.seen = Seen()
        self.faults: list[str] = []
        self._places = itertools.count()
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._report, args=(some,), daemon=True)
            for some in (keys[1::2], keys[2::2])
        ]
        self._threads.append(threading.Thread(target=self._look_up, daemon=True))
        self._reported: list[tuple[float, str]] = []
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(60)

    def _report(self, keys: list[str]) -> None:
        """Reports are sent until they are acknowledged, by keys in turn: each may file some."""
        for key in itertools.cycle(keys):
            if self._ending.wait(PAUSE):
                break
            number = fictional(next(self._places))
            body = json.dumps({"number": number, "category": "robocall"})
            here, there = self.ports
            while (answer := self._ask(here, key, "POST", "/v1/reports", body, number))[0] != 201:
                self.faults.append(f"report: {answer}")
                if self._ending.wait(PAUSE):
                    return
            seen = self.seen
            seen.reports += 1
            self._reported.append((time.monotonic(), number))
            seen.stale_to_reporters += self._stale(there, key, number)

    def _look_up(self) -> None:
        """Looks up as a caller who reports nothing, at each server in turn."""
        for place in itertools.count():
            if self._ending.wait(PAUSE):
                break
            old = time.monotonic() - SEEN_BY_ALL
            known = [number for at, number in list(self._reported) if at < old]
            if known:
                port, number = self.ports[place % 2], known[-1 - place % min(3, len(known))]
                self.seen.stale_to_others += self._stale(port, self.keys[0], number)

    def _stale(self, port: int, key: str, number: str) -> bool:
        """Whether an answer lacks the one report of this number."""
        seen = self.seen
        status, answer = self._ask(port, key, "GET", f"/v1/numbers/{number}")
        seen.lookups[status] += 1
        if status != 200:
            self.faults.append(f"{port}: {status} {answer[:200]!r}")
            return False
        return int(json.loads(answer)["reports"]) < 1

    @staticmethod
    def _ask(
        port: int, key: str, method: str, path: str, body: str = "", tried: str = ""
    ) -> tuple[int, bytes]:
        """`tried`: the Idempotency-Key of a report."""
        headers = {"Authorization": f"Bearer {key}"}
        if tried:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": tried}
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            client.request(method, path, body or None, headers)
            response = client.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error).encode()
        finally:
            client.close()


def drill(home: Path) -> bool:
    """Prints what clients met in each state; returns whether no lookup failed or was stale."""
    primary, replica = Machine(home, "primary"), Machine(home, "replica")
    replica.password = primary.password
    primary.create()
    cache = Cache(home)
    poolers = [Pooler(home, f"pooler-{place}", primary) for place in range(2)]
    owner = Service(home, database=address(primary))
    hosts = ",".join(f"127.0.0.1:{pooler.port}" for pooler in poolers)
    pooled = f"postgresql://ringscore:{primary.password}@{hosts}/{DATABASE}"
    web = Service(home, database=pooled)
    web.environ |= {
        "DATABASE_POOLED": "yes",
        "DATABASE_REPLICA_URL": address(replica),
        "CACHE_URL": cache.url,
    }
    callers: Callers | None = None
    try:
        owner.run("ringscore-server prepare")
        keys = make_keys(owner)
        password = secrets.token_urlsafe(24)
        let_follow(primary, password)
        follow(replica, primary, password)
        for pooler in poolers:
            pooler.start()
        ports = [free_port(), free_port()]
        for port in ports:
            web.serve(port)
        callers = Callers(ports, keys)
        return _go_through(callers, replica, poolers[0])
    finally:
        if callers is not None:
            callers.end()
            print(*callers.faults[:5], sep="\n")
        for service in (owner, web):
            service.end()
        for pooler in poolers:
            pooler.kill()
        cache.kill()
        primary.kill()
        replica.kill()


def _go_through(callers: Callers, replica: Machine, pooler: Pooler) -> bool:
    """Brings each state about; returns whether all went well in each."""
    states: tuple[tuple[str, Callable[[], object], bool], ...] = (
        ("all is well", lambda: None, True),
        ("the replica stands still", lambda: replica.ask(PAUSED), False),
        ("it follows again", lambda: replica.ask(RESUMED), True),
        ("the replica is killed", replica.kill, False),
        ("it is back", lambda: replica.run("start"), True),
        ("one PgBouncer is killed", pooler.kill, True),
        ("it is back", pooler.start, True),
    )
    well = True
    for name, act, answers in states:
        well &= _state(name, act, callers, replica, answers)
    return well


def _state(
    name: str, act: Callable[[], object], callers: Callers, replica: Machine, answers: bool
) -> bool:
    """Brings a state about, and prints what clients met while it lasted.

    answers: whether the replica answers lookups in it.
    """
    callers.seen = Seen()
    act()
    if answers:
        before = _answered(replica)
        until(lambda: _answered(replica) > before, "The replica answers nothing.", patience=30)
    time.sleep(STATE)
    seen = callers.seen
    print(f"{name:26} {seen}", flush=True)
    return seen.well


def _answered(replica: Machine) -> int:
    """How often the replica has read a number by its key."""
    ((count,),) = replica.ask(
        "SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'reputation_number'"
    )
    return int(count)
