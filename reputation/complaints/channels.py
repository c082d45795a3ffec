"""Fills in an authority's channels, each in its own form."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from reputation.complaints.incidents import Incident
from reputation.complaints.letters import ComplaintCase, Letter, values_of, values_of_one
from reputation.complaints.wording import fill, one_line
from reputation.complaints.words import words
from reputation.models import Channel

# Fields that hold only one number: such a form is filled in once per number.
OF_ONE = re.compile(r"\{(number|time)\}")
DIALLED = (Channel.Kind.PHONE, Channel.Kind.SMS)
LABEL = re.compile(r"([^:：{]*[:：])\s*(.*)", re.DOTALL)
ADDRESS = re.compile(r"[^\s<>@,;\"()]+@[^\s<>@,;\"()]+")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form, or one line of a call. The complainant fills in an empty value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The text for a channel: `messages` for SMS, `forms` for forms and calls.

    A message is a sequence of lines, each one SMS of a dialogue. A form is a sequence of fields.
    """

    channel: Channel
    messages: tuple[tuple[str, ...], ...] = ()
    forms: tuple[tuple[Field, ...], ...] = ()


def fill_in(channel: Channel, case: ComplaintCase) -> Filled:
    """The channel's grammar filled for a case; once per number if the grammar names a number."""
    grammar = channel.grammar
    per_number = bool(OF_ONE.search(grammar))
    cases = _by_number(case.incidents) if per_number else [case.incidents]
    values = [values_of_one(case, part) if per_number else values_of(case) for part in cases]
    if channel.kind == Channel.Kind.SMS:
        return Filled(channel, messages=tuple(_messages(grammar, part) for part in values))
    if channel.kind in (Channel.Kind.WEB, Channel.Kind.APP, Channel.Kind.PHONE) and grammar:
        return Filled(channel, forms=tuple(_form(grammar, part) for part in values))
    return Filled(channel)


def _by_number(incidents: Sequence[Incident]) -> list[list[Incident]]:
    groups: dict[str, list[Incident]] = {}
    for incident in incidents:
        groups.setdefault(incident.key, []).append(incident)
    return list(groups.values())


def _messages(grammar: str, values: dict[str, str]) -> tuple[str, ...]:
    return tuple(one_line(line) for line in fill(grammar, values).split("\n"))


def _form(grammar: str, values: dict[str, str]) -> tuple[Field, ...]:
    fields = []
    for line in grammar.splitlines():
        labelled = LABEL.fullmatch(line)
        label, rest = (labelled[1][:-1], labelled[2]) if labelled else ("", line)
        fields.append(Field(label.strip(), one_line(fill(rest, values))))
    return tuple(fields)


def as_text(filled: Filled, case: ComplaintCase, *, reader: str) -> str:
    """A filled channel as a page of text: the address, the notes, and the text to send or say."""
    says, channel = words(case.language), filled.channel
    addressee = says["comma"].join(case.addressee.splitlines())
    lines = [f"{says['to']}{says['colon']}{addressee}"]
    if channel.address:
        where = says["dial" if channel.kind in DIALLED else "where"]
        lines.append(f"{where}{says['colon']}{channel.address}")
    if note := channel.note_in(reader):
        lines.append(note)
    for messages in filled.messages:
        lines += ["", *messages]
    for form in filled.forms:
        lines.append("")
        for place, field in enumerate(form, 1):
            value = field.value or says["open"]
            lines.append(f"{place}. {field.label}{says['colon'] if field.label else ''}{value}")
    return "\n".join(lines) + "\n"


def noting(letter: Letter, left_out: Sequence[str], *, language: str) -> Letter:
    """The letter with a note on evidence too large to attach."""
    if not left_out:
        return letter
    says = words(language)
    note = says["left_out"].format(says["comma"].join(left_out))
    return Letter(letter.subject, f"{letter.body}\n\n{note}")


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    media_type: str
    content: bytes


def as_mail(
    channel: Channel,
    letter: Letter,
    *,
    sender: str,
    attachments: Sequence[Attached],
    made_at: datetime,
) -> bytes:
    """An e-mail ready to send: mail programs open it as a draft (X-Unsent)."""
    mail = EmailMessage(policy=SMTP)
    mail["X-Unsent"] = "1"
    mail["Date"] = format_datetime(made_at)
    mail["To"] = channel.address
    if ADDRESS.fullmatch(sender):
        mail["From"] = sender
    mail["Subject"] = letter.subject
    mail.set_content(letter.body)
    for file in attachments:
        main, _, sub = file.media_type.partition("/")
        if main == "message":  # attached as a file, not as a mail to be read in this one
            main, sub = "application", "octet-stream"
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    if mail.is_multipart():
        # Not random, so that the same pack has the same bytes. No text contains it by chance.
        mail.set_boundary(hashlib.sha256(letter.body.encode()).hexdigest()[:40])
    return mail.as_bytes()
