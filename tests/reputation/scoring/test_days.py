from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring.days import EPOCH, from_days, to_days

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
