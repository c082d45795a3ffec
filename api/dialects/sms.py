"""/compat/sms: text messages from gateways that do not sign and have fixed names of fields.

The webhook's address maps our names to the gateway's, such as `sender_in=msisdn`:
docs/integrations/sms.md has the addresses of common gateways.
"""

import codecs
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from api.dialects.gate import KEY_NAMES, TEXT, Visit, with_plus
from api.errors import InvalidField
from api.gateways import UnreadableShape, sms, sns
from api.rendering import NotJSON, is_wide, read_json
from api.views.intake import count
from reputation.intake import Incoming, receive

MOST_FIELDS = 200
MOST_MESSAGES = 100  # of one request
# What the address itself says, beside the names of fields.
OURS = (*KEY_NAMES, "international", "answer")
# Up to this many digits a sender is a short code, beyond it a telephone number.
SHORT_CODE = 6
# The encodings that gateways name and that Python knows, by its names; any other name means UTF-8.
ENCODINGS = frozenset(
    {
        *("utf-16", "utf-16-be", "utf-16-le", "cp1250", "cp1251", "cp1252", "cp1256", "koi8-r"),
        *("shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "tis-620"),
        *(f"iso8859-{part}" for part in range(1, 17)),
        *("gbk", "gb2312", "gb18030", "big5", "big5hkscs"),
    }
)
# Those that are read by another: what SMPP calls UCS-2 is UTF-16 with the high byte first, and
# labels of Chinese encodings often name an older one than was used.
READ_AS = {
    "ucs2": "utf-16-be",  # Jasmin
    "ucs-2": "utf-16-be",
    "iso-10646-ucs-2": "utf-16-be",
    "8": "utf-16-be",  # data_coding of SMPP
    "utf-16": "utf-16-be",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
}
NOTHING = object()  # what is not there, as opposed to null
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def take(visit: Visit) -> HttpResponse:
    """Accepts the messages of a request. `answer` in the address: the text that the gateway
    expects, or `reply` for a gateway that sends the body back to the sender; others get an empty
    body. One message that cannot be read loses no other."""
    replies, wrong = list[str](), list[InvalidField]()
    for posted in _messages(visit):
        try:
            if sns.is_about_itself(posted):
                sns.answer(posted)
                continue
            if _was_sent(visit, posted):
                continue
            incoming = _incoming(visit, posted)
        except UnreadableShape as error:
            wrong.append(InvalidField("", str(error)))
            continue
        except InvalidField as error:
            wrong.append(error)
            continue
        receipt = receive(incoming, now=visit.now)
        count(receipt, "sms")
        replies.append(receipt.reply)
    if wrong:
        raise wrong[0]
    answer = visit.asked("answer")
    # Of several messages, nobody could tell whose answer the body is.
    reply = replies[0] if len(replies) == 1 else ""
    return HttpResponse(reply if answer == "reply" else answer, content_type=TEXT)


def _incoming(visit: Visit, posted: dict[str, Any]) -> Incoming:
    """The message with these fields. Raises InvalidField."""
    named = _decoded(_said(posted, visit, "charset")) or _label(visit.request)
    fields = {
        "id": _decoded(_said(posted, visit, "id")),
        "sender": with_plus(_decoded(_said(posted, visit, "sender"))).strip(),
        "text": sms.storable(_decoded(_said(posted, visit, "text"), named)),
    }
    for name in ("id", "sender"):
        if not fields[name]:
            raise InvalidField(name, _missing(visit, name, posted))
    # Empty or null, it is that of a picture. Without it, every message would come without words.
    words = _at(posted, _name(visit, "text"))
    if words is NOTHING or isinstance(words, dict | list):
        raise InvalidField("text", _missing(visit, "text", posted))
    sender = fields["sender"]
    if visit.asked("international") and sender.isdecimal() and len(sender) > SHORT_CODE:
        fields["sender"] = f"+{sender}"
    return sms.from_json(fields, region=visit.known_caller.region)


def _messages(visit: Visit) -> Iterator[dict[str, Any]]:
    """The fields of each message: those of the address, overridden by those of the body. Texts of
    address and form are bytes. A body that is a list has several, and so has the list in an object
    to which `list_in` leads. Raises InvalidField."""
    request = visit.request
    try:
        of_address = _fields(request.META.get("QUERY_STRING", "").encode("latin-1"))
        body = _body(request)
    except NotJSON as error:
        raise InvalidField("", str(error)) from None
    except (ValueError, MultiPartParserError, TooManyFieldsSent, TooManyFilesSent) as error:
        raise InvalidField("", f"The body is neither a form nor JSON: {error}") from None
    if path := visit.asked("list_in"):
        body = _at(body, path)
        if not isinstance(body, list):
            raise InvalidField(
                "list_in", f"{path} is not a list of messages: say its name by list_in."
            )
    messages = body if isinstance(body, list) else [body]
    if len(messages) > MOST_MESSAGES:
        raise InvalidField("", f"A request has at most {MOST_MESSAGES} messages.")
    for message in messages:
        yield of_address | message if isinstance(message, dict) else of_address


def _body(request: HttpRequest) -> Any:
    """What the body says: JSON, or the fields of a form. Raises ValueError and the errors of
    Django's parser of forms."""
    if request.content_type == "multipart/form-data":
        return {name: str(value).encode() for name, value in request.POST.items()}
    body = request.body.strip()
    try:
        return read_json(body)
    except NotJSON:
        if body[:1] not in (b"{", b"[") and not is_wide(body):
            return _fields(body)
        if _encoding(_label(request)) == "utf-8":
            raise
        return read_json(_decoded(body, _label(request)).encode())


def _fields(form: bytes) -> dict[str, bytes]:
    pairs = parse_qsl(form, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    return {name.decode("latin-1"): value for name, value in pairs}


def _name(visit: Visit, name: str) -> str:
    return visit.asked(f"{name}_in") or name


def _missing(visit: Visit, name: str, posted: dict[str, Any]) -> str:
    came = [each for each in posted if each not in OURS and not each.endswith("_in")]
    told = f"It has {', '.join(came)}"[:200] if came else "It has no fields"
    return f"The message has no {_name(visit, name)}: say its name by {name}_in. {told}."


def _was_sent(visit: Visit, posted: dict[str, Any]) -> bool:
    """Whether this is a message that we sent. Telnyx and others tell of those by the same address,
    with their words, which may be a code for somebody else."""
    object_, dot, _text = _name(visit, "text").rpartition(".")
    return _decoded(_value(posted, f"{object_}{dot}direction")).lower().startswith("out")


def _said(posted: dict[str, Any], visit: Visit, name: str) -> bytes | str:
    """The gateway's value for `name`."""
    return _value(posted, _name(visit, name))


def _value(posted: dict[str, Any], path: str) -> bytes | str:
    """The value to which `path` leads: bytes of a form or an address, a text of JSON. Empty if
    there is none."""
    match _at(posted, path):
        case bytes() | str() as value:
            return value
        case int() as value:
            return str(value)
    return ""


def _label(request: HttpRequest) -> str:
    """The encoding that Content-Type names."""
    return (request.content_params or {}).get("charset", "")


def _encoding(named: str) -> str:
    try:
        known = READ_AS.get(named.lower()) or codecs.lookup(named).name
    except (LookupError, ValueError):
        return "utf-8"
    return READ_AS.get(known, known) if known in ENCODINGS else "utf-8"


def _decoded(value: bytes | str, named: str = "") -> str:
    """The value as text. JSON has decoded its own, whatever encoding is named beside it."""
    if isinstance(value, str):
        return value
    encoding = _encoding(named)
    if encoding.startswith("utf-16") and value.startswith(BYTE_ORDER_MARKS):
        encoding = "utf-16"
    return value.decode(encoding, "replace")


def _at(posted: Any, path: str) -> Any:
    """The value to which `path` leads, whose dots lead into objects, or NOTHING. Amazon SNS writes
    an object as a text in JSON."""
    for part in path.split("."):
        if isinstance(posted, str):
            with suppress(NotJSON):
                posted = read_json(posted.encode())
        posted = posted.get(part, NOTHING) if isinstance(posted, dict) else NOTHING
    return posted
