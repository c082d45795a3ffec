"""Messages by SMS and e-mail: what they say, and what becomes of them."""

from reputation.intake import mailbox, receiving, reviewing
from reputation.intake.answering import AnswerNotSent, answer
from reputation.intake.incoming import Incoming
from reputation.intake.receiving import Receipt, receive

__all__ = [
    "AnswerNotSent",
    "Incoming",
    "Receipt",
    "answer",
    "mailbox",
    "receive",
    "receiving",
    "reviewing",
]
