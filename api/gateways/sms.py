"""Text messages from gateways: Twilio's form and signature, and our own."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from html import escape
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest

from api.gateways import SignatureRefused, UnreadableShape
from reputation.intake import Incoming

# Allowed difference between a gateway's clock and ours, in seconds, against replayed requests.
TOLERANCE = 300
MOST_FIELDS = 200  # of a form
# The headers of a signed SMS, with their descriptions in the API document.
SIGNED_BY = {
    "X-Twilio-Signature": "Twilio's signature, over the address and the form.",
    "X-Ringscore-Timestamp": "The Unix time of sending.",
    "X-Ringscore-Signature": "The signature of another gateway, over the time and the body: "
    "docs/integrations/sms.md.",
}


def check_signature(request: HttpRequest, body: bytes, *, now: datetime) -> None:
    """Verifies the signature of Twilio, or of a gateway that follows docs/integrations/sms.md.

    Raises SignatureRefused.
    """
    if "X-Twilio-Signature" in request.headers:
        urls, expected = _addresses(request.get_full_path()), list[str]()
        with suppress(UnreadableShape):  # nothing fits what Twilio never posts
            expected = [
                twilio_signature(token, url, body)
                for token in settings.INTAKE_TWILIO_TOKEN
                for url in urls
            ]
        _compare(expected, request.headers["X-Twilio-Signature"], "Check the secret and the URL.")
        return
    moment = request.headers.get("X-Ringscore-Timestamp", "")
    if not moment.isdecimal() or abs(int(moment[:12]) - now.timestamp()) > TOLERANCE:
        raise SignatureRefused(
            f"X-Ringscore-Timestamp must be the Unix time of sending, within {TOLERANCE} seconds."
        )
    _compare(
        [signature(each, moment, body) for each in settings.INTAKE_SMS_SECRET],
        request.headers["X-Ringscore-Signature"].lower(),  # .NET writes hex in capitals
        "Sign X-Ringscore-Timestamp, a dot and the body as it is sent, and check the secret.",
    )


def _addresses(path: str) -> list[str]:
    """Our address with and without its port: Twilio signs either, and so its own libraries accept
    both."""
    public = urlsplit(settings.PUBLIC_URL)
    port = public.port or {"https": 443}.get(public.scheme, 80)
    host = public.netloc.removesuffix(f":{port}")
    return [f"{public.scheme}://{each}{path}" for each in (host, f"{host}:{port}")]


def is_signed(headers: Mapping[str, str]) -> bool:
    return "X-Twilio-Signature" in headers or "X-Ringscore-Signature" in headers


def twilio_signature(token: str, url: str, body: bytes) -> str:
    """The URL, then each parameter and its value in the order of names; HMAC-SHA1 in base64.
    Raises UnreadableShape."""
    fields = _fields(body)
    signed = url + "".join(
        name + value for name in sorted(fields) for value in sorted(set(fields[name]))
    )
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signature(secret: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 in hex of the time, a dot and the body."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _compare(expected: list[str], shown: str, remedy: str) -> None:
    if not any(hmac.compare_digest(each.encode(), shown.strip().encode()) for each in expected):
        raise SignatureRefused(f"The signature does not fit. {remedy}")


def from_twilio(body: bytes) -> Incoming:
    """The message in Twilio's form. Raises UnreadableShape."""
    fields = {name: values[0] for name, values in _fields(body).items()}
    for name in ("MessageSid", "From"):
        if not fields.get(name):
            raise UnreadableShape(f"{name} is missing: post a form as Twilio does, or JSON.", name)
    pictures = [value for name, value in sorted(fields.items()) if name.startswith("MediaUrl")]
    return Incoming(
        channel="sms",
        sender=fields["From"],
        provider_id=f"twilio:{fields['MessageSid']}",
        text=storable(fields.get("Body", "")),
        # Pictures cannot be read here, but a moderator may open their addresses.
        subject=" ".join(pictures),
        region=_region(fields.get("FromCountry", "")),
    )


def from_json(fields: Mapping[str, str], *, region: str) -> Incoming:
    return Incoming(
        channel="sms",
        sender=fields["sender"],
        provider_id=f"json:{fields['id']}",
        text=fields["text"],
        region=_region(fields.get("region", "")) or region,
    )


def storable(text: str) -> str:
    """The text without NUL, which the database refuses; no character is a reason to refuse an
    SMS."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def twiml(reply: str) -> bytes:
    """Twilio's answer format; an empty reply sends no message."""
    message = f"<Message>{escape(reply, quote=False)}</Message>" if reply else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'.encode()


def _fields(body: bytes) -> dict[str, list[str]]:
    """Raises UnreadableShape."""
    form = body.decode("utf-8", "replace")
    try:
        return parse_qs(form, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise UnreadableShape(f"The form has more than {MOST_FIELDS} fields.") from None


def _region(code: str) -> str:
    return code.upper() if len(code) == 2 and code.isascii() and code.isalpha() else ""
