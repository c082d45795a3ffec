"""Reads settings from the environment: one helper for each kind of value, and one error."""

import os
import re
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from reputation.identity import REGIONS

# https, or an app's own scheme as a domain reversed (RFC 8252, 7.1): never one of the browser's.
CALLBACK = re.compile(r"(?:https|[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+)://[A-Za-z0-9/.:_~?=&-]+")
# A host as clients name it. Without a port, with which it would equal no request's host.
HOST = r"[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]"


def text(name: str, default: str = "") -> str:
    """The variable without surrounding spaces; `default` if unset or empty."""
    return os.environ.get(name, "").strip() or default


def required(
    name: str, purpose: str, missing: list[str], *, when: bool = True, default: str = ""
) -> str:
    """The variable, or else `default`. When it must be set and is not: returns "", and adds a
    sentence to `missing`."""
    value = text(name, "" if when else default)
    if when and not value:
        missing.append(f"{name} is not set. On a server it must be: {purpose}.")
    return value


def refuse(missing: list[str]) -> None:
    """Raises ImproperlyConfigured with all that is missing, so that one restart is enough."""
    if missing:
        raise ImproperlyConfigured("\n".join(missing))


def words(name: str) -> list[str]:
    """The items of a list separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def tokens(name: str) -> list[str]:
    """Secrets of another program, of 32 characters or more, separated by commas: each is right.
    Random ones of hexadecimal digits have 8 different characters at least."""
    found = words(name)
    for value in found:
        if len(value) < 32 or len(set(value)) < 8:
            raise ImproperlyConfigured(
                f"{name} has {len(value)} characters, {len(set(value))} different ones: too few to "
                'resist guessing. Make another: python -c "import secrets; '
                'print(secrets.token_urlsafe(32))"'
            )
    return found


def token(name: str) -> str:
    """A secret that requests to another server show in a header, which carries ASCII alone."""
    value = text(name)
    if not (value.isascii() and value.isprintable()):
        raise ImproperlyConfigured(
            f"{name} has a sign that no header of HTTP carries. Copy it again, without typographic "
            "quotes and line breaks."
        )
    return value


def flag(name: str, default: bool = False) -> bool:
    """A yes or no. Other values are errors, so that a mistyped `DEBUG=flase` does not count as
    no."""
    value = text(name).lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if not value:
        return default
    raise ImproperlyConfigured(f"{name} is {value!r}: set 1 or 0.")


def path(name: str, default: str = "") -> str:
    """The path of a file or folder, from the root: web processes, the worker and commands have
    working folders of their own, in which a shorter one would lead elsewhere."""
    value = text(name, default)
    if value and not Path(value).is_absolute():
        raise ImproperlyConfigured(
            f"{name} is {value!r}: give a whole path without quotes, such as /var/lib/ringscore"
        )
    return value


def number(name: str, default: int, *, least: int = 0, most: int = 10**15) -> int:
    """A whole number from `least` to `most`: any other is a slip, or in a wrong unit."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}: give a whole number of at least {least}.")
    if int(value) > most:
        raise ImproperlyConfigured(f"{name} is {value!r}: give a number of at most {most}.")
    return int(value)


def networks(name: str, default: str = "") -> list[IPv4Network | IPv6Network]:
    """Addresses and networks, separated by commas."""
    parts = [part.strip() for part in text(name, default).split(",")]
    try:
        return [ip_network(part) for part in parts if part]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}. Give addresses or networks such as 127.0.0.1, 10.1.0.0/16."
        ) from None


def countries(name: str, default: str = "") -> tuple[str, ...]:
    """ISO 3166 codes, separated by commas, or * for all of them."""
    codes = tuple(part.strip().upper() for part in text(name, default).split(",") if part.strip())
    unknown = [code for code in codes if code != "*" and code not in REGIONS]
    if unknown:
        raise ImproperlyConfigured(
            f"{name}: {', '.join(unknown)} is no country. Give ISO 3166 codes such as CN, US, or *."
        )
    return codes


def country(name: str) -> str:
    """One ISO 3166 code; "" for none."""
    code = text(name).upper()
    if code and code not in REGIONS:
        raise ImproperlyConfigured(
            f"{name} is {text(name)!r}: give one country as ISO 3166 does, such as CN."
        )
    return code


def hosts(name: str) -> list[str]:
    """Names of hosts, separated by commas; .example.org includes subdomains, * means all."""
    found = words(name)
    for part in found:
        if part != "*" and re.fullmatch(rf"\.?(?:{HOST})", part) is None:
            raise ImproperlyConfigured(
                f"{name}: {part!r} is no host. Give names or addresses without scheme and port, "
                "such as ringscore.internal, 10.0.0.7."
            )
    return found


def site(name: str, value: str) -> None:
    """Refuses values other than a scheme, a host and perhaps a port: our services have no path."""
    found = re.fullmatch(rf"https?://(?:{HOST})(?::([0-9]{{1,5}}))?", value)
    if found is None or not 0 < int(found[1] or 1) < 2**16:
        raise ImproperlyConfigured(
            f"{name} is {value!r}: give scheme and host, e.g. https://ringscore.example, without a "
            "path; a name in other letters as browsers send it (xn--…)."
        )


def mailbox(name: str, value: str) -> None:
    """Refuses values other than an e-mail address, perhaps with a name before it."""
    if re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]) is None:
        raise ImproperlyConfigured(
            f"{name} is {value!r}: give an address for mail, e.g. codes@ringscore.example"
        )


def origins(name: str) -> frozenset[str]:
    """Scheme, host and port of sites, separated by commas, or * for all of them."""
    found = frozenset(words(name))
    for part in found - {"*"}:
        if re.fullmatch(r"https?://[^/?#@\s*]+", part) is None or part != part.lower():
            raise ImproperlyConfigured(
                f"{name}: {part!r} is no origin. Give scheme and host as browsers write them, such "
                "as https://app.example, without a path; or *."
            )
    return found


def callbacks(name: str) -> dict[str, str]:
    """Addresses by name, `App=https://app.example/key`, separated by commas."""
    found = {}
    for part in words(name):
        app, _, address = part.partition("=")
        if CALLBACK.fullmatch(address) is None or not app.isalnum():
            raise ImproperlyConfigured(
                f"{name}: {part!r} is not App=address. The address begins with https:// or with a "
                "scheme of the app's own such as org.example.app://, and has no user or fragment."
            )
        found[app] = address
    return found
