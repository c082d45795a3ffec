"""Reads messages by SMS and e-mail, files reports from them, and answers."""

from reputation.intake import emails, keeping, reviewing, senders
from reputation.intake.answering import AnswerNotSent, answer
from reputation.intake.catching_up import catch_up
from reputation.intake.incoming import Incoming
from reputation.intake.receiving import Receipt, comes_again, receive
