"""Files for tests of evidence: small, and real enough that their kind can be told."""

import hashlib
import io
import struct
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from PIL import Image
from pytest_django import Settings

from reputation.attachments.drafts import Draft
from reputation.attachments.log import Attachment, attach_evidence
from reputation.models import Report
from tests.given.reporters import NOW


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def picture(kind: str, *, color: int = 1, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (color, 2, 3)).save(file, kind, **options)
    return file.getvalue()


def recording() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(800))
    return file.getvalue()


def iso_media(brand: bytes) -> bytes:
    """The beginning of an MP4, M4A, 3GP or HEIC file."""
    return struct.pack(">I4s4sI4s", 24, b"ftyp", brand, 0, b"isom") + bytes(64)


MAIL = b"From: Happy Loans <a@example.test>\r\nDate: Tue, 24 Nov 2026 12:00:00 +0800\r\n\r\nPay."
LOG = "时间,号码\n2026-11-24 18:30,13812345678\n"
PNG = picture("PNG")
FILES = {
    "png": (PNG, "image/png"),
    "jpeg": (picture("JPEG"), "image/jpeg"),
    "webp": (picture("WEBP"), "image/webp"),
    "heic": (iso_media(b"heic"), "image/heic"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "application/pdf"),
    "wav": (recording(), "audio/wav"),
    "mp3 with a tag": (b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(64), "audio/mpeg"),
    "mp3": (b"\xff\xfb\x90\x64" + bytes(413), "audio/mpeg"),
    "aac": (b"\xff\xf1\x50\x80" + bytes(413), "audio/mpeg"),
    "m4a": (iso_media(b"M4A "), "audio/mp4"),
    "mp4, as call recorders write it": (iso_media(b"mp42"), "video/mp4"),
    "3gp": (iso_media(b"3gp4"), "video/3gpp"),
    "amr": (b"#!AMR\n" + b"\x3c" * 64, "audio/amr"),
    "ogg": (b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead", "audio/ogg"),
    "mail": (MAIL, "message/rfc822"),
    "text": (b"He said: pay or else.\n", "text/plain"),
    "call log": (LOG.encode(), "text/plain"),
    "call log of a Chinese office program": (LOG.encode("gb18030"), "text/plain"),
    "call log of a Windows program": (LOG.encode("utf-16"), "text/plain"),
    "a page, which is text": (b"<html><script>alert(1)</script>", "text/plain"),
}
REFUSED = {
    "a program for Windows": b"MZ\x90\x00" + bytes(128),
    "a program for Linux": b"\x7fELF\x02\x01\x01" + bytes(128),
    "an archive": b"PK\x03\x04\x14\x00" + bytes(128),
    "a GIF": picture("GIF"),
    "noise": bytes(range(256)) * 4,
    "NUL": b"\x00",
    "text that goes on as something else": b"a,b\n" * 2000 + b"PK\x03\x04\x14\x00",
}


@contextmanager
def draft(content: bytes = PNG, name: str = "shot.png", *, piece: int = 100_000) -> Iterator[Draft]:
    """A finished draft, written piece by piece."""
    with Draft(name=name) as draft:
        for start in range(0, len(content), piece):
            draft.write(content[start : start + piece])
        draft.finish()
        yield draft


def attach(
    report: Report, content: bytes = PNG, name: str = "shot.png", *, now: datetime = NOW
) -> Attachment:
    with draft(content, name) as file:
        return attach_evidence(
            reporter=report.reporter, public_id=report.public_id, draft=file, now=now
        )


def keep_evidence_in(settings: Settings, folder: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            "BACKEND": "reputation.attachments.storage.WholeFileStorage",
            "OPTIONS": {"location": folder},
        },
    }


def stored(folder: Path) -> list[str]:
    """The names of all that lies there."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
