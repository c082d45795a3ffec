"""CardDAV (RFC 6352), read only: the list as an address book, under PhoneBlock's paths.

For Fritz!Box, iOS, DAVx5, Thunderbird and vdirsyncer. The book is the published feed `vcard`; the
user name in the address may be anything. Own code, since no maintained library does this: WsgiDAV
has no reports, and Radicale and xandikos are servers of their own.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from api.dialects.gate import TEXT, Forbidden, NothingHere, Visit
from api.errors import InvalidField
from api.rendering import is_held
from reputation.feeds import Entry, NotPublished, contacts, snapshots
from reputation.identity import REGIONS, country_of
from reputation.lists import Rule, deciding
from reputation.scoring import Action

ROOT = "/phoneblock/contacts/"
DAV, CARD, SERVER = "DAV:", "urn:ietf:params:xml:ns:carddav", "http://calendarserver.org/ns/"
PREFIXES = {DAV: "", CARD: "C:", SERVER: "S:"}
XML = "application/xml; charset=utf-8"
VCARD = "text/vcard; charset=utf-8"
REPORTS = ("addressbook-multiget", "addressbook-query")
MULTIGET, QUERY = (f"{{{CARD}}}{name}" for name in REPORTS)
# Properties that a query's filter may require: every card has them.
ALWAYS = frozenset({"VERSION", "PRODID", "UID", "FN", "N", "TEL", "CATEGORIES"})
READS = "OPTIONS, GET, HEAD, PROPFIND, REPORT"

# A property's content as XML, by its name in braces, as ElementTree writes names.
type Properties = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    name: str
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Book:
    """The cards by name. `tag` depends on nothing but their content."""

    cards: Mapping[str, Card]
    tag: str


def book_of(texts: Iterable[str]) -> Book:
    cards = {}
    for text in texts:
        uid = text.partition("\r\nUID:")[2].partition("\r\n")[0]
        cards[f"{uid}.vcf"] = Card(f"{uid}.vcf", _tag(text), text)
    return Book(cards, _tag("".join(card.tag for card in cards.values())))


def book_for(rules: Sequence[Rule]) -> Book:
    """The published book with the changes of somebody's own list. Raises NotPublished."""
    book = published()
    if not rules:
        return book
    by_country = any(rule.pattern in REGIONS for rule in rules)
    texts, held = [], set()
    for card in book.cards.values():
        lines = card.text.splitlines(keepends=True)
        kept = []
        for line in lines:
            key = line.partition("TEL;TYPE=VOICE:")[2].strip()
            rule = deciding(rules, key, country_of(key) if by_country else "") if key else None
            if rule is None or rule.action == Action.BLOCK.value:
                kept.append(line)
                held.add(key)
        if any(line.startswith("TEL") for line in kept):
            texts.append("".join(kept))
    own = sorted(
        Entry(rule.pattern, rule.action, "", 100, 0)
        for rule in rules
        if rule.is_number and rule.action == Action.BLOCK.value and rule.pattern not in held
    )
    return book_of([*texts, *map(contacts.card, contacts.packed(own))])


def published() -> Book:
    """The published book without any own list. Raises NotPublished."""
    try:
        return _published(snapshots.current(snapshots.NUMBERS).path("vcard"))
    except OSError:
        raise NotPublished("The published files are gone. Try again in a few minutes.") from None


@lru_cache(maxsize=2)
def _published(path: Path) -> Book:
    return book_of(contacts.cards_in(path))


def _tag(text: str) -> str:
    return f'"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'


def _book(visit: Visit) -> Book:
    return book_for(visit.known_caller.rules)


# --- The methods ---


@csrf_exempt
@require_http_methods(["GET", "HEAD", "OPTIONS", "PROPFIND"])
def discover(request: HttpRequest) -> HttpResponse:
    """/.well-known/carddav (RFC 6764)."""
    return HttpResponseRedirect(ROOT, status=301)


def options(visit: Visit, path: str = "") -> HttpResponse:
    return HttpResponse(headers={"DAV": "1, 3, addressbook", "Allow": READS, "Content-Length": "0"})


