"""Turns messages into reports: each message once, none lost, and its sender gets an answer.

A message is stored, encrypted, before it is processed. Messages that we cannot read, and questions
that their senders do not answer, wait for a moderator (IntakeMessage.objects.waiting).

Anybody can write an e-mail in somebody's name. An unconfirmed e-mail belongs to nobody until the
owner of its address answers that it is theirs: until then it counts against no limit of that
person, creates no sender, and has no effect.
"""

import logging
import re
import traceback
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db import transaction

from edge import is_outage
from reputation import languages
from reputation.attachments import StorageUnavailable
from reputation.disputes import costs
from reputation.identity import line_type
from reputation.intake import confirming, keeping, marks, replies
from reputation.intake.commanding import COMMANDS, is_asked_for_purpose
from reputation.intake.correcting import take_back_wrong
from reputation.intake.grammar import Command, Kind, Reading
from reputation.intake.grammar.words import language_of
from reputation.intake.incoming import Incoming
from reputation.intake.meanings import MEANINGS
from reputation.intake.working import ANSWER_WITHIN, NATIONAL, Question, Status, Trouble, Work
from reputation.models import IntakeMessage, IntakeSender, PaidMessage
from reputation.privacy import seal
from reputation.reports import Submission

logger = logging.getLogger(__name__)

# Messages of one sender in an hour; further ones wait for a moderator unanswered (keeping has other
# limits).
HOURLY = 30
# Answers to one sender in an hour: this ends a loop of two programs that answer each other.
ANSWERS_HOURLY = 20

