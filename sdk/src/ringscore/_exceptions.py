"""The errors of this package, in one tree.

    RingscoreError
      * InvalidNumber             the text cannot be read as a number
      * Unavailable               no answer: whether the server acted is unknown
          * Unreachable           no connection, or it broke
          * DeadlineExceeded      the time allowed is over
          * ServerFailed          5xx
          * BadAnswer             an answer that breaks the contract (HTML, for example)
      * Refused                   the server read the request and refused it: 4xx
          * RequestInvalid        400, 413, 415, 422
              * WrongCode         this is not the code that went to the disputed number
          * KeyRejected           401, 403
          * NotFound              404
          * Conflict              409: the present state does not allow it
          * RateLimited           429
      * FeedError                 a mirror's data cannot be used
          * SnapshotCorrupt       cut, altered, or of an unknown version
          * ChecksumMismatch      changes that do not lead to the promised state
          * CursorExpired         410: the changes since are gone, a snapshot is needed
          * MirrorEmpty           nothing has been downloaded yet
      * StorageFailed             a file of the mirror or the outbox: the disk is full, for example

All are RingscoreErrors, so `except RingscoreError` is enough. `Unavailable` may pass by itself;
`Refused` will not, unless it is `RateLimited`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "BadAnswer",
    "ChecksumMismatch",
    "Conflict",
    "CursorExpired",
    "DeadlineExceeded",
    "FeedError",
    "InvalidNumber",
    "KeyRejected",
    "MirrorEmpty",
    "NotFound",
    "Problem",
    "ProblemField",
    "RateLimited",
    "Refused",
    "RequestInvalid",
    "RingscoreError",
    "ServerFailed",
    "SnapshotCorrupt",
    "StorageFailed",
    "Unavailable",
    "Unreachable",
    "WrongCode",
]


class RingscoreError(Exception):
    """Any error that this package raises on purpose.

    `request_id`: the id that the service gave the request, as in its log; quote it to whoever runs
    the service. Empty when no answer came.
    """

    request_id = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """For errors that go to another process, as those of a pool do, and for copies."""
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(
    kind: type[RingscoreError], args: tuple[Any, ...], state: dict[str, Any]
) -> RingscoreError:
    """An error without its `__init__`, whose parameters are not `args`."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class StorageFailed(RingscoreError):
    """A file of the mirror or the outbox cannot be read or written. The message says why."""


class InvalidNumber(RingscoreError, ValueError):
    """The text cannot be read as a number. The message names the remedy.

    `code` is the server's: empty, withheld, not_a_number, region_required, too_long, impossible …
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class Unavailable(RingscoreError):
    """No answer came. It is unknown whether a write took effect; sending it again is safe."""


class Unreachable(Unavailable):
    """No connection could be made, or it broke."""


class DeadlineExceeded(Unavailable):
    """The time allowed for the call, retries included, is over."""


class ServerFailed(Unavailable):
    """The server answered 5xx. `retry_after` in seconds, None if the server did not give it."""

    def __init__(self, message: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after


class BadAnswer(Unavailable):
    """An answer that breaks the contract: a captive portal's page, for instance."""


@dataclass(frozen=True)
class ProblemField:
    """One field at fault: a JSON pointer into the request, a code, a sentence."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True)
class Problem:
    """Problem details from the server (RFC 9457)."""

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[ProblemField, ...] = ()


class Refused(RingscoreError):
    """The server read the request and refused it. `problem` holds its reasons."""

    def __init__(self, problem: Problem) -> None:
        fields = "; ".join(f"{field.pointer}: {field.detail}" for field in problem.errors)
        super().__init__(
            f"{problem.detail} ({fields})"
            if fields and fields not in problem.detail
            else problem.detail
        )
        self.problem = problem


class RequestInvalid(Refused):
    """The request is at fault: `problem.errors` names each field and the remedy."""


class WrongCode(RequestInvalid):
    """Not the code that went to the disputed number. A wrong code costs one of five attempts."""


class KeyRejected(Refused):
    """No key, an invalid key, or a key without the scope."""


class NotFound(Refused):
    """It does not exist, or it is not yours."""


class Conflict(Refused):
    """The present state does not allow it; `problem.code` names that state.

    Examples: nothing-to-dispute, already-disputed, too-soon, code-expired, no-more-attempts,
    not-appealable, evidence-full.
    """


class RateLimited(Refused):
    """Too many requests. `retry_after` is in seconds."""

    def __init__(self, problem: Problem, *, retry_after: float) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class FeedError(RingscoreError):
    """A mirror's data cannot be used. The mirror keeps its earlier data."""


class SnapshotCorrupt(FeedError):
    """A snapshot is cut, altered, or of a version that this package does not know."""


class ChecksumMismatch(FeedError):
    """The changes do not lead to the promised state."""


class CursorExpired(FeedError):
    """The changes since this mirror's cursor are gone: it needs a snapshot."""


class MirrorEmpty(FeedError):
    """Nothing has been downloaded yet: call `sync` first."""
