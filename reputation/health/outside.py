"""Checks of PUBLIC_URL from outside: the service sends requests to itself through its proxies.

It shows a signature that no stranger can make, and is told which address and scheme the service saw
(`seen`). So the proxies are judged by what they do, not by what a setting says of them.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from edge import client_address
from reputation.health.findings import WELL, Check, Finding, Level

HEADER: Final = "X-Ringscore-Doctor"
# An address for documentation (RFC 5737), which no client has.
FORGED: Final = "203.0.113.77"
PATIENCE: Final = 5  # seconds for each of an answer's steps
# How long a signature holds: clocks of two machines may be a little apart.
SIGNED: Final = timedelta(minutes=5)
# Authorities renew with a third of the time left; half of that is lost, so renewal fails.
LEFT: Final = 1 / 6
MOST_BYTES: Final = 100_000
# Seconds: the header has whole ones, and the answer takes its time.
APART: Final = 5

_signer = TimestampSigner(salt="ringscore.doctor")


def seen(environ: Mapping[str, Any], *, secure: bool) -> dict[str, Any] | None:
    """The address, scheme and proxies that the service saw on its own request; None for other
    requests.

    `environ`: its WSGI environment; `secure`: whether it came over TLS, as the service sees it.
    """
    try:
        _signer.unsign(environ.get("HTTP_X_RINGSCORE_DOCTOR", ""), max_age=SIGNED)
    except BadSignature:
        return None
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    return {
        "address": client_address(environ),
        "secure": secure,
        "forwarded": [part.strip() for part in forwarded.split(",") if part.strip()],
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """`at`: when it came. `certificate`: as ssl shows it, of an answer over TLS."""

    at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes
    certificate: Mapping[str, Any]


def ask(path: str, *, scheme: str = "https", headers: Mapping[str, str] | None = None) -> Answer:
    """An answer of PUBLIC_URL; a redirect is one. Raises OSError, http.client.HTTPException."""
    public = urlsplit(settings.PUBLIC_URL)
    kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
    options = {"context": ssl.create_default_context()} if scheme == "https" else {}
    port = public.port if scheme == public.scheme else None
    link = kinds[scheme](public.hostname or "", port, timeout=PATIENCE, **options)
    try:
        link.connect()
        secured = link.sock
        certificate = secured.getpeercert() if isinstance(secured, ssl.SSLSocket) else None
        link.request("GET", path, headers={"User-Agent": "Ringscore doctor", **(headers or {})})
        response = link.getresponse()
        body = response.read(MOST_BYTES)
        received = {name.lower(): value for name, value in response.getheaders()}
        return Answer(timezone.now(), response.status, received, body, certificate or {})
    finally:
        link.close()


def _is_https() -> bool:
    return bool(settings.IS_PUBLIC) and urlsplit(settings.PUBLIC_URL).scheme == "https"


def _silent(error: Exception) -> Finding:
    return Finding(
        Level.UNCHECKED,
        "unreachable",
        _("%(url)s does not answer this machine: %(error)s.")
        % {"url": settings.PUBLIC_URL, "error": str(error) or type(error).__name__},
        _("Either nobody can reach the service, or only this machine cannot."),
        _(
            "Try from another machine. If only this one fails, let the name lead to the proxy here "
            "too."
        ),
    )


def certificate(now: datetime) -> Finding:
    if not _is_https():
        return WELL
    try:
        shown = ask("/healthz").certificate
    except ssl.SSLCertVerificationError as error:
        return Finding(
            Level.DEGRADED,
            "refused",
            _("The certificate of %(url)s is refused: %(error)s.")
            % {"url": settings.PUBLIC_URL, "error": error.verify_message},
            _("Browsers warn people away, and clients get no answer."),
            _("Renew it, or let the proxy send its whole chain; see the proxy's log."),
        )
    except (OSError, http.client.HTTPException) as error:
        return _silent(error)
    begins, ends = (
        datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown[name])), UTC)
        for name in ("notBefore", "notAfter")
    )
    if ends - now > (ends - begins) * LEFT:
        return WELL
    return Finding(
        Level.DEGRADED,
        "ending",
        _("The certificate ends at %(at)s UTC, and was not renewed.") % {"at": f"{ends:%F %H:%M}"},
        _("From then on browsers warn people away, and clients get no answer."),
        _("See why the proxy does not renew it: ports 80 and 443, its name in DNS, its log."),
    )


def in_clear(_now: datetime) -> Finding:
    if not _is_https() or urlsplit(settings.PUBLIC_URL).port not in (None, 443):
        return WELL
    try:
        answer = ask("/", scheme="http")
    except (OSError, http.client.HTTPException):
        return WELL  # nothing is said in clear
    target = urlsplit(answer.headers.get("location", ""))
    if answer.status in (301, 302, 307, 308) and target.scheme == "https":
        return WELL
    return Finding(
        Level.DEGRADED,
        "clear",
        _("http:// does not lead to https://: it answers with %(status)d.")
        % {"status": answer.status},
        _(
            "Browsers that get the name alone send and read in clear, and an attacker can lead "
            "them elsewhere."
        ),
        _("Let the proxy redirect port 80, as in ops/nginx and ops/caddy."),
    )


def strict_transport(_now: datetime) -> Finding:
    if not _is_https():
        return WELL
    try:
        answer = ask("/healthz")
    except (OSError, http.client.HTTPException) as error:
        return _silent(error)
    if "max-age=" in answer.headers.get("strict-transport-security", ""):
        return WELL
    return Finding(
        Level.ADVICE,
        "missing",
        _("Strict-Transport-Security does not reach browsers."),
        _("An attacker can lead even a browser that was here before to a page in clear."),
        _("The service sends this header with each answer over TLS: see why the proxy removes it."),
    )


def proxies(_now: datetime) -> Finding:
    if not settings.IS_PUBLIC:
        return WELL
    scheme = urlsplit(settings.PUBLIC_URL).scheme
    shown = {HEADER: _signer.sign("doctor"), "X-Forwarded-For": FORGED}
    try:
        answer = ask("/healthz", scheme=scheme, headers=shown)
        known = json.loads(answer.body)
        address, forwarded = known["address"], known["forwarded"]
    except (OSError, http.client.HTTPException) as error:
        return _silent(error)
    except (ValueError, KeyError, TypeError):
        return _other_service()
    if address == FORGED:
        return _forgeable()
    if scheme == "https" and not known["secure"]:
        return _in_clear()
    added = len(forwarded) - (forwarded[:1] == [FORGED])
    return WELL if added == settings.TRUSTED_PROXY_COUNT else _miscounted(added)


def _other_service() -> Finding:
    return Finding(
        Level.DEGRADED,
        "other",
        _("What answers at %(url)s is not this service.") % {"url": settings.PUBLIC_URL},
        _("Another service answers there, or this one with another SECRET_KEY."),
        _("See where the name leads, and whether all processes have the same SECRET_KEY."),
    )


def _forgeable() -> Finding:
    return Finding(
        Level.DEGRADED,
        "forgeable",
        _("Clients can invent their address by X-Forwarded-For."),
        _("They get around every limit, and one reporter looks like many networks."),
        _("Lower TRUSTED_PROXY_COUNT, or let each proxy add the address that it sees."),
    )


def _in_clear() -> Finding:
    return Finding(
        Level.DEGRADED,
        "plain",
        _("The proxy does not say which requests came over TLS."),
        _(
            "Each page redirects to itself without end, because each request seems to come in "
            "clear."
        ),
        _("Let the proxy set X-Forwarded-Proto, and count the proxy in TRUSTED_PROXY_COUNT."),
    )


def _miscounted(added: int) -> Finding:
    return Finding(
        Level.DEGRADED,
        "miscounted",
        ngettext(
            "TRUSTED_PROXY_COUNT is %(set)d, but %(n)d proxy adds an address.",
            "TRUSTED_PROXY_COUNT is %(set)d, but %(n)d proxies add an address.",
            added,
        )
        % {"set": settings.TRUSTED_PROXY_COUNT, "n": added},
        _("All clients have the address of a proxy, and share one limit."),
        _("Set TRUSTED_PROXY_COUNT to the number of proxies that stand in front."),
    )


def public_clock(_now: datetime) -> Finding:
    if not settings.IS_PUBLIC:
        return WELL
    try:
        answer = ask("/healthz", scheme=urlsplit(settings.PUBLIC_URL).scheme)
        its_time = parsedate_to_datetime(answer.headers["date"])
    except (OSError, http.client.HTTPException) as error:
        return _silent(error)
    except (KeyError, ValueError):
        return WELL  # it names no time
    apart = abs((its_time - answer.at).total_seconds())
    if apart < APART:
        return WELL
    return Finding(
        Level.ADVICE,
        "apart",
        _("The clocks of this machine and of what answers at PUBLIC_URL are %(n)d seconds apart.")
        % {"n": apart},
        _("Reports get wrong dates; certificates and signatures seem too old or too new."),
        _("Let both keep their time by NTP."),
    )


CHECKS: Final = (
    Check("tls", gettext_lazy("Certificate"), certificate, costly=True),
    Check("http", gettext_lazy("HTTP leads to HTTPS"), in_clear, costly=True),
    Check("hsts", gettext_lazy("HTTPS alone (HSTS)"), strict_transport, costly=True),
    Check("proxies", gettext_lazy("Proxies in front"), proxies, costly=True),
    Check("public clock", gettext_lazy("Clock outside"), public_clock, costly=True),
)
