"""What the server's answers say, as frozen objects."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum


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
