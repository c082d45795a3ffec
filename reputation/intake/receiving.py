"""Messages become reports here: each one once, none lost, and whoever wrote it is told.

A message is kept, encrypted, before anything is made of it. What we cannot read, and questions that
nobody answers, wait for a moderator (IntakeMessage.objects.waiting).
"""

import base64
import hashlib
import logging
import re
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from reputation.attachments import Draft, EvidenceError, StorageUnavailable, attach_evidence
from reputation.identity import Identity
from reputation.intake import mailbox, replies, senders
from reputation.intake.grammar import Command, Kind, Reading, read_answer, read_mail, read_sms
from reputation.intake.grammar.words import language_of
from reputation.intake.incoming import Incoming
from reputation.models import IntakeMessage, IntakeSender, Reporter
from reputation.privacy import mask, pseudonym, seal, unseal
from reputation.reports import (
    ReporterBlocked,
    ReportError,
    Statement,
    Submission,
    linking,
    submit_report,
    withdraw_report,
)

logger = logging.getLogger(__name__)

# What one sender may send. Beyond the first, messages wait for a moderator unanswered; beyond the
# second they are counted and not kept.
HOURLY = 30
DAILY = 200
# What one sender is answered: two machines that answer each other stop here at the latest.
ANSWERS_HOURLY = 20
# An address that nobody vouches for may be somebody else's: it gets few letters of ours.
CONFIRMATIONS_DAILY = 3
ANSWER_WITHIN = timedelta(hours=48)
UNDO_WITHIN = timedelta(hours=24)
COMMENT = 2000  # characters, as in the API; the whole message stays sealed
MASKED = 500  # characters of it that lists show
KEPT_FOR = timedelta(days=180)  # the words of messages that are done with

