"""People who write to us, by SMS and by e-mail."""

from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage
from itertools import count

from pytest_django import Settings

from reputation.intake import emails
from reputation.intake.incoming import Incoming
from reputation.intake.receiving import Receipt, receive
from reputation.models import IntakeMessage, Report
from tests.given.reporters import NOW

ANNA, LI = "+447700900999", "+8613987654321"  # who write
SCAM, UK = "+8613812345678", "+447700900123"  # who called them
MAIL = "jane.doe@example.org"
AUTHSERV = "mx.ringscore.example"
OURS = "reports@ringscore.example"
VOUCHED = f"{AUTHSERV}; dmarc=pass (p=reject) header.from=example.org"
_ids = count(1)


def take_in_mail(settings: Settings) -> None:
    """Has the service read mail to its address, and believe its own mail server."""
    settings.FICTIONAL_NUMBERS = True
    settings.INTAKE_AUTHSERV_ID, settings.INTAKE_REGION = AUTHSERV, "GB"
    settings.INTAKE_ADDRESS, settings.INTAKE_ADDRESSES = OURS, [OURS]


def text(
    words: str, *, sender: str = LI, id: str = "", at: datetime = NOW, region: str = ""
) -> Receipt:
    """An SMS, each of its own unless `id` says which."""
    return receive(
        Incoming(
            channel="sms",
            sender=sender,
            provider_id=id or f"SM{next(_ids)}",
            text=words,
            region=region,
        ),
        now=at,
    )


def letter(
    words: str = "",
    *,
    subject: str = "Report",
    sender: str = MAIL,
    id: str = "",
    vouched: bool = True,
    html: str = "",
    files: Iterable[tuple[str, bytes, str]] = (),
    **headers: str,
) -> bytes:
    """An e-mail as it travels. `headers`: Auto_Submitted=… ."""
    message = EmailMessage()
    message["From"] = f"Jane Doe <{sender}>"
    message["To"] = OURS
    message["Subject"] = subject
    message["Date"] = "Tue, 24 Nov 2026 12:00:00 +0000"
    message["Message-ID"] = id or f"<{next(_ids)}@example.org>"
    if vouched:
        message["Authentication-Results"] = VOUCHED
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(words)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content, kind in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def under(*lines: str, sender: str = MAIL) -> bytes:
    """A letter with these headers on top, as they are."""
    return "\n".join([*lines, f"From: {sender}", "Message-ID: <1@x>", "", "x"]).encode()


def read(raw: bytes, envelope_sender: str | None = None) -> Incoming:
    return emails.incoming(raw, envelope_sender=envelope_sender)


def post(raw: bytes, *, at: datetime = NOW, envelope_sender: str | None = None) -> Receipt:
    return receive(read(raw, envelope_sender), now=at)


def live() -> list[tuple[str, str, str]]:
    """What counts: (number, category, comment)."""
    found = Report.objects.live().order_by("id")
    return list(found.values_list("number__key", "category", "comment"))


def states() -> list[tuple[str, str, str]]:
    """(status, asked, trouble) of each message, as they came."""
    found = IntakeMessage.objects.order_by("id")
    return [(each.status, each.asked, each.trouble) for each in found]


def answering(asked: Receipt, words: str, *, vouched: bool = False, **more: str) -> bytes:
    """An answer to our letter, without changing its subject."""
    subject = f"Re: [RS-{asked.token}] Is this e-mail yours?"
    return letter(words, subject=subject, vouched=vouched, **more)


def unproven(words: str = "07700 900123 keeps calling", **more: str) -> Receipt:
    return post(letter(words, vouched=False, **more))


MIME = "From: jane.doe@example.org\nSubject: s\nMessage-ID: <n@x>\nMIME-Version: 1.0\n"


def nested(depth: int) -> bytes:
    parts = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)
    )
    return f"{MIME}{parts}Content-Type: text/plain\n\n07700 900123\n".encode()
