"""The requests of both clients, without I/O."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from ._exceptions import BadAnswer, InvalidNumber
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
    PublicReports,
    Receipt,
    Unreadable,
)
from ._numbers import text_of
from ._private import Bucket, Scheme, read_bucket, read_scheme
from ._reading import read, read_bulk, read_changes, read_evidence, read_feeds, read_own_list
from ._written import several

T = TypeVar("T")

MAX_BULK = 1000


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request. `safe` to send again: it reads, carries an Idempotency-Key, or has no effect the
    second time.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    safe: bool = True
    anonymous: bool = False  # without the key, which would reveal the caller


def from_environment(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a client. Raises ValueError."""
    names = {"base_url": "RINGSCORE_URL", "key": "RINGSCORE_KEY", "region": "RINGSCORE_REGION"}
    found = {option: os.environ.get(name, "") for option, name in names.items()} | dict(options)
    if not found["base_url"]:
        raise ValueError("there is no server: set RINGSCORE_URL, or give base_url")
    return found


def _of(number: str) -> str:
    """The path of a number. An empty one would lead to another path."""
    if not text_of(number).strip():
        raise InvalidNumber("The number is empty: there is none to ask about.", code="empty")
    return f"/v1/numbers/{quote(number, safe='')}"


def lookup(number: str, *, region: str, attestation: str, caller_name: str) -> Call[Answer]:
    return Call(
        "GET",
        _of(number),
        lambda body: read(Answer, body),
        _given(region=region, attestation=attestation, caller_name=caller_name),
    )


def lookup_many(numbers: Iterable[str], *, region: str) -> Call[list[Answer | Unreadable]]:
    texts = several(numbers)
    if not 1 <= len(texts) <= MAX_BULK:
        raise ValueError(f"lookup_many takes 1 to {MAX_BULK} numbers, got {len(texts)}")

    def results(body: Any) -> list[Answer | Unreadable]:
        answers = read_bulk(body)
        if len(answers) != len(texts):
            raise BadAnswer(f"Asked for {len(texts)} numbers, the server answered {len(answers)}.")
        return answers

    body = {"numbers": texts, **_given(region=region)}
    return Call("POST", "/v1/numbers/lookup", results, body=dump(body), headers=JSON)


def public_reports(number: str, *, region: str, cursor: str) -> Call[PublicReports]:
    return Call(
        "GET",
        f"{_of(number)}/reports",
        lambda body: read(PublicReports, body),
        _given(region=region, cursor=cursor),
    )


@dataclass(frozen=True)
class Statement:
    """A report to be made. Only `number` and `category` are required.

    Attributes:
        number: the caller, in any notation.
        occurred_at: the time of the call; a naive time is an error.
        conduct: threats, insult_or_defamation, false_accusation, witness_retaliation,
            repeated_intimidation, privacy_disclosure, contacted_third_parties,
            undisclosed_collector, no_written_notice.
        comment: at most 2,000 characters.
        region: ISO alpha-2, the country of national formats.
        attestation: the network's verdict on the caller: A, B, C, failed or none.
        callback_number: the number that the caller wants called.
        call_count: 1 to 10,000.
        was_warned: the call was already shown as suspicious when it rang.
        channel: call or sms.
        transcript: what the caller said, as call screening wrote it.
        other_accounts: other accounts, links and apps of the caller; never public.
    """

    number: str
    category: Category | str
    occurred_at: datetime | None = None
    conduct: tuple[str, ...] = ()
    comment: str = ""
    region: str = ""
    attestation: str = ""
    callback_number: str = ""
    claimed_name: str = ""
    call_count: int = 1
    was_warned: bool = False
    channel: str = "call"
    transcript: str = ""
    other_accounts: str = ""

    def body(self) -> bytes:
        """The request's body, without fields at their defaults."""
        fields: dict[str, Any] = {"number": self.number, "category": str(self.category)}
        if self.occurred_at is not None:
            if self.occurred_at.tzinfo is None:
                raise ValueError("occurred_at has no time zone: pass an aware datetime")
            fields["occurred_at"] = self.occurred_at.astimezone(timezone.utc).isoformat()
        for other in dataclasses.fields(self):
            value = getattr(self, other.name)
            if other.name not in (*fields, "occurred_at") and value != other.default:
                fields[other.name] = list(value) if isinstance(value, tuple) else value
        return dump(fields)


def report(body: bytes, idempotency_key: str) -> Call[Receipt]:
    return Call(
        "POST",
        "/v1/reports",
        lambda answer: read(Receipt, answer),
        body=body,
        headers={**JSON, "Idempotency-Key": idempotency_key},
    )


