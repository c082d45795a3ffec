"""The list as an address book: what Fritz!Box, iOS and sync programs ask, and what they get."""

import base64
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import vobject
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from api.models import ApiKey
from reputation.feeds import publish
from tests.given.api_requests import NOW
from tests.given.dialects import Reply, exchange, new_key, tell
from web.connecting import parts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("feeds_dir")]

NUMBERS = [f"+1202555{n:04}" for n in range(100, 130)]
BOOK = "/phoneblock/contacts/addresses/anna/"
DAV, CARD, SERVER = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}", "{http://calendarserver.org/ns/}"
# As iOS and a Fritz!Box write them.
CTAG = (
    '<propfind xmlns="DAV:" xmlns:S="http://calendarserver.org/ns/"><prop><resourcetype/>'
    "<S:getctag/></prop></propfind>"
)
ETAGS = '<A:propfind xmlns:A="DAV:"><A:prop><A:getetag/><A:x xmlns="y"/></A:prop></A:propfind>'
ALL = '<propfind xmlns="DAV:"><allprop/></propfind>'

type Ask = Callable[..., Reply]


@pytest.fixture
def ask() -> Ask:
    token = new_key("compat")

    def send(
        method: str, path: str, body: str = "", *, user: str | None = "x", **more: str
    ) -> Reply:
        word = base64.b64encode(f"{user}:{token}".encode()).decode()
        shown = {"Authorization": f"Basic {word}"} if user is not None else {}
        headers = shown | {name.replace("_", "-"): value for name, value in more.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = f"Content-Length: {len(body.encode())}\r\n" if body else ""
        return exchange(f"{method} {path} HTTP/1.1\r\n{lines}{length}\r\n{body}".encode())

    return send


def listing(*numbers: str) -> None:
    for number in numbers:
        tell(number, "block")
    publish(now=NOW)


def responses(reply: Reply) -> dict[str, dict[str, ElementTree.Element]]:
    """The properties that were found, by name, of each href."""
    assert (reply.status, reply.type) == (207, "application/xml; charset=utf-8"), reply.body
    found = {}
    for each in ElementTree.fromstring(reply.body).iter(f"{DAV}response"):  # noqa: S314 -- ours
        props = {
            prop.tag: prop
            for propstat in each.iter(f"{DAV}propstat")
            if propstat.findtext(f"{DAV}status") == "HTTP/1.1 200 OK"
            for prop in propstat.iterfind(f"{DAV}prop/*")
        }
        found[each.findtext(f"{DAV}href") or ""] = props
    return found


def multiget(*hrefs: str) -> str:
    return (
        '<C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
        "<prop><getetag/><C:address-data/></prop>"
        f"{''.join(f'<href>{href}</href>' for href in hrefs)}</C:addressbook-multiget>"
    )


# As Thunderbird and DAVx5 write them.
THUNDERBIRD = """<propfind xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav" \
xmlns:cs="http://calendarserver.org/ns/">
      <prop>
        <resourcetype/>
        <getetag/>
        <cs:getctag/>
      </prop>
    </propfind>"""
TOKEN = """<propfind xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav" \
xmlns:cs="http://calendarserver.org/ns/">
      <prop>
         <displayname/>
         <cs:getctag/>
         <sync-token/>
      </prop>
    </propfind>"""
DAVX5 = (
    "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\""
    ' xmlns:CAL="urn:ietf:params:xml:ns:caldav" xmlns:CARD="urn:ietf:params:xml:ns:carddav"><prop>'
    "<CARD:supported-address-data /><supported-report-set /><n0:getctag"
    ' xmlns:n0="http://calendarserver.org/ns/" /><sync-token /></prop></propfind>'
)
# As carddav2fb and the contacts of ownCloud write it, which fetch the whole book so. Others add a
# filter that every card passes.
QUERY = """<?xml version="1.0" encoding="utf-8"?>
<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
    <D:prop>
        <D:getetag/>
        <C:address-data content-type="text/vcard"/>
    </D:prop>{}
</C:addressbook-query>"""
SYNC = (
    '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop>'
    "</sync-collection>"
)


def test_a_client_finds_the_book_and_gets_every_number(ask: Ask):
    listing(*NUMBERS)
    for slash in ("", "/"):
        found = ask("PROPFIND", f"/.well-known/carddav{slash}", user=None)
        assert (found.status, found.headers["Location"]) == (301, "/phoneblock/contacts/")
    # A Fritz!Box never shows its password before it is asked.
    unasked = ask("PROPFIND", "/phoneblock/contacts/", user=None)
    assert unasked.status == 401
    assert unasked.headers["WWW-Authenticate"] == 'Basic realm="ringscore", charset="UTF-8"'
    options = ask("OPTIONS", BOOK)
    assert (options.status, options.headers["DAV"]) == (200, "1, 3, addressbook")

    [(_, root)] = responses(ask("PROPFIND", "/phoneblock/contacts/", ALL, Depth="0")).items()
    principal = root[f"{DAV}current-user-principal"].findtext(f"{DAV}href")
    [(_, props)] = responses(ask("PROPFIND", principal, Depth="0")).items()
    home = props[f"{CARD}addressbook-home-set"].findtext(f"{DAV}href")
    [(href, book)] = responses(ask("PROPFIND", home, CTAG, Depth="0")).items()
    assert href == home
    assert [kind.tag for kind in book[f"{DAV}resourcetype"]] == [
        f"{DAV}collection",
        f"{CARD}addressbook",
    ]
    listed = responses(ask("PROPFIND", home, ETAGS, Depth="1"))
    cards = {path: props[f"{DAV}getetag"].text for path, props in listed.items() if path != home}
    # A path or a whole address, percent-encoded or not.
    asked = [f"https://score.example{path}" if n % 2 else path for n, path in enumerate(cards)]
    got = responses(ask("REPORT", home, multiget(*asked)))
    assert {path: props[f"{DAV}getetag"].text for path, props in got.items()} == cards
    numbers: list[str] = []
    for props in got.values():
        card = vobject.readOne(props[f"{CARD}address-data"].text)
        card.validate()
        numbers += [tel.value for tel in card.tel_list]
    assert sorted(numbers) == NUMBERS
    assert len(cards) < len(NUMBERS) / 2  # several numbers in a contact


def test_a_fritzbox_asks_for_some_cards_at_a_time_without_its_password_first(ask: Ask):
    """PhoneBlock's log of 14 days has as many requests without as with it, some 190 a sync."""
    ApiKey.objects.update(personal=True)
    listing(*NUMBERS)
    asked = multiget(*[path for path in responses(ask("PROPFIND", BOOK, ETAGS)) if path != BOOK])
    for _ in range(190):
        assert ask("REPORT", BOOK, asked, user=None).status == 401
        assert ask("REPORT", BOOK, asked).status == 207


def test_what_changed_is_all_that_is_fetched_again(ask: Ask):
    listing(*NUMBERS)

    def state() -> tuple[str, dict[str, str]]:
        found = responses(ask("PROPFIND", BOOK, ALL, Depth="1"))
        ctag = found.pop(BOOK)[f"{SERVER}getctag"].text
        return ctag, {path: props[f"{DAV}getetag"].text for path, props in found.items()}

    before = state()
    tell("+12025550199", "flag")  # not in the book
    publish(now=NOW)
    assert state() == before
    listing("+442079460000")
    after = state()
    assert after[0] != before[0]
    assert len(set(before[1].items()) - set(after[1].items())) <= 1


def test_thunderbird_drops_and_takes_what_changed(ask: Ask):
    """It asks for a token once; with one, it would only take the answers 207 and 400 ever after."""
    held: dict[str, str] = {}
    cards: dict[str, list[str]] = {}

    def synchronise() -> list[str]:
        listed = responses(
            ask(
                "PROPFIND",
                BOOK,
                THUNDERBIRD,
                Depth="1",
                Content_Type="application/xml; charset=utf-8",
            )
        )
        etags = {
            path: props[f"{DAV}getetag"].text
            for path, props in listed.items()
            if props[f"{DAV}resourcetype"].find(f"{DAV}collection") is None
        }
        for gone in held.keys() - etags.keys():
            del held[gone], cards[gone]
        wanted = [path for path, etag in etags.items() if held.get(path) != etag]
        got = responses(ask("REPORT", BOOK, multiget(*wanted), Depth="1")) if wanted else {}
        for path, props in got.items():
            held[path] = props[f"{DAV}getetag"].text
            card = vobject.readOne(props[f"{CARD}address-data"].text)
            cards[path] = [tel.value for tel in card.tel_list]
        return wanted

    listing(*NUMBERS)
    assert len(synchronise()) == len(cards)
    [(_, props)] = responses(ask("PROPFIND", BOOK, TOKEN, Depth="0")).items()
    assert set(props) == {f"{DAV}displayname", f"{SERVER}getctag"}
    assert synchronise() == []
    tell(NUMBERS[0], "allow", "")
    listing("+442079460000")
    assert 0 < len(synchronise()) < len(cards)
    numbers = sorted(number for card in cards.values() for number in card)
    assert numbers == [*NUMBERS[1:], "+442079460000"]


def test_davx5_learns_that_it_compares_etags(ask: Ask):
    listing(*NUMBERS)
    [(_, props)] = responses(ask("PROPFIND", BOOK, DAVX5, Depth="0")).items()
    assert [
        each.tag for each in props[f"{DAV}supported-report-set"].iterfind(f".//{DAV}report/*")
    ] == [f"{CARD}addressbook-multiget", f"{CARD}addressbook-query"]
    assert f"{DAV}sync-token" not in props


@pytest.mark.parametrize("more", ["", '<C:filter><C:prop-filter name="FN"/></C:filter>'])
def test_carddav2fb_takes_every_card_in_one_request(ask: Ask, more: str):
    listing(*NUMBERS)
    got = responses(ask("REPORT", BOOK, QUERY.format(more), Content_Type="application/xml"))
    listed = responses(ask("PROPFIND", BOOK, ETAGS, Depth="1"))
    assert {path: props[f"{DAV}getetag"].text for path, props in got.items()} == {
        path: props[f"{DAV}getetag"].text for path, props in listed.items() if path != BOOK
    }
    cards = [vobject.readOne(props[f"{CARD}address-data"].text) for props in got.values()]
    assert sorted(tel.value for card in cards for tel in card.tel_list) == NUMBERS


def test_one_card_by_its_address(ask: Ask):
    listing(*NUMBERS)
    [path, *_] = [
        path for path in responses(ask("PROPFIND", BOOK, ETAGS, Depth="1")) if path != BOOK
    ]
    reply = ask("GET", path)
    assert (reply.status, reply.type) == (200, "text/vcard; charset=utf-8")
    held = ask("GET", path, If_None_Match=reply.headers["ETag"])
    assert (held.status, held.body) == (304, b"")
    assert "Content-Type" not in held.headers
    [(_, props)] = responses(ask("PROPFIND", path, ETAGS)).items()
    assert props[f"{DAV}getetag"].text == reply.headers["ETag"]
    for method in ("PUT", "DELETE"):
        assert ask(method, path, "x").status == 403
    for gone in (f"{BOOK}none.vcf", f"{BOOK}a/b", "/phoneblock/contacts/other/"):
        assert ask("GET", gone).status == 404
        assert ask("PROPFIND", gone).status == 404
    statuses = ask(
        "REPORT", BOOK, multiget(f"{BOOK}none.vcf", path, path, "/", "http://[", "x" * 99)
    )
    assert statuses.body.count(b"HTTP/1.1 404 Not Found") == 4
    assert statuses.body.count(b"BEGIN:VCARD") == 1


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("PROPFIND", "<a", 400),
        ("PROPFIND", '<!DOCTYPE x [<!ENTITY a "b">]><propfind xmlns="DAV:">&a;</propfind>', 400),
        ("PROPFIND", '<propfind xmlns="DAV:"><prop><x xmlns=""/><y:z xmlns:y="&quot;"/></prop>'
         "</propfind>", 207),
        ("REPORT", "", 403),
        ("REPORT", SYNC, 403),
        ("REPORT", QUERY.format('<C:filter><C:prop-filter name="FN"><C:text-match>a</C:text-match>'
         "</C:prop-filter></C:filter>"), 403),
        ("REPORT", QUERY.format('<C:filter><C:prop-filter name="EMAIL"/></C:filter>'), 403),
        ("SEARCH", "", 405),
    ],
)  # fmt: skip
def test_what_cannot_be_read(ask: Ask, method: str, body: str, status: int):
    listing()
    reply = ask(method, BOOK, body)
    assert reply.status == status
    if status == 207:
        ElementTree.fromstring(reply.body)  # noqa: S314 -- ours
    # People type a blank after an address, and names with anything in them.
    assert ask("PROPFIND", f"{BOOK}%20").status == 207
    assert responses(ask("PROPFIND", "/phoneblock/contacts/addresses/a%26%3Cb%20c/", Depth="0"))
    assert ask("GET", "/phoneblock/contacts/").status == 200


