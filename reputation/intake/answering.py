"""Answers by e-mail, marked so that no program answers them in turn (RFC 3834)."""

import re
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from edge import Sending, send_mail
from reputation.intake import replies
from reputation.intake.incoming import Incoming
from reputation.intake.marks import mark_of
from reputation.intake.receiving import Receipt, note_answered

LONGEST_SUBJECT = 120
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")  # the forger of a sender chooses it too


class AnswerNotSent(Exception):
    """The mail server did not accept the answer. The message is stored; it should be delivered
    again."""


def answer(receipt: Receipt, incoming: Incoming, *, now: datetime) -> None:
    """Sends the answer to the sender of an e-mail, once; sends nothing if no mail server will ever
    accept it. Raises AnswerNotSent."""
    sending = send_answer(receipt, incoming, now=now)
    if sending is not None and not sending.is_over:
        raise AnswerNotSent("The answer could not be sent. Deliver the message again.")


def send_answer(receipt: Receipt, incoming: Incoming, *, now: datetime) -> Sending | None:
    """As `answer`, without an error; None if there is no answer to send."""
    message = receipt.message
    if message is None or not receipt.reply or not incoming.reply_to:
        return None
    sending = send_mail(_letter(receipt, incoming), about=f"message {message.public_id}")
    if sending.is_over:
        note_answered(message, now=now)
    return sending


def _letter(receipt: Receipt, incoming: Incoming) -> EmailMessage:
    assert receipt.message is not None  # noqa: S101
    host = parseaddr(settings.INTAKE_ADDRESS)[1].rpartition("@")[2] or "localhost"
    mark = mark_of(receipt.token) if receipt.token else str(receipt.message.public_id)
    with replies.in_language(receipt.language):
        # A mail to an unproven address repeats no words of the message, whose sender may be forged.
        is_proven = receipt.message.sender_id is not None
        subject = (incoming.subject if is_proven else replies.confirm_subject()) or _(
            "Your message"
        )
        body = f"{receipt.reply}\n"
    if receipt.token:
        subject = f"[{mark}] {subject}"
    headers = {
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
        "Message-ID": f"<{mark}@{host}>",
    }
    if _MESSAGE_ID.fullmatch(incoming.provider_id):
        headers |= {"In-Reply-To": incoming.provider_id, "References": incoming.provider_id}
    return EmailMessage(
        subject=f"Re: {' '.join(subject.split())[:LONGEST_SUBJECT]}",
        body=body,
        from_email=settings.INTAKE_ADDRESS,
        to=[incoming.reply_to],
        headers=headers,
    )
