"""Keyed hashes that stand for addresses and senders, which are never stored in clear."""

import hmac
import ipaddress

from django.conf import settings

# One network is what one household, office or cheap hosting contract holds.
IPV4_PREFIX = 24
IPV6_PREFIX = 48


def pseudonym(kind: str, value: str) -> str:
    """32 hexadecimal digits that stand for `value`; the same value of another kind differs.

    With settings.PSEUDONYM_LATER_KEYS it is the hash of a hash (config.rehashing).
    """
    digest = _hash(settings.PSEUDONYM_KEY, f"{kind}\0{value}")
    for key in settings.PSEUDONYM_LATER_KEYS:
        digest = _hash(key, digest)
    return digest


def hashed_again(digest: str) -> str:
    """A pseudonym from before the newest later key, as that key changes it."""
    return _hash(settings.PSEUDONYM_LATER_KEYS[-1], digest)


def _hash(key: str, message: str) -> str:
    return hmac.digest(key.encode(), message.encode(), "sha256").hex()[:32]


def network_of(address: str) -> str:
    """The pseudonym of the network that `address` belongs to (IPv4 /24, IPv6 /48)."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return pseudonym("network", address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            first = ipaddress.IPv6Address(int(ip) >> (128 - IPV6_PREFIX) << (128 - IPV6_PREFIX))
            return pseudonym("network", f"{first}/{IPV6_PREFIX}")
        ip = ip.ipv4_mapped
    first_of = ipaddress.IPv4Address(int(ip) >> (32 - IPV4_PREFIX) << (32 - IPV4_PREFIX))
    return pseudonym("network", f"{first_of}/{IPV4_PREFIX}")