def my_report(report_id: uuid.UUID | str) -> Call[OwnReport]:
    return Call("GET", f"/v1/reports/{_id(report_id)}", lambda body: read(OwnReport, body))


def withdraw(report_id: uuid.UUID | str) -> Call[None]:
    # A second withdrawal is no error, so the request may be sent again.
    return Call("DELETE", f"/v1/reports/{_id(report_id)}", lambda body: None)


def content_of(file: os.PathLike[str] | bytes, name: str) -> tuple[bytes, str]:
    """A file's content and its name."""
    if isinstance(file, bytes):
        return file, name or "evidence"
    path = Path(file)
    return path.read_bytes(), name or path.name


def add_evidence(
    report_id: uuid.UUID | str, content: bytes, name: str, transcript: str
) -> Call[Evidence]:
    sha256 = hashlib.sha256(content).hexdigest()
    # No content contains a boundary made from its own hash; quotes as browsers write them.
    boundary = f"ringscore-{sha256}"
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
    words = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="transcript"\r\n\r\n{transcript}\r\n'
    )
    body = b"".join(
        (
            words.encode() if transcript else b"",
            head.encode(),
            b"Content-Type: application/octet-stream\r\n\r\n",
            content,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )

    def entry(answer: Any) -> Evidence:
        found = read(Evidence, answer)
        if found.sha256 != sha256:
            raise BadAnswer("What arrived is not the file that was sent: its SHA-256 differs.")
        return found

    # The same content again changes nothing, so the request may be sent again.
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return Call("POST", f"/v1/reports/{_id(report_id)}/evidence", entry, body=body, headers=headers)


def evidence_of(report_id: uuid.UUID | str) -> Call[list[Evidence]]:
    return Call("GET", f"/v1/reports/{_id(report_id)}/evidence", read_evidence)


def dispute(
    number: str,
    grounds: Grounds | str,
    statement: str,
    *,
    contact: str,
    via: str,
    language: str,
    region: str,
) -> Call[DisputeReceipt]:
    fields = _given(
        grounds=str(grounds), statement=statement, contact=contact, via=via, language=language
    )
    # The same words again are the same dispute, and no second code within a minute.
    return Call(
        "POST",
        f"{_of(number)}/disputes",
        lambda body: read(DisputeReceipt, body),
        _given(region=region),
        body=dump(fields),
        headers=JSON,
    )


def verify_dispute(dispute_id: uuid.UUID | str, code: str) -> Call[Dispute]:
    # A wrong code costs an attempt each time that it arrives.
    return Call(
        "POST",
        f"/v1/disputes/{_id(dispute_id)}/verify",
        lambda body: read(Dispute, body),
        body=dump({"code": code}),
        headers=JSON,
        safe=False,
    )


def dispute_status(dispute_id: uuid.UUID | str) -> Call[Dispute]:
    return Call("GET", f"/v1/disputes/{_id(dispute_id)}", lambda body: read(Dispute, body))


def appeal(dispute_id: uuid.UUID | str, statement: str) -> Call[Dispute]:
    # The same words again are the same appeal.
    return Call(
        "POST",
        f"/v1/disputes/{_id(dispute_id)}/appeal",
        lambda body: read(Dispute, body),
        body=dump({"statement": statement}),
        headers=JSON,
    )


def feeds() -> Call[list[FeedInfo]]:
    return Call("GET", "/v1/feeds", read_feeds)


def own_list() -> Call[OwnList]:
    return Call("GET", "/v1/me/list", read_own_list)


def scheme() -> Call[Scheme]:
    return Call("GET", "/v1/buckets", read_scheme, anonymous=True)


def bucket(prefix: str) -> Call[Bucket]:
    return Call("GET", f"/v1/buckets/{prefix}", read_bucket, anonymous=True)


def changes(feed: str, since: int) -> Call[ChangesPage]:
    path = f"/v1/feeds/{quote(feed, safe='')}/changes"
    return Call("GET", path, read_changes, {"since": str(since)})


def snapshot(feed: str) -> Call[None]:
    path = f"/v1/feeds/{quote(feed, safe='')}/snapshot"
    return Call(
        "GET",
        path,
        lambda body: None,
        {"format": "roaring"},
        headers={"Accept": "application/octet-stream"},
    )


JSON = {"Content-Type": "application/json"}


def _given(**fields: str) -> dict[str, str]:
    """The fields that are not empty."""
    return {name: value for name, value in fields.items() if value}


def dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _id(value: uuid.UUID | str) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