def refuse(visit: Visit, path: str = "") -> HttpResponse:
    raise Forbidden("This address book is read only.")


def get(visit: Visit, path: str = "") -> HttpResponse:
    """A card. For the collections, a line for people who open them with a browser."""
    place = _place(path)
    if place.card is None:
        return HttpResponse("Enter this address in a program for CardDAV.", content_type=TEXT)
    card = _book(visit).cards.get(place.card)
    if card is None:
        raise NothingHere("There is no such card.")
    headers = {"ETag": card.tag}
    if is_held(visit.request.headers.get("If-None-Match", ""), card.tag):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(card.text, content_type=VCARD, headers=headers)


def propfind(visit: Visit, path: str = "") -> HttpResponse:
    place = _place(path)
    asked = _asked_properties(_parsed(visit.request))
    deep = visit.request.headers.get("Depth", "infinity") != "0"
    book = _book(visit)
    found = [(place.href, place.properties(book))]
    if place.is_book and deep:
        found += [(place.of(card), _of_card(card)) for card in book.cards.values()]
    elif deep and place.card is None:
        found += [(below.href, below.properties(book)) for below in place.below()]
    if place.card is not None and place.card not in book.cards:
        raise NothingHere("There is no such card.")
    return _multistatus(_response(href, each, asked) for href, each in found)


def report(visit: Visit, path: str = "") -> HttpResponse:
    """Cards by their addresses, or all of them. Changes since a token (RFC 6578) are not supported:
    after 403, the answer to a token that is too old, Thunderbird never begins anew. Without tokens
    clients compare ETags."""
    place, body = _place(path), _parsed(visit.request)
    if body is None or not place.is_book or body.tag not in (MULTIGET, QUERY):
        raise Forbidden("<supported-report/>")
    asked = _asked_properties(body) or []
    if body.tag == QUERY:
        if not _takes_all(body):
            raise Forbidden("<C:supported-filter/>")
        cards = _book(visit).cards.values()
        return _multistatus(
            _response(place.of(card), _of_card(card, whole=True), asked) for card in cards
        )
    hrefs = [href.text or "" for href in body.iter(f"{{{DAV}}}href")]
    return _multistatus(_multiget(place, _book(visit), hrefs, asked))


def _takes_all(query: Element) -> bool:
    """Whether a query has no filter, or one that every card passes."""
    return all(
        each.get("name", "").upper() in ALWAYS and len(each) == 0
        for each in query.iterfind(f"{{{CARD}}}filter/*")
    )


def _multiget(
    place: "Place", book: Book, hrefs: Iterable[str], asked: Sequence[str]
) -> Iterator[str]:
    """Each requested card once, however often and in whatever form it is requested."""
    found: dict[str, str] = {}
    for href in hrefs:
        try:
            wanted = _place(unquote(urlsplit(href.strip()).path).removeprefix(ROOT))
        except (NothingHere, ValueError):
            wanted = Place()
        card = book.cards.get(wanted.card or "") if wanted.user == place.user else None
        if card is not None:
            found[card.name] = _response(place.of(card), _of_card(card, whole=True), asked)
        else:
            gone = "<status>HTTP/1.1 404 Not Found</status>"
            found[href] = f"<response><href>{escape(href)}</href>{gone}</response>"
    yield from found.values()


# --- Places and their properties ---


