"""Which threads answer which requests."""

import pytest

from config.server import LOOKUPS, REST, lane_of
from edge import Lane
from tests.given.processor import processor


@pytest.mark.parametrize(
    ("path", "lane"),
    [
        ("/compat/phoneblock/check", LOOKUPS),
        ("//compat//phoneblock//check", LOOKUPS),
        ("/compat/", LOOKUPS),
        ("/compat", REST),
        ("/v1/reports", REST),
    ],
)
def test_lanes(path: str, lane: Lane) -> None:
    assert lane_of("GET", path) is lane


def test_slashes_are_not_counted_in_every_way() -> None:
    """The event loop looks at each path: what it takes stops all others of the process."""
    with processor(20):
        assert lane_of("GET", f"/compat{'/' * 500_000}\n") is REST
