"""A message as a gateway or a mail server hands it over."""

import base64
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

# In the subject and the Message-ID of what we ask by e-mail; an answer shows it again.
TOKEN = re.compile(r"\bRS-([A-Z2-7]{16})\b")
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """`sender` is a number as the gateway writes it, or a canonical address; `reply_to` an address
    as its owner writes it. `region`: the country of a sender of whom nothing else tells it.

    `authentic`: somebody vouches that the sender is who it says. `automatic`: a machine sent it.
    `readable`: False for an e-mail that no parser should be given; its text is empty.
    `token`: the mark of our question that it shows. `raw`: the whole e-mail, for its attachments.
    """

    channel: str
    sender: str
    provider_id: str
    text: str
    subject: str = ""
    reply_to: str = ""
    region: str = ""
    offset: timedelta | None = None
    authentic: bool = True
    automatic: bool = False
    readable: bool = True
    token: str = ""
    raw: bytes = b""

    def bounded(self, most: int) -> "Incoming":
        """The beginning: `most` characters of the text, and `most` bytes of the e-mail. Where those
        are not the whole e-mail they are its headers, since half a file is none."""
        raw = self.raw
        if len(raw) > most:
            raw = (END_OF_HEADERS.split(raw, maxsplit=1)[0] if self.readable else raw)[:most]
        return replace(self, text=self.text[:most], subject=self.subject[:most], raw=raw)

    def pack(self) -> bytes:
        """All of it but what only counts on arrival."""
        content: dict[str, Any] = {
            "channel": self.channel,
            "sender": self.sender,
            "provider_id": self.provider_id,
            "text": self.text,
            "subject": self.subject,
            "reply_to": self.reply_to,
            "region": self.region,
            "offset": self.offset.total_seconds() if self.offset is not None else None,
            "raw": base64.b64encode(self.raw).decode(),
        }
        # Text may hold halves of characters that UTF-8 has no bytes for: JSON's escapes do.
        return json.dumps(content).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Incoming":
        content = json.loads(packed)
        offset = content.pop("offset")
        return cls(
            **content | {"raw": base64.b64decode(content["raw"])},
            offset=None if offset is None else timedelta(seconds=offset),
        )
