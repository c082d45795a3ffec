"""The sender's network, country and clock; never the address itself."""

import re

from reputation.identity import REGIONS, Identity, InvalidNumber, block_of, identify
from reputation.privacy import mail_crowd, pseudonym

_CHINESE_MAIL = re.compile(
    r"(?:qq|foxmail|163|126|sina|sohu|139|aliyun|tom|21cn)\.com|yeah\.net|.*\.cn"
)
# Top-level domains of countries that are sold to everybody, mostly as words or for nothing.
_SOLD_ABROAD = re.compile(
    r"a[cdims]|bz|c[cdfo]|dj|fm|g[aglq]|i[mo]|l[ay]|m[els]|nu|pw|s[chort]|t[kov]|v[cg]|ws"
)


def phone_of(raw: str, *, region: str, allow_fictional: bool) -> Identity | None:
    """The telephone number that sent an SMS; None for short codes and names, which belong to no
    person."""
    try:
        found = identify(raw, region=region, allow_fictional=allow_fictional)
    except InvalidNumber:
        return None
    return found if found.kind == "e164" else None


def network_of_phone(key: str) -> str:
    """One network for all numbers that somebody may have together (identity.block_of)."""
    return pseudonym("sms-network", block_of(key) if key else "")


def network_of_address(address: str) -> str:
    """The network of a canonical address: one for all addresses that the owner of a domain can
    make."""
    return pseudonym("mail-network", mail_crowd(address) or address)


def region_of_address(address: str) -> str:
    """The country of a mail address, as far as its domain shows it; "" otherwise."""
    domain = address.rpartition("@")[2]
    if _CHINESE_MAIL.fullmatch(domain):
        return "CN"
    top = domain.rpartition(".")[2]
    country = "GB" if top == "uk" else top.upper()
    return country if country in REGIONS and not _SOLD_ABROAD.fullmatch(top) else ""
