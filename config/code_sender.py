"""Reads CODE_SENDER: how codes are sent to disputed numbers (reputation.disputes.senders)."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

CLASS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def parse(value: str) -> str:
    """`value` itself, if it names a sender. Raises ImproperlyConfigured."""
    try:
        parts = urlsplit(value)
        there = bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not match, or a port that is no number
        parts, there = urlsplit(""), False
    match parts.scheme:
        case "console" | "off" if value in ("console:", "off:"):
            return value
        case "file" if value.startswith("file:/"):
            return value
        case "https" if there:
            return value
        case "http" if there and parts.hostname in LOOPBACK:  # else codes would be sent unencrypted
            return value
        case "" if CLASS.fullmatch(value):
            return value
    raise ImproperlyConfigured(
        # The address may hold a secret, so it is not repeated.
        "CODE_SENDER is not valid. Use https://gateway.example/messages, console:, file:/folder, "
        "off:, or a class such as yours.codes.Sender. Plain http:// only to this machine."
    )
