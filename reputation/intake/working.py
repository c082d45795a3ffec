"""One message while it is processed: who sent it, what it says, and how it becomes a report."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from django.conf import settings

from reputation.attachments import (
    Draft,
    EvidenceError,
    StorageUnavailable,
    attach_evidence,
)
from reputation.identity import Identity, zone_of
from reputation.intake import keeping, marks, mime, replies
from reputation.intake.grammar import Reading, read_mail, read_sms
from reputation.intake.grammar.words import language_of
from reputation.intake.incoming import Incoming
from reputation.models import IntakeMessage, IntakeSender, Report, Reporter
from reputation.reports import (
    ReporterBlocked,
    ReportError,
    Statement,
    Submission,
    submit_report,
)

COMMENT = 2000  # characters, as in the API; the whole message is stored encrypted
ANSWER_WITHIN = timedelta(hours=48)

Status, Question, Trouble = IntakeMessage.Status, IntakeMessage.Question, IntakeMessage.Trouble

# National numbers: digits without a country code.
NATIONAL = re.compile(r"(?<!\+)\b\d(?:[ ().-]?\d){6,}")


def _statement(reading: Reading, words: str) -> Statement:
    return Statement(
        category=reading.category,
        occurred_at=reading.occurred_at,
        conduct=list(reading.conduct),
        comment=(words or reading.content)[:COMMENT],
        callback_number=reading.callback.key if reading.callback else "",
        channel=reading.channel,
        call_count=reading.count,
    )


class Work:
    """`sender` is None while the claimed sender is unconfirmed."""

    message: IntakeMessage
    phone: Identity | None
    region: str
    language: str
    reading: Reading

    def __init__(self, pk: int, incoming: Incoming, now: datetime) -> None:
        self.pk, self.incoming, self.now = pk, incoming, now
        self.sender: IntakeSender | None = None
        self.enclosing: Incoming | None = None  # the confirming answer, with its own files
        self.submission: Submission | None = None
        self.token = ""

    def count(self, span: timedelta, **more: object) -> int:
        return IntakeMessage.objects.filter(
            sender=self.sender, received_at__gt=self.now - span, **more
        ).count()

    def known(self) -> IntakeSender:
        assert self.sender is not None  # noqa: S101 -- whoever is not known was asked before
        return self.sender

    def reporter(self) -> Reporter:
        return Reporter.objects.get(pk=self.known().reporter_id)

    def reading_of(self, *, answer: bool, of: Incoming | None = None) -> Reading:
        incoming = of or self.incoming
        own = frozenset({self.phone.key} if self.phone else ())
        context: dict[str, Any] = {
            "region": self.region,
            "now": self.now,
            "zone": self.zone(),
            "own": own | frozenset(settings.INTAKE_OWN_NUMBERS),
            "allow_fictional": settings.FICTIONAL_NUMBERS,
        }
        if incoming.channel == "email":
            return read_mail(incoming.subject, incoming.text, answer=answer, **context)
        return read_sms(incoming.text, answer=answer, **context)

    def region_of_sender(self) -> str:
        if self.incoming.channel == "sms":
            phone = keeping.phone_of(self.incoming)
            return phone.country if phone else self.incoming.region
        if self.incoming.region:
            return self.incoming.region
        words = f"{self.incoming.subject} {self.incoming.text}"
        if language_of(words) == "zh-hans":
            return "CN"
        return settings.INTAKE_REGION

    def zone(self) -> tzinfo:
        if self.incoming.offset is not None:
            return timezone(self.incoming.offset)
        return zone_of(self.region)

    def ask(self, question: str) -> None:
        self.message.status, self.message.asked = Status.ASKED, question
        self.message.asked_until = self.now + ANSWER_WITHIN
        if self.message.channel == "email":
            self.token = marks.new_token()
            self.message.token = marks.digest_of(self.token)

    def keep(self, trouble: str) -> str:
        self.message.status, self.message.trouble = Status.KEPT, trouble
        return ""

    def file(
        self,
        message: IntakeMessage,
        reading: Reading,
        number: Identity,
        *,
        words: str = "",
        files_of: IntakeMessage | None = None,
    ) -> str:
        """Files a report of the message, with its files; returns the answer to the sender.

        `words`: the comment, if not the reading's. `files_of`: a message whose files are added.
        """
        statement = _statement(reading, words)
        reporter = self.reporter()
        try:
            self.submission = submit_report(
                reporter=reporter,
                identity=number,
                statement=statement,
                network=keeping.network_of(self.incoming),
                now=self.now,
            )
        except ReportError as error:
            return self._refuse(message, error)
        message.status, message.report = Status.REPORTED, self.submission.report
        message.asked_until = None
        asked_about = keeping.content_of(files_of) if files_of is not None else None
        files = self.files(asked_about, self.incoming, self.enclosing)
        kept, refused = self.attach(reporter, self.submission.report, files)
        understood = replies.understood(
            reading,
            self.submission.number,
            statement.category,
            self.zone(),
            created=self.submission.created,
            others=reading.others,
        )
        return "\n".join(filter(None, [understood, replies.evidence(kept, refused)]))

    def _refuse(self, message: IntakeMessage, error: ReportError) -> str:
        """Keeps the message whose report was refused; returns the answer to the sender."""
        message.status, message.trouble = Status.KEPT, Trouble.REFUSED
        if message is not self.message:
            self.keep(Trouble.REFUSED)
        return "" if isinstance(error, ReporterBlocked) else replies.refused(error)

    @staticmethod
    def files(*letters: Incoming | None) -> Iterator[mime.Attached]:
        for letter in letters:
            if letter is not None and letter.raw:
                yield from mime.attachments(letter.raw)

    def attach(
        self, reporter: Reporter, report: Report, files: Iterable[mime.Attached]
    ) -> tuple[int, int]:
        """Adds files to a report as evidence; returns how many were accepted, and how many refused.

        Raises StorageUnavailable.
        """
        kept = refused = 0
        for each in files:
            with Draft(name=each.name) as draft:
                try:
                    draft.write(each.content)
                    draft.finish()
                    attach_evidence(
                        reporter=reporter,
                        public_id=report.public_id,
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

    def own_report(self, number: Identity) -> Report | None:
        """The sender's report on a number, unless they withdrew it."""
        own = Report.objects.not_withdrawn().filter(reporter=self.known().reporter_id)
        return own.filter(number__key=number.key).first()

    def expect_purpose(self, status: str) -> None:
        self.ask(Question.PURPOSE)
        self.message.status = status
