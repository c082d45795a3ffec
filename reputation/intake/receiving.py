"""Messages become reports here: each one once, none lost, and whoever wrote it is told.

A message is kept, encrypted, before anything is made of it. What we cannot read, and questions that
nobody answers, wait for a moderator (IntakeMessage.objects.waiting).

Anybody can write an e-mail in somebody's name. One for which nobody vouches is nobody's until the
owner of its address answers that it is theirs: it counts against no limit of that person, makes no
row of a sender, and does nothing.
"""

import base64
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

from reputation import disputes, rights
from reputation.attachments import (
    Draft,
    EvidenceError,
    StorageUnavailable,
    attach_evidence,
)
from reputation.disputes import costs
from reputation.identity import Identity, line_type, zone_of
from reputation.intake import confirming, keeping, mailbox, replies, senders
from reputation.intake.grammar import Command, Kind, Reading, read_answer, read_mail, read_sms
from reputation.intake.grammar.words import language_of
from reputation.intake.incoming import TOKEN, Incoming
from reputation.lookup import look_up
from reputation.models import IntakeMessage, IntakeSender, PaidMessage, Report, Reporter
from reputation.privacy import pseudonym, seal
from reputation.reports import (
    ReporterBlocked,
    ReportError,
    Statement,
    Submission,
    linking,
    mark_stopped,
    submit_report,
    withdraw_report,
)

logger = logging.getLogger(__name__)

