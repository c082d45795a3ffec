"""The server's answers, as frozen objects."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

from ._exceptions import BadAnswer


class _Word(str, Enum):
    def __str__(self) -> str:
        return str(self.value)


class Action(_Word):
    """What to do with a call."""

    ALLOW = "allow"
    FLAG = "flag"
    BLOCK = "block"


class Category(_Word):
    """What a call was about."""

    ILLEGAL_COLLECTION = "illegal_collection"
    THREAT = "threat"
    IMPERSONATION = "impersonation"
    LOAN_SCAM = "loan_scam"
    PHISHING = "phishing"
    TELEMARKETING = "telemarketing"
    ROBOCALL = "robocall"
    SILENT_CALL = "silent_call"
    SURVEY = "survey"
    OTHER = "other"
    LEGITIMATE = "legitimate"


class Grounds(_Word):
    """The holder's grounds for a dispute."""

    MISTAKEN = "mistaken"
    SPOOFED = "spoofed"
    NEW_HOLDER = "new_holder"
    OTHER = "other"


@dataclass(frozen=True)
class Answer:
    """The answer about a number.

    Attributes:
        number: the canonical key.
        action: allow, flag or block.
        score: 0 to 100, the probability in percent that a call now is unwanted.
        confidence: 0 to 1, how much independent evidence stands behind the score.
        status: unknown, clear, listed, official, disputed, spoofed or reassigned.
        category: that of most reports; empty when there is none.
        reports: live reports and complaints.
        first_reported_at: None when never reported.
        country: ISO alpha-2, or empty.
        ttl: seconds for which the answer may be kept.
        campaign: the id of the campaign whose words the number's reports use; mostly empty.
        own_rule: the pattern of the key's own list that decided; mostly empty.
    """

    number: str
    action: Action
    score: int
    confidence: float
    status: str
    category: str
    reports: int
    reporters: int
    first_reported_at: datetime | None
    last_reported_at: datetime | None
    name: str
    country: str
    line_type: str
    reasons: tuple[str, ...]
    advice: str
    redress_url: str
    ttl: int
    campaign: str = ""
    own_rule: str = ""


@dataclass(frozen=True)
class PrivateAnswer:
    """The answer about a number from a bucket, found by the client itself.

    Attributes:
        number: the canonical key.
        action: `allow` when neither the number nor a range around it is listed.
        score: 0 to 100, as of the number's listing; 0 when not listed.
        category: empty for ranges.
        range: the listed beginning of the number, when not the number itself is listed.
    """

    number: str
    action: Action
    score: int
    category: str
    range: str


@dataclass(frozen=True)
class Unreadable:
    """An unreadable input in a bulk answer, with the reason and the remedy."""

    input: str
    error: str
    code: str


@dataclass(frozen=True)
class Receipt:
    """The result of a report: the number's state after it, and the reporter's next steps."""

    id: uuid.UUID
    number: str
    action: Action
    score: int
    next_steps: tuple[str, ...]


@dataclass(frozen=True)
class OwnReport:
    """A report of yours as the server holds it. `status` is live, withdrawn or rejected."""

    id: uuid.UUID
    number: str
    status: str
    category: Category
    conduct: tuple[str, ...]
    comment: str
    occurred_at: datetime | None
    channel: str
    attestation: str
    callback_number: str
    claimed_name: str
    call_count: int
    was_warned: bool
    filed_at: datetime
    updated_at: datetime
    transcript: str = ""
    other_accounts: str = ""


@dataclass(frozen=True)
class Evidence:
    """A file of a report of yours, as in the report's log.

    Attributes:
        position: its place in the log: 1, 2, 3 …
        sha256: of the content, in hex.
        size: in bytes.
        type: the media type, recognised from the content.
        name: your name for the file.
        previous: the digest of the previous entry, or zeros.
        digest: covers this entry and so all earlier ones.
        erased_at: None unless the file was erased; then `name` is empty.
    """

    report: uuid.UUID
    position: int
    sha256: str
    size: int
    type: str
    name: str
    added_at: datetime
    previous: str
    digest: str
    erased_at: datetime | None = None


@dataclass(frozen=True)
class DisputeReceipt:
    """A dispute that waits for its code. Keep `id` secret: it is enough to follow the dispute."""

    id: uuid.UUID
    expires_at: datetime


@dataclass(frozen=True)
class Dispute:
    """The state of a dispute.

    Attributes:
        status: awaiting_code, open, upheld, rejected or expired.
        expires_at: end of the code's validity; None when no code is due.
        deadline_at: latest time of the decision.
        held: block is held at flag until the decision.
        reason: the moderator's reason for the decision.
        immune_until: upheld: until then reports alone do not list the number again.
        appeal_until: rejected: until then an appeal is possible.
        appeal_of: the dispute that this one appeals.
        appeal: the appeal against this decision.
    """

    id: uuid.UUID
    number: str
    status: str
    grounds: Grounds
    opened_at: datetime
    expires_at: datetime | None
    verified_at: datetime | None
    deadline_at: datetime | None
    held: bool
    decided_at: datetime | None
    reason: str
    immune_until: datetime | None
    appeal_until: datetime | None
    appeal_of: uuid.UUID | None
    appeal: uuid.UUID | None


@dataclass(frozen=True)
class PublicReport:
    """The public part of a report."""

    category: Category
    conduct: tuple[str, ...]
    comment: str
    claimed_name: str
    channel: str
    attestation: str
    reported_on: date
    transcript: str = ""


@dataclass(frozen=True)
class PublicReports:
    """A page of a number's reports, newest first. `next` is the next page's cursor, or empty."""

    number: str
    results: tuple[PublicReport, ...]
    next: str


