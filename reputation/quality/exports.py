"""Parts of the audit record as a file that is checked without the service.

A ZIP: the entries (CSV or JSON Lines), a manifest with the digest of that file and the head of the
audit chain, the manifest's signature, and the key that checks it. Personal data is masked. That the
record was exported is on the record.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from edge import as_csv
from reputation.models import AuditDigest, AuditEntry
from reputation.moderation import DecisionError, reasons, record, require_reason
from reputation.privacy import mask
from reputation.quality import signing
from reputation.quality.blindness import JudgedBlind, held

# Entries of one file: some 100 MB in memory.
MOST: Final = 100_000
OWN_WORDS: Final = "own_words"
COLUMNS: Final = (
    *("id", "at", "by", "action", "number", "report", "reporter", "campaign", "key_grant"),
    *("batch", "undoes", "undone_by", "reason", "words", "before", "after", "place", "digest"),
)
# Values of the record that are no words: moments, days, ids, hashes.
_PLAIN = re.compile(
    r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,64}"
)
HOW_TO_CHECK: Final = """\
To check that these entries are as the service gave them out:

    openssl dgst -sha256 -verify public-key.pem -signature manifest.json.sig manifest.json
    sha256sum {name}

The first has to say "Verified OK". The second has to print what manifest.json says of the file.
Compare public-key.pem with the one that the operator gave you in another way:

    openssl pkey -pubin -in public-key.pem -outform DER | sha256sum
    {fingerprint}

Each entry has its place and digest in the audit chain. The chain's last digest in manifest.json is
in the log of the service's worker, too.
"""


class TooMany(DecisionError):
    """More entries than one file takes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: from a moment to before another; by whom, which action (the entry's verb), and
    with which reason. `reason` is a code, or OWN_WORDS; "" or None stand for any.
    """

    since: datetime | None = None
    until: datetime | None = None
    by: User | None = None
    action: str = ""
    reason: str = ""

    def written(self) -> dict[str, str]:
        return {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "by": self.by.get_username() if self.by else "",
            "action": self.action,
            "reason": self.reason,
        }


def chosen(wanted: Wanted, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """The wanted ones among the entries."""
    if wanted.since is not None:
        entries = entries.filter(at__gte=wanted.since)
    if wanted.until is not None:
        entries = entries.filter(at__lt=wanted.until)
    if wanted.by is not None:
        entries = entries.filter(actor=wanted.by)
    if wanted.action:
        entries = entries.filter(verb=wanted.action)
    if wanted.reason == OWN_WORDS:
        return entries.exclude(reason__startswith="#")
    if wanted.reason:
        code = reasons.coded(wanted.reason)
        entries = entries.filter(Q(reason=code) | Q(reason__startswith=f"{code} "))
    return entries


def count(wanted: Wanted) -> int:
    """How many are wanted; MOST + 1 stands for more than one file takes."""
    return chosen(wanted, AuditEntry.objects.order_by())[: MOST + 1].count()


def export(*, actor: User, wanted: Wanted, format: str, reason: str, now: datetime) -> bytes:
    """The ZIP. Raises ReasonMissing, TooMany, NoSigningKey; JudgedBlind where the actor works as a
    moderator, too, and would read what they are judging.
    """
    require_reason(reason)
    if held(actor, now=now):
        raise JudgedBlind
    signing.public_key()
    related = ("actor", *AuditEntry.SUBJECTS, "undone_by", "digest")
    entries = chosen(wanted, AuditEntry.objects.select_related(*related)).order_by("id")
    if count(wanted) > MOST:
        raise TooMany(_("One file takes %d entries at most: choose a shorter period.") % MOST)
    rows = list(_rows(entries))
    name = f"entries.{format}"
    content = _written(rows, format).encode()
    digest = hashlib.sha256(content).hexdigest()
    entry = record(
        actor=actor,
        verb="export_audit",
        reason=reason,
        now=now,
        after={"wanted": wanted.written(), "entries": len(rows), "sha256": digest},
    )
    head = AuditDigest.objects.order_by("-position").first()
    manifest = {
        "format": "ringscore audit export 1",
        "service": settings.PUBLIC_URL,
        "made_at": now.isoformat(),
        "made_by": actor.get_username(),
        "on_record_as": entry.pk,
        "wanted": wanted.written(),
        "entries": len(rows),
        "files": [{"path": name, "size": len(content), "sha256": digest}],
        "chain": {"entries": head.position if head else 0, "head": head.digest if head else ""},
        "masked": True,
    }
    return _packed(name, content, json.dumps(manifest, indent=1, ensure_ascii=False).encode())


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[dict[str, Any]]:
    for entry in entries.iterator(chunk_size=2_000):
        undone, link = getattr(entry, "undone_by", None), getattr(entry, "digest", None)
        code = reasons.code_of(entry.reason)
        yield {
            "id": entry.pk,
            "at": entry.at.isoformat(),
            "by": entry.actor.get_username(),
            "action": entry.verb,
            "number": entry.number.key if entry.number else "",
            "report": str(entry.report.public_id) if entry.report else "",
            "reporter": str(entry.reporter or ""),
            "campaign": entry.campaign.key if entry.campaign else "",
            "key_grant": str(entry.key_grant.public_id) if entry.key_grant else "",
            "batch": str(entry.batch_id or ""),
            "undoes": entry.undoes_id or "",
            "undone_by": undone.pk if undone else "",
            "reason": code,
            "words": mask(entry.reason.removeprefix(f"#{code}").strip() if code else entry.reason),
            "before": _masked(entry.before),
            "after": _masked(entry.after),
            "place": link.position if link else "",
            "digest": link.digest if link else "",
        }


def _masked(value: Any) -> Any:
    """A value of the record with its words masked."""
    match value:
        case dict():
            return {name: _masked(each) for name, each in value.items()}
        case list():
            return [_masked(each) for each in value]
        case str() if not _PLAIN.fullmatch(value):
            return mask(value)
    return value


def _written(rows: list[dict[str, Any]], format: str) -> str:
    if format == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    cells = (
        [
            json.dumps(row[name], ensure_ascii=False) if name in ("before", "after") else row[name]
            for name in COLUMNS
        ]
        for row in rows
    )
    # The byte order mark tells spreadsheets that the file is UTF-8.
    return "\ufeff" + as_csv([COLUMNS, *cells])


def _packed(name: str, content: bytes, manifest: bytes) -> bytes:
    how = HOW_TO_CHECK.format(name=name, fingerprint=signing.fingerprint())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.writestr("manifest.json", manifest)
        archive.writestr("manifest.json.sig", signing.sign(manifest))
        archive.writestr("public-key.pem", signing.public_key())
        archive.writestr("how-to-check.txt", how)
    return packed.getvalue()
