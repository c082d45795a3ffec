"""Apps and devices get a key of their own by way of their user, and nobody else gets one."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from pytest_django import Settings

from api import pairing
from api.models import ApiKey
from tests.given.api_requests import ask, holder
from tests.given.visitors import Visitor

pytestmark = pytest.mark.django_db

STATE = "0123456789abcdef0123456789abcdef"
DONGLE = {
    "appId": "PhoneBlockDongle",
    "tokenLabel": "PhoneBlock-Dongle",
    "callback": "http://answerbot.fritz.box/token-callback",
    "state": STATE,
}
SPAMBLOCKER = {"appId": "SpamBlocker", "state": STATE}


def pair(path: dict[str, str]) -> str:
    return f"/pair?{urlencode(path)}"


@pytest.mark.parametrize("asked", [DONGLE, SPAMBLOCKER])
def test_an_app_gets_a_key_of_its_own(known: Callable[..., Visitor], asked: dict[str, str]):
    anna = known()
    there = anna.where(f"/phoneblock/mobile/login?{urlencode(asked)}")
    assert there == pair(asked)
    response = anna.get(there)
    page = response.content.decode()
    for shown in (asked["appId"], "report numbers in your name", "It cannot sign in"):
        assert shown in page
    # The browser would stop the way back otherwise.
    source = "http:" if asked is DONGLE else "spamblocker:"
    assert f"form-action 'self' {source};" in response["Content-Security-Policy"] + ";"
    assert not ApiKey.objects.exists()  # to look is to grant nothing

    back = urlsplit(anna.where("/pair", asked | {"country": "DE"}))
    wanted = asked.get("callback", "spamblocker://auth")
    assert f"{back.scheme}://{back.netloc}{back.path}" == wanted
    answer = parse_qs(back.query)
    assert answer["state"] == [STATE]
    (token,) = answer["loginToken"]
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.region) == (
        asked.get("tokenLabel", "SpamBlocker"),
        ["compat"],
        "DE",
    )
    assert ask("GET", "/phoneblock/api/test", by=token).status == 200
    assert ask("GET", "/phoneblock/api/account", by=token).json == {"dialPrefix": "+49"}
    assert key.prefix in anna.get("/my/keys").content.decode()


def test_a_state_is_good_for_one_key(known: Callable[..., Visitor]):
    anna, ben = known(), known("ben@example.net")
    anna.where("/pair", DONGLE)
    elsewhere = DONGLE | {"callback": "http://192.168.178.66/take"}
    for by, asked in ((anna, DONGLE), (ben, DONGLE), (anna, elsewhere)):
        response = by.post("/pair", asked)
        assert response.status_code == 409
        assert "rsk_" not in response.content.decode()
    # Revoking does not open it again.
    anna.post(f"/my/keys/{ApiKey.objects.get().prefix}/revoke")
    assert anna.post("/pair", DONGLE).status_code == 409
    assert ApiKey.objects.count() == 1


def test_a_form_pressed_twice_gives_the_app_one_key(known: Callable[..., Visitor]):
    """The browser drops the first answer after a double click, and not after "Back": then the
    device has its key, and may take no other."""
    anna, sent = known(), {"csrfmiddlewaretoken": "of this page"}
    first, second = (anna.where("/pair", DONGLE | sent) for _ in range(2))
    assert first == second
    (token,) = parse_qs(urlsplit(first).query)["loginToken"]
    assert ApiKey.objects.count() == 1
    assert anna.post("/pair", DONGLE | {"csrfmiddlewaretoken": "of another"}).status_code == 409
    assert ask("GET", "/phoneblock/api/test", by=token).status == 200
    # Once the device has asked, the key is its own.
    assert anna.post("/pair", DONGLE | sent).status_code == 409
    assert "This form came twice" not in anna.see("/my/keys"), "which shows no key"


def test_a_page_gives_its_key_again_for_an_hour_alone(known: Callable[..., Visitor]):
    """A person who finds the page open the next day gets no key. The device may use its own."""
    anna, sent = known(), {"csrfmiddlewaretoken": "of this page"}
    first = anna.where("/pair", DONGLE | sent)
    made = ApiKey.objects.get().created_at
    for since, again in ((timedelta(minutes=59), True), (pairing.AGAIN, False)):
        ApiKey.objects.update(created_at=made - since)
        response = anna.post("/pair", DONGLE | sent)
        assert (response.status_code, response.get("Location")) == (
            (302, first) if again else (409, None)
        )
    (token,) = parse_qs(urlsplit(first).query)["loginToken"]
    assert ask("GET", "/phoneblock/api/test", by=token).status == 200


LOCAL = [
    "http://dongle/",
    "http://192.168.178.40:8080/token-callback?x=1",
    "http://127.0.0.1:4711/",
    "http://a.home.arpa",
]
ELSEWHERE = [
    "",
    "https://evil.example/",
    "http://evil.example/",
    "http://dongle@evil.example/",
    "http://evil.example\\@192.168.1.1/",
    "http://192.168.1.1\\@evil.example/",
    "http://192.168.1.1#@evil.example/",
    "http://8.8.8.8/",
    "http://192.168.1.1.evil.example/",
    "http://2130706433/",
    "http://0x08080808/",
    "http://010.8.8.8/",
    "http://8.8.2056/",
    "http://fritz.box.evil.example/",
    "http://evilfritz.box/",
    "//evil.example/",
    "javascript:alert(1)",
    "spamblocker://auth",
    "http://dongle/\r\nSet-Cookie: a=b",
    "http://dongle/ http://evil.example/",
    "http://dongle。evil.example/",
]


def test_keys_go_to_registered_callbacks_alone(known: Callable[..., Visitor]):
    for callback in LOCAL:
        asked = pairing.asked(app="PhoneBlockDongle", callback=callback, state=STATE)
        assert asked.callback == callback
    anna = known()
    for callback in ELSEWHERE:
        asked = DONGLE | {"callback": callback}
        for response in (anna.get(pair(asked)), anna.post("/pair", asked)):
            assert response.status_code == 400, callback
            assert "Location" not in response
    asked = SPAMBLOCKER | {"callback": "https://evil.example/"}
    assert anna.post("/pair", asked).status_code == 400
    for wrong in ({"appId": "Evil"}, {"state": "short"}, {"state": f"{STATE}\n"}):
        page = anna.send("/pair", SPAMBLOCKER | wrong, status=400)
        assert "Start again in the app; if that does not help, tell its makers." in page
    assert not ApiKey.objects.exists()


def test_a_forged_page_grants_nothing(known: Callable[..., Visitor]):
    """Another site sends the form, or shows ours inside its own page."""
    anna = known()
    strict = Visitor(enforce_csrf_checks=True)
    strict.cookies = anna.cookies
    assert (
        strict.post("/pair", DONGLE, headers={"origin": "https://evil.example"}).status_code == 403
    )
    assert not ApiKey.objects.exists()
    response = anna.get(pair(DONGLE | {"tokenLabel": "<b>Bank\u202e</b>\0"}))
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert 'value="&lt;b&gt;Bank&lt;/b&gt;"' in response.content.decode()
    # Somebody who is not signed in signs in first, and comes back to the same question.
    entrance = urlsplit(Visitor().where(pair(DONGLE)))
    assert parse_qs(entrance.query)["next"] == [pair(DONGLE)]


def test_operators_register_apps(settings: Settings, known: Callable[..., Visitor]):
    settings.PAIRING_APPS = {"Mine": "https://app.example/key?a=1"}
    back = known().where("/pair", {"appId": "Mine", "state": STATE})
    assert back.startswith("https://app.example/key?a=1&loginToken=rsk_")


def test_a_device_leads_to_pages_and_signs_nobody_in():
    by = holder("compat", region="DE")
    posted = {"by": by, "content_type": "application/x-www-form-urlencoded"}
    path = "/phoneblock/api/auth/login-ticket"
    ticket = ask("POST", path, body=b"next=%2Fnums%2F0012025550101", **posted).json["ticket"]
    nobody = Visitor()
    there = nobody.where(f"/phoneblock/auth/login-ticket?t={ticket}")
    assert there == "/numbers/+12025550101"
    assert "sessionid" not in nobody.cookies
    for tampered in ("", "x", ticket[:-1], ticket.replace(":", "")):
        assert nobody.where(f"/phoneblock/auth/login-ticket?t={tampered}") == "/"
    for body in (b"", b"next=%2F%2Fevil.example", b"next=https%3A%2F%2Fevil.example%2Fnums%2F"):
        assert ask("POST", path, body=body, **posted).status == 400
    assert nobody.where("/phoneblock/nums/00493012345") == "/numbers/+493012345"
    assert ask("POST", "/phoneblock/api/dongle/log", body=b"+49 30 1", **posted).status == 204
    assert ask("GET", "/phoneblock/api/account", by=holder("compat", region="")).json == {}
