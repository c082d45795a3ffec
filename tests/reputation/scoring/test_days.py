from datetime import UTC, datetime, timedelta, timezone

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring.days import EPOCH, from_days, microseconds, to_days

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
MOMENTS = st.builds(
    lambda microseconds, zone: (EPOCH + timedelta(microseconds=microseconds)).astimezone(zone),
    st.integers(0, 2**16 * 86_400_000_000 - 2),
    OFFSETS,
)


@given(MOMENTS)
def test_days_and_moments_are_one_another(moment):
    assert from_days(to_days(moment)) == moment


@given(MOMENTS)
def test_a_microsecond_later_is_later(moment):
    assert to_days(moment) < to_days(moment + timedelta(microseconds=1))


def test_days_count_from_the_epoch():
    assert to_days(EPOCH) == 0.0
    assert to_days(datetime(1970, 1, 2, 12, tzinfo=UTC)) == 1.5
    assert from_days(1.5) == datetime(1970, 1, 2, 12, tzinfo=UTC)


@given(st.lists(st.floats(0.0, 2.0**16)))
def test_moments_of_many_are_those_of_each(days):
    expected = [(from_days(each) - EPOCH) // timedelta(microseconds=1) for each in days]
    assert microseconds(np.array(days)).tolist() == expected
