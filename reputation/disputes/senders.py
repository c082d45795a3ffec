"""How a code reaches the number that it is for: one at a time, through settings.CODE_SENDER.

    console:            printed on standard error, for development
    file:/folder        appended to /folder/codes.jsonl, for development and tests
    https://gateway/…   posted as JSON to a gateway that sends text messages and calls
    off:                no codes can be sent, so no dispute can be opened
    package.module.Name a class of your own with the method `send` of CodeSender

Neither the number nor the code is ever logged.
"""

import json
import logging
import os
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import requests
from django.conf import settings
from django.utils.module_loading import import_string
from urllib3.exceptions import ProtocolError

logger = logging.getLogger(__name__)

# Seconds to connect, and between two signs of life. The holder waits for an answer meanwhile.
TIMEOUT = (3.05, 7.0)
# Of a proxy that waited for the gateway in vain.
GIVEN_UP = (502, 504)


class NotSent(Exception):
    """The code is not on its way, as far as anybody knows. The message says why, for our log."""


class Unanswered(NotSent):
    """The gateway may have taken the code and did not say so: it may cost money all the same."""


@dataclass(frozen=True, slots=True)
class Message:
    """`to`: E.164. `via`: sms or voice. `text`: what to write or to read out, in `language`.

    `reference` is another for each message, and the same for one that is sent again since it is
    unknown whether the gateway took it: so a gateway can drop repetitions.
    """

    to: str = field(repr=False)
    via: str
    language: str
    text: str = field(repr=False)
    reference: str


class CodeSender(Protocol):
    def send(self, message: Message) -> None:
        """Hands the message over within seconds. Raises NotSent, Unanswered."""


class ConsoleSender:
    def send(self, message: Message) -> None:
        sys.stderr.write(f"Code for {message.to} by {message.via}: {message.text}\n")


class FileSender:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "codes.jsonl"

    def send(self, message: Message) -> None:
        line = json.dumps(_body(message), ensure_ascii=False) + "\n"
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # One write of one line: two processes do not mix theirs.
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            file = os.open(self.path, flags, 0o600)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
        except OSError as error:
            raise NotSent(f"cannot write {self.path}: {error.strerror}") from error


class GatewaySender:
    """A gateway that takes {"to", "via", "language", "text"} and answers with 2xx when it will
    send. The token goes along as Bearer, the reference as Idempotency-Key."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def send(self, message: Message) -> None:
        headers = {"Idempotency-Key": message.reference}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            # Streamed: all that matters has come with the status. No redirects: they would carry
            # the number to somewhere else.
            with requests.post(
                self.url,
                json=_body(message),
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
        except requests.RequestException as error:
            # Its text may hold the request, so only its kind is told.
            failed = Unanswered if _had_it(error) else NotSent
            raise failed(f"the gateway did not answer: {type(error).__name__}") from None
        if not 200 <= status < 300:
            failed = Unanswered if status in GIVEN_UP else NotSent
            raise failed(f"the gateway answered {status}")


def _had_it(error: requests.RequestException) -> bool:
    """Whether the connection failed after the request was sent."""
    return isinstance(error, requests.ReadTimeout) or any(
        isinstance(each, ProtocolError) for each in error.args
    )


class NoSender:
    def send(self, message: Message) -> None:
        raise NotSent("CODE_SENDER is off")


def send(message: Message) -> None:
    """Sends by the sender that the settings name. Raises NotSent."""
    try:
        sender(settings.CODE_SENDER, settings.CODE_SENDER_TOKEN).send(message)
    except NotSent as error:
        logger.warning("code %s not sent by %s: %s", message.reference, message.via, error)
        raise


@cache
def sender(name: str, token: str) -> CodeSender:
    """The sender of that name (see above). Raises ValueError, ImportError."""
    scheme, colon, rest = name.partition(":")
    match scheme:
        case "console":
            return ConsoleSender()
        case "off":
            return NoSender()
        case "file" if rest.startswith("/"):
            return FileSender(Path(rest))
        case "https" | "http":
            return GatewaySender(name, token)
    if colon:
        raise ValueError("CODE_SENDER is console:, file:/folder, https://gateway, off: or a class.")
    own: CodeSender = import_string(name)()
    return own


def _body(message: Message) -> dict[str, Any]:
    return {
        "to": message.to,
        "via": message.via,
        "language": message.language,
        "text": message.text,
    }
