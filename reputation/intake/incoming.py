"""A message as a gateway or a mail server delivers it."""

import base64
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """`sender`: a number as the gateway writes it, or a canonical address; `reply_to`: an address
    as its owner writes it. `region`: the sender's country, if nothing else shows it.

    `authentic`: somebody confirms that the sender is genuine. `automatic`: a program sent it.
    `readable`: False for an e-mail that must not be parsed; its text is empty. `token`: the mark of
    our question that it repeats. `winmail`: its words are in a file that only Outlook reads.
    `unread_mails`: how many mails it passes on beside the one that is its text. `raw`: the whole
    e-mail, for its attachments.
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
    winmail: bool = False
    unread_mails: int = 0
    raw: bytes = b""

    def bounded(self, most: int) -> "Incoming":
        """The beginning: `most` characters of the text, and `most` bytes of the e-mail. If the
        e-mail is longer, only its headers, since half a file is useless."""
        raw = self.raw
        if len(raw) > most:
            raw = (END_OF_HEADERS.split(raw, maxsplit=1)[0] if self.readable else raw)[:most]
        return replace(self, text=self.text[:most], subject=self.subject[:most], raw=raw)

    def pack(self) -> bytes:
        """Everything as bytes, except whether the sender is genuine: the message's row says so."""
        content: dict[str, Any] = {
            "channel": self.channel,
            "sender": self.sender,
            "provider_id": self.provider_id,
            "text": self.text,
            "subject": self.subject,
            "reply_to": self.reply_to,
            "region": self.region,
            "automatic": self.automatic,
            "readable": self.readable,
            "token": self.token,
            "offset": self.offset.total_seconds() if self.offset is not None else None,
            "winmail": self.winmail,
            "unread_mails": self.unread_mails,
            "raw": base64.b64encode(self.raw).decode(),
        }
        # Text may contain single surrogates, which JSON can escape and UTF-8 cannot encode.
        return json.dumps(content).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Incoming":
        content = json.loads(packed)
        offset = content.pop("offset")
        return cls(
            **content | {"raw": base64.b64decode(content["raw"])},
            offset=None if offset is None else timedelta(seconds=offset),
        )
