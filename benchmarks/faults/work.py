"""The load: writers that send until they are acknowledged and note it, and clients that look up;
and the comparison of what was acknowledged with the database."""

import hashlib
import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.utils import timezone

from api import idempotency
from api.keys import create_key
from reputation.attachments import verify_evidence
from reputation.counting import check, reassess_due, trust_pass
from reputation.disputes import AlreadyDisputed, open_for_holder
from reputation.identity import identify
from reputation.models import (
    AuditEntry,
    Dispute,
    EvidenceEntry,
    FeedChange,
    Number,
    Report,
    ReportRevision,
)
from reputation.moderation import confirm_number

BULK_ROWS = 100
FIRST = 12_022_000_000
PATIENCE = 20.0  # seconds of one request


@dataclass(slots=True)
class Channel:
    """What was tried and acknowledged over one way in: numbers, with what the answer said."""

    write: Callable[["Channel", str], Any]
    tried: int = 0
    acknowledged: dict[str, Any] = field(default_factory=dict)
    wrong: int = 0
    trouble: str = ""  # why the last attempt was not acknowledged


@dataclass(slots=True)
class Lookups:
    """Since `clear`: how many there were, how they ended, and the longest in seconds."""

    ended: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    longest_health: float = 0.0

    def clear(self) -> None:
        self.ended, self.longest, self.longest_health = Counter(), 0.0, 0.0


