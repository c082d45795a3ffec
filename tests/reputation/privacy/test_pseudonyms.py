import re

import pytest
from pytest_django import Settings

from reputation.privacy.pseudonyms import network_of, pseudonym


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.2.254"),  # a /24
        ("2001:db8:1::1", "2001:db8:1:ffff::2"),  # a /48
        ("2001:db8:1::1", "2001:0DB8:0001:0000::0001"),  # two spellings
        ("192.0.2.1", "::ffff:192.0.2.77"),  # the same address over an IPv6 socket
        ("fe80::1%eth0", "fe80::2%eth1"),  # a zone is this machine's name for a card
    ],
)
def test_neighbours_are_one_network(one, other):
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.3.1"),
        ("2001:db8:1::1", "2001:db8:2::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.3.1"),
        ("unknown", "192.0.2.1"),
        ("", "unknown"),
    ],
)
def test_strangers_are_two_networks(one, other):
    assert network_of(one) != network_of(other)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "", "unknown", "1.2.3.4:5", "✆"])
def test_a_pseudonym_tells_nothing_of_the_address(address):
    assert re.fullmatch("[0-9a-f]{32}", network_of(address))


def test_a_value_of_another_kind_is_another_pseudonym():
    assert pseudonym("network", "a") != pseudonym("sender", "a")
    # The kind is set apart from the value: no pair of them runs into another.
    assert pseudonym("ab", "c") != pseudonym("a", "bc")


def test_it_is_keyed(settings: Settings):
    before = network_of("192.0.2.1")
    settings.PSEUDONYM_KEY = "another key of fifty characters or more, as settings demand"
    assert network_of("192.0.2.1") != before
