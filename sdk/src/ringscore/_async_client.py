"""The client for asyncio and trio. `Client` runs it in a thread."""

from __future__ import annotations

import math
import os
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import anyio
import httpx

from . import _requests as requests
from ._cache import Cache
from ._exceptions import InvalidNumber
from ._models import (
    Answer,
    Category,
    ChangesPage,
    Dispute,
    DisputeReceipt,
    Evidence,
    FeedInfo,
    Grounds,
    OwnList,
    OwnReport,
    PrivateAnswer,
    PublicReports,
    Receipt,
    Unreadable,
)
from ._numbers import canonical
from ._private import Bucket, Scheme
from ._requests import Statement, from_environment
from ._sending import Sender, Transport

T = TypeVar("T")

LOOKUP_DEADLINE = 1.0  # seconds: a phone is about to ring
DEADLINE = 10.0  # seconds, for calls without a ringing phone
UPLOAD_DEADLINE = 120.0  # seconds, for a recording over a phone's uplink
DOWNLOAD_DEADLINE = 600.0  # seconds, for a snapshot over a slow line
RETRIES = 2
CACHED = 10_000
CACHED_BUCKETS = 256
SCHEME_TTL = 3600.0
# How long an unreadable number counts as such: how numbers are read changes only with releases.
UNREADABLE_TTL = 300.0


