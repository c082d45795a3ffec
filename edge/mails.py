"""Mails that the service sends by itself."""

import logging
from collections.abc import Iterable
from enum import Enum, auto
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Final

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)

# So many mails in a row for which the server is away end a run. Each may wait for the server's
# answer; a single one may be to blame itself, when the server hangs up on it.
PATIENCE: Final = 3


class Sending(Enum):
    """The result of sending a mail. LATER: the mail server does not accept it now. AWAY: it accepts
    no mail now. NEVER: no server can accept it, so it must not be sent again."""

    SENT = auto()
    LATER = auto()
    AWAY = auto()
    NEVER = auto()

    @property
    def is_over(self) -> bool:
        return self in (Sending.SENT, Sending.NEVER)


def notice(*, to: str, subject: str, body: str) -> EmailMessage:
    """A mail that no machine answers in turn (RFC 3834). A sentence as its subject loses its full
    stop."""
    return EmailMessage(
        subject=" ".join(subject.split()).rstrip(".。"),
        body=f"{body}\n",
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )


def send_mail(mail: EmailMessage, *, about: str) -> Sending:
    """Sends a mail. If that fails, the log says what it was about, but not the address."""
    try:
        mail.send()
    except (OSError, ValueError) as error:  # SMTPException is the one, UnicodeError the other
        logger.warning("a mail on %s: %s", about, type(error).__name__)
        return _why_not(error)
    return Sending.SENT


def count_sent(sendings: Iterable[Sending | None]) -> int:
    """Sends mails one by one, and returns how many were sent; None where no mail was due.

    Stops when the mail server is away: later runs send the rest. Where strangers name the
    addresses, pass the mails in random order: otherwise a few bad addresses, on which the mail
    server hangs up, could end each run before the same later mails.
    """
    sent = away = 0
    for sending in sendings:
        sent += sending is Sending.SENT
        if sending is not None:
            away = away + 1 if sending is Sending.AWAY else 0
        if away == PATIENCE:
            break
    return sent


def _why_not(error: Exception) -> Sending:
    match error:
        case ValueError():  # the address is invalid
            return Sending.NEVER
        case SMTPRecipientsRefused():
            codes = [code for code, _said in error.recipients.values()]
        case SMTPDataError():
            codes = [error.smtp_code]
        case _:
            return Sending.AWAY
    return Sending.NEVER if all(code >= 500 for code in codes) else Sending.LATER  # RFC 5321, 4.2.1
