"""An incoming file: which kinds are taken, and the draft that hashes and checks it on its way."""

import hashlib
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser

import puremagic
from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

# puremagic's name of a kind of file → our media type. Its first guess in this table counts; other
# kinds are no evidence. Phones name their call recordings MP4 and 3GP too.
BINARY_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".heif": "image/heic",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".mp1": "audio/mpeg",  # puremagic's name for two of the four kinds of MP3 frame
    ".aac": "audio/aac",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".3gp": "video/3gpp",
    ".3ga": "video/3gpp",
    ".amr": "audio/amr",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
}
TEXT, MAIL = "text/plain", "message/rfc822"
# Media type → extension of the downloaded file.
EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "audio/amr": ".amr",
    "audio/ogg": ".ogg",
    TEXT: ".txt",
    MAIL: ".eml",
}
# Bytes that the kind of a file is recognised by.
HEAD = 4096
# Bytes that no text contains, as in the WHATWG's MIME sniffing standard: text in GB 18030 or ISO
# 2022 passes, programs and archives do not.
NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")  # UTF-16 announces itself, and holds NUL
NAME_LENGTH = 255
IN_MEMORY = 1_000_000

type Content = File[bytes]


class EvidenceError(Exception):
    """A file was refused or does not exist. `field` names the part at fault, or is empty."""

    field = "file"


class EvidenceEmpty(EvidenceError):
    """The file is empty."""


class EvidenceTooLarge(EvidenceError):
    """The file is larger than settings.EVIDENCE_MAX_BYTES."""


class EvidenceTypeRefused(EvidenceError):
    """The content is of no accepted kind."""


class EvidenceErased(EvidenceError):
    """The file was in the log, and was erased."""


class EvidenceFull(EvidenceError):
    """The report already has settings.EVIDENCE_MAX_FILES files."""


class EvidenceQuotaUsed(EvidenceError):
    """The account has as much evidence as is kept of one."""


class EvidenceNotFound(EvidenceError):
    """The report has no such file."""

    field = ""


class StorageUnavailable(EvidenceError):
    """The storage is unreachable or full. Nothing was recorded."""

    field = ""


class Draft:
    """An incoming file: written chunk by chunk, hashed and checked on the way.

    Its content is in memory or in a file without a name, so that a killed process leaves nothing
    behind. Use it in a `with` block.
    """

    def __init__(self, *, name: str = "") -> None:
        self.name = "".join(filter(str.isprintable, name))[:NAME_LENGTH]
        self.size = 0
        self.media_type = ""
        self._hash = hashlib.sha256()
        self._head = b""
        self._spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *error: object) -> None:
        self._spool.close()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def content(self) -> Content:
        return File(self._spool)

    def write(self, chunk: bytes) -> None:
        """Adds a chunk. Refuses an unacceptable file as soon as its content shows it.

        Raises EvidenceTooLarge, EvidenceTypeRefused, StorageUnavailable.
        """
        self.size += len(chunk)
        if self.size > settings.EVIDENCE_MAX_BYTES:
            raise EvidenceTooLarge(
                _("The file has more than %d bytes. Send a smaller copy, or the part that matters.")
                % settings.EVIDENCE_MAX_BYTES
            )
        if not self.media_type:
            self._head += chunk
            if len(self._head) >= HEAD:
                self._tell()
        elif self.media_type in (TEXT, MAIL) and not self._head.startswith(WIDE_TEXT):
            _require_text(chunk)
        self._hash.update(chunk)
        with guarded("take a file in"):
            self._spool.write(chunk)

    def finish(self) -> None:
        """Ends the file after the last chunk. Raises EvidenceEmpty, EvidenceTypeRefused."""
        if self.size == 0:
            raise EvidenceEmpty(_("The file is empty. Choose another, or save it anew."))
        if not self.media_type:
            self._tell()
        self._spool.seek(0)

    def _tell(self) -> None:
        self.media_type = media_type_of(self._head[:HEAD])
        if self.media_type in (TEXT, MAIL) and not self._head.startswith(WIDE_TEXT):
            _require_text(self._head)


def media_type_of(head: bytes) -> str:
    """The media type, a key of EXTENSIONS, of a file that begins with `head` (HEAD bytes, or all).

    Raises EvidenceTypeRefused.
    """
    for guess in puremagic.magic_string(head):
        # A negative offset counts from the end, which the head need not contain.
        if guess.offset >= 0 and guess.extension in BINARY_TYPES:
            return BINARY_TYPES[guess.extension]
    if not head.startswith(WIDE_TEXT):
        _require_text(head)
        headers = BytesHeaderParser().parsebytes(head)
        if "From" in headers and ("Date" in headers or "Received" in headers):
            return MAIL
    return TEXT


def _require_text(chunk: bytes) -> None:
    if NOT_TEXT.search(chunk):
        raise EvidenceTypeRefused(
            _(
                "This is no kind of file that can be evidence here. Send a picture (PNG, JPEG, "
                "WebP, HEIC), a PDF, a recording (WAV, MP3, AAC, M4A, MP4, 3GP, AMR, Ogg), an "
                "e-mail (EML) or plain text such as a call log in CSV."
            )
        )


@contextmanager
def guarded(purpose: str) -> Iterator[None]:
    """Turns any exception of a storage into StorageUnavailable: they share no base class."""
    try:
        yield
    except Exception as error:
        logger.exception("evidence storage could not %s", purpose)
        raise StorageUnavailable(
            _("Evidence can be neither stored nor read now. Nothing was recorded: try again later.")
        ) from error
