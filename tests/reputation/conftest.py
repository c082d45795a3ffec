"""Hypothesis asks the real database here, whose pace is not what these tests are about."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "database",
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
