"""The clock of a country is that of most of its people."""

import pytest

from reputation.identity import REGIONS, zone_of


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("CN", "Asia/Shanghai"),
        ("US", "America/New_York"),
        ("ES", "Europe/Madrid"),
        ("PT", "Europe/Lisbon"),
        ("ID", "Asia/Jakarta"),
        ("FR", "Europe/Paris"),
        ("", "UTC"),
        ("XX", "UTC"),
    ],
)
def test_zone_of(country, zone):
    assert zone_of(country).key == zone


def test_every_country_with_numbers_has_a_clock():
    assert {country for country in REGIONS if zone_of(country).key == "UTC"} <= {"AC", "TA"}
