"""Where the telephone network is in these tests: a sender of codes as anybody may plug one in."""

import json
import re
from pathlib import Path
from typing import Any

from pytest_django import Settings

from reputation.disputes import senders
from reputation.disputes.codes import CODE_DIGITS
from reputation.disputes.senders import Message, NotSent, Unanswered
from reputation.models import Dispute


def code_in(text: str) -> str:
    """The code in the text of a message, as its reader would type it."""
    return "".join(filter(str.isdecimal, text))[:CODE_DIGITS]


class Phone:
    """Keeps what it is given, or is out of order; if it is too slow, it does not say that it kept
    it."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.broken = self.too_slow = False

    def send(self, message: Message) -> None:
        if self.broken:
            raise NotSent("the gateway answered 502")
        self.got.append(message)
        if self.too_slow:
            raise Unanswered("the gateway did not answer: ReadTimeout")

    @property
    def code(self) -> str:
        """The code of the last message."""
        return code_in(self.got[-1].text)

    def code_of(self, dispute: Dispute | Any) -> str:
        """The last code that was sent for this dispute."""
        mine = [m for m in self.got if m.reference.startswith(dispute.public_id.hex)]
        return code_in(mine[-1].text)


def plug_in(settings: Settings) -> Phone:
    """A working phone that has got nothing yet, behind settings.CODE_SENDER."""
    settings.CODE_SENDER = f"{__name__}.Phone"
    phone = senders.sender(settings.CODE_SENDER, settings.CODE_SENDER_TOKEN)
    assert isinstance(phone, Phone)
    phone.got, phone.broken, phone.too_slow = [], False, False
    return phone


def last_code(codes: Path) -> str:
    """The code that was sent last to this file, as its reader sees it: with a blank."""
    last = json.loads(codes.read_text().splitlines()[-1])
    found = re.search(r"\d{4} \d{4}", last["text"])
    assert found, last["text"]
    return found[0]
