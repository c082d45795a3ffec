"""Mails that a program sends by itself."""

import logging

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)


def notice(*, to: str, subject: str, body: str) -> EmailMessage:
    """A mail that no machine answers in turn (RFC 3834)."""
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=f"{body}\n",
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )


def is_sent(mail: EmailMessage, *, about: str) -> bool:
    """Whether the mail server took it; if not, the log says what it was about, and no address."""
    try:
        mail.send()
    except OSError as error:  # SMTPException is one
        logger.warning("a mail on %s: %s", about, type(error).__name__)
        return False
    return True
