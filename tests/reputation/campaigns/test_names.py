"""Reports join a campaign by the name that callers give, for as long as it is used."""

from datetime import timedelta

import pytest

from reputation.counting import group_anew
from reputation.models import Report
from tests.given.campaigns import NUMBERS, tell
from tests.given.reporters import DAY, NOW, newcomer

pytestmark = pytest.mark.django_db

NAMED = {"comment": "", "claimed_name": "Parcel Desk"}


@pytest.fixture
def _grouped():
    for place, number in enumerate(NUMBERS[:3]):
        tell(place, number, at=NOW - place * DAY, **NAMED)
    group_anew(now=NOW)
    assert Report.objects.exclude(campaign=None).count() == 3


@pytest.mark.usefixtures("_grouped")
@pytest.mark.parametrize(
    ("minutes", "said", "joins"),
    [
        (-1, {}, True),
        (1, {}, False),
        (-1, {"claimed_name": "Another Desk"}, False),
        (-1, {"who": newcomer}, False),
    ],
)
def test_a_name_leads_to_its_campaign_for_two_weeks(minutes: int, said: dict, joins: bool):
    at = NOW + timedelta(days=14, minutes=minutes)
    report = tell(3, NUMBERS[3], at=at, **NAMED | said)
    assert (report.campaign is not None) is joins