@dataclass(frozen=True, slots=True)
class Place:
    """The resource at an address: the root, a principal, a book (also the home), or a card in
    it."""

    kind: str = ""
    user: str = ""
    card: str | None = None

    @property
    def is_book(self) -> bool:
        return self.kind == "addresses" and bool(self.user) and self.card is None

    @property
    def href(self) -> str:
        parts = [part for part in (self.kind, self.user) if part]
        return (
            ROOT
            + "".join(f"{quote(part, safe='@')}/" for part in parts)
            + (quote(self.card) if self.card else "")
        )

    def of(self, card: Card) -> str:
        return self.href + quote(card.name)

    def below(self) -> list["Place"]:
        """The collections in it. The root lists no user unless the request names one."""
        return [Place(kind) for kind in ("principals", "addresses")] if not self.kind else []

    def properties(self, book: Book) -> Properties:
        if self.card is not None:
            held = book.cards.get(self.card)
            return _of_card(held) if held else {}
        user = quote(self.user or "me", safe="@")
        principal = f"<href>{ROOT}principals/{user}/</href>"
        kinds = {"principals": "<principal/>" if self.user else "", "": ""}
        found = {
            "current-user-principal": principal,
            "resourcetype": f"<collection/>{kinds.get(self.kind, '')}",
            "displayname": "Ringscore",
            "owner": principal,
            "current-user-privilege-set": "<privilege><read/></privilege>",
        }
        if self.kind == "principals":
            found["principal-URL"] = principal
        more = {"addressbook-home-set": f"<href>{ROOT}addresses/{user}/</href>"}
        if self.is_book:
            found |= {
                "resourcetype": "<collection/><C:addressbook/>",
                "getetag": escape(book.tag),
                "supported-report-set": "".join(
                    f"<supported-report><report><C:{name}/></report></supported-report>"
                    for name in REPORTS
                ),
            }
            more |= {
                "addressbook-description": "Numbers to block",
                "supported-address-data": (
                    '<C:address-data-type content-type="text/vcard" version="3.0"/>'
                ),
            }
        named = _named(DAV, found) | _named(CARD, more)
        return named | ({f"{{{SERVER}}}getctag": escape(book.tag)} if self.is_book else {})


def _place(path: str) -> Place:
    """The resource at a path. Ignores blanks around the parts, since people type addresses. Raises
    NothingHere."""
    parts = [part.strip() for part in path.strip().strip("/").split("/")]
    match parts:
        case [""]:
            return Place()
        case ["principals" | "addresses" as kind]:
            return Place(kind)
        case ["principals" | "addresses" as kind, user]:
            return Place(kind, user)
        case ["addresses", user, card]:
            return Place("addresses", user, card)
    raise NothingHere("There is nothing at this address.")


def _of_card(card: Card, *, whole: bool = False) -> Properties:
    found = _named(
        DAV,
        {
            "getetag": escape(card.tag),
            "getcontenttype": VCARD,
            "getcontentlength": str(len(card.text.encode())),
            "resourcetype": "",
        },
    )
    return found | ({f"{{{CARD}}}address-data": escape(card.text)} if whole else {})


def _named(namespace: str, found: Mapping[str, str]) -> dict[str, str]:
    return {f"{{{namespace}}}{name}": content for name, content in found.items()}


# --- XML ---


def _parsed(request: HttpRequest) -> Element | None:
    """The parsed body; None for an empty one. Raises InvalidField."""
    if not request.body.strip():
        return None
    try:
        root: Element = fromstring(request.body)
    except (ParseError, DefusedXmlException, ValueError):
        raise InvalidField("", "The body is not XML, or has a DTD.") from None
    return root


def _asked_properties(body: Element | None) -> list[str] | None:
    """The names of the requested properties; None for all."""
    props = None if body is None else body.find(f"{{{DAV}}}prop")
    return None if props is None else [each.tag for each in props]


def _response(href: str, known: Properties, asked: Sequence[str] | None) -> str:
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


def _multistatus(responses: Iterable[str]) -> HttpResponse:
    return _xml(f"<multistatus {NAMESPACES}>{''.join(responses)}</multistatus>", 207)


def _xml(body: str, status: int) -> HttpResponse:
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{body}'
    return HttpResponse(text.encode(), status=status, content_type=XML)


NAMESPACES = f'xmlns="{DAV}" xmlns:C="{CARD}" xmlns:S="{SERVER}"'


def complain(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    """An error as text, or as XML for preconditions (RFC 4918, 16)."""
    if detail.startswith("<"):
        return _xml(f"<error {NAMESPACES}>{detail}</error>", status)
    return HttpResponse(detail, status=status, content_type=TEXT)


LOOKING: dict[str, Callable[..., HttpResponse]] = {
    "OPTIONS": options,
    "GET": get,
    "PROPFIND": propfind,
}
METHODS = {**LOOKING, "REPORT": report, "PUT": refuse, "DELETE": refuse}
