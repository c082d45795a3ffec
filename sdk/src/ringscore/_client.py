"""The client for programs without an event loop."""

from __future__ import annotations

import os
import uuid
import weakref
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ._async_client import (
    CACHED,
    DEADLINE,
    DOWNLOAD_DEADLINE,
    LOOKUP_DEADLINE,
    RETRIES,
    UPLOAD_DEADLINE,
    AsyncClient,
)
from ._forks import anew_in_children
from ._loop import Loop
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
from ._requests import from_environment
from ._sending import OfTheParent, Transport

T = TypeVar("T")


# What clients had before a fork. It is never collected in the child: its end would close what the
# parent goes on using.
_of_the_parent: list[object] = []


class Client:
    """Talks to a Ringscore server. Safe to share between threads and to use after a fork.

    `close` it; a client that is collected closes itself.

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
        self._make = partial(
            AsyncClient,
            base_url,
            key=key,
            region=region,
            lookup_deadline=lookup_deadline,
            deadline=deadline,
            retries=retries,
            cache_size=cache_size,
            transport=transport,
        )
        self._start()
        anew_in_children(self)

    def _start(self) -> None:
        self._async, self._loop = self._make(), Loop()
        # Waits for nothing: any thread may be collecting.
        self._end = weakref.finalize(self, self._loop.end_after, self._async.aclose)
        self._end.atexit = False  # the thread is a daemon

    def _start_anew(self) -> None:
        """Leaves sockets and thread to the parent, after a fork: both would read from them."""
        self._end.detach()
        _of_the_parent.append((self._async, self._loop))
        transport = self._make.keywords["transport"]
        if transport is not None and not callable(transport):
            self._make = partial(self._make, transport=OfTheParent())
        self._start()

    @classmethod
    def from_env(cls, **options: Any) -> Client:
        """With RINGSCORE_URL, RINGSCORE_KEY and RINGSCORE_REGION, as the command has them.

        `options` are those of the class, and come before the environment. Raises ValueError if
        there is no address.
        """
        return cls(**from_environment(options))

    def __enter__(self) -> Client:
        """The client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the client."""
        self.close()

    def close(self) -> None:
        """Closes all connections; calls in progress end with an error."""
        self._loop.run(self._async.aclose())
        self._loop.stop()

    @property
    def region(self) -> str:
        """The country of national formats."""
        return self._async.region

    @property
    def lookup_deadline(self) -> float:
        """Seconds for a lookup in all."""
        return self._async.lookup_deadline

    def lookup(
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
        known = self._async.cached(number, region, attestation, caller_name)
        if known is not None:
            return known
        return self._loop.run(
            self._async.lookup(
                number,
                region=region,
                attestation=attestation,
                caller_name=caller_name,
                deadline=deadline,
            )
        )

    def lookup_private(
        self, number: str, *, region: str = "", deadline: float | None = None
    ) -> PrivateAnswer:
        """Whether a number, or a range around it, is listed, without telling the server the number.

        Sends a few bits of a hash and no key. `canonical` must be able to read the number. Buckets
        are kept as long as the server says. Raises InvalidNumber and other RingscoreError.
        """
        key = canonical(number, region=region or self.region)
        known = self._async.cached_bucket(key)
        if known is not None:
            return known
        return self._loop.run(self._async.lookup_private(key, deadline=deadline))

    def lookup_many(
        self, numbers: Iterable[str], *, region: str = "", deadline: float | None = None
    ) -> list[Answer | Unreadable]:
        """1 to 1,000 numbers at once, answered in order. Needs a key."""
        return self._loop.run(
            self._async.lookup_many(list(numbers), region=region, deadline=deadline)
        )

    def reports_of(self, number: str, *, region: str = "", cursor: str = "") -> PublicReports:
        """A page of the reports about a number. Pass `next` of one page as `cursor`."""
        return self._loop.run(self._async.reports_of(number, region=region, cursor=cursor))

    def report(
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
        return self._loop.run(
            self._async.report(number, category, idempotency_key=idempotency_key, **more)
        )

    def send_report(self, body: bytes, idempotency_key: str) -> Receipt:
        """Sends an earlier report again, byte for byte, under its own key."""
        return self._loop.run(self._async.send_report(body, idempotency_key))

    def my_report(self, report_id: uuid.UUID | str) -> OwnReport:
        """A report of yours. Raises NotFound for other people's reports."""
        return self._loop.run(self._async.my_report(report_id))

    def withdraw(self, report_id: uuid.UUID | str) -> None:
        """Withdraws a report of yours: it stops counting. Doing so twice is no error."""
        self._loop.run(self._async.withdraw(report_id))

    def add_evidence(
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
        return self._loop.run(
            self._async.add_evidence(
                report_id, file, name=name, transcript=transcript, deadline=deadline
            )
        )

    def evidence_of(self, report_id: uuid.UUID | str) -> list[Evidence]:
        """The files added to a report of yours, oldest first."""
        return self._loop.run(self._async.evidence_of(report_id))

    def dispute(
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
        return self._loop.run(
            self._async.dispute(
                number,
                grounds,
                statement,
                contact=contact,
                via=via,
                language=language,
                region=region,
            )
        )

    def verify_dispute(self, dispute_id: uuid.UUID | str, code: str) -> Dispute:
        """Returns the code: the dispute is then open and has a deadline.

        Never retried by itself, since a wrong code costs one of five attempts; with the right code
        you may call it again. Raises WrongCode, Conflict when it is too late, and other
        RingscoreError.
        """
        return self._loop.run(self._async.verify_dispute(dispute_id, code))

    def dispute_status(self, dispute_id: uuid.UUID | str) -> Dispute:
        """The state of a dispute: its deadline, the decision and the reason."""
        return self._loop.run(self._async.dispute_status(dispute_id))

    def appeal(self, dispute_id: uuid.UUID | str, statement: str) -> Dispute:
        """Appeals, once, against a rejection; returns the appeal, which has an id of its own.

        Another moderator decides; the decision stands meanwhile. Raises Conflict and other
        RingscoreError.
        """
        return self._loop.run(self._async.appeal(dispute_id, statement))

    def own_list(self) -> OwnList:
        """What your key's owner blocks and lets through, made at /my/list. Needs a key."""
        return self._loop.run(self._async.own_list())

    def feeds(self) -> list[FeedInfo]:
        """The feeds of the server."""
        return self._loop.run(self._async.feeds())

    def changes(self, feed: str, *, since: int) -> ChangesPage:
        """A page of a feed's changes. Raises CursorExpired when a snapshot is needed."""
        return self._loop.run(self._async.changes(feed, since=since))

    def download_snapshot(
        self,
        feed: str,
        target: Path,
        *,
        deadline: float = DOWNLOAD_DEADLINE,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Writes a feed's newest snapshot to a file, unpacked and not yet verified.

        Calls `progress` in another thread with the bytes received so far and their total, 0 if
        unknown.
        """
        self._loop.run(
            self._async.download_snapshot(feed, target, deadline=deadline, progress=progress)
        )

    @property
    def base_url(self) -> str:
        """The server's address."""
        return self._async.base_url
