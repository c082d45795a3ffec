"""CardDAV (RFC 6352), read only: the list as an address book, under PhoneBlock's paths.

For Fritz!Box, iOS, DAVx5, Thunderbird and vdirsyncer. The book is the published feed `vcard`; the
user name in the address may be anything. Own code, since no maintained library does this: WsgiDAV
has no reports, and Radicale and xandikos are servers of their own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from api.dialects.address_book import Book, Card, book_for
from api.dialects.dav import (
    CARD,
    DAV,
    NAMESPACES,
    SERVER,
    Properties,
    asked_properties,
    multistatus,
    parsed,
    qualified,
    response,
    xml,
)
from api.dialects.gate import TEXT, Forbidden, NothingHere, Visit
from api.rendering import is_held

ROOT = "/phoneblock/contacts/"
VCARD = "text/vcard; charset=utf-8"
REPORTS = ("addressbook-multiget", "addressbook-query")
MULTIGET, QUERY = (f"{{{CARD}}}{name}" for name in REPORTS)
# Properties that a query's filter may require: every card has them.
ALWAYS = frozenset({"VERSION", "PRODID", "UID", "FN", "N", "TEL", "CATEGORIES"})
READS = "OPTIONS, GET, HEAD, PROPFIND, REPORT"


def _book(visit: Visit) -> Book:
    return book_for(visit.known_caller.rules)


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
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(card.text, content_type=VCARD, headers=headers)


def propfind(visit: Visit, path: str = "") -> HttpResponse:
    place = _place(path)
    asked = asked_properties(parsed(visit.request))
    deep = visit.request.headers.get("Depth", "infinity") != "0"
    book = _book(visit)
    found = [(place.href, place.properties(book))]
    if place.is_book and deep:
        found += [(place.of(card), _of_card(card)) for card in book.cards.values()]
    elif deep and place.card is None:
        found += [(below.href, below.properties(book)) for below in place.below()]
    if place.card is not None and place.card not in book.cards:
        raise NothingHere("There is no such card.")
    return multistatus(response(href, each, asked) for href, each in found)


def report(visit: Visit, path: str = "") -> HttpResponse:
    """Cards by their addresses, or all of them. Changes since a token (RFC 6578) are not supported:
    after 403, the answer to a token that is too old, Thunderbird never begins anew. Without tokens
    clients compare ETags."""
    place, body = _place(path), parsed(visit.request)
    if body is None or not place.is_book or body.tag not in (MULTIGET, QUERY):
        raise Forbidden("<supported-report/>")
    asked = asked_properties(body) or []
    if body.tag == QUERY:
        if not _takes_all(body):
            raise Forbidden("<C:supported-filter/>")
        cards = _book(visit).cards.values()
        return multistatus(
            response(place.of(card), _of_card(card, whole=True), asked) for card in cards
        )
    hrefs = [href.text or "" for href in body.iter(f"{{{DAV}}}href")]
    return multistatus(_multiget(place, _book(visit), hrefs, asked))


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
            found[card.name] = response(place.of(card), _of_card(card, whole=True), asked)
        else:
            gone = "<status>HTTP/1.1 404 Not Found</status>"
            found[href] = f"<response><href>{escape(href)}</href>{gone}</response>"
    yield from found.values()


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
        named = qualified(DAV, found) | qualified(CARD, more)
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
    found = qualified(
        DAV,
        {
            "getetag": escape(card.tag),
            "getcontenttype": VCARD,
            "getcontentlength": str(len(card.text.encode())),
            "resourcetype": "",
        },
    )
    return found | ({f"{{{CARD}}}address-data": escape(card.text)} if whole else {})


def complain(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    """An error as text, or as XML for preconditions (RFC 4918, 16)."""
    if detail.startswith("<"):
        return xml(f"<error {NAMESPACES}>{detail}</error>", status)
    return HttpResponse(detail, status=status, content_type=TEXT)


LOOKING: dict[str, Callable[..., HttpResponse]] = {
    "OPTIONS": options,
    "GET": get,
    "PROPFIND": propfind,
}
METHODS = {**LOOKING, "REPORT": report, "PUT": refuse, "DELETE": refuse}
