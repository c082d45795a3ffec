import pytest

from api.dialects import hashes
from api.models import HashCursor, HashedNumber
from reputation.feeds import log
from reputation.feeds.compaction import KEEP, compact
from tests.given.dialects import FILED, sha, tell

pytestmark = pytest.mark.django_db

A, B, C = "+12025550101", "+12025550102", "+12025550103"


def rows() -> list[tuple[str, bool]]:
    return list(HashedNumber.objects.order_by("key").values_list("key", "blocked"))


def test_listed_numbers_can_be_asked_for():
    tell(A, "block")
    tell(B, "flag")
    tell(C, "allow")
    hashes.catch_up()
    assert rows() == [(A, True), (B, False)]
    assert hashes.keys_of("sha1", sha(A)) == [A]
    assert hashes.keys_of("tens", sha(A[:-1])) == [A, B]
    assert hashes.keys_of("hundreds", sha(A[:-2])) == [A, B]
    assert hashes.keys_of("sha1", sha(A)[:4]) == [A]
    assert hashes.keys_of("sha1", sha(C)) == []


def test_prefixes_of_any_length_and_case():
    tell(A, "block")
    hashes.catch_up()
    whole = sha(A)
    for length in range(4, 41):
        assert hashes.keys_of("sha1", whole[:length].lower()) == [A]
        other = f"{whole[: length - 1]}{int(whole[length - 1], 16) ^ 1:x}"
        assert hashes.keys_of("sha1", other) == []


def test_nothing_but_e164_has_a_hash():
    tell("CN:95533", "block")
    hashes.catch_up()
    assert rows() == []


def test_it_follows_from_where_it_was():
    tell(A, "block")
    hashes.catch_up()
    assert HashCursor.objects.get().cursor == log.head()
    tell(B, "block")
    hashes.catch_up()
    hashes.catch_up()
    assert rows() == [(A, True), (B, True)]
    assert HashCursor.objects.get().cursor == log.head()


def test_it_remembers_what_was_blocked():
    tell(A, "block")
    hashes.catch_up()
    tell(A, "flag", "")
    hashes.catch_up()
    tell(A, "allow", "")
    hashes.catch_up()
    assert rows() == [(A, True)]


def test_a_flagged_number_that_gets_blocked():
    tell(A, "flag")
    hashes.catch_up()
    tell(A, "block", "")
    hashes.catch_up()
    assert rows() == [(A, True)]


def test_long_pages(monkeypatch):
    monkeypatch.setattr(log, "MAX_PAGE", 2)
    for number in (A, B, C):
        tell(number, "block")
    hashes.catch_up()
    assert rows() == [(A, True), (B, True), (C, True)]
    assert HashCursor.objects.get().cursor == log.head()


def test_after_a_long_absence_it_starts_from_what_is_listed():
    for number in (A, B, C):
        tell(number, "block")
    compact(now=FILED + 2 * KEEP)
    hashes.catch_up()
    assert rows() == [(A, True), (B, True), (C, True)]
    assert HashCursor.objects.get().cursor == log.head()


def test_a_cursor_ahead_of_the_log_starts_anew():
    """A database restored from a backup has a shorter log than this table followed."""
    tell(A, "block")
    HashCursor.objects.create(cursor=10_000)
    hashes.catch_up()
    assert rows() == [(A, True)]
    assert HashCursor.objects.get().cursor == log.head()


def test_who_falls_behind_does_not_set_the_cursor_back():
    tell(A, "block")
    hashes.catch_up()
    hashes._advance(1)
    assert HashCursor.objects.get().cursor == log.head()


def test_a_rated_number_can_be_asked_for():
    hashes.remember(A)
    hashes.remember(A)
    hashes.remember("CN:95533")
    assert rows() == [(A, False)]
    tell(A, "block")
    hashes.catch_up()
    assert rows() == [(A, True)]