class Work:
    def __init__(self, port: int) -> None:
        self.port = port
        now = timezone.now()
        scopes = ["lookup", "report", "bulk", "intake"]
        _, self.token = create_key(name="faults", scopes=scopes, region="US", now=now)
        self.judge = User.objects.create_user("faults")
        self.channels = {
            "report": Channel(self._report),
            "bulk": Channel(self._bulk),
            "evidence": Channel(self._evidence),
            "sms": Channel(self._sms),
            "dispute": Channel(self._dispute),
            "decision": Channel(self._decide),
        }
        self.lookups = Lookups()
        self.stopping, self.calm = threading.Event(), threading.Event()
        self._places = itertools.count()
        self._known: list[str] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        targets: list[tuple[Callable[[Any], None], Any]] = [
            *((self._write, channel) for channel in self.channels.values()),
            (self._write, self.channels["report"]),
            *((self._look_up, with_key) for with_key in (True, True, False)),
            (self._run_jobs, None),
        ]
        for target, argument in targets:
            thread = threading.Thread(target=target, args=[argument], daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Ends the load; what is under way is sent until it is acknowledged."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(120)
            if thread.is_alive():
                troubles = [f"{name}: {each.trouble}" for name, each in self.channels.items()]
                raise SystemExit("\n".join(["Not acknowledged in two calm minutes:", *troubles]))

    def acknowledged(self) -> dict[str, int]:
        return {name: len(channel.acknowledged) for name, channel in self.channels.items()}

    # --- Writers ---

    def _write(self, channel: Channel) -> None:
        while not self.stopping.is_set():
            if self.calm.is_set():
                time.sleep(0.1)
                continue
            self.until_acknowledged(channel)
            time.sleep(0.1)
        connection.close()

    def until_acknowledged(self, channel: Channel) -> None:
        number = self.number()
        channel.tried += 1
        while True:
            try:
                answer = channel.write(channel, number)
            except Exception as error:  # of the connection, or what the answer says
                channel.trouble = f"{type(error).__name__}: {error}"
                connection.close()
                time.sleep(0.3)
            else:
                channel.acknowledged[number] = answer
                return

    def number(self) -> str:
        return f"+{FIRST + next(self._places)}"

    def _report(self, channel: Channel, number: str) -> str:
        body = {"number": number, "category": "robocall"}
        headers = {"Idempotency-Key": f"report {number}"}
        answer = self._post("/v1/reports", json.dumps(body).encode(), headers)
        if int(number) % 5 == 0:  # sent again although it was acknowledged
            again = self._post("/v1/reports", json.dumps(body).encode(), headers)
            channel.wrong += again["id"] != answer["id"]
        self._known.append(number)
        return str(answer["id"])

    def _bulk(self, channel: Channel, number: str) -> list[str]:
        first = (int(number) - FIRST) * BULK_ROWS
        numbers = [f"+1213{2_000_000 + first + place}" for place in range(BULK_ROWS)]
        lines = [json.dumps({"number": each, "category": "robocall"}) + "\n" for each in numbers]
        answer = self._post(
            "/v1/reports/bulk", "".join(lines).encode(), {"Idempotency-Key": f"bulk {number}"}
        )
        channel.wrong += answer["saved"] != BULK_ROWS
        return numbers

    def _evidence(self, channel: Channel, number: str) -> tuple[str, str]:
        report = self._report(channel, number)
        content = f"They called again: {number}\n" * 50
        body = (
            '--cut\r\nContent-Disposition: form-data; name="file"; filename="log.txt"\r\n\r\n'
            f"{content}\r\n--cut--\r\n"
        )
        kind = {"Content-Type": "multipart/form-data; boundary=cut"}
        answer = self._post(f"/v1/reports/{report}/evidence", body.encode(), kind)
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        channel.wrong += answer["sha256"] != sha256
        return report, sha256

    def _sms(self, channel: Channel, number: str) -> str:
        place = int(number) - FIRST
        message = {
            "id": f"sms {number}",
            "sender": f"+447700900{place // 20 % 1000:03}",  # of one sender so many an hour
            "text": f"{number} loan scam",
        }
        answer = self._post("/v1/intake/sms", json.dumps(message).encode(), {})
        channel.trouble = f"{answer}"
        return str(answer)

    def _dispute(self, channel: Channel, number: str) -> str:
        self._report(channel, number)
        try:
            dispute = open_for_holder(
                actor=self.judge,
                identity=identify(number),
                grounds=Dispute.Grounds.MISTAKEN,
                statement="This is a bakery.",
                reason="They wrote from it.",
                now=timezone.now(),
            )
        except AlreadyDisputed:  # committed, although the connection was lost
            return ""
        return str(dispute.pk)

    def _decide(self, channel: Channel, number: str) -> None:
        self._report(channel, number)
        confirm_number(
            actor=self.judge, identity=identify(number), reason="heard it", now=timezone.now()
        )

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        kind = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        status, answer = self._ask("POST", path, body, kind | headers, patience=120)
        if status not in (200, 201):
            raise OSError(f"{path}: {status} {answer[:200]!r}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def _ask(
        self, method: str, path: str, body: bytes, headers: dict[str, str], patience: float
    ) -> tuple[int, bytes]:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            client.request(method, path, body or None, headers)
            response = client.getresponse()
            return response.status, response.read()
        finally:
            client.close()

    # --- Clients ---

    def look_up(self, *, with_key: bool) -> None:
        """Looks a known number up, and asks for the server's health."""
        number = self._known[-1] if self._known else "+12022000000"
        headers = {"Authorization": f"Bearer {self.token}"} if with_key else {}
        for path in (f"/v1/numbers/{number}", "/healthz"):
            began = time.monotonic()
            try:
                status, _ = self._ask("GET", path, b"", headers, PATIENCE)
                ended = "found" if status == 200 else f"{status}"
            except (OSError, http.client.HTTPException):
                ended = "broken"
            took = time.monotonic() - began
            if path == "/healthz":
                self.lookups.longest_health = max(self.lookups.longest_health, took)
            else:
                self.lookups.ended[ended] += 1
                self.lookups.longest = max(self.lookups.longest, took)

    def _look_up(self, with_key: bool) -> None:
        while not self.stopping.is_set():
            if not self.calm.is_set():
                self.look_up(with_key=with_key)
            time.sleep(0.05)

    def _run_jobs(self, _: None) -> None:
        """What the worker does every few minutes and every night, all the time."""
        jobs: Iterator[Callable[[], object]] = itertools.cycle(
            (
                trust_pass.learn_trust,
                trust_pass.reweigh_due,
                lambda: reassess_due(now=timezone.now()),
                trust_pass.reweigh_due,
            )
        )
        while not self.stopping.wait(1):
            try:
                next(jobs)()
            except Exception:
                connection.close()
        connection.close()

    # --- What is there ---

    def audit(self) -> list[tuple[str, int, int, int, int, int]]:
        """Each channel's name, tried, acknowledged, lost, doubled, wrong; and the scores."""
        there = dict.fromkeys(Number.objects.values_list("key", flat=True), 1)
        for key in self._doubled():
            there[key] = 2
        found = []
        for name, channel in self.channels.items():
            lost = doubled = 0
            wrong = channel.wrong
            for number, answer in channel.acknowledged.items():
                count = self._count(name, number, answer, there)
                lost += count == 0
                doubled += count > 1
            if name == "evidence":
                reports = [report for report, _ in channel.acknowledged.values()]
                for report in Report.objects.filter(public_id__in=reports):
                    wrong += bool(verify_evidence(report))
            found.append((name, channel.tried, len(channel.acknowledged), lost, doubled, wrong))
        found.append(("scores", Number.objects.count(), Number.objects.count(), 0, *self._state()))
        return found

    def _doubled(self) -> set[str]:
        """Numbers whose report was taken twice, although the clock did not pass over the time for
        which an Idempotency-Key is kept."""
        again = ReportRevision.objects.filter(
            change="updated", at__lt=F("report__filed_at") + idempotency.KEPT_FOR
        )
        return set(again.values_list("report__number__key", flat=True))

    def _count(self, name: str, number: str, answer: Any, there: dict[str, int]) -> int:
        """How often an acknowledged write is there; of a bulk request, the rarest row."""
        match name:
            case "bulk":
                times = [there.get(each, 0) for each in answer]
                return 0 if min(times) == 0 else max(times)
            case "evidence":
                report, sha256 = answer
                entries = EvidenceEntry.objects.filter(report__public_id=report, sha256=sha256)
                return entries.count()
            case "dispute":
                return Dispute.objects.filter(number__key=number).count()
            case "decision":
                # A commit whose answer was lost is made again: that is another decision.
                entries_ = AuditEntry.objects.filter(number__key=number, verb="confirm_number")
                return min(entries_.count(), 1)
        return there.get(number, 0)

    def _state(self) -> tuple[int, int]:
        """Numbers whose report was taken twice, and those that differ from reports or feed."""
        trust_pass.reweigh_due()
        wrong, last = set[str](), ""
        while (batch := check(after=last, limit=500, now=timezone.now())).keys:
            wrong |= {difference.key for difference in batch.differences}
            last = batch.keys[-1]
        told: dict[str, str] = {}
        for key, previous, action in FeedChange.objects.order_by("id").values_list(
            "key", "previous", "action"
        ):
            if previous != told.get(key, "allow"):
                wrong.add(key)
            told[key] = action
        for key, action in Number.objects.values_list("key", "action"):
            if action != told.get(key, "allow"):
                wrong.add(key)
        return len(self._doubled()), len(wrong)
