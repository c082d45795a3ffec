"""Signatures of files that leave the service and are checked without it.

ECDSA over P-256 with SHA-256, as `openssl dgst -sha256 -verify` checks it: the algorithm of the
signed card, too (web.redress), whose key has a certificate and another purpose.
"""

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from reputation.moderation import DecisionError

_CURVE = ec.SECP256R1()
# The order of the group of P-256 (NIST SP 800-186, 3.2.1.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class NoSigningKey(DecisionError):
    """The operator has given no key to sign with."""


def sign(content: bytes) -> bytes:
    """The signature, in DER. Raises NoSigningKey."""
    return _key(_secret()).sign(content, ec.ECDSA(SHA256()))


def public_key() -> bytes:
    """The key that checks signatures, in PEM. Raises NoSigningKey."""
    public = _key(_secret()).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def signs() -> bool:
    """Whether there is a key to sign with."""
    return bool(settings.SIGNING_KEY)


def fingerprint() -> str:
    """SHA-256 of the public key in DER, in hexadecimal digits. Raises NoSigningKey."""
    public = _key(_secret()).public_key()
    digest = Hash(SHA256())
    digest.update(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()


def _secret() -> str:
    if not settings.SIGNING_KEY:
        raise NoSigningKey("This service signs nothing: the operator has not set SIGNING_KEY.")
    return str(settings.SIGNING_KEY)


@lru_cache(maxsize=1)
def _key(secret: str) -> ec.EllipticCurvePrivateKey:
    """The private key that follows from the secret (FIPS 186-5, A.2.1: extra random bits)."""
    drawn = HKDF(SHA256(), length=48, salt=None, info=b"ringscore signing").derive(secret.encode())
    return ec.derive_private_key(int.from_bytes(drawn) % (_ORDER - 1) + 1, _CURVE)
