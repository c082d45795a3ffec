"""Mail by SMTP, with a limit of time for all of a mail.

A socket's timeout begins anew with each byte. Servers that answer a letter a second, as some do to
senders whom they distrust, would hold a thread for hours.
"""

import smtplib
import socket
from time import monotonic
from typing import Any, Final

from django.core.mail.backends import smtp

# Times the timeout, which is that of one answer: a server may be slow when it greets, and once more
# when it has the mail.
WHOLE: Final = 3


class _Lines:
    """What a server says on a socket, in the form in which smtplib reads it: within `timeout`
    seconds a line, and until a moment of monotonic()."""

    def __init__(self, sock: socket.socket, timeout: float, until: float) -> None:
        self.sock, self.timeout, self.until = sock, timeout, until

    def readline(self, most: int) -> bytes:
        """A line, or what was said before the server hung up. Raises TimeoutError."""
        until = min(monotonic() + self.timeout, self.until)
        line = b""
        while len(line) < most and not line.endswith(b"\n"):
            if (left := until - monotonic()) <= 0:
                raise TimeoutError("the mail server is too slow")
            self.sock.settimeout(left)
            part = self.sock.recv(1)  # no more: after STARTTLS another socket reads on
            if not part:
                break
            line += part
        self.sock.settimeout(self.timeout)
        return line

    def close(self) -> None:
        """The socket closes by itself."""


class _Conversation(smtplib.SMTP):
    def __init__(self, host: str, port: int, *, timeout: float, **options: Any) -> None:
        self.until = monotonic() + WHOLE * timeout
        super().__init__(host, port, timeout=timeout, **options)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock, self.timeout, self.until)
        return super().getreply()


class _Encrypted(_Conversation, smtplib.SMTP_SSL):
    """A conversation that is encrypted from the start."""


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[_Conversation]:
        return _Encrypted if self.use_ssl else _Conversation
