"""Clients that report and look up over HTTP while things break, and note what they were answered.

A report is sent again, with its Idempotency-Key and to the other server, until it is acknowledged:
so does the SDK.
"""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus

from drills.processes import Failed, Service, until

# A key may file 120 reports an hour.
KEYS = 12
REPORTERS, CALLERS = 2, 2
# Reports of one part of a drill: a few seconds of them.
ENOUGH = 40
# Seconds between two requests of one client.
PAUSE = 0.1
PATIENCE = 30.0
# A request that gets 503 is sent again after some seconds, so often in all: the answer asks for it.
TRIES, AGAIN = 3, 1.0
# Area codes of the United States.
AREAS = (202, 203, *range(205, 211), *range(212, 220), 224, 225, *range(301, 306), *range(307, 311))

# So many of them, each by another key, concern one number, which then is listed.
SAME = 4

_MAKE_KEYS = f"""\
import json
from django.contrib.auth.models import User
from django.utils import timezone
from api.keys import create_key
from reputation.moderation import vouch_for_reporter
now, made, judge = timezone.now(), [], User.objects.create_user("drill")
for n in range({KEYS}):
    scopes = ["lookup", "report", "feed"]
    key, token = create_key(name=f"drill {{n}}", scopes=scopes, region="US", now=now)
    vouch_for_reporter(actor=judge, reporter=key.reporter, reason="a drill", now=now)
    made.append(token)
print(json.dumps(made))
"""


def make_keys(service: Service) -> list[str]:
    """API keys for clients, of reporters that a moderator vouches for."""
    keys: list[str] = json.loads(service.python_says(_MAKE_KEYS))
    return keys


@dataclass(frozen=True, slots=True)
class Request:
    """One that ended. at, took: seconds of the monotonic clock, with all `tries`.

    status: of the last try; 0 without an answer.
    """

    kind: str
    at: float
    took: float
    status: int
    tries: int

    @property
    def failed(self) -> bool:
        return self.status not in (HTTPStatus.OK, HTTPStatus.CREATED)


@dataclass(frozen=True, slots=True)
class Report:
    """One that was acknowledged, with the key that filed it."""

    id: str
    key: str


class Clients:
    """ports: of the servers, which get requests in turn, as by a balancer."""

    def __init__(self, ports: list[int], keys: list[str]) -> None:
        self.ports, self.keys = ports, keys
        self._open: Counter[int] = Counter()
        self._balancing = threading.Lock()
        self.acknowledged: list[Report] = []
        self.requests: list[Request] = []
        self._places, self._turns = itertools.count(), itertools.count()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._stopping.clear()
        targets = [self._report] * REPORTERS + [self._look_up] * CALLERS
        self._threads = [threading.Thread(target=each, daemon=True) for each in targets]
        for thread in self._threads:
            thread.start()

    def more(self) -> None:
        """Waits until ENOUGH more reports are acknowledged."""
        aim = len(self.acknowledged) + ENOUGH
        until(lambda: len(self.acknowledged) >= aim, "Reports are not acknowledged.")

    def balance(self, ports: list[int]) -> None:
        """Sends the requests to these servers from now on. Waits for those that others have."""
        with self._balancing:
            others, self.ports = set(self.ports) - set(ports), ports
        until(lambda: not any(self._open[port] for port in others), "A request does not end.")

    def stop(self) -> None:
        """Ends them; a report under way is sent until it is acknowledged."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(4 * PATIENCE)
            if thread.is_alive():
                raise SystemExit("A report was not acknowledged in two calm minutes.")

    def report(self, place: int) -> bool:
        """Sends report number `place` once; says whether it was acknowledged."""
        key = self.keys[place % len(self.keys)]
        body = json.dumps({"number": fictional(place // SAME), "category": "robocall"})
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"drill {place}"}
        status, answer = self._ask("report", "/v1/reports", key, body, headers)
        if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            return False
        self.acknowledged.append(Report(json.loads(answer)["id"], key))
        return True

    def attach(self, report: Report) -> None:
        """Gives a report a file as evidence. Raises Failed."""
        body = (
            '--cut\r\nContent-Disposition: form-data; name="file"; filename="log.txt"\r\n\r\n'
            f"They called again: {report.id}\r\n--cut--\r\n"
        )
        headers = {"Content-Type": "multipart/form-data; boundary=cut"}
        path = f"/v1/reports/{report.id}/evidence"
        status, answer = self._ask("evidence", path, report.key, body, headers)
        if status != HTTPStatus.CREATED:
            raise Failed(f"{path}: {status} {answer!r}")

    def _report(self) -> None:
        while not self._stopping.is_set():
            place = next(self._places)
            while not self.report(place):
                time.sleep(PAUSE)
            time.sleep(PAUSE)

    def _look_up(self) -> None:
        for place in itertools.count():
            if self._stopping.wait(PAUSE / 2):
                break
            key = self.keys[place % len(self.keys)]
            self._ask("lookup", f"/v1/numbers/{fictional(place)}", key, "", {})

    def _ask(
        self, kind: str, path: str, key: str, body: str, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """A POST if there is a body, else a GET."""
        headers = headers | {"Authorization": f"Bearer {key}"}
        began = time.monotonic()
        tries = 1
        status, answer = self._try(path, body, headers)
        while status == HTTPStatus.SERVICE_UNAVAILABLE and tries < TRIES:
            time.sleep(AGAIN)
            tries += 1
            status, answer = self._try(path, body, headers)
        self.requests.append(Request(kind, began, time.monotonic() - began, status, tries))
        return status, answer

    def _try(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
        with self._balancing:
            port = self.ports[next(self._turns) % len(self.ports)]
            self._open[port] += 1
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            client.request("POST" if body else "GET", path, body or None, headers)
            response = client.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            client.close()
            with self._balancing:
                self._open[port] -= 1


def fictional(place: int) -> str:
    """Number `place` of those that are reserved for fiction; they repeat after a few thousand."""
    return f"+1{AREAS[place // 100 % len(AREAS)]}55501{place % 100:02}"


def longest_without(requests: list[Request], kind: str) -> float:
    """The longest time, in seconds, between two answers of a kind that were not refusals."""
    ends = sorted(each.at + each.took for each in requests if each.kind == kind and not each.failed)
    return max((later - earlier for earlier, later in itertools.pairwise(ends)), default=0.0)