@pytest.mark.parametrize("names", ["<a/>" * 1_000, f'<a xmlns="{"x" * 4_000}"/>'])
def test_no_answer_repeats_a_large_request_for_each_card(ask: Ask, names: str):
    """With thousands of cards it would have gigabytes."""
    listing(*NUMBERS)
    for method, body in (
        ("PROPFIND", f'<propfind xmlns="DAV:"><prop>{names}</prop></propfind>'),
        ("REPORT", multiget().replace("<getetag/>", names)),
    ):
        reply = ask(method, BOOK, body)
        assert (reply.status, len(reply.body) < 200) == (400, True)


def test_before_the_first_publication(ask: Ask):
    reply = ask("PROPFIND", BOOK)
    assert (reply.status, reply.headers["Retry-After"]) == (503, "5")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_vdirsyncer_finds_fetches_and_has_nothing_to_do_the_second_time(
    live_server: LiveServer, settings: Settings, tmp_path: Path
):
    """The real program from the package index, configured as the page says."""
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet",
         "--disable-pip-version-check", "vdirsyncer==0.21.0"],
        check=True,
    )  # fmt: skip
    settings.PUBLIC_URL = live_server.url
    config = tmp_path / "config"
    config.write_text(parts()["vdirsyncer"].filled(token=new_key("compat"), region="").code)

    def vdirsyncer(*command: str) -> str:
        done = subprocess.run(
            [python, "-m", "vdirsyncer", "-c", config, *command],
            input="y\ny\ny\n",
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"HOME": str(tmp_path)},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def numbers() -> list[str]:
        cards = [vobject.readOne(path.read_text()) for path in tmp_path.glob(".contacts/*/*.vcf")]
        return sorted(tel.value for card in cards for tel in card.tel_list)

    listing(*NUMBERS)
    vdirsyncer("discover")
    vdirsyncer("sync")
    assert numbers() == NUMBERS
    assert "Copying" not in vdirsyncer("sync")
    listing("+442079460000")
    vdirsyncer("sync")
    assert numbers() == [*NUMBERS, "+442079460000"]
