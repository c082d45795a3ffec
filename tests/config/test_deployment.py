"""`manage.py check --deploy` finds nothing on a server, and the settings behind it are strict."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory
from pytest_django import Settings

from tests.given.configured import SERVER, load

ROOT = Path(__file__).resolve().parents[2]
MAIL = {
    "EMAIL_URL": "smtp://user:password@mail.example:587",
    "EMAIL_FROM": "codes@ringscore.example",
}


@pytest.mark.slow
def test_nothing_to_say_against_a_server(tmp_path: Path):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **SERVER, **MAIL}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout.strip()) == (
        0,
        "System check identified no issues (2 silenced).",
    ), checked.stderr


@pytest.mark.parametrize("https", [True, False])
def test_cookies_are_secure_where_the_pages_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, https: bool
):
    server = {**SERVER, **MAIL, "DATA_DIR": str(tmp_path)}
    server["PUBLIC_URL"] = f"http{'s' if https else ''}://ringscore.example"
    server["ALLOW_ON_SERVER"] = "http"
    settings = load(monkeypatch, server)
    for name in ("SESSION_COOKIE", "CSRF_COOKIE"):
        assert settings[f"{name}_SECURE"] is https
        assert settings[f"{name}_HTTPONLY"] is True
        assert settings[f"{name}_SAMESITE"] == "Lax"
        assert settings.get(f"{name}_NAME", "").startswith("__Host-") is https


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        ("https://ringscore.example:8443", True),
        ("https://ringscore.example", True),  # the host that the proxy passed
        ("https://ringscore.example:8444", False),
        ("https://other.example", False),
    ],
)
def test_forms_come_through_a_proxy_that_leaves_the_port_away(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    settings: Settings,
    rf: RequestFactory,
    origin: str,
    taken: bool,
):
    server = {**SERVER, **MAIL, "DATA_DIR": str(tmp_path)}
    server["PUBLIC_URL"] = "https://ringscore.example:8443"
    loaded = load(monkeypatch, server)
    for name in ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"):
        setattr(settings, name, loaded.get(name, []))
    secret = "a" * 32
    request = rf.post("/", {"csrfmiddlewaretoken": secret}, secure=True)
    request.META |= {"HTTP_HOST": "ringscore.example", "HTTP_ORIGIN": origin}
    request.COOKIES[settings.CSRF_COOKIE_NAME] = secret
    guard = CsrfViewMiddleware(lambda _: HttpResponse())
    guard.process_request(request)
    refused = guard.process_view(request, lambda _: HttpResponse(), (), {})
    assert (refused is None) is taken


@pytest.mark.parametrize(
    ("said", "required"), [({}, True), ({"MODERATOR_MFA_REQUIRED": "no"}, False)]
)
def test_a_server_wants_a_second_factor_of_moderators(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: dict[str, str], required: bool
):
    monkeypatch.delenv("MODERATOR_MFA_REQUIRED", raising=False)
    settings = load(monkeypatch, {**SERVER, **MAIL, "DATA_DIR": str(tmp_path), **said})
    assert settings["MODERATOR_MFA_REQUIRED"] is required


def test_development_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in (*SERVER, *MAIL, "MODERATOR_MFA_REQUIRED"):
        monkeypatch.delenv(name, raising=False)
    settings = load(monkeypatch, {"DATA_DIR": str(tmp_path)})
    assert settings["MODERATOR_MFA_REQUIRED"] is False
