"""Which database answers a lookup: a replica that is well, or the primary."""

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from reputation.models import Prepared, replicas

pytestmark = pytest.mark.django_db

ONE = Prepared("SELECT 1 WHERE %s <> ''")
SLOW = Prepared("SELECT 1 FROM pg_sleep(0.5) WHERE %s <> ''")  # more than replicas.PATIENCE


@pytest.fixture
def followed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[replicas.Replica]:
    """A replica that has everything: the test database itself, under its own name."""
    settings.REPLICAS = ["default"]
    replica = replicas.Replica("default")
    replica.through = time.monotonic()
    monkeypatch.setattr(replicas, "_replicas", [replica])
    cache.clear()
    yield replica
    cache.clear()


def test_only_within_reading(followed: replicas.Replica):
    assert replicas.chosen() is None
    with replicas.reading(by=None):
        assert replicas.chosen() is followed
        assert ONE.one("x") == (1,)
    assert replicas.chosen() is None


def test_what_is_late_or_promoted_is_left_out(followed: replicas.Replica):
    with replicas.reading(by=None):
        followed.through = time.monotonic() - replicas.LATE
        assert replicas.chosen() is None
        followed.through = time.monotonic()
        followed.look()  # it follows nobody: it is a primary
        assert replicas.chosen() is None


@pytest.mark.django_db(transaction=True)
def test_one_that_does_not_answer_fails_no_lookup(followed: replicas.Replica):
    with replicas.reading(by=None):
        assert SLOW.one("x") == (1,)
        assert replicas.chosen() is None


def test_who_wrote_lately_reads_the_primary(
    followed: replicas.Replica, monkeypatch: pytest.MonkeyPatch
):
    replicas.note_write(7)
    for by, expected in ((7, None), (8, followed), (None, followed)):
        with replicas.reading(by=by):
            assert replicas.chosen() is expected

    def away(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(cache, "get", away)
    with replicas.reading(by=8):
        assert replicas.chosen() is None  # nobody can tell
    monkeypatch.setattr(cache, "set", away)
    replicas.note_write(8)  # the report is filed all the same
