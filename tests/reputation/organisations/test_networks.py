"""Networks from which alone an organisation's keys may ask."""

import pytest

from reputation.organisations import UnreadableNetwork, read_networks


def test_networks_as_people_write_them():
    typed = "192.0.2.7, 2001:DB8::/32\n192.0.2.7;198.51.100.9/24"
    assert read_networks(typed) == ["192.0.2.7/32", "2001:db8::/32", "198.51.100.0/24"]
    assert read_networks(" ") == []
    assert read_networks("10.1.2.3/8 2001:db8::/19") == ["10.0.0.0/8", "2001::/19"]
    zone, mapped = "fe80::1%eth0", "::ffff:192.0.2.0/120"
    for wrong in (
        "10.0.0.0/7",
        "2001:db8::/18",
        "example.org",
        "192.0.2.0/33",
        "\x00",
        zone,
        mapped,
    ):
        with pytest.raises(UnreadableNetwork):
            read_networks(wrong)
