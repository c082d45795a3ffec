"""Messages that were stored and not processed, or not answered, and that nobody sends again, as
many gateways."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from edge import count_sent
from reputation.intake import keeping
from reputation.intake.answering import send_answer
from reputation.intake.incoming import Incoming
from reputation.intake.receiving import Receipt, comes_again, process
from reputation.intake.working import ANSWER_WITHIN
from reputation.models import IntakeMessage, IntakeSender
from reputation.privacy import SealBroken

logger = logging.getLogger(__name__)

# Longer than any request takes: whoever received the message is not at it any more.
LEFT_ALONE: Final = timedelta(minutes=15)
AT_ONCE: Final = 200


def catch_up(*, now: datetime) -> int:
    """Processes what was left when a process was killed, or while the database or the storage of
    evidence was away. Returns how many messages that were.

    Then sends the answers to e-mails that are not sent yet, also because the mail server was away.
    A text message is not answered: its answer would go with the gateway's request.
    """
    left = IntakeMessage.objects.filter(received_at__lte=now - LEFT_ALONE)
    received = left.filter(status=IntakeMessage.Status.RECEIVED).order_by("received_at", "id")
    done = sum(1 for _ in _processed(received, now))
    unanswered = (
        left.filter(channel=IntakeSender.Channel.EMAIL, replied_at=None)
        .filter(received_at__gt=now - ANSWER_WITHIN)
        .exclude(sealed_reply=b"")
        .exclude(sealed=b"")  # of somebody who was erased since: the address is gone
    )
    outcomes = _processed(unanswered.order_by("?"), now)  # see count_sent
    count_sent(send_answer(receipt, incoming, now=now) for receipt, incoming in outcomes)
    return done


def _processed(
    messages: QuerySet[IntakeMessage], now: datetime
) -> Iterator[tuple[Receipt, Incoming]]:
    """What messages come to, without those that must wait on."""
    for message in messages[:AT_ONCE]:
        try:
            incoming = keeping.content_of(message)
            receipt = process(message, incoming, now)
        except Exception as error:
            if not isinstance(error, SealBroken) and not comes_again(error):
                raise
            logger.warning("message %s: %s", message.public_id, type(error).__name__)
        else:
            yield receipt, incoming
