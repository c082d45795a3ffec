"""What people send us is kept encrypted: the database alone does not tell what they wrote.

AES-256-GCM. The key follows from PSEUDONYM_KEY, which is never rotated.
"""

import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12  # bytes, as GCM wants it


class SealBroken(ValueError):
    """This was not sealed with our key for this purpose, or it was changed since."""


def seal(content: bytes, *, bound: str) -> bytes:
    """`content` encrypted. `bound` names the row it belongs to: elsewhere it does not open."""
    nonce = os.urandom(NONCE)
    return nonce + _cipher(settings.PSEUDONYM_KEY).encrypt(nonce, content, bound.encode())


def unseal(sealed: bytes, *, bound: str) -> bytes:
    """What `seal` was given. Raises SealBroken."""
    try:
        return _cipher(settings.PSEUDONYM_KEY).decrypt(
            sealed[:NONCE], sealed[NONCE:], bound.encode()
        )
    except (InvalidTag, ValueError):
        raise SealBroken("It was sealed with another key or for something else.") from None


@cache
def _cipher(secret: str) -> AESGCM:
    key = HKDF(SHA256(), length=32, salt=None, info=b"ringscore sealing").derive(secret.encode())
    return AESGCM(key)
