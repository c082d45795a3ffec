"""Into the panel: password, second factor where it is required, and limits on guessing both."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tests.given.clock import limits_by
from tests.given.reporters import newcomer

PASSWORD = "correct horse battery"
SIGN_IN, PANEL = "/admin/login/", "/admin/reputation/number/"
AUTHENTICATE, ACTIVATE = "/accounts/2fa/authenticate/", "/accounts/2fa/totp/activate/"
REAUTHENTICATE = "/accounts/2fa/reauthenticate/"
MISMATCH = "The username and/or password you specified are not correct."
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    """Slow hashes are Django's affair."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _windows_of_limits_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.time()
    limits_by(monkeypatch, lambda: began)


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


@pytest.fixture
def armed(boss: User) -> User:
    """With a second factor."""
    auth.TOTP.activate(boss, SECRET)
    return boss


@pytest.fixture
def required(settings: Settings) -> None:
    settings.MODERATOR_MFA_REQUIRED = True


def sign_in(client: Client, login: str = "boss", password: str = PASSWORD, path: str = PANEL):
    return client.post(f"{SIGN_IN}?next={path}", {"login": login, "password": password})


def code(secret: str = SECRET) -> str:
    counter = int(auth.time.time()) // 30
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def wrong(secret: str = SECRET) -> str:
    return f"{(int(code(secret)) + 1) % 1_000_000:06}"


def opens(client: Client) -> bool:
    return client.get(PANEL).status_code == 200


# --- the password ---


@pytest.mark.usefixtures("boss")
def test_the_panel_leads_to_the_form_and_back(client: Client):
    response = client.get(PANEL)
    assert (response.status_code, response["Location"]) == (302, f"{SIGN_IN}?next={PANEL}")
    assert 'autocomplete="current-password"' in client.get(response["Location"]).content.decode()
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, PANEL)
    assert opens(client)


def test_a_reason_outlives_the_session_in_which_it_was_typed(client: Client):
    own = {"Sec-Fetch-Site": "same-origin"}
    where = f"/admin/reputation/reporter/{newcomer('liar').pk}/decide/block_reporter/"
    kept = client.post(where, {"reason": "It took ten minutes.", "seen": "0"}, headers=own)
    page = kept.content.decode()
    assert (kept.status_code, "Your session has ended." in page) == (403, True)
    assert '<input type="hidden" name="reason" value="It took ten minutes.">' in page
    assert f'href="{SIGN_IN}?next=' in page
    assert f'action="{where}"' in page
    # A button alone has nothing to lose, and signing out needs no session.
    for button in ("/admin/reputation/queueitem/refresh/", "/admin/logout/"):
        assert client.post(button, headers=own).status_code == 302
    assert client.post(where, {"reason": "Of another site."}).status_code == 302


@pytest.mark.usefixtures("boss")
def test_without_a_page_asked_for_it_leads_to_the_dashboard(client: Client):
    response = client.post(SIGN_IN, {"login": "boss", "password": PASSWORD})
    assert response["Location"] == "/admin/"


