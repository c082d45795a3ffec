"""What an authority's channels want to be told, each in its own form."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from reputation.complaints.incidents import Incident
from reputation.complaints.letters import Case, Letter, values_of, values_of_one
from reputation.complaints.wording import fill, one_line
from reputation.complaints.words import words
from reputation.models import Channel

# Fields that only one number can fill: such a form is filled in once for each.
OF_ONE = re.compile(r"\{(number|time)\}")
LABEL = re.compile(r"([^:：{]*[:：])\s*(.*)", re.DOTALL)
ADDRESS = re.compile(r"[^\s<>@,;\"()]+@[^\s<>@,;\"()]+")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form, or what to say on the telephone. An empty value is for the caller."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What to send through a channel: for SMS `messages`, for forms and calls `forms`.

    A message is a line; a two-step dialogue has several, in their order. A form is its fields.
    """

    channel: Channel
    messages: tuple[tuple[str, ...], ...] = ()
    forms: tuple[tuple[Field, ...], ...] = ()


def fill_in(channel: Channel, case: Case) -> Filled:
    """The channel's grammar filled for a case, once for each number where it names one."""
    grammar = channel.grammar
    each_number = bool(OF_ONE.search(grammar))
    cases = _by_number(case.incidents) if each_number else [case.incidents]
    values = [values_of_one(case, part) if each_number else values_of(case) for part in cases]
    if channel.kind == Channel.Kind.SMS:
        return Filled(channel, messages=tuple(_messages(grammar, part) for part in values))
    if channel.kind in (Channel.Kind.WEB, Channel.Kind.APP, Channel.Kind.PHONE) and grammar:
        return Filled(channel, forms=tuple(_form(grammar, part) for part in values))
    return Filled(channel)


def _by_number(incidents: Sequence[Incident]) -> list[list[Incident]]:
    found: dict[str, list[Incident]] = {}
    for each in incidents:
        found.setdefault(each.key, []).append(each)
    return list(found.values())


def _messages(grammar: str, values: dict[str, str]) -> tuple[str, ...]:
    return tuple(one_line(line) for line in fill(grammar, values).split("\n"))


def _form(grammar: str, values: dict[str, str]) -> tuple[Field, ...]:
    fields = []
    for line in grammar.splitlines():
        found = LABEL.fullmatch(line)
        label, rest = (found[1][:-1], found[2]) if found else ("", line)
        fields.append(Field(label.strip(), one_line(fill(rest, values))))
    return tuple(fields)


def as_text(filled: Filled, *, language: str, reader: str) -> str:
    """A filled channel as a page of text: where to, what to know, and what to send or say."""
    says, channel = words(language), filled.channel
    lines = [f"{says['to']}{says['colon']}{channel.authority.name_in(language)}"]
    if channel.address:
        lines.append(f"{says['where']}{says['colon']}{channel.address}")
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
    """The letter with a word on what is too large to be attached."""
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
    """An e-mail that is ready to be sent: mail programs open it as a draft (X-Unsent)."""
    mail = EmailMessage(policy=SMTP)
    mail["X-Unsent"] = "1"
    mail["Date"] = format_datetime(made_at)
    mail["To"] = channel.address
    if ADDRESS.fullmatch(sender):
        mail["From"] = sender
    mail["Subject"] = letter.subject
    mail.set_content(letter.body)
    for each in attachments:
        main, _, sub = each.media_type.partition("/")
        if main == "message":  # attached as a file, not as a mail to be read in this one
            main, sub = "application", "octet-stream"
        mail.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    if mail.is_multipart():
        # Not drawn by lot, so that the same pack has the same bytes; nobody can have written it.
        mail.set_boundary(hashlib.sha256(letter.body.encode()).hexdigest()[:40])
    return mail.as_bytes()
