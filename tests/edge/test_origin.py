"""Whose a request is, as limits count: a household, and the site around it."""

from edge.origin import household, site


def test_an_ipv4_address_is_household_and_site():
    assert household("192.0.2.1") == site("192.0.2.1") != site("192.0.2.2")


def test_a_household_is_a_64_and_a_site_a_48_of_ipv6():
    home = "2001:db8:1:2::1"
    assert household(home) == household("2001:db8:1:2:ffff::9")
    assert household(home) != household("2001:db8:1:3::1")
    assert site(home) == site("2001:db8:1:ffff::1")
    assert site(home) != site("2001:db8:0:2::1")
