"""The signed card in which a network says who rejected a call, and where to object (RFC 8688).

The header Call-Info of `608 Rejected` has the card's address, with purpose=jwscard. The card is a
jCard (RFC 7095) in a JWS (RFC 7515), signed with ES256 by the key of the certificate at `x5u`. It
is made when a network that received the 608 fetches it, which is the time `iat`.
"""

from base64 import urlsafe_b64encode
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MEDIA_TYPE = "application/jose"
COORDINATE = 32  # bytes of r and of s (RFC 7518, 3.4)


class NoCards(LookupError):
    """The operator has configured no key to sign with."""


def card(*, redress_url: str, certificate_url: str, now: datetime) -> str:
    """The card, as a compact JWS. Raises NoCards."""
    if not settings.REDRESS_KEY_FILE:
        raise NoCards("This service signs no cards: REDRESS_KEY_FILE is not set.")
    header = {"alg": "ES256", "typ": "vcard+json", "x5u": certificate_url}
    jcard: list[Any] = [
        ["version", {}, "text", "4.0"],
        ["fn", {}, "text", settings.OPERATOR_NAME or "Ringscore"],
        ["url", {"type": "work"}, "uri", redress_url],
    ]
    if "@" in settings.OPERATOR_CONTACT and " " not in settings.OPERATOR_CONTACT:
        jcard.append(["email", {"type": "work"}, "text", settings.OPERATOR_CONTACT])
    payload = {"iat": int(now.timestamp()), "jcard": ["vcard", jcard]}
    signed = f"{_encoded(orjson.dumps(header))}.{_encoded(orjson.dumps(payload))}"
    key = _key(Path(settings.REDRESS_KEY_FILE))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{_encoded(r.to_bytes(COORDINATE) + s.to_bytes(COORDINATE))}"


def certificate() -> bytes:
    """The certificate chain for checking the signature, in PEM. Raises NoCards."""
    if not settings.REDRESS_CERTIFICATE_FILE:
        raise NoCards("This service signs no cards: REDRESS_CERTIFICATE_FILE is not set.")
    return Path(settings.REDRESS_CERTIFICATE_FILE).read_bytes()


def check() -> None:
    """Checks that key and certificate can be read, if they are configured. Raises
    ImproperlyConfigured, OSError, ValueError."""
    if settings.REDRESS_KEY_FILE:
        _key(Path(settings.REDRESS_KEY_FILE))
        load_pem_x509_certificates(certificate())


@lru_cache(maxsize=1)
def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ImproperlyConfigured(f"REDRESS_KEY_FILE: {path} holds no key of the curve P-256.")
    return key


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
