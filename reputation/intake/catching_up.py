"""Messages that were stored and not processed, and that nobody sends again, as many gateways."""

import logging
from datetime import datetime, timedelta
from typing import Final

from reputation.intake import keeping
from reputation.intake.answering import AnswerNotSent, answer
from reputation.intake.receiving import comes_again, process
from reputation.models import IntakeMessage
from reputation.privacy import SealBroken

logger = logging.getLogger(__name__)

# Longer than any request takes: whoever received the message is not at it any more.
LEFT_ALONE: Final = timedelta(minutes=15)
AT_ONCE: Final = 200


def catch_up(*, now: datetime) -> int:
    """Processes what was left when a process was killed, or while the database or the storage of
    evidence was away. Returns how many messages that were.

    E-mails are answered. A text message is not: its answer would go with the gateway's request.
    """
    left = IntakeMessage.objects.filter(
        status=IntakeMessage.Status.RECEIVED, received_at__lte=now - LEFT_ALONE
    )
    done = 0
    for message in left.order_by("received_at", "id")[:AT_ONCE]:
        try:
            incoming = keeping.content_of(message)
            receipt = process(message, incoming, now)
            done += 1
            answer(receipt, incoming, now=now)
        except Exception as error:
            if not isinstance(error, (SealBroken, AnswerNotSent)) and not comes_again(error):
                raise
            logger.warning("message %s: %s", message.public_id, type(error).__name__)
    return done
