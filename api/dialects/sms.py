"""/compat/sms: text messages from gateways that do not sign and have fixed names of fields.

The webhook's address maps our names to the gateway's, such as `sender_in=msisdn`:
docs/integrations/sms.md has the addresses of common gateways.
"""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from django.http import HttpRequest, HttpResponse

from api.dialects.gate import TEXT, Visit
from api.errors import InvalidField
from api.gateways import sms
from api.views.intake import count
from reputation.intake import receive

MOST_FIELDS = 200
# Up to this many digits a sender is a short code, beyond it a telephone number.
SHORT_CODE = 6
# The names that gateways use for encodings; any other name means UTF-8.
CHARSETS = {
    "utf-16be": "utf-16-be",  # Kannel
    "ucs2": "utf-16-be",  # Jasmin
    "8": "utf-16-be",  # data_coding of SMPP
    "windows-1252": "windows-1252",
    "iso-8859-1": "iso-8859-1",
}


def take(visit: Visit) -> HttpResponse:
    """Accepts a message. `answer` in the address: the text that the gateway expects, or `reply` for
    a gateway that sends the body back to the sender; others get an empty body."""
    posted = _posted(visit.request)
    charset = CHARSETS.get(_said(posted, visit, "charset").decode("latin-1").lower(), "utf-8")
    fields = {
        "id": _said(posted, visit, "id").decode(errors="replace"),
        "sender": _said(posted, visit, "sender").decode(errors="replace").strip(),
        "text": sms.storable(_said(posted, visit, "text").decode(charset, "replace")),
    }
    for name in ("id", "sender"):
        if not fields[name]:
            raise InvalidField(name, f"{_name(visit, name)} is missing: say its name by {name}_in.")
    sender = fields["sender"]
    if visit.asked("international") and sender.isdecimal() and len(sender) > SHORT_CODE:
        fields["sender"] = f"+{sender}"
    receipt = receive(sms.from_json(fields, region=visit.known_caller.region), now=visit.now)
    count(receipt, "sms")
    answer = visit.asked("answer")
    return HttpResponse(receipt.reply if answer == "reply" else answer, content_type=TEXT)


def _posted(request: HttpRequest) -> dict[str, Any]:
    """The fields of the address, overridden by those of the body: a form, or JSON. Texts of address
    and form are bytes. Raises InvalidField."""
    try:
        posted = _fields(request.META.get("QUERY_STRING", "").encode("latin-1"))
        body = request.body.strip()
        return posted | (orjson.loads(body) if body[:1] == b"{" else _fields(body))
    except ValueError as error:
        raise InvalidField("", f"The body is neither a form nor JSON: {error}") from None


def _fields(form: bytes) -> dict[str, bytes]:
    pairs = parse_qsl(form, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    return {name.decode("latin-1"): value for name, value in pairs}


def _name(visit: Visit, name: str) -> str:
    return visit.asked(f"{name}_in") or name


def _said(posted: Any, visit: Visit, name: str) -> bytes:
    """The gateway's value for `name`; a dot leads into an object. Empty if there is none."""
    for part in _name(visit, name).split("."):
        posted = posted.get(part) if isinstance(posted, dict) else None
    match posted:
        case bytes():
            return posted
        case str() | int():
            return str(posted).encode()
    return b""