@pytest.mark.usefixtures("boss")
def test_it_leads_to_no_other_site(client: Client):
    assert sign_in(client, path="https://evil.example/")["Location"] == "/admin/"


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(("login", "password"), [("boss", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_password_and_an_unknown_name_look_alike(client: Client, login: str, password: str):
    response = sign_in(client, login, password)
    assert response.status_code == 200
    assert MISMATCH in response.content.decode()
    assert not opens(client)


def test_the_page_says_what_it_is_by_ear_too(client: Client):
    assert "<h1>Sign in</h1>" in client.get(SIGN_IN).content.decode()


def test_who_changes_their_password_gets_none_that_is_guessed_first(boss: User, client: Client):
    client.force_login(boss)
    User.objects.update(email="watchtower@example.org")
    for new in ("Xk4#pw", "password123", "84027391", "watchtower1", "Xk4#pwQz"):
        form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        client.post("/admin/password_change/", form)
        boss.refresh_from_db()
        assert boss.check_password(new) is (new == "Xk4#pwQz"), new


def test_a_password_opens_no_account_but_those_of_staff(client: Client):
    User.objects.create_user("person", password=PASSWORD)
    assert MISMATCH in sign_in(client, "person").content.decode()
    assert "_auth_user_id" not in client.session
    assert not opens(client)


class Counting(MD5PasswordHasher):
    """Counts the hashes that it works out."""

    algorithm = "counting"
    worked_out = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).worked_out += 1
        return super().encode(password, salt)


def test_nothing_tells_accounts_apart(settings: Settings):
    """Neither the answer nor the number of hashes, which is what takes time."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    mailbox = "boss@example.com"
    boss = User.objects.create_superuser("boss", mailbox, PASSWORD)
    EmailAddress.objects.create(user=boss, email=mailbox, primary=True, verified=True)
    User.objects.create_user("closed", password=PASSWORD, is_staff=True, is_active=False)
    User.objects.create_user("person", "person@example.com", PASSWORD)
    User.objects.create_user("opened by code", "code@example.com")
    User.objects.create_user("never", is_staff=True)
    answers = set()
    for n, (name, password) in enumerate(
        (
            ("nobody", "guess"),
            ("boss", "guess"),
            ("closed", PASSWORD),
            ("closed", "guess"),
            ("person", PASSWORD),
            ("person", "guess"),
            ("opened by code", "guess"),
            ("never", "guess"),
            (mailbox, PASSWORD),
            (mailbox, "guess"),
            ("person@example.com", "guess"),
            ("code@example.com", "guess"),
            ("nobody@example.com", "guess"),
        )
    ):
        Counting.worked_out = 0
        page = sign_in(Client(REMOTE_ADDR=f"192.0.2.{n + 1}"), name, password)
        assert Counting.worked_out == 1, name
        said = re.sub(r'value="[^"]*"', "", page.content.decode())
        answers.add((page.status_code, said, tuple(page.cookies)))
    assert len(answers) == 1
    assert MISMATCH in answers.pop()[1]
    Counting.worked_out = 0
    assert sign_in(Client()).status_code == 302
    assert Counting.worked_out == 1


@pytest.mark.usefixtures("boss")
def test_a_closed_account_does_not_get_in(client: Client):
    User.objects.update(is_active=False)
    sign_in(client)
    assert not opens(client)


@pytest.mark.usefixtures("boss")
def test_a_session_of_the_panel_ends_after_a_day_s_work(client: Client):
    sign_in(client)
    assert client.session.get_expiry_age() <= 12 * 3600


def test_a_person_s_code_by_mail_opens_no_panel(client: Client):
    User.objects.create_user("boss", email="boss@example.com", is_staff=True)
    client.post("/accounts/login/code/", {"email": "boss@example.com"})
    assert ["This address cannot sign in by code." in sent.body for sent in mail.outbox] == [True]
    assert not opens(client)


# --- guessing ---


def guess(name: str, address: str, times: int, client: Client | None = None) -> str:
    """What the page says after the last guess."""
    for n in range(times):
        answer = (client or Client()).post(
            SIGN_IN, {"login": name, "password": f"guess {n}"}, REMOTE_ADDR=address
        )
    return answer.content.decode()


@pytest.fixture
def _patient_addresses(settings: Settings) -> None:
    """Without the limit of an address in a minute, which would come first."""
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"password": "1000/m"}
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "1000/m/ip"}


@pytest.mark.usefixtures("boss", "_patient_addresses")
def test_a_network_that_guesses_is_refused_for_that_account_and_others_are_not():
    assert MISMATCH in guess("boss", "192.0.2.1", 15)
    assert "Too many failed attempts." in guess("boss", "192.0.2.1", 1)
    assert "Too many failed attempts." in sign_in(Client(REMOTE_ADDR="192.0.2.1")).content.decode()
    assert sign_in(Client(REMOTE_ADDR="192.0.2.99")).status_code == 302


@pytest.mark.usefixtures("boss", "_patient_addresses")
def test_an_ipv6_site_is_one_network_however_many_addresses_it_has():
    for n in range(15):
        guess("boss", f"2001:db8:1:{n}::1", 1)
    assert "Too many failed attempts." in guess("boss", "2001:db8:1:ffff::1", 1)


@pytest.mark.usefixtures("boss", "_patient_addresses")
def test_strangers_lock_no_account_for_the_browser_of_its_owner(client: Client):
    sign_in(client)
    client.post("/accounts/logout/")
    for n in range(9):
        guess("boss", f"192.0.2.{n + 1}", 15)
    assert "Too many failed attempts." in sign_in(Client(REMOTE_ADDR="192.0.2.99")).content.decode()
    assert sign_in(client).status_code == 302
    assert opens(client)


@pytest.mark.usefixtures("boss", "_patient_addresses")
def test_one_network_alone_does_not_use_up_the_guesses_of_all(settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"password_strangers": "20/h"}
    guess("boss", "192.0.2.1", 40)
    assert sign_in(Client(REMOTE_ADDR="192.0.2.99")).status_code == 302


@pytest.mark.usefixtures("_patient_addresses")
def test_a_browser_of_one_account_is_a_stranger_to_another(client: Client, boss: User):
    sign_in(client)
    User.objects.create_superuser("chief", password=PASSWORD)
    client.post("/accounts/logout/")
    for n in range(9):
        guess("chief", f"192.0.2.{n + 1}", 15)
    assert "Too many failed attempts." in sign_in(client, "chief").content.decode()


@pytest.mark.usefixtures("boss", "_patient_addresses")
def test_guesses_in_a_known_browser_are_limited_too(client: Client):
    sign_in(client)
    client.post("/accounts/logout/")
    assert MISMATCH in guess("boss", "127.0.0.1", 15, client)
    assert "Too many failed attempts." in sign_in(client).content.decode()


@pytest.mark.usefixtures("boss", "_patient_addresses")
def test_a_right_password_counts_for_nothing():
    for n in range(20):
        assert sign_in(Client()).status_code == 302, n


@pytest.mark.usefixtures("boss")
def test_nobody_makes_a_browser_known_by_a_cookie_of_their_own(client: Client):
    sign_in(client)
    known = client.cookies["known-browser"]
    assert known["httponly"]
    assert known["samesite"] == "Lax"
    client.cookies["known-browser"] = f"x{known.value}"
    client.post("/accounts/logout/")
    for n in range(9):
        guess("boss", f"192.0.2.{n + 1}", 10)
        guess("boss", f"192.0.3.{n + 1}", 10)
    assert "Too many failed attempts." in sign_in(client).content.decode()


@pytest.mark.usefixtures("boss")
def test_guessing_is_limited_by_address(client: Client):
    for n in range(10):
        sign_in(client, f"name{n}", "guess")
    assert "Too many failed attempts." in sign_in(client).content.decode()
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere).status_code == 302


@pytest.mark.usefixtures("armed")
def test_guessing_the_code_is_limited_too(client: Client):
    sign_in(client)
    for n in range(5):
        client.post(AUTHENTICATE, {"code": wrong()}, REMOTE_ADDR=f"192.0.2.{n + 1}")
    response = client.post(AUTHENTICATE, {"code": code()}, REMOTE_ADDR="192.0.2.99")
    assert response.status_code == 200
    assert "Too many failed attempts." in response.content.decode()
    assert not opens(client)


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("path", ["/accounts/reauthenticate/", "/admin/password_change/"])
def test_guessing_the_password_in_an_open_session_is_limited_by_the_hour(
    client: Client, path: str, monkeypatch: pytest.MonkeyPatch
):
    sign_in(client)
    began = time.time()
    for n in range(21):
        monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda n=n: began + 60 * n)
        guess = dict.fromkeys(("password", "old_password"), f"guess {n}")
        response = client.post(path, guess)
        assert response.status_code == (200 if n < 20 else 429)


@pytest.mark.usefixtures("boss")
def test_who_guesses_at_the_owners_address_does_not_stop_the_owners_browser(client: Client):
    sign_in(client)
    client.post("/accounts/logout/")
    for n in range(40):
        sign_in(Client(), f"name{n % 20}", "guess")
    assert "Too many failed attempts." in sign_in(Client()).content.decode()
    assert sign_in(client).status_code == 302
    assert opens(client)


@pytest.mark.usefixtures("boss")
def test_a_cache_that_is_away_lets_nobody_guess(client: Client, settings: Settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere.sock",
        }
    }
    assert sign_in(client).status_code == 503
    assert not opens(client)


# --- the second factor ---


@pytest.mark.usefixtures("armed")
def test_who_has_one_is_asked_for_it_even_where_it_is_not_required(client: Client):
    assert sign_in(client)["Location"].startswith(AUTHENTICATE)
    assert not opens(client)
    response = client.post(AUTHENTICATE, {"code": wrong()})
    assert "Incorrect code." in response.content.decode()
    assert not opens(client)
    response = client.post(AUTHENTICATE, {"code": code()})
    assert (response.status_code, response["Location"]) == (302, PANEL)
    assert opens(client)
    assert client.session.get_expiry_age() <= 12 * 3600


@pytest.mark.usefixtures("armed", "required")
def test_a_code_serves_once(client: Client):
    used = code()
    for each, entered in ((client, True), (Client(), False)):
        sign_in(each)
        each.post(AUTHENTICATE, {"code": used})
        assert opens(each) is entered


@pytest.mark.usefixtures("required")
def test_a_recovery_code_serves_in_its_place_once(client: Client, armed: User):
    spare = RecoveryCodes.activate(armed).get_unused_codes()[0]
    for each, entered in ((client, True), (Client(), False)):
        sign_in(each)
        each.post(AUTHENTICATE, {"code": spare})
        assert opens(each) is entered


@pytest.mark.slow
@pytest.mark.usefixtures("boss", "required")
def test_where_it_is_required_the_panel_stays_closed_until_there_is_one(client: Client):
    response = sign_in(client)
    assert response["Location"] == PANEL
    response = client.get(PANEL, follow=True)
    # The password once more, since an unattended screen could be anybody's …
    assert response.request["PATH_INFO"] == "/accounts/reauthenticate/"
    response = client.post(
        response.request["PATH_INFO"] + "?next=" + ACTIVATE, {"password": PASSWORD}
    )
    page = client.get(ACTIVATE).content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)
    assert secret is not None
    client.post(ACTIVATE, {"code": code(secret[1])})
    assert Authenticator.objects.filter(type="totp").count() == 1
    # … and the new factor once, to show that it works.
    response = client.get(PANEL, follow=True)
    assert response.request["PATH_INFO"] == REAUTHENTICATE
    client.post(f"{REAUTHENTICATE}?next={PANEL}", {"code": code(secret[1])})
    assert opens(client)


@pytest.mark.usefixtures("armed", "required")
@pytest.mark.parametrize("path", ["/admin/", PANEL, "/admin/password_change/", "/admin/jsi18n/"])
def test_no_page_of_the_panel_opens_without_it(client: Client, path: str, armed: User):
    client.force_login(armed)  # as if signed in by another way
    assert client.get(path).status_code == 302
    assert client.post(path).status_code == 302


@pytest.mark.usefixtures("required")
def test_nobody_lays_a_required_factor_down(client: Client, armed: User):
    sign_in(client)
    client.post(AUTHENTICATE, {"code": code()})
    client.post("/accounts/2fa/totp/deactivate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = client.post("/accounts/2fa/totp/deactivate/")
    assert "You cannot deactivate two-factor authentication." in response.content.decode()
    assert Authenticator.objects.filter(user=armed, type="totp").exists()


@pytest.mark.parametrize("path", [ACTIVATE, "/accounts/2fa/recovery-codes/", REAUTHENTICATE])
def test_no_cache_keeps_a_page_that_shows_secrets(client: Client, boss: User, path: str):
    if path != ACTIVATE:
        auth.TOTP.activate(boss, SECRET)
        RecoveryCodes.activate(boss)
    sign_in(client)
    client.post(AUTHENTICATE, {"code": code()})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    shown = client.get(path)
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]


def test_who_finds_a_person_s_session_open_cannot_lock_them_out(client: Client):
    person = User.objects.create_user("person", "person@example.com")
    auth.TOTP.activate(person, SECRET)
    client.post("/accounts/login/code/", {"email": person.email})
    sent = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", mail.outbox[-1].body)
    assert sent is not None
    response = client.post("/accounts/login/code/confirm/", {"code": sent[0]})
    assert response["Location"] == "/my/reports"


def test_the_secret_is_not_in_the_database_in_clear(armed: User):
    stored = str(Authenticator.objects.get(user=armed).data)
    assert SECRET not in stored
    assert auth.TOTP(Authenticator.objects.get(user=armed)).validate_code(code())


@pytest.mark.usefixtures("required", "armed")
def test_after_a_sealing_key_was_lost_codes_are_refused_until_a_new_factor_is_set_up(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Not by an error of ours: an administrator ends the factor, or a new superuser does."""
    settings.SEALING_KEYS = ["n" * 50]
    sign_in(client)
    response = client.post(AUTHENTICATE, {"code": code()})
    assert (response.status_code, "Incorrect code." in response.content.decode()) == (200, True)
    assert not opens(client)
    assert "sealed by a key that SEALING_KEYS lacks" in caplog.text
