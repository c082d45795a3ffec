"""Keyed hashes that stand for addresses and senders, which are never stored in clear."""

import hashlib
import hmac
import ipaddress

from django.conf import settings

# One network is what one household, office or cheap hosting contract holds.
IPV4_PREFIX = 24
IPV6_PREFIX = 48


def pseudonym(kind: str, value: str) -> str:
    """32 hexadecimal digits that stand for `value`; the same value of another kind differs."""
    message = f"{kind}\0{value}".encode()
    return hmac.new(settings.PSEUDONYM_KEY.encode(), message, hashlib.sha256).hexdigest()[:32]


def network_of(address: str) -> str:
    """The pseudonym of the network that `address` belongs to (IPv4 /24, IPv6 /48)."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return pseudonym("network", address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    prefix = IPV4_PREFIX if ip.version == 4 else IPV6_PREFIX
    return pseudonym("network", str(ipaddress.ip_network((ip, prefix), strict=False)))