_Status, _Question, _Trouble = (
    IntakeMessage.Status,
    IntakeMessage.Question,
    IntakeMessage.Trouble,
)
# Whoever says so expects nothing.
_COURTESY = re.compile(
    r"\W*(?:(?:ok(?:ay)?|thanks?|thank you(?: very much)?|thx|cheers|yes|no|hi|hello"
    r"|谢谢(?:你|您|了)?|多谢|好的?|收到|知道了|嗯|你好|您好|是的?)\W*)+",
    re.IGNORECASE,
)
_NATIONAL = re.compile(r"(?<!\+)\b\d(?:[ ().-]?\d){6,}")
# What is understood as the answer to "which number?". The others are reports of their own.
_ANSWERS = frozenset({"name", "number", "free", "time_and_number", "call"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message. `message` is None for one that was not kept; `reply` is empty when
    there is nothing to say. `repeated`: it had been received before, and this is what was answered.
    """

    message: IntakeMessage | None
    reply: str = ""
    repeated: bool = False
    submission: Submission | None = None
    token: str = ""


def receive(incoming: Incoming, *, now: datetime) -> Receipt:
    """Takes a message in and does what it says. The same one again changes nothing.

    Raises OperationalError, InterfaceError and StorageUnavailable when it should be sent again;
    whatever else goes wrong, the message is kept for a moderator.
    """
    kept = _keep(incoming, now)
    if kept is None:
        return Receipt(None)
    try:
        return _Work(kept.pk, incoming, now).do()
    except (OperationalError, InterfaceError, StorageUnavailable):
        raise
    except Exception as error:
        # The error itself may quote the message, so the log has the place and not the words.
        place = "".join(traceback.format_tb(error.__traceback__))
        logger.error("message %s: %s\n%s", kept.public_id, type(error).__name__, place)
        IntakeMessage.objects.filter(pk=kept.pk).update(
            status=_Status.KEPT, trouble=_Trouble.FAILED
        )
        return Receipt(IntakeMessage.objects.get(pk=kept.pk))


def note_answered(message: IntakeMessage, *, now: datetime) -> None:
    """The answer is on its way: a repetition of the message is not answered again."""
    IntakeMessage.objects.filter(pk=message.pk, replied_at=None).update(replied_at=now)


def content_of(message: IntakeMessage) -> Incoming:
    """The message as it came. Whoever reads somebody's message goes on record before."""
    return Incoming.unpack(unseal(bytes(message.sealed), bound=_bound(message)))


def reply_of(message: IntakeMessage) -> str:
    if not message.sealed_reply:
        return ""
    return unseal(bytes(message.sealed_reply), bound=f"{_bound(message)}:reply").decode()


def forget(*, now: datetime) -> int:
    """Drops the words of messages that were done with KEPT_FOR ago: what became of them stays, and
    those that wait for a moderator stay whole. How many those were."""
    done = IntakeMessage.objects.filter(
        received_at__lt=now - KEPT_FOR,
        status__in=[_Status.REPORTED, _Status.ANSWERED, _Status.IGNORED, _Status.CLOSED],
    )
    return done.exclude(sealed=b"").update(sealed=b"", sealed_reply=b"", masked="")


@transaction.atomic
def _keep(incoming: Incoming, now: datetime) -> IntakeMessage | None:
    """The message's row, made when it is new. None: the sender has sent far too many."""
    sender = _sender_of(incoming, now)
    digest = _digest(incoming)
    known = IntakeMessage.objects.filter(channel=incoming.channel, digest=digest).first()
    if known is not None:
        return known
    today = IntakeMessage.objects.filter(sender=sender, received_at__gt=now - timedelta(days=1))
    if today.count() >= DAILY:
        IntakeSender.objects.filter(pk=sender.pk).update(surplus=sender.surplus + 1)
        return None
    message = IntakeMessage(channel=incoming.channel, digest=digest, sender=sender, received_at=now)
    message.sealed = seal(incoming.pack(), bound=_bound(message))
    shown = " ".join(filter(None, (incoming.subject, incoming.text)))
    message.masked = mask(_printable(shown))[:MASKED]
    IntakeMessage.objects.bulk_create([message], ignore_conflicts=True)
    return IntakeMessage.objects.get(channel=incoming.channel, digest=digest)


def _sender_of(incoming: Incoming, now: datetime) -> IntakeSender:
    handle = pseudonym(incoming.channel, _canonical_sender(incoming))
    known = IntakeSender.objects.filter(channel=incoming.channel, handle=handle).first()
    if known is not None:
        return known
    reporter, _ = Reporter.objects.get_or_create(
        kind=incoming.channel, handle=handle, defaults={"created_at": now}
    )
    sender, _ = IntakeSender.objects.get_or_create(
        channel=incoming.channel,
        handle=handle,
        defaults={"reporter": reporter, "first_seen_at": now},
    )
    return sender


def _canonical_sender(incoming: Incoming) -> str:
    if incoming.channel == "email":
        return incoming.sender
    phone = _phone(incoming)
    return phone.key if phone else incoming.sender.strip().upper()


def _phone(incoming: Incoming) -> Identity | None:
    return senders.phone_of(
        incoming.sender, region=incoming.region, allow_fictional=settings.FICTIONAL_NUMBERS
    )


def _digest(incoming: Incoming) -> str:
    """What makes it the same message. Its words too: mail programs have repeated their ids."""
    words = hashlib.sha256(
        f"{incoming.subject}\0{incoming.text.strip()}".encode("utf-8", "surrogatepass")
    ).hexdigest()
    return pseudonym("intake", f"{_canonical_sender(incoming)}\0{incoming.provider_id}\0{words}")


def _bound(message: IntakeMessage) -> str:
    return f"intake:{message.channel}:{message.digest}"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text[:20_000])


class _Work:
    """One message while it is worked on: in one transaction, and one at a time for each sender."""

    def __init__(self, pk: int, incoming: Incoming, now: datetime) -> None:
        self.pk, self.incoming, self.now = pk, incoming, now
        self.submission: Submission | None = None
        self.token = ""

    @transaction.atomic
    def do(self) -> Receipt:
        sender_id = IntakeMessage.objects.values_list("sender", flat=True).get(pk=self.pk)
        self.sender = IntakeSender.objects.select_for_update().get(pk=sender_id)
        self.message = IntakeMessage.objects.get(pk=self.pk)
        if self.message.status != _Status.RECEIVED:
            reply = "" if self.message.replied_at else reply_of(self.message)
            if self.message.channel == "sms":
                reply = reply_of(self.message)  # the gateway did not get the first answer
            return Receipt(self.message, reply, repeated=True, token=self._token_in(reply))
        self.phone = _phone(self.incoming) if self.incoming.channel == "sms" else None
        self.region = self._region()
        self.language = (
            language_of(f"{self.incoming.subject} {self.incoming.text}")
            or self.sender.language
            or ("zh-hans" if self.region == "CN" else "en")
        )
        with replies.in_language(self.language):
            reply = self._act()
        reply = reply if reply and self._may_answer() else ""
        if reply:
            self.message.sealed_reply = seal(reply.encode(), bound=f"{_bound(self.message)}:reply")
            if self.message.channel == "sms":
                self.message.replied_at = self.now
        self.message.save()
        if self.sender.language != self.language:
            self.sender.language = self.language
            IntakeSender.objects.filter(pk=self.sender.pk).update(language=self.language)
        return Receipt(self.message, reply, False, self.submission, self.token)

    # --- Whether to listen at all ---

    def _act(self) -> str:
        incoming = self.incoming
        if incoming.automatic or self._is_ours():
            self.message.status = _Status.IGNORED
            return ""
        if incoming.channel == "sms" and self.phone is None:
            return self._keep(_Trouble.NOT_A_PERSON)
        if self._count(timedelta(hours=1)) > HOURLY:
            return self._keep(_Trouble.TOO_MANY)
        if self._reporter().blocked_at is not None:
            return self._keep(_Trouble.REFUSED)
        asked = self._asked(_Question.CONFIRMATION) if incoming.token else None
        if asked is not None:
            return self._confirmed(asked)
        if not incoming.authentic:
            return self._confirm()
        return self._read()

    def _is_ours(self) -> bool:
        return self.phone is not None and self.phone.key in settings.INTAKE_OWN_NUMBERS

    def _count(self, span: timedelta, **more: object) -> int:
        return IntakeMessage.objects.filter(
            sender=self.sender, received_at__gt=self.now - span, **more
        ).count()

    def _reporter(self) -> Reporter:
        return Reporter.objects.get(pk=self.sender.reporter_id)

    def _may_answer(self) -> bool:
        if self.sender.stopped_at is not None and self.message.status != _Status.ANSWERED:
            return False
        answered = IntakeMessage.objects.filter(
            sender=self.sender, replied_at__gt=self.now - timedelta(hours=1)
        )
        return answered.count() < ANSWERS_HOURLY

    # --- Who it is ---

    def _confirm(self) -> str:
        """Nobody vouches for the address: whoever has it must say so, by answering."""
        if self._count(timedelta(days=1), asked=_Question.CONFIRMATION) >= CONFIRMATIONS_DAILY:
            return self._keep(_Trouble.TOO_MANY)
        self._ask(_Question.CONFIRMATION)
        return replies.confirm()

    def _confirmed(self, asked: IntakeMessage) -> str:
        """The answer to that: now the message counts that was kept until then."""
        answer = self.message
        self.message, first = asked, content_of(asked)
        self.incoming = replace(first, authentic=True)
        self.region = self._region()
        self.language = self.sender.language or self.language
        asked.status, asked.asked, asked.asked_until = _Status.RECEIVED, "", None
        with replies.in_language(self.language):
            reply = self._read()
        asked.save()
        answer.status, answer.answers, answer.report = _Status.ANSWERED, asked, asked.report
        self.message = answer
        return reply

    # --- What it says ---

    def _read(self) -> str:
        open_question = self._asked(_Question.NUMBER)
        reading = self._reading(answer=open_question is not None)
        if reading.kind is Kind.COMMAND and reading.command is not None:
            self.message.status = _Status.ANSWERED
            return self._COMMANDS[reading.command](self, reading.argument)
        if open_question is not None:
            if reading.kind is Kind.NO_NUMBER:
                return self._without_number(open_question)
            if reading.number is not None and reading.grammar in _ANSWERS:
                return self._answered(open_question, reading)
            if reading.kind is Kind.FORWARDED:  # the next question leaves the last one unanswered
                open_question.status = _Status.KEPT
                open_question.trouble = _Trouble.NO_NUMBER
                open_question.save()
        if reading.number is not None:
            return self._file(self.message, reading, reading.number)
        if not self.region and _NATIONAL.search(reading.text):
            self._ask(_Question.NUMBER)
            return replies.which_country()
        if reading.kind is Kind.FORWARDED:
            self._ask(_Question.NUMBER)
            return replies.which_number()
        if _COURTESY.fullmatch(self.incoming.text):
            self.message.status = _Status.ANSWERED
            return ""
        self._keep(_Trouble.UNREADABLE)
        return replies.which_number() if open_question else replies.unreadable()

    def _reading(self, *, answer: bool, of: Incoming | None = None) -> Reading:
        incoming = of or self.incoming
        own = frozenset({self.phone.key} if self.phone else ())
        context: dict[str, Any] = {
            "region": self.region,
            "now": self.now,
            "zone": self._zone(),
            "own": own | frozenset(settings.INTAKE_OWN_NUMBERS),
            "allow_fictional": settings.FICTIONAL_NUMBERS,
        }
        if incoming.channel == "email":
            return read_mail(incoming.subject, incoming.text, answer=answer, **context)
        return (read_answer if answer else read_sms)(incoming.text, **context)

    def _region(self) -> str:
        if self.incoming.channel == "sms":
            phone = _phone(self.incoming)
            return phone.country if phone else self.incoming.region
        if self.incoming.region:
            return self.incoming.region
        words = f"{self.incoming.subject} {self.incoming.text}"
        if language_of(words) == "zh-hans":
            return "CN"
        return settings.INTAKE_REGION

    def _zone(self) -> tzinfo:
        if self.incoming.offset is not None:
            return timezone(self.incoming.offset)
        return senders.zone_of(self.region)

    def _asked(self, question: str) -> IntakeMessage | None:
        """The question that this may answer: the one whose mark it shows, or else the last one."""
        open_ = IntakeMessage.objects.filter(
            sender=self.sender,
            status=_Status.ASKED,
            asked=question,
            asked_until__gt=self.now,
        ).exclude(pk=self.pk)
        if self.incoming.token:
            marked = open_.filter(token=pseudonym("token", self.incoming.token)).first()
            if marked is not None or question == _Question.CONFIRMATION:
                return marked
        return open_.order_by("-received_at", "-id").first()

    def _ask(self, question: str) -> None:
        self.message.status, self.message.asked = _Status.ASKED, question
        self.message.asked_until = self.now + ANSWER_WITHIN
        if self.message.channel == "email":
            self.token = base64.b32encode(secrets.token_bytes(10)).decode()
            self.message.token = pseudonym("token", self.token)

    def _keep(self, trouble: str) -> str:
        self.message.status, self.message.trouble = _Status.KEPT, trouble
        return ""

    # --- What becomes of it ---

    def _answered(self, question: IntakeMessage, answer: Reading) -> str:
        """The number that was missing: the report is of the message that was asked about."""
        first = self._reading(answer=False, of=content_of(question))
        words = "\n".join(filter(None, (first.content, answer.content)))
        number = answer.number
        assert number is not None  # noqa: S101 -- that is what made it an answer
        reading = replace(
            first,
            number=number,
            callback=first.callback if first.callback != number else None,
            occurred_at=answer.occurred_at or first.occurred_at,
            has_time=answer.has_time if answer.occurred_at else first.has_time,
            others=answer.others,
        )
        reply = self._file(question, reading, number, words=words, files_of=question)
        question.save()
        if question.report is not None:
            self.message.status = _Status.ANSWERED
            self.message.answers, self.message.report = question, question.report
        return reply

    def _without_number(self, question: IntakeMessage) -> str:
        """Nobody knows where it came from. What it wants called outlives any faked sender."""
        self.message.status, self.message.answers = _Status.ANSWERED, question
        first = self._reading(answer=False, of=content_of(question))
        if first.callback is not None:
            reply = self._file(
                question, replace(first, callback=None), first.callback, files_of=question
            )
            self.message.report = question.report
        else:
            question.status, question.trouble = _Status.KEPT, _Trouble.NO_NUMBER
            reply = replies.kept_without_number()
        question.save()
        return reply

    def _file(
        self,
        message: IntakeMessage,
        reading: Reading,
        number: Identity,
        *,
        words: str = "",
        files_of: IntakeMessage | None = None,
    ) -> str:
        statement = Statement(
            category=reading.category,
            occurred_at=reading.occurred_at,
            conduct=list(reading.conduct),
            comment=(words or reading.content)[:COMMENT],
            callback_number=reading.callback.key if reading.callback else "",
            channel=reading.channel,
        )
        reporter = self._reporter()
        try:
            self.submission = submit_report(
                reporter=reporter,
                identity=number,
                statement=statement,
                network=self._network(),
                now=self.now,
            )
        except ReportError as error:
            message.status, message.trouble = _Status.KEPT, _Trouble.REFUSED
            if message is not self.message:
                self._keep(_Trouble.REFUSED)
            return "" if isinstance(error, ReporterBlocked) else replies.refused(error)
        message.status, message.report = _Status.REPORTED, self.submission.report
        message.asked_until = None
        kept, refused = self._attach(reporter, content_of(files_of) if files_of else self.incoming)
        if files_of is not None and self.incoming.raw:
            more = self._attach(reporter, self.incoming)
            kept, refused = kept + more[0], refused + more[1]
        told = [
            replies.understood(
                reading,
                self.submission.number,
                statement.category,
                self._zone(),
                created=self.submission.created,
                others=reading.others,
            ),
            replies.evidence(kept, refused),
        ]
        return "\n".join(filter(None, told))

    def _attach(self, reporter: Reporter, incoming: Incoming) -> tuple[int, int]:
        """The e-mail's files become evidence of its report: how many did, and how many could not.

        Raises StorageUnavailable.
        """
        kept = refused = 0
        assert self.submission is not None  # noqa: S101
        for each in mailbox.attachments(incoming.raw) if incoming.raw else ():
            with Draft(name=each.name) as draft:
                try:
                    draft.write(each.content)
                    draft.finish()
                    attach_evidence(
                        reporter=reporter,
                        public_id=self.submission.report.public_id,
                        draft=draft,
                        now=self.now,
                    )
                except StorageUnavailable:
                    raise
                except EvidenceError:
                    refused += 1
                else:
                    kept += 1
        return kept, refused

    def _network(self) -> str:
        if self.phone is not None:
            return senders.network_of_phone(self.phone.key)
        return senders.network_of_address(self.incoming.sender)

    # --- Commands ---

    def _help(self, argument: str) -> str:
        return replies.help_text()

    def _stop(self, argument: str) -> str:
        self.sender.stopped_at = self.now
        self.sender.save(update_fields=["stopped_at"])
        return replies.stopped()

    def _start(self, argument: str) -> str:
        self.sender.stopped_at = None
        self.sender.save(update_fields=["stopped_at"])
        return replies.started()

    def _undo(self, argument: str) -> str:
        last = (
            IntakeMessage.objects.filter(
                sender=self.sender,
                status=_Status.REPORTED,
                received_at__gt=self.now - UNDO_WITHIN,
                report__status="live",
            )
            .select_related("report__number")
            .order_by("-received_at", "-id")
            .first()
        )
        if last is None or last.report is None:
            return replies.nothing_to_undo()
        withdraw_report(reporter=self._reporter(), public_id=last.report.public_id, now=self.now)
        return replies.undone(last.report.number)

    def _link(self, code: str) -> str:
        """By SMS a code is only given out: what comes back proves that the phone is theirs, while
        whoever fakes a sender could show a code of their own and take somebody's voice over."""
        try:
            if not code or self.message.channel == "sms":
                return replies.link_code(
                    linking.issue_code(reporter=self._reporter(), now=self.now)
                )
            merged = linking.redeem(reporter=self._reporter(), code=code, now=self.now)
        except linking.CodeUnknown:
            return replies.code_unknown()
        except linking.LinkRefused:
            return replies.link_refused()
        return replies.linked(merged.moved)

    _COMMANDS: dict[Command, Callable[["_Work", str], str]] = {
        Command.HELP: _help,
        Command.STOP: _stop,
        Command.START: _start,
        Command.UNDO: _undo,
        Command.LINK: _link,
    }

    def _token_in(self, reply: str) -> str:
        """A repeated question has a new mark: the first one is stored nowhere in clear."""
        if not reply or self.message.status != _Status.ASKED or self.message.channel != "email":
            return ""
        self.token = base64.b32encode(secrets.token_bytes(10)).decode()
        IntakeMessage.objects.filter(pk=self.pk).update(token=pseudonym("token", self.token))
        return self.token
