"""What doctor finds at the public address, behind proxies that do as they should and do not."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone
from pytest_django import Settings

from reputation import health
from tests.given.api_requests import ask

CLIENT = "198.51.100.7"
NOTHING: dict[str, str] = {}


class Proxy(http.server.BaseHTTPRequestHandler):
    """Ends TLS in front of the service. `server.does`: how it differs from one that is right."""

    server: Any

    def do_GET(self) -> None:
        does = self.server.does
        given = self.headers.get("X-Forwarded-For", "")
        forwarded = {
            "appends": f"{given}, {CLIENT}",
            "replaces": CLIENT,
            "passes": given,
            "removes": "",
        }[does.get("forwarded", "replaces")]
        headers = {"X_Forwarded_For": forwarded}
        if "no proto" not in does:
            headers["X_Forwarded_Proto"] = "https"
        if "other" not in does:
            headers["X_Ringscore_Doctor"] = self.headers.get("X-Ringscore-Doctor", "")
        answer = ask("GET", self.path, address="127.0.0.1", **headers)
        self.send_response_only(answer.status)
        ahead = timedelta(seconds=does.get("ahead", 0))
        self.send_header("Date", format_datetime(timezone.now() + ahead, usegmt=True))
        if "no hsts" not in does:
            self.send_header("Strict-Transport-Security", "max-age=31536000")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        pass


def certified(folder: Path, *, days: int) -> Path:
    """A certificate for localhost of ninety days, `days` of which are left, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    ends = datetime.now(UTC) + timedelta(days=days)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "localhost.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def public(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any
) -> Iterator[None]:
    """The service at an https address, behind a proxy that does as the test says."""
    does = request.param
    certificate = certified(tmp_path, days=does.get("days", 60))
    server = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
    server.does = does  # type: ignore[attr-defined]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    if "untrusted" not in does:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.IS_PUBLIC = True
    settings.PUBLIC_URL = f"https://localhost:{server.server_port}"
    settings.TRUSTED_PROXY_COUNT = does.get("count", 1)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    if "away" in does:
        server.server_close()
        yield
        return
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


def states() -> dict[str, str]:
    checks = ("tls", "http", "hsts", "proxies", "public clock")
    found = {
        check: finding
        for check, finding in health.look(now=timezone.now(), costly=True)
        if check.name in checks
    }
    assert len(found) == len(checks)
    for finding in found.values():
        assert all((finding.wrong, finding.meaning, finding.remedy)) is bool(finding.level)
    return {check.name: finding.word for check, finding in found.items() if finding.level}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("public", "found"),
    [
        ({}, NOTHING),
        ({"forwarded": "appends"}, NOTHING),
        ({"forwarded": "appends", "count": 2}, {"proxies": "forgeable"}),
        ({"forwarded": "passes"}, {"proxies": "forgeable"}),
        ({"count": 2}, {"proxies": "miscounted"}),
        ({"count": 0}, {"proxies": "miscounted"}),
        ({"forwarded": "removes"}, {"proxies": "miscounted"}),
        ({"no proto": True}, {"proxies": "plain"}),
        ({"other": True}, {"proxies": "other"}),
        ({"no hsts": True}, {"hsts": "missing"}),
        ({"ahead": 60}, {"public clock": "apart"}),
        ({"days": 14}, {"tls": "ending"}),
        (
            {"untrusted": True},
            {"tls": "refused"} | dict.fromkeys(("hsts", "proxies", "public clock"), "unreachable"),
        ),
        (
            {"away": True},
            dict.fromkeys(("tls", "hsts", "proxies", "public clock"), "unreachable"),
        ),
    ],
    indirect=["public"],
    ids=str,
)
def test_what_is_wrong_in_front_is_found(public: None, found: dict[str, str]) -> None:
    assert states() == found


@pytest.mark.django_db
@pytest.mark.parametrize("shown", ["", "doctor", "doctor:1u:x"])
def test_nobody_else_is_told_the_address(shown: str) -> None:
    answer = ask("GET", "/healthz", X_Ringscore_Doctor=shown)
    assert answer.json == {"status": "ok"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("", "not checked"),  # as it ends without an index
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', "ok"),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]}',
            "vulnerable",
        ),
        (None, "not checked"),
    ],
)
def test_vulnerabilities_are_looked_for_where_pip_audit_is(
    printed: str | None, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if printed is not None:
        program = tmp_path / "pip-audit"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{printed}\nEND\nexit 1\n")
        program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    found = {
        check.name: finding
        for check, finding in health.look(now=timezone.now(), costly=True, slow=True)
    }
    assert found["packages"].word == state
    assert (found["packages"].level is health.Level.UNCHECKED) is (state == "not checked")