@dataclass(frozen=True)
class FeedInfo:
    """A feed: its formats, the cursor of its newest snapshot, seconds to leave between polls."""

    name: str
    formats: tuple[str, ...]
    cursor: int
    min_wait: float


@dataclass(frozen=True)
class OwnList:
    """Your own list on the server, as `Screener` takes it.

    Attributes:
        allow, block: numbers and patterns. A country stands there by its calling code; one that
            shares its code with others (US, GB) is left out.
        contacts_only: only those whom `allow` has may ring.
        allow_names, block_names: names that callers show: `loans` is that name, `loans*` begins so,
            `*loans*` contains it.
    """

    allow: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    contacts_only: bool = False
    allow_names: tuple[str, ...] = ()
    block_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangesPage:
    """Changes from one state of a feed to the state at `cursor`: None removes a number.

    `checksum` covers the whole state there; `min_wait` in seconds, 0 when there is more.
    """

    changes: dict[str, Action | None]
    cursor: int
    checksum: int
    min_wait: float


# Before the name in a rule of one's own list.
NAME = "name:"
_Model = TypeVar("_Model")


def _moment(value: Any) -> datetime | None:
    # Python 3.10 does not read the Z.
    return datetime.fromisoformat(_text(value).replace("Z", "+00:00")) if value else None


def _some_moment(value: Any) -> datetime:
    moment = _moment(value)
    if moment is None:
        raise ValueError("an empty time")
    return moment


def _id_or_none(value: Any) -> uuid.UUID | None:
    return uuid.UUID(_text(value)) if value else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no integer")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return tuple(_text(each) for each in value)


def _public_reports(value: Any) -> tuple[PublicReport, ...]:
    return tuple(read(PublicReport, each) for each in value)


# By annotation, which `from __future__ import annotations` keeps as text.
_READ: dict[str, Any] = {
    "str": _text,
    "int": _integer,
    "float": _number,
    "bool": _truth,
    "Action": Action,
    "Category": Category,
    "Grounds": Grounds,
    "uuid.UUID": uuid.UUID,
    "uuid.UUID | None": _id_or_none,
    "date": date.fromisoformat,
    "datetime": _some_moment,
    "datetime | None": _moment,
    "tuple[str, ...]": _texts,
    "tuple[PublicReport, ...]": _public_reports,
}


def read(model: type[_Model], body: Any) -> _Model:
    """A model from decoded JSON, without the fields that it does not know. Raises BadAnswer."""
    if not isinstance(body, Mapping):
        raise BadAnswer(f"The server's answer is no {model.__name__}.")
    try:
        return model(
            **{
                field.name: _READ[field.type](body[field.name])  # type: ignore[index]
                for field in fields(model)  # type: ignore[arg-type]
                if field.name in body or field.default is MISSING
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(
            f"The server's answer is no {model.__name__}: {type(error).__name__} {error}"
        ) from error


def read_bulk(body: Any) -> list[Answer | Unreadable]:
    """The results of a bulk lookup, in order. Raises BadAnswer."""
    if not isinstance(body, Mapping) or not isinstance(body.get("results"), list):
        raise BadAnswer("The server's answer is no bulk lookup.")
    return [
        read(Unreadable, each)
        if isinstance(each, Mapping) and "error" in each
        else read(Answer, each)
        for each in body["results"]
    ]


def read_evidence(body: Any) -> list[Evidence]:
    """The log of a report's evidence, oldest first. Raises BadAnswer."""
    if not isinstance(body, Mapping) or not isinstance(body.get("results"), list):
        raise BadAnswer("The server's answer is no list of evidence.")
    return [read(Evidence, each) for each in body["results"]]


def read_feeds(body: Any) -> list[FeedInfo]:
    """The feeds of a server. Raises BadAnswer."""
    if not isinstance(body, Mapping) or not isinstance(body.get("feeds"), list):
        raise BadAnswer("The server's answer is no list of feeds.")
    return [read(FeedInfo, each) for each in body["feeds"]]


def read_own_list(body: Any) -> OwnList:
    """One's own list. Raises BadAnswer."""
    try:
        rules = [(Action(each["action"]), _text(each["prefix"])) for each in body["rules"]]
        names = [
            (Action(each["action"]), _text(each["pattern"]).removeprefix(NAME))
            for each in body["rules"]
            if each["pattern"].startswith(NAME)
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(f"The server's answer is no list: {error}") from None
    sides = {
        side: tuple(prefix for action, prefix in rules if action is side and prefix.strip("*"))
        for side in (Action.ALLOW, Action.BLOCK)
    }
    named = {
        side: tuple(name for action, name in names if action is side)
        for side in (Action.ALLOW, Action.BLOCK)
    }
    return OwnList(
        sides[Action.ALLOW],
        sides[Action.BLOCK],
        (Action.BLOCK, "*") in rules,
        named[Action.ALLOW],
        named[Action.BLOCK],
    )


def read_changes(body: Any) -> ChangesPage:
    """A page of a feed's changes. Raises BadAnswer."""
    try:
        changes: dict[str, Action | None] = {}
        for each in body["changes"]:
            action = Action(each["action"])
            changes[_text(each["number"])] = None if action is Action.ALLOW else action
        checksum = _text(body["checksum"])
        if len(checksum) != 64:
            raise ValueError(f"a checksum of {len(checksum)} digits")
        page = ChangesPage(
            changes, _integer(body["cursor"]), int(checksum, 16), _number(body["min_wait"])
        )
        if page.cursor < 0 or page.min_wait < 0:
            raise ValueError("a negative cursor or wait")
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(
            f"The server's answer is no page of changes: {type(error).__name__} {error}"
        ) from error
    return page
