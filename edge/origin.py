"""The client's address, from a WSGI environment. Limits and reporters' networks depend on it."""

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings

from edge.environ import UNREADABLE

WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[([0-9a-fA-F:.]+)\](?::[0-9]+)?")


def client_address(headers: Mapping[str, str]) -> str:
    """The client's address, from a WSGI environment.

    Behind N proxies of our own, it is the Nth entry of X-Forwarded-For from the right: the client
    can write everything to the left of it. With fewer entries than proxies the header cannot be
    trusted, and the address is that of the connection. A header that cannot be read is nobody's
    address: the connection's would let a client pass for our proxy.
    """
    address = headers.get("REMOTE_ADDR", "")
    count = settings.TRUSTED_PROXY_COUNT
    if count == 0:
        return address
    header = headers.get("HTTP_X_FORWARDED_FOR", "")
    if header == UNREADABLE:
        return UNREADABLE
    forwarded = [part.strip() for part in header.split(",")]
    if len(forwarded) < count or not forwarded[-count]:
        return address
    # Some proxies add the port, which differs from connection to connection.
    with_port = WITH_PORT.fullmatch(forwarded[-count])
    return with_port[1] or with_port[2] if with_port else forwarded[-count]


def household(address: str) -> str:
    """The unit that limits count: an IPv4 address, or an IPv6 client's /64."""
    return _network(address, 64)


def site(address: str) -> str:
    """The addresses of one contract: an IPv4 address, or an IPv6 /48, which has 65,536
    households."""
    return _network(address, 48)


def is_within(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether the address lies in one of the networks. IPv6 may show an IPv4 address as its own."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False  # a Unix socket, or nonsense
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in networks)


def _network(address: str, prefix: int) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv4Address):
        return address
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ip_network((int(ip), prefix), strict=False))
