"""Handing a mail to the mail server."""

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)


def is_sent(mail: EmailMessage, *, about: str) -> bool:
    """Whether the mail server took it; if not, the log says what it was about, and no address."""
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        logger.warning("a mail on %s: %s", about, type(error).__name__)
        return False
    return True