# Messages to which the sender expects no answer.
_COURTESY = re.compile(
    r"\W*+(?:(?:ok(?:ay)?|thank you(?: very much)?|thanks?|thx|cheers|yes|no|hi|hello"
    r"|谢谢(?:你|您|了)?|多谢|好的?|收到|知道了|嗯|你好|您好|是的?)\W*+)++",
    re.IGNORECASE,
)
# Words that answer "report it?" as 1 does.
_YES = re.compile(
    r"\W*(?:yes|yeah|yep|yup|是的?|对的?|要的?)(?:\W+(?:please|pls|do))?\W*", re.IGNORECASE
)
# Purposes that answer "which number?". Messages of other purposes are reports of their own.
_ANSWERS = frozenset({"name", "number", "free", "time_and_number", "call"})
_SUBJECTS = frozenset({Command.REPORT, Command.HELP})
_ANSWERING = frozenset({Kind.REPORT, Kind.NUMBER, Kind.UNCLEAR})


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of a message. `message`: None if it was not stored. `reply`: "" for no answer;
    `language`: its language. `repeated`: the message had been received before, and this is the
    earlier answer."""

    message: IntakeMessage | None
    reply: str = ""
    repeated: bool = False
    submission: Submission | None = None
    token: str = ""
    language: str = ""


def receive(incoming: Incoming, *, now: datetime) -> Receipt:
    """Receives a message and does what it asks for. The same message again changes nothing.

    Raises an error that `comes_again` if it should be sent again; after any other error, the
    message is stored for a moderator.
    """
    kept = keeping.keep(incoming, now)
    return Receipt(None) if kept is None else process(kept, incoming, now)


def process(kept: IntakeMessage, incoming: Incoming, now: datetime) -> Receipt:
    """Does what a stored message asks for, if that was not done before. Raises as `receive`."""
    try:
        return _Received(kept.pk, incoming, now).do()
    except Exception as error:
        if comes_again(error):
            raise
        # The error may quote the message, so the log has only its place.
        place = "".join(traceback.format_tb(error.__traceback__))
        logger.error("message %s: %s\n%s", kept.public_id, type(error).__name__, place)
        IntakeMessage.objects.filter(pk=kept.pk).update(status=Status.KEPT, trouble=Trouble.FAILED)
        return Receipt(IntakeMessage.objects.get(pk=kept.pk))


def comes_again(error: Exception) -> bool:
    """Whether the database or the storage is away, and nothing is wrong with the message."""
    return isinstance(error, StorageUnavailable) or is_outage(error)


def note_answered(message: IntakeMessage, *, now: datetime) -> None:
    """Notes that the answer was sent: a repetition of the message is not answered again."""
    IntakeMessage.objects.filter(pk=message.pk, replied_at=None).update(replied_at=now)


class _Received(Work):
    """A received message: processed in one transaction, and one at a time for each sender."""

    @transaction.atomic
    def do(self) -> Receipt:
        senders_ = IntakeSender.objects.select_for_update(of=("self",))
        self.sender = senders_.filter(messages=self.pk).first()
        self.message = IntakeMessage.objects.select_for_update(of=("self",)).get(pk=self.pk)
        self.phone = keeping.phone_of(self.incoming) if self.incoming.channel == "sms" else None
        self.region = self.region_of_sender()
        self.language = (
            language_of(f"{self.incoming.subject} {self.incoming.text}")
            or (self.sender.language if self.sender is not None else "")
            or languages.of_country(self.region)
        )
        if self.message.status != Status.RECEIVED:
            reply = "" if self.message.replied_at else keeping.reply_of(self.message)
            if self.message.channel == "sms":
                reply = keeping.reply_of(self.message)  # the gateway did not get the first answer
            return self._receipt(reply, repeated=True, token=self._token_in(reply))
        with replies.in_language(self.language):
            reply = self._act()
        reply = reply if reply and self._is_told else ""
        if reply:
            self.message.sealed_reply = seal(reply.encode(), bound=self.message.reply_bound)
            if self.message.channel == "sms":
                self.message.replied_at = self.now
        self.message.save()
        if self.sender is not None and self.sender.language != self.language:
            self.sender.language = self.language
            IntakeSender.objects.filter(pk=self.sender.pk).update(language=self.language)
        return self._receipt(reply, repeated=False, token=self.token)

    def _receipt(self, reply: str, *, repeated: bool, token: str) -> Receipt:
        return Receipt(self.message, reply, repeated, self.submission, token, self.language)

    def _act(self) -> str:
        incoming = self.incoming
        if not incoming.readable:
            self.keep(Trouble.UNREADABLE)
            return replies.unreadable() if self.sender is not None else ""
        if incoming.automatic or self._is_ours():
            self.message.status = Status.IGNORED
            return ""
        if incoming.channel == "sms" and self.phone is None:
            return self.keep(Trouble.NOT_A_PERSON)
        if self.sender is not None:
            if self.count(timedelta(hours=1)) > HOURLY:
                return self.keep(Trouble.TOO_MANY)
            if self.reporter().blocked_at is not None:
                return self.keep(Trouble.REFUSED)
        asked = keeping.confirmable(incoming, self.now).select_for_update(of=("self",)).first()
        if asked is not None:
            return self._hear(asked)
        if self.sender is None:
            return self._confirm()
        return self._read()

    def _is_ours(self) -> bool:
        return self.phone is not None and self.phone.key in settings.INTAKE_OWN_NUMBERS

    @cached_property
    def _is_told(self) -> bool:
        """Whether an answer goes to the sender. A text message is paid for as soon as this is
        asked."""
        return self._may_answer() and self._may_pay()

    def _may_answer(self) -> bool:
        answered = IntakeMessage.objects.filter(
            sender=self.sender,
            claimed=self.message.claimed,
            replied_at__gt=self.now - timedelta(hours=1),
        )
        if answered.count() >= ANSWERS_HOURLY:
            return False
        stopped = self.sender is not None and self.sender.stopped_at is not None
        return not stopped or self.message.status == Status.ANSWERED

    def _may_pay(self) -> bool:
        """Whether a text message may be sent to the sender, since anybody can fake a number."""
        if self.incoming.channel != "sms":
            return True
        if self.phone is None or not costs.may_send_to(
            self.phone.key, line_type=line_type(self.phone.key), now=self.now
        ):
            return False
        try:
            costs.spend(self.phone.key, PaidMessage.Purpose.ANSWER, now=self.now)
        except costs.BudgetSpent:
            return False
        return True

    def _confirm(self) -> str:
        """Asks the owner of an unconfirmed address whether the message is theirs."""
        self.ask(Question.CONFIRMATION)
        return self._letter(self.incoming)

    def _letter(self, of: Incoming, *, again: bool = False) -> str:
        """The letter that shows the owner of the address what was received, without anything to
        click on."""
        reading = self.reading_of(answer=False, of=of)
        return replies.confirm(
            code=marks.mark_of(self.token),
            hours=ANSWER_WITHIN // timedelta(hours=1),
            quote=keeping.masked_beginning(of),
            reading=reading,
            is_cut=len(of.raw) > keeping.UNPROVEN_BYTES,
            again=again,
        )

    def _hear(self, asked: IntakeMessage) -> str:
        """Handles the answer to that letter: only an explicit one confirms."""
        answer = self.message
        first = keeping.content_of(asked)
        match confirming.verdict(self.incoming.text):
            case confirming.Verdict.CONFIRMED:
                return self._confirmed(asked, first)
            case confirming.Verdict.DENIED:
                asked.status = Status.DENIED
                asked.save()
                reply = replies.denied()
            case confirming.Verdict.UNCLEAR:
                # Asked once more and not again, so that neither programs nor annoyed people get
                # more mails.
                is_first = not asked.answered_by.exclude(pk=answer.pk).exists()
                self.token = self.incoming.token if is_first else ""
                reply = self._letter(first, again=True) if is_first else ""
        answer.status, answer.answers = Status.ANSWERED, asked
        return reply

    def _confirmed(self, asked: IntakeMessage, first: Incoming) -> str:
        """Processes an e-mail that was confirmed."""
        answer = self.message
        sender = keeping.sender_of(first, self.now)
        self.sender = IntakeSender.objects.select_for_update().get(pk=sender.pk)
        self.message, self.enclosing = asked, self.incoming
        self.incoming = replace(first, authentic=True)
        self.region = self.region_of_sender()
        for each in (asked, answer):
            each.sender, each.claimed, each.claimed_domain = self.sender, "", ""
        asked.status, asked.asked, asked.asked_until = Status.RECEIVED, "", None
        if self.reporter().blocked_at is not None:
            reply = self.keep(Trouble.REFUSED)
        else:
            reply = self._read()
        asked.save()
        answer.status, answer.answers, answer.report = Status.ANSWERED, asked, asked.report
        self.message = answer
        return reply

    def _read(self) -> str:
        reply = self._read_first()
        if reply and self._corrects():
            reply = "\n".join(filter(None, [reply, take_back_wrong(self)]))
        if reply and self.incoming.unread_mails:
            return replies.with_unread_mails(reply)
        return reply

    def _corrects(self) -> bool:
        """Whether the message, which was understood, corrects an earlier one. As for UNDO, the
        sender must hear of it."""
        understood = self.message.status in (Status.REPORTED, Status.ASKED)
        return understood and self.reading.corrects is not None and self._is_told

    def _read_first(self) -> str:
        """Handles what the message says, or the first of the mails that it passes on."""
        open_question = self._asked()
        self.reading = reading = self.reading_of(answer=open_question is not None)
        # "Report" and "Help" are what such a mail is called, and its words say more.
        named = reading.kind is not Kind.COMMAND or reading.command in _SUBJECTS
        if self.incoming.winmail and reading.number is None and named:
            self.keep(Trouble.UNREADABLE)
            return replies.winmail()
        if reading.kind is Kind.COMMAND and reading.command is not None:
            return self._obey(reading.command, reading.argument)
        if open_question is not None:
            if reading.kind is Kind.NO_NUMBER:
                return self._without_number(open_question)
            answers = reading.grammar in _ANSWERS and reading.kind in _ANSWERING
            if reading.number is not None and answers:
                return self._answered(open_question, reading)
            if reading.kind is Kind.FORWARDED:  # the next question replaces the unanswered one
                open_question.status = Status.KEPT
                open_question.trouble = Trouble.NO_NUMBER
                open_question.save()
        if reading.kind is Kind.REPORT and reading.number is not None:
            return self.file(self.message, reading, reading.number)
        if reading.kind in MEANINGS:
            return MEANINGS[reading.kind](self, reading)
        return self._ask_back(reading, open_question)

    def _obey(self, command: Command, argument: str) -> str:
        self.message.status = Status.ANSWERED
        # The sender may be forged: whose report is taken back must hear of it.
        if command is Command.UNDO and not self._is_told:
            return self.keep(Trouble.REFUSED)
        return COMMANDS[command](self, argument)

    def _ask_back(self, reading: Reading, open_question: IntakeMessage | None) -> str:
        """Asks for the number of which the message speaks, unless it is a word of courtesy."""
        if not self.region and NATIONAL.search(reading.text):
            self.ask(Question.NUMBER)
            return replies.which_country()
        if reading.kind is Kind.FORWARDED:
            self.ask(Question.NUMBER)
            return replies.which_number()
        if reading.kind is Kind.NO_NUMBER:
            self.keep(Trouble.NO_NUMBER)
            return replies.kept_without_number()
        if not open_question and _YES.fullmatch(self.incoming.text) and is_asked_for_purpose(self):
            return self._obey(Command.REPORT, "")
        if reading.grammar == "thanks" or _COURTESY.fullmatch(self.incoming.text):
            self.message.status = Status.ANSWERED
            return ""
        self.keep(Trouble.UNREADABLE)
        return replies.which_number() if open_question else replies.unreadable()

    def _asked(self) -> IntakeMessage | None:
        """The question for a number that this may answer: the one whose mark it repeats, or else
        the last."""
        open_ = IntakeMessage.objects.filter(
            sender=self.sender,
            status=Status.ASKED,
            asked=Question.NUMBER,
            asked_until__gt=self.now,
        ).exclude(pk=self.pk)
        if self.incoming.token:
            marked = open_.filter(token=marks.digest_of(self.incoming.token)).first()
            if marked is not None:
                return marked
        return open_.order_by("-received_at", "-id").first()

    def _answered(self, question: IntakeMessage, answer: Reading) -> str:
        """Files the report of the earlier message with the number that was missing."""
        first = self.reading_of(answer=False, of=keeping.content_of(question))
        words = "\n".join(filter(None, (first.content, answer.content)))
        number = answer.number
        assert number is not None  # noqa: S101 -- that is what made it an answer
        reading = replace(
            first,
            number=number,
            callback=first.callback if first.callback != number else None,
            occurred_at=answer.occurred_at or first.occurred_at,
            has_time=answer.has_time if answer.occurred_at else first.has_time,
            further=answer.further,
        )
        reply = self.file(question, reading, number, words=words, files_of=question)
        question.save()
        if question.report is not None:
            self.message.status = Status.ANSWERED
            self.message.answers, self.message.report = question, question.report
        return reply

    def _without_number(self, question: IntakeMessage) -> str:
        """Handles a message whose caller nobody knows. The number that it asks to call is used
        instead, since it stays the same when senders are faked."""
        self.message.status, self.message.answers = Status.ANSWERED, question
        first = self.reading_of(answer=False, of=keeping.content_of(question))
        if first.callback is not None:
            reply = self.file(
                question, replace(first, callback=None), first.callback, files_of=question
            )
            self.message.report = question.report
        else:
            question.status, question.trouble = Status.KEPT, Trouble.NO_NUMBER
            reply = replies.kept_without_number()
        question.save()
        return reply

    def _token_in(self, reply: str) -> str:
        """The mark of a question that was not sent: it is in the letter, or the question gets a new
        one, since the first is stored only as a hash."""
        if match := marks.MARK.search(reply):
            return match[1]
        if not reply or self.message.status != Status.ASKED or self.message.channel != "email":
            return ""
        self.token = marks.new_token()
        IntakeMessage.objects.filter(pk=self.pk).update(token=marks.digest_of(self.token))
        return self.token
