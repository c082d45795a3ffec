"""The reading of answers, without I/O, for both clients: values, or the exceptions for refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ._exceptions import (
    BadAnswer,
    Conflict,
    CursorExpired,
    InvalidNumber,
    KeyRejected,
    NotFound,
    Problem,
    ProblemField,
    RateLimited,
    Refused,
    RequestInvalid,
    RingscoreError,
    ServerFailed,
    WrongCode,
)
from ._requests import Call

T = TypeVar("T")

# The largest honest answer is a page of 10,000 changes, about 1 MB.
MAX_BODY = 8 * 1024 * 1024
LARGEST = 2**53  # of a number in an answer: beyond it JSON is not exact, nor does a clock count
REQUEST_ID = "x-request-id"


def read_answer(call: Call[T], status: int, headers: Mapping[str, str], body: bytes) -> T:
    """The value of an answer. Raises RingscoreError."""
    if 200 <= status < 300:
        if status == 204 or not body:
            return call.read(None)
        return call.read(_load(headers, body))
    raise error_of(status, headers, body)


def _load(headers: Mapping[str, str], body: bytes) -> Any:
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if kind not in ("application/json", "application/problem+json"):
        raise BadAnswer(
            f"The answer is {kind or 'of no type'}, not JSON: is there a portal or proxy between, "
            "and is this the address of a Ringscore server?"
        )
    try:
        return json.loads(body, parse_int=_integer, parse_float=_fraction, parse_constant=_fraction)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(f"The answer is not valid JSON: {error}") from None


def _integer(text: str) -> int:
    number = int(text)
    if not -LARGEST <= number <= LARGEST:
        raise ValueError(f"{text[:20]}… is too large")
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if not -LARGEST <= number <= LARGEST:  # nor is it infinite, or no number
        raise ValueError(f"{text[:20]} is no number")
    return number


def _redirected(status: int, location: str) -> str:
    """What to say of an answer that leads elsewhere, mostly from http to https. No redirect is
    followed: a key and a number go to no server that nobody named."""
    to = urlsplit(location)
    if not to.netloc:
        return f"Status {status} is no answer that the contract knows."
    server = f"{to.scheme}://{to.netloc.rpartition('@')[2]}"
    return f"The server redirects to {server}: if that is the service, give that address."


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> RingscoreError:
    """The exception for an answer other than 2xx."""
    retry_after = _retry_after(headers)
    if status >= 500:
        request_id = headers.get(REQUEST_ID, "")
        named = f" (request {request_id})" if request_id else ""
        return ServerFailed(
            f"The server failed with status {status}{named}.",
            status=status,
            retry_after=retry_after,
        )
    if status < 400:
        return BadAnswer(_redirected(status, headers.get("location", "")))
    try:
        problem = _problem(status, _load(headers, body))
    except BadAnswer:
        if status == 429:
            problem = Problem(status, "rate-limited", "Too Many Requests", "Too many requests.")
        else:
            return BadAnswer(
                f"Status {status} without problem details: "
                "is this the address of a Ringscore server?"
            )
    return _refusal(problem, retry_after)


def _refusal(problem: Problem, retry_after: float | None) -> RingscoreError:
    if problem.code == "invalid-number":
        return InvalidNumber(problem.detail, code=problem.code)
    if problem.code == "wrong-code":
        return WrongCode(problem)
    if problem.status == 410:
        return CursorExpired(problem.detail)
    if problem.status == 429:
        return RateLimited(problem, retry_after=1.0 if retry_after is None else retry_after)
    kinds: dict[int, type[Refused]] = {
        400: RequestInvalid,
        401: KeyRejected,
        403: KeyRejected,
        404: NotFound,
        409: Conflict,
        413: RequestInvalid,
        415: RequestInvalid,
        422: RequestInvalid,
    }
    return kinds.get(problem.status, Refused)(problem)


def _problem(status: int, body: Any) -> Problem:
    if not isinstance(body, Mapping):
        raise BadAnswer("These are no problem details.")
    errors = body.get("errors")
    return Problem(
        status=status,
        code=str(body.get("type", "")).rpartition(":")[2],
        title=str(body.get("title", "")),
        detail=str(body.get("detail", "")),
        errors=tuple(
            ProblemField(*(str(each.get(name, "")) for name in ("pointer", "code", "detail")))
            for each in (errors if isinstance(errors, list) else [])
            if isinstance(each, Mapping)
        ),
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    try:
        return max(float(int(value)), 0.0)
    except (ValueError, OverflowError):
        pass
    moment = _date(value)
    if moment is None:
        return None
    # By the server's clock, if it tells the time: ours may be days off.
    now = _date(headers.get("date", "")) or datetime.now(timezone.utc)
    return max((moment - now).total_seconds(), 0.0)


def _date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
