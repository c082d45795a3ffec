"""XML of WebDAV (RFC 4918): reads what a request asks for, writes what each resource has of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.http import HttpRequest, HttpResponse

from api.errors import InvalidField

DAV, CARD, SERVER = "DAV:", "urn:ietf:params:xml:ns:carddav", "http://calendarserver.org/ns/"
PREFIXES = {DAV: "", CARD: "C:", SERVER: "S:"}
NAMESPACES = f'xmlns="{DAV}" xmlns:C="{CARD}" xmlns:S="{SERVER}"'
XML = "application/xml; charset=utf-8"
# Characters of the names of requested properties, which the answer repeats for each of thousands of
# cards. Clients ask for twenty.
MOST_NAMED: Final = 4_000

# A property's content as XML, by its name in braces, as ElementTree writes names.
type Properties = Mapping[str, str]


def qualified(namespace: str, found: Mapping[str, str]) -> dict[str, str]:
    """The properties by their names in braces."""
    return {f"{{{namespace}}}{name}": content for name, content in found.items()}


def parsed(request: HttpRequest) -> Element | None:
    """The parsed body; None for an empty one. Raises InvalidField."""
    if not request.body.strip():
        return None
    try:
        root: Element = fromstring(request.body)
    except (ParseError, DefusedXmlException, ValueError):
        raise InvalidField("", "The body is not XML, or has a DTD.") from None
    return root


def asked_properties(body: Element | None) -> list[str] | None:
    """The names of the requested properties; None for all. Raises InvalidField."""
    props = None if body is None else body.find(f"{{{DAV}}}prop")
    names = None if props is None else [each.tag for each in props]
    if sum(map(len, names or ())) > MOST_NAMED:
        raise InvalidField("", f"The names of properties have over {MOST_NAMED:,} characters.")
    return names


def response(href: str, known: Properties, asked: Sequence[str] | None) -> str:
    names = known if asked is None else dict.fromkeys(asked)
    found = "".join(_element(name, known[name]) for name in names if name in known)
    missing = "".join(_element(name, "") for name in names if name not in known)
    return f"<response><href>{href}</href>{_status(found, '200 OK')}" + (
        f"{_status(missing, '404 Not Found') if missing else ''}</response>"
    )


def _status(properties: str, status: str) -> str:
    return f"<propstat><prop>{properties}</prop><status>HTTP/1.1 {status}</status></propstat>"


def _element(name: str, content: str) -> str:
    namespace, _, local = name.removeprefix("{").rpartition("}")
    if namespace in PREFIXES:
        tag, declared = PREFIXES[namespace] + local, ""
    elif namespace:
        tag, declared = f"X:{local}", f" xmlns:X={quoteattr(namespace)}"
    else:
        tag, declared = local, ' xmlns=""'
    return f"<{tag}{declared}>{content}</{tag}>" if content else f"<{tag}{declared}/>"


def multistatus(responses: Iterable[str]) -> HttpResponse:
    return xml(f"<multistatus {NAMESPACES}>{''.join(responses)}</multistatus>", 207)


def xml(body: str, status: int) -> HttpResponse:
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{body}'
    return HttpResponse(text.encode(), status=status, content_type=XML)
