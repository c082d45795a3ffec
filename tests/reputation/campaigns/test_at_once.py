"""Reports are grouped into campaigns by one process at a time."""

from functools import partial

import pytest

from reputation.counting import group_anew
from reputation.models import Busy, Campaign, CampaignExample
from tests.given.campaigns import NUMBERS, tell
from tests.given.concurrency import together
from tests.given.reporters import DAY, NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def group() -> str:
    try:
        group_anew(now=NOW)
    except Busy as error:
        return str(error)
    return ""


def test_two_who_group_at_once_leave_what_one_would():
    for place, number in enumerate(NUMBERS[:3]):
        tell(place, number, at=NOW - 3 * DAY)
        tell(place + 1, number, at=NOW - 2 * DAY)
    group_anew(now=NOW)
    examples = CampaignExample.objects.count()
    for _round in range(5):
        told = together(*[partial(group)] * 3)
        assert "" in told
        assert set(told) <= {"", "Another process groups reports. Try again when it has ended."}
        assert CampaignExample.objects.count() == examples
        assert Campaign.objects.count() == 1
