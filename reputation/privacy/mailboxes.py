"""E-mail addresses: which of them are one mailbox, and who can make mailboxes at a domain."""

import re
from collections.abc import Mapping
from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

# Names under which one provider delivers to the same mailbox. Domains that merely belong to one
# company are not here: a@outlook.com, a@hotmail.com and a@live.com are three people's, as are
# a@qq.com and a@foxmail.com, or a@163.com and a@126.com.
_SAME = {
    # "You own all dotted versions of your address", and googlemail.com is gmail.com's name in some
    # countries: support.google.com/mail/answer/7436150 and /10313.
    "googlemail.com": "gmail.com",
    # A login is an address in each domain: yandex.com/support/id/authorization/email.html.
    **dict.fromkeys(("ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua"), "yandex.ru"),
    # A name is reserved for its owner in all of them: proton.me/support/addresses-and-aliases.
    **dict.fromkeys(("protonmail.com", "protonmail.ch", "pm.me"), "proton.me"),
    # Who had @mac.com has the same name @me.com and @icloud.com: support.apple.com/en-us/102525.
    **dict.fromkeys(("me.com", "mac.com"), "icloud.com"),
}
# Characters of a name that a provider reads as another, or not at all. The sources are above;
# Proton says so of names that differ by them alone: nobody else can register those. In a login of
# Yandex a dot is a hyphen.
_READ_AS: dict[str, Mapping[int, int | None]] = {
    "gmail.com": str.maketrans("", "", "."),
    "proton.me": str.maketrans("", "", "._-"),
    "yandex.ru": str.maketrans(".", "-"),
}
# anything@name.fastmail.com is name@fastmail.com: fastmail.help, "Plus addressing and subdomain
# addressing".
_SUBDOMAINS = frozenset({"fastmail.com", "fastmail.fm"})
# base-keyword@yahoo.com: throwaway addresses of one account. No other name there has a hyphen:
# help.yahoo.com, "Create and manage disposable email addresses".
_HYPHENS = frozenset({"yahoo.com"})

# Millions of people have addresses at these. Elsewhere the owner of a domain can invent any number
# of addresses.
PUBLIC_MAIL = frozenset(
    {
        *("gmail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "hotmail.co.uk"),
        *("hotmail.fr", "hotmail.de", "live.co.uk", "live.fr", "outlook.fr", "outlook.de"),
        *("yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.co.jp", "yahoo.co.in"),
        *("ymail.com", "rocketmail.com", "aol.com", "icloud.com", "yandex.ru", "mail.ru"),
        *("qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sina.cn"),
        *("sohu.com", "139.com", "189.cn", "wo.cn", "aliyun.com", "tom.com", "21cn.com"),
        *("gmx.de", "gmx.net", "gmx.com", "gmx.at", "web.de", "t-online.de", "freenet.de"),
        *("orange.fr", "free.fr", "laposte.net", "sfr.fr", "wanadoo.fr", "libero.it"),
        *("btinternet.com", "proton.me", "mail.com", "zoho.com", "fastmail.com", "fastmail.fm"),
        *("comcast.net", "verizon.net", "att.net", "naver.com", "docomo.ne.jp", "rediffmail.com"),
    }
)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")


def ascii_domain(domain: str) -> str:
    """A domain as DNS writes it (RFC 5891), in lower case; empty when it is none."""
    domain = domain.strip().rstrip(".").lower()
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            return ""
    labels = domain.split(".")
    is_short = len(domain) <= 253 and all(0 < len(label) <= 63 for label in labels)
    return domain if is_short and _HOST.fullmatch(domain) else ""


def organisation(domain: str) -> str:
    """The domain that somebody registered, by the public suffix list; a suffix is its own."""
    return _suffixes().privatesuffix(domain) or domain


def canonical_address(raw: str) -> str:
    """One form for all the addresses of one mailbox: case, `+tags`, and a provider's own aliases.

    The text after a plus sign goes at every domain. A server that reads it as part of the name is
    rare, and at any other domain the tag would give one person as many voices as they like.
    """
    name, _, domain = raw.strip().lower().rpartition("@")
    domain = ascii_domain(domain) or domain
    name = name.partition("+")[0] or name
    host, _, parent = domain.partition(".")
    if parent in _SUBDOMAINS:
        name, domain = host, parent
    domain = _SAME.get(domain, domain)
    if domain in _READ_AS:
        name = name.translate(_READ_AS[domain])
    if domain in _HYPHENS:
        name = name.partition("-")[0] or name
    return f"{name}@{domain}"


def mail_crowd(address: str) -> str:
    """Who can make addresses like this canonical one without end: the registered domain; empty at
    PUBLIC_MAIL, where it takes the provider's consent, and where there is no domain."""
    domain = address.rpartition("@")[2]
    if domain in PUBLIC_MAIL:
        return ""
    # Not the suffixes under which companies give names away: anybody gets many names there.
    return _suffixes(only_icann=True).privatesuffix(domain) or domain


@cache
def _suffixes(*, only_icann: bool = False) -> PublicSuffixList:
    return PublicSuffixList(only_icann=only_icann)