# What one sender may send before messages wait for a moderator unanswered (keeping has the rest).
HOURLY = 30
# What one sender is answered: two machines that answer each other stop here at the latest.
ANSWERS_HOURLY = 20
ANSWER_WITHIN = timedelta(hours=48)
UNDO_WITHIN = timedelta(hours=24)
ERASE_WITHIN = timedelta(minutes=30)  # and up to as long again
COMMENT = 2000  # characters, as in the API; the whole message stays sealed

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
_ANSWERING = frozenset({Kind.REPORT, Kind.NUMBER, Kind.UNCLEAR})
LOOKED_UP = 3  # numbers of one message that it is answered about: an SMS is short


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message. `message` is None for one that was not kept; `reply` is empty when
    there is nothing to say, and `language` its language. `repeated`: the message had been received
    before, and this is what was answered.
    """

    message: IntakeMessage | None
    reply: str = ""
    repeated: bool = False
    submission: Submission | None = None
    token: str = ""
    language: str = ""


def receive(incoming: Incoming, *, now: datetime) -> Receipt:
    """Takes a message in and does what it says. The same one again changes nothing.

    Raises OperationalError, InterfaceError and StorageUnavailable when it should be sent again;
    whatever else goes wrong, the message is kept for a moderator.
    """
    kept = keeping.keep(incoming, now)
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


class _Work:
    """One message while it is worked on: in one transaction, and one at a time for each sender.

    `sender` is None while nobody vouches for the one that it claims.
    """

    def __init__(self, pk: int, incoming: Incoming, now: datetime) -> None:
        self.pk, self.incoming, self.now = pk, incoming, now
        self.sender: IntakeSender | None = None
        self.enclosing: Incoming | None = None  # an answer, with files of its own
        self.submission: Submission | None = None
        self.token = ""

    @transaction.atomic
    def do(self) -> Receipt:
        senders_ = IntakeSender.objects.select_for_update(of=("self",))
        self.sender = senders_.filter(messages=self.pk).first()
        self.message = IntakeMessage.objects.select_for_update(of=("self",)).get(pk=self.pk)
        self.phone = keeping.phone_of(self.incoming) if self.incoming.channel == "sms" else None
        self.region = self._region()
        self.language = (
            language_of(f"{self.incoming.subject} {self.incoming.text}")
            or (self.sender.language if self.sender is not None else "")
            or ("zh-hans" if self.region == "CN" else "en")
        )
        if self.message.status != _Status.RECEIVED:
            reply = "" if self.message.replied_at else keeping.reply_of(self.message)
            if self.message.channel == "sms":
                reply = keeping.reply_of(self.message)  # the gateway did not get the first answer
            return self._receipt(reply, repeated=True, token=self._token_in(reply))
        with replies.in_language(self.language):
            reply = self._act()
        reply = reply if reply and self._may_answer() and self._may_pay() else ""
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

    # --- Whether to listen at all ---

    def _act(self) -> str:
        incoming = self.incoming
        if not incoming.readable:
            self._keep(_Trouble.UNREADABLE)
            return replies.unreadable() if self.sender is not None else ""
        if incoming.automatic or self._is_ours():
            self.message.status = _Status.IGNORED
            return ""
        if incoming.channel == "sms" and self.phone is None:
            return self._keep(_Trouble.NOT_A_PERSON)
        if self.sender is not None:
            if self._count(timedelta(hours=1)) > HOURLY:
                return self._keep(_Trouble.TOO_MANY)
            if self._reporter().blocked_at is not None:
                return self._keep(_Trouble.REFUSED)
        asked = keeping.confirmable(incoming, self.now).select_for_update(of=("self",)).first()
        if asked is not None:
            return self._hear(asked)
        if self.sender is None:
            return self._confirm()
        return self._read()

    def _is_ours(self) -> bool:
        return self.phone is not None and self.phone.key in settings.INTAKE_OWN_NUMBERS

    def _count(self, span: timedelta, **more: object) -> int:
        return IntakeMessage.objects.filter(
            sender=self.sender, received_at__gt=self.now - span, **more
        ).count()

    def _known(self) -> IntakeSender:
        assert self.sender is not None  # noqa: S101 -- whoever is not known was asked before
        return self.sender

    def _reporter(self) -> Reporter:
        return Reporter.objects.get(pk=self._known().reporter_id)

    def _may_answer(self) -> bool:
        answered = IntakeMessage.objects.filter(
            sender=self.sender,
            claimed=self.message.claimed,
            replied_at__gt=self.now - timedelta(hours=1),
        )
        if answered.count() >= ANSWERS_HOURLY:
            return False
        stopped = self.sender is not None and self.sender.stopped_at is not None
        return not stopped or self.message.status == _Status.ANSWERED

    def _may_pay(self) -> bool:
        """Whether a text message may go to the sender: anybody can write one in a number's name."""
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

    # --- Who it is ---

    def _confirm(self) -> str:
        """Nobody vouches for the address: whoever has it must say so, by answering."""
        self._ask(_Question.CONFIRMATION)
        return self._letter(self.incoming)

    def _letter(self, of: Incoming, *, again: bool = False) -> str:
        """Shows what came to whoever has the address, without what could be meant to lure them."""
        reading = self._reading(answer=False, of=of)
        return replies.confirm(
            code=f"RS-{self.token}",
            quote=keeping.masked_beginning(of),
            reading=reading,
            is_cut=len(of.raw) > keeping.UNPROVEN_BYTES,
            again=again,
        )

    def _hear(self, asked: IntakeMessage) -> str:
        """The answer to that: only an explicit one confirms."""
        answer = self.message
        first = keeping.content_of(asked)
        match confirming.verdict(self.incoming.text):
            case confirming.Verdict.CONFIRMED:
                return self._confirmed(asked, first)
            case confirming.Verdict.DENIED:
                asked.status = _Status.DENIED
                asked.save()
                reply = replies.denied()
            case confirming.Verdict.UNCLEAR:
                # Once more, and no further: neither machines nor the annoyed are kept talking.
                is_first = not asked.answered_by.exclude(pk=answer.pk).exists()
                self.token = self.incoming.token if is_first else ""
                reply = self._letter(first, again=True) if is_first else ""
        answer.status, answer.answers = _Status.ANSWERED, asked
        return reply

    def _confirmed(self, asked: IntakeMessage, first: Incoming) -> str:
        """Now the e-mail counts that was nobody's until then."""
        answer = self.message
        sender = keeping.sender_of(first, self.now)
        self.sender = IntakeSender.objects.select_for_update().get(pk=sender.pk)
        self.message, self.enclosing = asked, self.incoming
        self.incoming = replace(first, authentic=True)
        self.region = self._region()
        for each in (asked, answer):
            each.sender, each.claimed, each.claimed_domain = self.sender, "", ""
        asked.status, asked.asked, asked.asked_until = _Status.RECEIVED, "", None
        if self._reporter().blocked_at is not None:
            reply = self._keep(_Trouble.REFUSED)
        else:
            reply = self._read()
        asked.save()
        answer.status, answer.answers, answer.report = _Status.ANSWERED, asked, asked.report
        self.message = answer
        return reply

    # --- What it says ---

    def _read(self) -> str:
        open_question = self._asked()
        self.reading = reading = self._reading(answer=open_question is not None)
        if reading.kind is Kind.COMMAND and reading.command is not None:
            self.message.status = _Status.ANSWERED
            return self._COMMANDS[reading.command](self, reading.argument)
        if open_question is not None:
            if reading.kind is Kind.NO_NUMBER:
                return self._without_number(open_question)
            if (
                reading.number is not None
                and reading.grammar in _ANSWERS
                and reading.kind in _ANSWERING
            ):
                return self._answered(open_question, reading)
            if reading.kind is Kind.FORWARDED:  # the next question leaves the last one unanswered
                open_question.status = _Status.KEPT
                open_question.trouble = _Trouble.NO_NUMBER
                open_question.save()
        if reading.kind is Kind.REPORT and reading.number is not None:
            return self._file(self.message, reading, reading.number)
        if reading.kind in self._MEANINGS:
            return self._MEANINGS[reading.kind](self, reading)
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
            phone = keeping.phone_of(self.incoming)
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
        return zone_of(self.region)

    def _asked(self) -> IntakeMessage | None:
        """The question for a number that this may answer: the one whose mark it shows, or else the
        last one."""
        open_ = IntakeMessage.objects.filter(
            sender=self.sender,
            status=_Status.ASKED,
            asked=_Question.NUMBER,
            asked_until__gt=self.now,
        ).exclude(pk=self.pk)
        if self.incoming.token:
            marked = open_.filter(token=pseudonym("token", self.incoming.token)).first()
            if marked is not None:
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
        first = self._reading(answer=False, of=keeping.content_of(question))
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
        reply = self._file(question, reading, number, words=words, files_of=question)
        question.save()
        if question.report is not None:
            self.message.status = _Status.ANSWERED
            self.message.answers, self.message.report = question, question.report
        return reply

    def _without_number(self, question: IntakeMessage) -> str:
        """Nobody knows where it came from. What it wants called outlives any faked sender."""
        self.message.status, self.message.answers = _Status.ANSWERED, question
        first = self._reading(answer=False, of=keeping.content_of(question))
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
            call_count=reading.count,
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
        kept = refused = 0
        asked_about = keeping.content_of(files_of) if files_of is not None else None
        for each in (asked_about, self.incoming, self.enclosing):
            if each is not None:
                more = self._attach(reporter, each)
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

    # --- What is no report ---

    def _look_up(self, reading: Reading) -> str:
        """A number that is asked about. Whoever wants to report it says so, in a word."""
        numbers = [each for each in (reading.number, *reading.further) if each is not None]
        self._expect_purpose(_Status.ANSWERED)
        answers = [look_up(each, now=self.now) for each in numbers[:LOOKED_UP]]
        return replies.looked_up(answers, may_report=len(numbers) == 1)

    def _unclear(self, reading: Reading) -> str:
        if reading.number is None:
            self.message.status = _Status.ANSWERED
            unread = not self.region and _NATIONAL.search(reading.text)
            return replies.which_country() if unread else replies.what_number()
        self._expect_purpose(_Status.ASKED)
        return replies.what_purpose(reading.number)

    def _expect_purpose(self, status: str) -> None:
        self._ask(_Question.PURPOSE)
        self.message.status = status

    def _vouch(self, reading: Reading) -> str:
        assert reading.number is not None  # noqa: S101 -- that is what makes it one
        return self._file(self.message, _defended(reading), reading.number)

    def _settle(self, reading: Reading) -> str:
        assert reading.number is not None  # noqa: S101 -- that is what makes it one
        self.message.status = _Status.ANSWERED
        report = self._live_report(reading.number)
        if report is None:
            return replies.no_report(reading.number)
        mark_stopped(reporter=self._reporter(), public_id=report.public_id, now=self.now)
        return replies.settled(reading.number)

    def _own(self, reading: Reading) -> str:
        self.message.status = _Status.ANSWERED
        number = reading.number or self.phone
        if number is None or self.phone is None or number.key != self.phone.key:
            return replies.dispute(number)
        return replies.dispute(number, code=disputes.holders_code(number.key, self.now))

    def _emergency(self, reading: Reading) -> str:
        self.message.status = _Status.ANSWERED
        return replies.emergency()

    def _live_report(self, number: Identity) -> Report | None:
        return Report.objects.filter(
            reporter=self._known().reporter_id, number__key=number.key, status="live"
        ).first()

    _MEANINGS: dict[Kind, Callable[["_Work", Reading], str]] = {
        Kind.NUMBER: _look_up,
        Kind.QUESTION: _look_up,
        Kind.UNCLEAR: _unclear,
        Kind.LEGITIMATE: _vouch,
        Kind.STOPPED: _settle,
        Kind.OWN: _own,
        Kind.EMERGENCY: _emergency,
    }

    # --- Commands ---

    def _help(self, argument: str) -> str:
        return replies.help_text()

    def _stop(self, argument: str) -> str:
        self._known().stopped_at = self.now
        self._known().save(update_fields=["stopped_at"])
        return replies.stopped()

    def _start(self, argument: str) -> str:
        self._known().stopped_at = None
        self._known().save(update_fields=["stopped_at"])
        return replies.started()

    def _report_it(self, argument: str) -> str:
        return self._decided(lambda reading: reading)

    def _spare_it(self, argument: str) -> str:
        return self._decided(_defended)

    def _decided(self, as_what: Callable[[Reading], Reading]) -> str:
        """The answer to what was last looked up or asked: its message becomes that report."""
        question = (
            IntakeMessage.objects.filter(
                sender=self.sender, asked=_Question.PURPOSE, asked_until__gt=self.now
            )
            .filter(status__in=[_Status.ASKED, _Status.ANSWERED])
            .exclude(pk=self.pk)
            .order_by("-received_at", "-id")
            .first()
        )
        first = self._reading(answer=False, of=keeping.content_of(question)) if question else None
        if question is None or first is None or first.number is None or first.further:
            return replies.help_text()
        reply = self._file(question, as_what(first), first.number, files_of=question)
        question.save()
        self.message.answers, self.message.report = question, question.report
        return reply

    def _undo(self, argument: str) -> str:
        if self.reading.number is not None:
            report = self._live_report(self.reading.number)
            if report is None:
                return replies.no_report(self.reading.number)
            withdraw_report(reporter=self._reporter(), public_id=report.public_id, now=self.now)
            return replies.undone(report.number)
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
        whoever fakes a sender could show a code of their own and take somebody's voice over. A code
        by e-mail is answered with a second one for the same reason."""
        reporter = self._reporter()
        try:
            if not code or self.message.channel == "sms":
                return replies.link_code(linking.issue_code(reporter=reporter, now=self.now))
            try:
                merged = linking.redeem_second(reporter=reporter, code=code, now=self.now)
            except linking.CodeUnknown:
                return replies.link_asked_back(
                    linking.ask_back(reporter=reporter, code=code, now=self.now)
                )
        except linking.CodeUnknown:
            return replies.code_unknown()
        except linking.LinkRefused:
            return replies.link_refused()
        return replies.linked(merged.moved)

    def _erase(self, code: str) -> str:
        """Erases the sender once the code comes back that only the sender gets, as for LINK. People
        with an account do it there, where they see what else goes."""
        reporter = self._reporter()
        if reporter.kind == Reporter.Kind.PERSON:
            return replies.erase_in_account()
        if not code:
            return replies.erase_code(self._erase_code(self.now))
        valid = (self._erase_code(self.now), self._erase_code(self.now - ERASE_WITHIN))
        if "".join(filter(str.isalnum, code)).upper() not in {c.replace("-", "") for c in valid}:
            return replies.code_unknown()
        rights.erase(
            names=[(reporter.kind, reporter.handle)],
            contacts=[self.incoming.sender],
            phones=[self.phone.key] if self.phone else [],
            now=self.now,
        )
        digest = self.message.digest
        self.message.refresh_from_db()
        # Else the same message, delivered once more, would be new, and begin a new voice.
        self.message.digest, self.message.status = digest, _Status.ANSWERED
        return replies.erased()

    def _dispute(self, argument: str) -> str:
        return self._own(self.reading)

    def _erase_code(self, at: datetime) -> str:
        """A code of the sender's for the half hour of `at`; it is stored nowhere."""
        window = int(at.timestamp() // ERASE_WITHIN.total_seconds())
        code = pseudonym("erase", f"{self._known().pk}\0{window}")[:10].upper()
        return f"{code[:5]}-{code[5:]}"

    _COMMANDS: dict[Command, Callable[["_Work", str], str]] = {
        Command.HELP: _help,
        Command.STOP: _stop,
        Command.START: _start,
        Command.UNDO: _undo,
        Command.LINK: _link,
        Command.DISPUTE: _dispute,
        Command.ERASE: _erase,
        Command.REPORT: _report_it,
        Command.LEGITIMATE: _spare_it,
    }

    def _token_in(self, reply: str) -> str:
        """The mark of a question that was not sent: it stands in the letter, or the question gets a
        new one, since the first is stored nowhere in clear."""
        if match := TOKEN.search(reply):
            return match[1]
        if not reply or self.message.status != _Status.ASKED or self.message.channel != "email":
            return ""
        self.token = base64.b32encode(secrets.token_bytes(10)).decode()
        IntakeMessage.objects.filter(pk=self.pk).update(token=pseudonym("token", self.token))
        return self.token


def _defended(reading: Reading) -> Reading:
    """The same words as a report that the number is honest."""
    return replace(reading, category="legitimate", conduct=(), count=1, callback=None)