class AsyncClient:
    """Talks to a Ringscore server. Safe to share between tasks, also of several event loops; close
    it with `aclose`.

    Args:
        base_url: such as https://ringscore.example.
        key: an API key; lookups of single numbers work without one, at a lower limit.
        region: ISO alpha-2, the country of national formats; else the key's own.
        lookup_deadline: seconds for a lookup in all: resolving the name, retries, pauses between
            them.
        deadline: seconds for any other call in all.
        retries: how often at most a request is sent again. Only requests that are safe to repeat
            are, which is all but `verify_dispute`: reports carry an Idempotency-Key.
        cache_size: answers kept, each until its `ttl`; 0 for none.
        transport: a function that makes the transport of each event loop and process, for proxies
            and certificates of your own; or one transport, for tests in one loop and process.

    Every method raises RingscoreError: `Unavailable` when no answer came, `Refused` when the server
    refused the request.
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: str = "",
        region: str = "",
        lookup_deadline: float = LOOKUP_DEADLINE,
        deadline: float = DEADLINE,
        retries: int = RETRIES,
        cache_size: int = CACHED,
        transport: Transport = None,
    ) -> None:
        url = _base(base_url)
        if not 0 < lookup_deadline < math.inf or not 0 < deadline < math.inf:
            raise ValueError("deadlines are seconds above 0")
        key = key.strip()  # a file that holds one ends with a line's end
        # No header can carry others, such as the dots of "rsk_…".
        if not all("!" <= each <= "~" for each in key):
            raise ValueError(
                "key has characters that no key has: give it as you got it, rsk_ and all"
            )
        self.base_url, self.region = str(url).rstrip("/"), region
        self.lookup_deadline, self.deadline = lookup_deadline, deadline
        self._cache: Cache[Answer | InvalidNumber] = Cache(cache_size)
        self._schemes: Cache[Scheme] = Cache(1)
        self._buckets: Cache[Bucket] = Cache(min(cache_size, CACHED_BUCKETS))
        self._sender = Sender(url, key=key, retries=retries, transport=transport)

    @classmethod
    def from_env(cls, **options: Any) -> AsyncClient:
        """With RINGSCORE_URL, RINGSCORE_KEY and RINGSCORE_REGION, as the command has them.

        `options` are those of the class, and come before the environment. Raises ValueError if
        there is no address.
        """
        return cls(**from_environment(options))

    async def __aenter__(self) -> AsyncClient:
        """The client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the client."""
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections of the running event loop, and lets go of those of others. The
        client sends nothing more."""
        await self._sender.aclose()

    async def lookup(
        self,
        number: str,
        *,
        region: str = "",
        attestation: str = "",
        caller_name: str = "",
        deadline: float | None = None,
    ) -> Answer:
        """The answer about a number, in any notation. An unknown number is no error.

        `attestation`: the network's verdict on this call: A, B, C, failed, none, or a SIP verstat.
        `caller_name`: the name that the caller shows, for the names on your own list.
        Answers are cached for their `ttl`. Raises InvalidNumber and other RingscoreError.
        """
        region = region or self.region
        question = (number, region, attestation, caller_name)
        if (known := self.cached(*question)) is not None:
            return known
        call = requests.lookup(
            number, region=region, attestation=attestation, caller_name=caller_name
        )
        try:
            answer = await self._sender.send(
                call, self.lookup_deadline if deadline is None else deadline
            )
        except InvalidNumber as error:
            # A copy: the traceback of a raised one would keep its callers, the client among them.
            kept = InvalidNumber(str(error), code=error.code)
            self._cache.put(question, kept, seconds=UNREADABLE_TTL)
            raise
        self._cache.put(question, answer, seconds=answer.ttl)
        return answer

    def cached(self, number: str, region: str, attestation: str, caller_name: str) -> Answer | None:
        """The cached answer, if any. Raises InvalidNumber if the cache holds that error."""
        known = self._cache.get((number, region or self.region, attestation, caller_name))
        if isinstance(known, InvalidNumber):
            raise InvalidNumber(str(known), code=known.code)
        return known

    async def lookup_private(
        self, number: str, *, region: str = "", deadline: float | None = None
    ) -> PrivateAnswer:
        """Whether a number, or a range around it, is listed, without telling the server the number.

        Sends a few bits of a hash and no key. `canonical` must be able to read the number. Buckets
        are kept as long as the server says. Raises InvalidNumber and other RingscoreError.
        """
        key = canonical(number, region=region or self.region)
        if (known := self.cached_bucket(key)) is not None:
            return known
        deadline = self.lookup_deadline if deadline is None else deadline
        end = time.monotonic() + deadline
        scheme = self._schemes.get("scheme")
        if scheme is None:
            scheme = await self._sender.send(requests.scheme(), deadline)
            self._schemes.put("scheme", scheme, seconds=SCHEME_TTL)
        prefix = scheme.prefix(key)
        left = max(end - time.monotonic(), 0.0)
        bucket = await self._sender.send(requests.bucket(prefix), left)
        self._buckets.put(prefix, bucket, seconds=scheme.max_age)
        return bucket.answer(key)

    def cached_bucket(self, key: str) -> PrivateAnswer | None:
        """The answer about a key from a cached bucket, if any."""
        scheme = self._schemes.get("scheme")
        bucket = self._buckets.get(scheme.prefix(key)) if scheme is not None else None
        return bucket.answer(key) if bucket is not None else None

    async def lookup_many(
        self, numbers: Iterable[str], *, region: str = "", deadline: float | None = None
    ) -> list[Answer | Unreadable]:
        """1 to 1,000 numbers at once, answered in order. Needs a key."""
        call = requests.lookup_many(numbers, region=region or self.region)
        return await self._sender.send(call, self.deadline if deadline is None else deadline)

    async def reports_of(self, number: str, *, region: str = "", cursor: str = "") -> PublicReports:
        """A page of the reports about a number. Pass `next` of one page as `cursor`."""
        call = requests.public_reports(number, region=region or self.region, cursor=cursor)
        return await self._sender.send(call, self.deadline)

    async def report(
        self,
        number: str,
        category: Category | str,
        *,
        idempotency_key: str = "",
        **more: Any,
    ) -> Receipt:
        """Reports a number; a second report of yours updates the first. Needs a key.

        `more`: the other fields of `Statement`. Each call carries an Idempotency-Key, generated
        unless given, so a retry never counts twice. `Outbox` keeps reports made offline.
        """
        body = Statement(number, category, **{"region": self.region, **more}).body()
        return await self.send_report(body, idempotency_key or str(uuid.uuid4()))

    async def send_report(self, body: bytes, idempotency_key: str) -> Receipt:
        """Sends an earlier report again, byte for byte, under its own key."""
        receipt = await self._sender.send(requests.report(body, idempotency_key), self.deadline)
        self._cache.clear()  # the report has changed the number's answer
        return receipt

    async def my_report(self, report_id: uuid.UUID | str) -> OwnReport:
        """A report of yours. Raises NotFound for other people's reports."""
        return await self._sender.send(requests.my_report(report_id), self.deadline)

    async def withdraw(self, report_id: uuid.UUID | str) -> None:
        """Withdraws a report of yours: it stops counting. Doing so twice is no error."""
        await self._sender.send(requests.withdraw(report_id), self.deadline)
        self._cache.clear()

    async def add_evidence(
        self,
        report_id: uuid.UUID | str,
        file: os.PathLike[str] | bytes,
        *,
        name: str = "",
        transcript: str = "",
        deadline: float = UPLOAD_DEADLINE,
    ) -> Evidence:
        """Adds a file to a report of yours: a path or its content, 10 MB unless the server differs.

        Takes pictures, PDF, recordings, e-mails and plain text, recognised by content. The same
        content again changes nothing. `transcript`, what a recording says, becomes part of the
        report's words. Compares the SHA-256 of the stored file. Raises RequestInvalid, NotFound,
        Conflict when the report is full, and other RingscoreError.
        """
        content, name = await anyio.to_thread.run_sync(requests.content_of, file, name)
        call = requests.add_evidence(report_id, content, name, transcript)
        return await self._sender.send(call, deadline)

    async def evidence_of(self, report_id: uuid.UUID | str) -> list[Evidence]:
        """The files added to a report of yours, oldest first."""
        return await self._sender.send(requests.evidence_of(report_id), self.deadline)

    async def dispute(
        self,
        number: str,
        grounds: Grounds | str,
        statement: str,
        *,
        contact: str = "",
        via: str = "",
        language: str = "",
        region: str = "",
    ) -> DisputeReceipt:
        """Disputes the listing of your number: a code goes to the number itself. Needs no key.

        The code proves that the number is yours: pass it to `verify_dispute`. The same words again
        are the same dispute, and after a minute send another code. `contact`: where moderators can
        ask back. `via`: sms or voice, else what suits the line; `language`: en, zh-hans or
        zh-hant. Raises Conflict, RateLimited, ServerFailed when no code can be sent, and other
        RingscoreError.
        """
        call = requests.dispute(
            number,
            grounds,
            statement,
            contact=contact,
            via=via,
            language=language,
            region=region or self.region,
        )
        return await self._sender.send(call, self.deadline)

    async def verify_dispute(self, dispute_id: uuid.UUID | str, code: str) -> Dispute:
        """Returns the code: the dispute is then open and has a deadline.

        Never retried by itself, since a wrong code costs one of five attempts; with the right code
        you may call it again. Raises WrongCode, Conflict when it is too late, and other
        RingscoreError.
        """
        dispute = await self._sender.send(requests.verify_dispute(dispute_id, code), self.deadline)
        self._cache.clear()  # the number's answer shows the dispute
        return dispute

    async def dispute_status(self, dispute_id: uuid.UUID | str) -> Dispute:
        """The state of a dispute: its deadline, the decision and the reason."""
        return await self._sender.send(requests.dispute_status(dispute_id), self.deadline)

    async def appeal(self, dispute_id: uuid.UUID | str, statement: str) -> Dispute:
        """Appeals, once, against a rejection; returns the appeal, which has an id of its own.

        Another moderator decides; the decision stands meanwhile. Raises Conflict and other
        RingscoreError.
        """
        return await self._sender.send(requests.appeal(dispute_id, statement), self.deadline)

    async def own_list(self) -> OwnList:
        """What your key's owner blocks and lets through, made at /my/list. Needs a key."""
        return await self._sender.send(requests.own_list(), self.deadline)

    async def feeds(self) -> list[FeedInfo]:
        """The feeds of the server."""
        return await self._sender.send(requests.feeds(), self.deadline)

    async def changes(self, feed: str, *, since: int) -> ChangesPage:
        """A page of a feed's changes. Raises CursorExpired when a snapshot is needed."""
        return await self._sender.send(requests.changes(feed, since), self.deadline)

    async def download_snapshot(
        self,
        feed: str,
        target: Path,
        *,
        deadline: float = DOWNLOAD_DEADLINE,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Writes a feed's newest snapshot to a file, unpacked and not yet verified.

        Calls `progress` with the bytes received so far and their total, 0 if unknown.
        """
        await self._sender.download(requests.snapshot(feed), target, deadline, progress)


def _base(written: str) -> httpx.URL:
    """The server's address. Raises ValueError."""
    advice = f"base_url is {written!r}: give scheme and host, such as https://ringscore.example"
    try:
        url = httpx.URL(written)
    except httpx.InvalidURL as error:
        raise ValueError(f"{advice} ({error})") from None
    # With /v1, which some copy from the API's address, every request would be not found.
    whole = url.scheme in ("http", "https") and url.host and not url.query and not url.fragment
    if not whole or url.path.rstrip("/").endswith("/v1"):
        raise ValueError(f"{advice}, without /v1")
    return url
