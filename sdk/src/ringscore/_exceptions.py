"""What can go wrong, in one tree.

    RingscoreError
      * InvalidNumber             what was asked about cannot be read as a number
      * Unavailable               no answer: whether there is one is unknown
          * Unreachable           no connection, or it broke
          * DeadlineExceeded      the time allowed is over
          * ServerFailed          5xx
          * BadAnswer             something answered, but not as the contract says (HTML, say)
      * Refused                   the server read the request and said no: 4xx
          * RequestInvalid        400, 413, 415, 422
              * WrongCode         this is not the code that went to the disputed number
          * KeyRejected           401, 403
          * NotFound              404
          * Conflict              409: things do not stand so that this can be done
          * RateLimited           429
      * FeedError                 a mirror's data cannot be used
          * SnapshotCorrupt       cut, altered, or of an unknown version
          * ChecksumMismatch      changes that do not lead to the state they promise
          * CursorExpired         410: the changes since are gone, a snapshot is needed
          * MirrorEmpty           nothing has been downloaded yet

Each is a RingscoreError, so `except RingscoreError` is enough. `Unavailable` may pass by itself;
`Refused` will not, unless it is `RateLimited`.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    "Unavailable",
    "Unreachable",
    "WrongCode",
]


class RingscoreError(Exception):
    """Whatever this package raises on purpose."""


class InvalidNumber(RingscoreError, ValueError):
    """What was asked about cannot be read as a number. The message names the remedy.

    `code` is the server's: empty, withheld, not_a_number, region_required, too_long, impossible …
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class Unavailable(RingscoreError):
    """No answer came. Whether a write was carried out is not known; sending it again is safe."""


class Unreachable(Unavailable):
    """No connection could be made, or it broke."""


class DeadlineExceeded(Unavailable):
    """The time allowed for the call, retries included, is over."""


class ServerFailed(Unavailable):
    """The server answered 5xx. `retry_after` is in seconds, None when it did not say."""

    def __init__(self, message: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after


class BadAnswer(Unavailable):
    """Something answered, but not as the contract says: a captive portal's page, for instance."""


@dataclass(frozen=True)
class ProblemField:
    """One field at fault: a JSON pointer into the request, a code, a sentence."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True)
class Problem:
    """Problem details as the server gave them (RFC 9457)."""

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[ProblemField, ...] = ()


class Refused(RingscoreError):
    """The server read the request and said no. `problem` holds its reasons."""

    def __init__(self, problem: Problem) -> None:
        told = "; ".join(f"{each.pointer}: {each.detail}" for each in problem.errors)
        super().__init__(
            f"{problem.detail} ({told})" if told and told not in problem.detail else problem.detail
        )
        self.problem = problem


class RequestInvalid(Refused):
    """The request is at fault: `problem.errors` names each field and the remedy."""


class WrongCode(RequestInvalid):
    """Not the code that went to the disputed number. Each costs one of five attempts."""


class KeyRejected(Refused):
    """No key, one that is not valid, or one that may not do this."""


class NotFound(Refused):
    """There is no such thing, or it is not yours."""


class Conflict(Refused):
    """Things do not stand so that this can be done; `problem.code` says how they stand.

    Such as nothing-to-dispute, already-disputed, too-soon, code-expired, no-more-attempts,
    not-appealable, evidence-full.
    """


class RateLimited(Refused):
    """Too many requests. `retry_after` is in seconds."""

    def __init__(self, problem: Problem, *, retry_after: float) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class FeedError(RingscoreError):
    """A mirror's data cannot be used. What it had before stays."""


class SnapshotCorrupt(FeedError):
    """A snapshot is cut, altered, or of a version that this package does not know."""


class ChecksumMismatch(FeedError):
    """The changes do not lead to the state they promise."""


class CursorExpired(FeedError):
    """The changes since this mirror's cursor are gone: it needs a snapshot."""


class MirrorEmpty(FeedError):
    """Nothing has been downloaded yet: call `sync` first."""
