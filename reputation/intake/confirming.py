"""Reads the answer to our letter that asks somebody whether an e-mail is theirs.

Only an explicit word or the code of the letter confirms, in the first line. Words of doubt, and an
answer that quotes our whole letter, do not.
"""

import re
from datetime import UTC, datetime
from enum import Enum

from reputation.intake.grammar import Role, read_mail

_I = re.IGNORECASE
# In our languages, and in those of common mail programs.
_YES = (
    r"yes|yep|yeah|correct|confirm(?:ed)?|ja|jawohl|oui|sí|si|sim|sì|да|はい|예|네"
    r"|是的?|對|对的?|確認|确认"
)
_MINE = (
    r"(?:please )?(?:count|report) it|i confirm(?: it| this)?"
    r"|(?:it|that|this) (?:was|is) (?:me|mine)|(?:it|that)'s (?:me|mine)"
    r"|i (?:did )?(?:write|wrote|send|sent) (?:it|this|that)|i did"
    r"|(?:这|那)?(?:封信|邮件)?(?:确实)?是(?:我|本人)(?:的|写的|发的|写|发)?"
)
_CODE = r"RS-[A-Z2-7]{16}"
_CONFIRMS = re.compile(rf"[\W_]*(?:(?:{_YES}|{_MINE}|{_CODE})(?![a-z])[\W_]*){{1,4}}", _I)
_GREETS = re.compile(
    r"\W*(?:hi|hello|hey|dear|good (?:morning|day|evening)|hallo|bonjour|hola|您好|你好)\b.{0,40}",
    _I,
)
_DENIES = re.compile(
    r"\A\W*(?:no|nope|nein|non|não|нет|否|不|不是|不对)(?:的)?(?![a-z])(?! (?:problem|worries))"
    r"|(?:^|[.!,;]|\bi(?: \w+)?) ?(?:did ?n'?t|did not|have ?n'?t|have not|never)"
    r" (?:\w+ ){0,2}(?:write|wrote|written|send|sent)\b"
    r"|\b(?:was|is)(?: ?n'?t| not) (?:from |by )?(?:me|mine)\b|\bnot (?:from |by )?(?:me|mine)\b"
    r"|不是(?:我|本人)|非本人|我?(?:没有?|未|从未)(?:写|发|寄)"
    r"|\bnicht (?:\w+ )?(?:von mir|ich|geschrieben)|\bpas (?:moi|de moi|écrit)\b",
    _I | re.MULTILINE,
)
_STOPS = re.compile(
    r"\b(?:stop|unsubscrib\w*|subscri\w+|opt[ -]?out|remove me|take me off|leave me alone"
    r"|(?:do not|don't) (?:write|mail|contact))\b"
    r"|退订|取消订阅|(?:别|不要|勿)再?(?:发|联系)",
    _I,
)


_ANY = datetime(2000, 1, 1, tzinfo=UTC)  # the date has no effect here


class Verdict(Enum):
    CONFIRMED = "confirmed"
    DENIED = "denied"
    UNCLEAR = "unclear"


def verdict(text: str) -> Verdict:
    """Whether the writer of an answer says that the e-mail is theirs.

    Quotes and signatures do not count. Asking to be left alone is a denial.
    """
    written = written_text(text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    if lines and _GREETS.fullmatch(lines[0]) and not _CONFIRMS.fullmatch(lines[0]):
        del lines[0]
    confirms = bool(lines) and "?" not in lines[0] and bool(_CONFIRMS.fullmatch(lines[0]))
    words = "\n".join(lines)
    if _DENIES.search(words) or (_STOPS.search(words) and not confirms):
        return Verdict.DENIED
    return Verdict.CONFIRMED if confirms and not _STOPS.search(words) else Verdict.UNCLEAR


def written_text(text: str) -> str:
    """A letter without quotes and signature, in plain characters."""
    # As an answer: what it quotes below a mail's headers is not what it is about.
    subject = "Re:"
    reading = read_mail(subject, text, region="", now=_ANY, zone=UTC)
    return "".join(
        reading.text[max(part.start, len(subject)) : part.end]
        for part in reading.parts
        if part.role is not Role.QUOTED
    )
