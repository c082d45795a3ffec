"""Which addresses are one mailbox, and which are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.privacy import PUBLIC_MAIL, canonical_address, mail_crowd

ALIASES = [
    ["first.last+a@gmail.com", "firstlast+b@gmail.com", "F.I.R.S.T.L.A.S.T@googlemail.com"],
    ["Anna@Own.Example", "anna+shop@own.example", " anna+a+b@OWN.example. "],
    ["anna@bücher.example", "anna@BÜCHER.example", "anna@xn--bcher-kva.example"],
    ["anna.li@yandex.ru", "anna-li@ya.ru", "anna.li+x@yandex.com"],
    ["anna.li@proton.me", "annali@protonmail.com", "anna_li@pm.me", "anna-li@protonmail.ch"],
    ["anna@icloud.com", "anna@me.com", "anna+x@mac.com"],
    ["anna@fastmail.com", "anna+x@fastmail.com", "shop@anna.fastmail.com"],
    ["base-one@yahoo.com", "base-two@yahoo.com"],
    ["base-one@yahoo.co.uk", "base@yahoo.co.uk"],
    ["anna@daum.net", "anna+x@hanmail.net"],
]
OTHERS = [
    ("anna@outlook.com", "anna@hotmail.com"),
    ("anna@outlook.com", "anna@live.com"),
    ("1000001@qq.com", "1000001@foxmail.com"),
    ("anna@163.com", "anna@126.com"),
    ("a.nna@outlook.com", "anna@outlook.com"),
    ("a.nna@own.example", "anna@own.example"),
    ("an-na@own.example", "anna@own.example"),
    ("anna@own.example", "bert@own.example"),
    ("anna@mail.own.example", "anna@own.example"),
    ("anna@fastmail.fm", "anna@fastmail.com"),
    ("shop@anna.fastmail.com", "shop@bert.fastmail.com"),
    ("+one@own.example", "+two@own.example"),
    ("-one@yahoo.com", "-two@yahoo.com"),
]


@pytest.mark.parametrize("addresses", ALIASES, ids=lambda some: some[0])
def test_aliases_are_one_mailbox(addresses: list[str]):
    assert len({canonical_address(each) for each in addresses}) == 1


@pytest.mark.parametrize(("one", "two"), OTHERS)
def test_other_people_stay_others(one: str, two: str):
    assert canonical_address(one) != canonical_address(two)


@given(
    st.text("aB0.+-_é", min_size=1, max_size=8),
    st.sampled_from([each.rpartition("@")[2] for some in ALIASES for each in some]),
)
def test_the_canonical_form_is_its_own(name: str, domain: str):
    once = canonical_address(f"{name}@{domain}")
    assert canonical_address(once) == once


def test_whoever_owns_a_domain_makes_its_mailboxes():
    assert mail_crowd("a@one.own.co.uk") == mail_crowd("b@two.own.co.uk") == "own.co.uk"
    assert mail_crowd("a@own.co.uk") != mail_crowd("a@other.co.uk")
    # Subdomains that anybody gets for nothing are not domains that somebody bought.
    assert mail_crowd("a@one.duckdns.org") == mail_crowd("a@two.duckdns.org")


@pytest.mark.parametrize(
    "domain",
    [
        *(
            "gmx.ch",
            "bluewin.ch",
            "libero.it",
            "seznam.cz",
            "wp.pl",
            "onet.pl",
            "ukr.net",
            "yahoo.it",
        ),
        *(
            "uol.com.br",
            "hanmail.net",
            "188.com",
            "rogers.com",
            "xtra.co.nz",
            "hotmail.es",
            "live.nl",
        ),
    ],
)
def test_people_of_one_provider_are_strangers(domain: str):
    assert mail_crowd(canonical_address(f"a@{domain}")) == ""


def test_where_anybody_has_as_many_addresses_as_they_like_all_are_one_crowd():
    for domain in ("mailinator.com", "duck.com", "yopmail.com"):
        assert mail_crowd(f"a@{domain}") == domain


def test_providers_of_millions_are_no_crowd():
    assert {mail_crowd(f"a@{domain}") for domain in PUBLIC_MAIL} == {""}
    assert {canonical_address(f"a@{domain}") for domain in PUBLIC_MAIL} == {
        f"a@{domain}" for domain in PUBLIC_MAIL
    }
