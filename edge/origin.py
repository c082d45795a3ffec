"""Where a request came from, out of a WSGI environment: what limits and networks go by."""

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network

from django.conf import settings

WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[([0-9a-fA-F:.]+)\](?::[0-9]+)?")


def client_address(headers: Mapping[str, str]) -> str:
    """The caller's address, from a WSGI environment.

    Behind N proxies of our own, it is the Nth entry of X-Forwarded-For from the right: all to the
    left of that is written by whoever called. With fewer entries than proxies nothing in it can be
    trusted, and it is the address that connected.
    """
    address = headers.get("REMOTE_ADDR", "")
    count = settings.TRUSTED_PROXY_COUNT
    if count == 0:
        return address
    forwarded = [part.strip() for part in headers.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if len(forwarded) < count or not forwarded[-count]:
        return address
    # Some proxies add the port, which is another for each connection.
    with_port = WITH_PORT.fullmatch(forwarded[-count])
    return with_port[1] or with_port[2] if with_port else forwarded[-count]


def household(address: str) -> str:
    """What is limited as one: an IPv4 address, or the /64 that every IPv6 client has to itself."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if ip.version == 4 or ip.ipv4_mapped is not None:
        return address
    return str(ip_network((int(ip), 64), strict=False))
