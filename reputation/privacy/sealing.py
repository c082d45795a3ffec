"""Encrypts what people send us: messages, contacts, second factors.

AES-256-GCM with settings.SEALING_KEYS, the newest first. A sealed value begins with the id of its
key, so that a new key comes into force at once while the old one still opens what it sealed;
`manage.py keys --reseal` seals all anew, and then the old key may go. What was sealed before there
were ids opens with PSEUDONYM_KEY.

Reports are not sealed: moderators search them, and everybody reads them masked. A thief of the
database can read the reports, but not the messages, contacts and second factors.
"""

import hashlib
import os
from collections.abc import Iterator
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12  # bytes, as GCM wants it
VERSION = b"\x01"
SECOND_FACTOR = "second factor"  # to what their secrets are bound
ID = 4  # bytes


class SealBroken(ValueError):
    """This was not sealed with a key of ours for this purpose, or it was changed since."""


def seal(content: bytes, *, bound: str) -> bytes:
    """`content` encrypted. `bound` names the row it belongs to: elsewhere it does not open."""
    newest = settings.SEALING_KEYS[0]
    nonce = os.urandom(NONCE)
    sealed = _cipher(newest).encrypt(nonce, content, bound.encode())
    return VERSION + key_id(newest) + nonce + sealed


def unseal(sealed: bytes, *, bound: str) -> bytes:
    """The content that was sealed. Raises SealBroken."""
    for secret, rest in _openers(sealed):
        try:
            return _cipher(secret).decrypt(rest[:NONCE], rest[NONCE:], bound.encode())
        except (InvalidTag, ValueError):
            continue
    raise SealBroken("It was sealed with another key or for something else.")


def is_current(sealed: bytes) -> bool:
    """Whether the newest key sealed this."""
    return sealed.startswith(VERSION + key_id(settings.SEALING_KEYS[0]))


@cache
def key_id(secret: str) -> bytes:
    """The id of a key in sealed values, and in the database's list of keys."""
    return hashlib.sha256(b"ringscore sealing key id\0" + secret.encode()).digest()[:ID]


def _openers(sealed: bytes) -> Iterator[tuple[str, bytes]]:
    """The keys that may have sealed it, each with the part that it would open."""
    for secret in settings.SEALING_KEYS:
        prefix = VERSION + key_id(secret)
        if sealed.startswith(prefix):
            yield secret, sealed[len(prefix) :]
    yield settings.PSEUDONYM_KEY, sealed


@cache
def _cipher(secret: str) -> AESGCM:
    key = HKDF(SHA256(), length=32, salt=None, info=b"ringscore sealing").derive(secret.encode())
    return AESGCM(key)
