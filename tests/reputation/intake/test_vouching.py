"""Whose an e-mail is: what our own mail server says of its sender, and nobody else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.intake.authentication import vouches
from tests.given.messages import AUTHSERV, VOUCHED, read, under

SPF = f"{AUTHSERV}; spf=pass (sender SPF authorized) smtp.mailfrom=evil.example"
BELIEVED = {
    "DMARC": VOUCHED,
    "DMARC in capitals": f"{AUTHSERV.upper()}; DMARC=Pass Header.From=EXAMPLE.ORG",
    "a version": f"{AUTHSERV} 1; spf=fail; dkim=none; dmarc=pass header.from=example.org",
    "folded": f"{AUTHSERV};\n\tdmarc=pass (p=reject\n dis=none)\n header.from=example.org",
    "DKIM": f"{AUTHSERV}; dkim=pass header.d=example.org",
    "DKIM of a host": f"{AUTHSERV}; dkim=pass header.i=@mail.example.org header.s=a",
    "DKIM with a reason": f'{AUTHSERV}; dkim=pass reason="1024-bit key; weak" header.d=example.org',
    "one of two signatures": f"{AUTHSERV}; dkim=pass header.d=list.example;"
    " dkim=pass header.d=example.org",
    "SPF": f"{AUTHSERV}; spf=pass smtp.mailfrom=jane.doe@example.org",
    "SPF and whom it quotes": f"{AUTHSERV}; spf=pass (sender SPF authorized)"
    " smtp.mailfrom=example.org (client-ip=192.0.2.1; helo=mx.example.org;"
    " envelope-from=jane@example.org; receiver=<UNKNOWN>)",
    "DMARC that found no policy": f"{AUTHSERV}; dmarc=none header.from=example.org;"
    " dkim=pass header.d=example.org",
}
NOT_BELIEVED = {
    # What a sender chose, in a header of our own server.
    "MAIL FROM in a comment": f"{SPF} (client-ip=192.0.2.1; helo=evil.example;"
    " envelope-from=dmarc=pass@evil.example; receiver=<UNKNOWN>)",
    "HELO in a comment": f"{AUTHSERV}; spf=fail (client-ip=192.0.2.1; helo=dmarc=pass; x)",
    "HELO that ends the comment": f"{SPF} (client-ip=192.0.2.1; helo=x);"
    " dmarc=pass header.from=example.org; x=pass (; envelope-from=a@evil.example)",
    "a quotation that ends the comment": f'{SPF} (domain of "x); dmarc=pass'
    ' header.from=example.org; x=pass ("@evil.example designates 192.0.2.1)',
    "a quoted MAIL FROM": f"{AUTHSERV}; spf=pass"
    ' smtp.mailfrom="x header.d=example.org"@evil.example',
    "a quoted MAIL FROM with results": f"{AUTHSERV}; spf=pass"
    ' smtp.mailfrom="x; dmarc=pass header.from=example.org"@evil.example',
    "a MAIL FROM with two @": f"{AUTHSERV}; spf=pass smtp.mailfrom=a@example.org@evil.example",
    "a reason": f'{AUTHSERV}; dkim=fail reason="dkim=pass header.d=example.org"',
    "DKIM in a comment": f"{AUTHSERV}; dkim=pass (signed header.i=@example.org)"
    " header.d=evil.example",
    "comments within comments": f"{AUTHSERV}; dkim=pass {'(' * 2000} header.d=example.org",
    "a comment without an end": f"{AUTHSERV}; dmarc=pass header.from=example.org (x",
    # Another domain.
    "DMARC of another": f"{AUTHSERV}; dmarc=pass header.from=evil.example",
    "DMARC of another with DKIM of ours": f"{AUTHSERV}; dmarc=pass header.from=evil.example;"
    " dkim=pass header.d=example.org",
    "DMARC of the domain above": f"{AUTHSERV}; dmarc=pass header.from=org",
    "DMARC that names nobody": f"{AUTHSERV}; dmarc=pass",
    "DMARC that names two": f"{AUTHSERV}; dmarc=pass header.from=example.org"
    " header.from=evil.example",
    "DKIM of another": f"{AUTHSERV}; dkim=pass header.d=evil.example",
    "DKIM for a user of another": f"{AUTHSERV}; dkim=pass header.d=evil.example"
    " header.i=@example.org",
    "DKIM of two": f"{AUTHSERV}; dkim=pass header.d=evil.example header.d=example.org",
    "DKIM of a longer name": f"{AUTHSERV}; dkim=pass header.d=notexample.org",
    "SPF of another": f"{AUTHSERV}; spf=pass smtp.mailfrom=evil.example",
    "SPF of a host": f"{AUTHSERV}; spf=pass smtp.helo=example.org",
    # Not passed.
    "DMARC failed and DKIM passed": f"{AUTHSERV}; dmarc=fail header.from=example.org;"
    " dkim=pass header.d=example.org",
    "twice with two results": f"{AUTHSERV}; dmarc=pass header.from=example.org;"
    " dmarc=fail header.from=example.org",
    "failed": f"{AUTHSERV}; dmarc=fail",
    "nothing": f"{AUTHSERV}; none",
    "a result that begins alike": f"{AUTHSERV}; dkim=passed header.d=example.org",
    "a method that ends alike": f"{AUTHSERV}; x-dkim=pass header.d=example.org",
    # Not by our server, or not in its form.
    "another server": "evil.example; dmarc=pass header.from=example.org",
    "a server that ends alike": f"x{AUTHSERV}; dmarc=pass header.from=example.org",
    "a server that begins alike": f"{AUTHSERV}.evil.example; dmarc=pass header.from=example.org",
    "our server in a comment": f"evil.example ({AUTHSERV}); dmarc=pass header.from=example.org",
    "another version": f"{AUTHSERV} 2; dmarc=pass header.from=example.org",
    "trailing junk": f"{AUTHSERV}; dmarc=pass header.from=example.org, and more",
    "too long": f"{AUTHSERV}; dmarc=pass header.from=example.org{' ' * 5000};x=y",
}
# Who sends from the first domain, whom our server names, and whether they are one.
ORGANISATIONS = [
    ("example.org", "mail.example.org", True),
    ("a.example.org", "b.example.org", True),
    ("example.co.uk", "mail.example.co.uk", True),
    ("example.co.uk", "co.uk", False),
    ("example.co.uk", "another.co.uk", False),
    ("jane.github.io", "github.io", False),
    ("jane.github.io", "john.github.io", False),
    ("bücher.example", "xn--bcher-kva.example", True),
    ("xn--bcher-kva.example", "XN--BCHER-KVA.example", True),
    ("bücher.example", "bucher.example", False),
    ("例子.example", "xn--fsqu00a.example", True),
]
SENDERS = {
    "an address": ("jane@example.org", "jane@example.org"),
    "a name": ("Jane Doe <jane@example.org>", "jane@example.org"),
    "a name with a comma": ("Doe, Jane <jane@example.org>", "jane@example.org"),
    "a quoted name": ('"Doe, Jane" <Jane@Example.org>', "jane@example.org"),
    "the address as a quoted name": ('"jane@example.org" <jane@example.org>', "jane@example.org"),
    "an encoded name": ("=?utf-8?q?J=C3=A4ne?= <jane@example.org>", "jane@example.org"),
    "a comment": ("jane@example.org (Jane)", "jane@example.org"),
    "folded": ("Jane\n Doe\n <jane@example.org>", "jane@example.org"),
    "an address as a name": ("jane@example.org <evil@evil.example>", ""),
    "an encoded address as a name": ("=?utf-8?q?jane=40example.org?= <e@evil.example>", ""),
    "two addresses": ("evil@evil.example, jane@example.org", ""),
    "two addresses in brackets": ("<evil@evil.example> <jane@example.org>", ""),
    "a group": ("friends: jane@example.org;", ""),
    "a group with a name": ("friends: Jane <jane@example.org>;", ""),
    "a route": ("<@evil.example:jane@example.org>", ""),
    "brackets in a comment": ("evil@evil.example (<jane@example.org>", ""),
    "a quotation without an end": ('"x <evil@evil.example> <jane@example.org>', ""),
    "a domain within quotes": ('"jane@example.org"@evil.example', ""),
    "nothing": ("", ""),
    "no address": ("Jane", ""),
}


def by_us(*values: str) -> list[str]:
    return [f"Authentication-Results: {value}" for value in values]


class TestWhoVouches:
    @pytest.mark.parametrize("header", BELIEVED.values(), ids=BELIEVED)
    def test_our_server_for_that_domain(self, header):
        assert read(under(*by_us(header))).authentic

    @pytest.mark.parametrize("header", NOT_BELIEVED.values(), ids=NOT_BELIEVED)
    def test_nobody_else_and_for_no_other(self, header):
        assert not read(under(*by_us(header))).authentic

    @pytest.mark.parametrize(("own", "named", "one"), ORGANISATIONS)
    def test_domains_of_one_organisation(self, own, named, one):
        for header in (f"dkim=pass header.d={named}", f"spf=pass smtp.mailfrom=a@{named}"):
            raw = under(*by_us(f"{AUTHSERV}; {header}"), sender=f"a@{own}")
            assert read(raw).authentic is one

    def test_all_headers_of_our_server_are_read(self):
        spf, dkim, dmarc = (
            f"{AUTHSERV}; spf=fail smtp.mailfrom=list.example",
            f"{AUTHSERV}; dkim=pass header.d=example.org",
            f"{AUTHSERV}; dmarc=pass header.from=example.org",
        )
        assert read(under(*by_us(spf, "else.example; dkim=fail", dkim))).authentic
        assert read(under(*by_us(spf, dmarc, dkim))).authentic
        assert read(under(*by_us(dmarc))).authentic

    @pytest.mark.parametrize(
        "ours",
        [
            "dmarc=fail header.from=example.org",
            "spf=fail smtp.mailfrom=example.org",
            "spf=pass smtp.mailfrom=evil.example",
            "dkim=none",
            "dkim=pass header.d=evil.example",
            "spf=fail smtp.mailfrom=<>",  # which cannot be read
        ],
    )
    def test_one_below_ours_in_our_name_is_not_believed(self, ours):
        raw = under(*by_us(f"{AUTHSERV}; {ours}", VOUCHED))
        assert not read(raw).authentic

    def test_what_came_with_the_letter_is_not_ours(self):
        ours = f"{AUTHSERV}; arc=none"
        forged = by_us(f"{AUTHSERV}; dkim=pass header.d=example.org")
        received = "Received: from evil.example by mx.ringscore.example"
        assert read(under(received, *by_us(ours), *forged)).authentic
        assert not read(under(*by_us(ours), received, *forged)).authentic

    def test_more_headers_than_a_server_writes(self):
        raw = under(*by_us(*[f"{AUTHSERV}; arc=none"] * 50, VOUCHED))
        assert not read(raw).authentic

    def test_nobody_where_no_server_is_named(self, settings):
        settings.INTAKE_AUTHSERV_ID = ""
        for header in ("; dmarc=pass header.from=example.org", VOUCHED):
            assert not read(under(*by_us(header))).authentic

    @pytest.mark.parametrize(("header", "sender"), SENDERS.values(), ids=SENDERS)
    def test_one_sender_or_none(self, header, sender):
        incoming = read(under(*by_us(VOUCHED), sender=header))
        assert (incoming.sender, incoming.authentic) == (sender, bool(sender))

    def test_two_senders_are_none(self):
        raw = under(*by_us(VOUCHED), "From: evil@evil.example")
        assert (read(raw).sender, read(raw).authentic) == ("", False)


# Pieces of what a sender may choose as HELO or MAIL FROM.
_CHOSEN = st.lists(
    st.sampled_from(
        ["dmarc=pass", "dkim=pass", "header.from=example.org", "header.d=example.org", "spf=pass",
         "smtp.mailfrom=example.org", AUTHSERV, ";", ")", "(", " ", "x", "@", "=", "/1", "reason="]
    ),
    max_size=9,
).map("".join)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=300)
@given(_CHOSEN, _CHOSEN)
def test_whatever_a_sender_chooses_it_vouches_for_nobody(helo, local):
    """HELO in a comment as it came, MAIL FROM as the quotation that its grammar asks for."""
    quoted = f'"{local}"@evil.example'
    for header in (
        f"{SPF} (client-ip=192.0.2.1; helo={helo}; envelope-from={quoted}; receiver=x)",
        f"{AUTHSERV}; spf=pass (domain of {quoted} designates 192.0.2.1) smtp.mailfrom={quoted}",
        f"{AUTHSERV}; spf=pass smtp.mailfrom={quoted}; dkim=none",
    ):
        fields = [("Authentication-Results", header)]
        assert not vouches(fields, domain="example.org", server=AUTHSERV)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.text(alphabet='();"\\ =.@/ax1\n\té'), _CHOSEN)
def test_any_header_is_read_or_not(one, other):
    for value in (f"{AUTHSERV}; {one}{other}", f"{AUTHSERV}{one}; {other}", one):
        vouches([("Authentication-Results", value)], domain="example.org", server=AUTHSERV)
