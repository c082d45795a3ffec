"""Connecting a phone: the page shows what the documents say, with a key that works."""

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from pytest_django import Settings

from api import callers
from api.models import ApiKey
from reputation.feeds import publish
from tests.given.api_requests import NOW, ask
from tests.given.dialects import tell
from tests.given.visitors import Visitor
from web.clients import CLIENTS
from web.connecting import HOST, KEY, parts

pytestmark = pytest.mark.django_db

BLOCKS = re.compile(r'<pre class="send" id="part-([a-z-]+)" tabindex="0">(.*?)</pre>', re.DOTALL)
ROWS = re.compile(r"<dt>(.*?)</dt><dd><code>(.*?)</code></dd>")
TOKEN = re.compile(r"rsk_[a-z0-9]{8}_\w{43}")


def connected(by: Visitor, slug: str) -> str:
    return by.post(f"/connect/{slug}", {"country": "DE"}).content.decode()


def blocks(page: str) -> dict[str, str]:
    return {name: unescape(text) for name, text in BLOCKS.findall(page)}


def test_every_part_is_shown_and_every_client_is_offered(settings: Settings):
    shown = {step.part for client in CLIENTS.values() for step in client.steps if step.part}
    assert shown == set(parts()), "a part of the documents without a client, or the other way round"
    page = Visitor().get("/connect").content.decode()
    assert all(f"/connect/{slug}" in page for slug in CLIENTS)


def test_what_a_client_needs_has_its_key_and_address(
    known: Callable[..., Visitor], settings: Settings
):
    settings.PUBLIC_URL = "https://score.example"
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"link": "100/h"}
    anna = known()
    for slug, client in CLIENTS.items():
        page = connected(anna, slug)
        key = ApiKey.objects.latest("pk")
        assert (tuple(key.scopes), key.region) == (client.scopes, "DE")
        # Nothing of the documents' stand-ins is left, and every key on the page is this one.
        told = "\n".join([*blocks(page).values(), *(value for _, value in ROWS.findall(page))])
        assert HOST not in told
        assert "127.0.0.1:8000" not in told
        assert not KEY.search(told)
        (token,) = set(TOKEN.findall(told))
        assert callers.find(token, now=NOW).key_id == key.pk
        assert "US" not in re.findall(r"(?:--region |REGION=)(\w\w)", told)


def test_it_says_when_the_phone_has_asked(known: Callable[..., Visitor]):
    anna, ben = known(), known("ben@example.net")
    (text,) = [
        each for name, each in blocks(connected(anna, "spamblocker")).items() if "query" in name
    ]
    action = json.loads(text)["actions"][1]
    seen = f"/my/keys/{ApiKey.objects.get().prefix}/seen"
    assert "It has not asked yet." in anna.see(seen)
    token = action["header"].removeprefix("Authorization: Bearer ")
    path = action["url"].partition("/phoneblock")[2].partition("?")[0]
    assert ask("GET", f"/phoneblock{path}?sha1={'0' * 40}", by=token).status == 200
    assert "It works: it asked us 0\xa0minutes ago." in anna.get(seen).content.decode()
    assert ben.get(seen).status_code == 404
    assert Visitor().get(seen).status_code == 302


def test_a_file_is_what_the_page_shows_and_nobody_elses(known: Callable[..., Visitor]):
    anna, ben = known(), known("ben@example.net")
    shown = blocks(connected(anna, "kamailio"))["kamailio"]
    (token,) = TOKEN.findall(shown)
    form = {"token": token, "country": "DE"}
    response = anna.post("/connect/kamailio/kamailio", form)
    assert response.content.decode() == shown
    assert response["Content-Disposition"] == 'attachment; filename="kamailio.cfg"'
    for by, path, data in (
        (ben, "/connect/kamailio/kamailio", form),
        (anna, "/connect/kamailio/kamailio", {"token": "rsk_x"}),
        (anna, "/connect/kamailio/asterisk", form),
        (anna, "/connect/nothing/kamailio", form),
    ):
        assert by.post(path, data).status_code == 404
    assert anna.get("/connect/kamailio/kamailio")["Location"] == "/connect/kamailio"


@pytest.mark.usefixtures("feeds_dir")
def test_lists_are_downloaded_without_a_key(known: Callable[..., Visitor]):
    anna = known()
    missing = anna.get("/connect/list/plain", follow=True).content.decode()
    assert "There is no list yet." in missing
    tell("+8613812345678", "block")
    publish(now=NOW)
    answer = anna.get("/connect/list/plain")
    assert b"".join(answer.streaming_content) == b"+8613812345678\n"  # type: ignore[attr-defined]
    assert Visitor().get("/connect/list/plain").status_code == 302
    for format in ("json", "nothing"):
        assert anna.get(f"/connect/list/{format}").status_code == 404
