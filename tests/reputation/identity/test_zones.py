"""The clock of a country is that of most of its people, and has a name that they know."""

from zoneinfo import available_timezones

import pytest

from reputation.identity import REGIONS, zone_name, zone_of


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


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("Asia/Taipei", ["Taipei", "台北", "台北", "Taipeh"]),
        ("Asia/Shanghai", ["Beijing", "北京", "北京", "Peking"]),
        ("PRC", ["Beijing", "北京", "北京", "Peking"]),
        ("America/Los_Angeles", ["Los Angeles", "洛杉矶", "洛杉磯", "Los Angeles"]),
        ("Asia/Calcutta", ["Kolkata", "加尔各答", "加爾各答", "Kalkutta"]),
        ("Asia/Kolkata", ["Kolkata", "加尔各答", "加爾各答", "Kalkutta"]),
        ("Etc/GMT-8", ["UTC+8"] * 4),
        ("Etc/GMT+3", ["UTC-3"] * 4),
        ("Etc/GMT", ["UTC"] * 4),
        ("GMT0", ["UTC"] * 4),
        ("UTC", ["UTC"] * 4),
    ],
)
def test_zone_name(key, names):
    assert [zone_name(key, each) for each in ("en", "zh-hans", "zh-hant", "de")] == names


def test_every_zone_has_a_name_without_marks():
    for language in ("en", "zh-hans", "zh-hant", "de"):
        names = {zone_name(key, language) for key in available_timezones()}
        assert not [name for name in names if "/" in name or "_" in name or not name]
