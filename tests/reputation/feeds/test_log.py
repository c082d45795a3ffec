import dataclasses
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from reputation import moderation
from reputation.counting import publishing
from reputation.feeds import log
from reputation.feeds.blocks import bucket_of
from reputation.feeds.log import Change, Page
from reputation.identity import identify
from reputation.models import FeedChange, FeedHead, Reporter
from reputation.reports import Statement, submit_report
from reputation.scoring.curves import BLOCK_AT, FLAG_AT
from tests.given.reporters import NOW

A, B = "+8613812345678", "+8613812345679"

pytestmark = pytest.mark.django_db


def change(cursor: int, number: str, previous: str, action: str, **other: object) -> Change:
    # A pin on a number without reports publishes what is just inside the action's range.
    usual = {"allow": ("clear", 0), "flag": ("listed", FLAG_AT), "block": ("listed", BLOCK_AT)}
    status, probability = usual[action]
    known = Change(
        cursor=cursor,
        number=number,
        previous=previous,
        action=action,
        category="",
        status=status,
        score=round(100 * probability),
        changed_at=NOW,
    )
    return dataclasses.replace(known, **other)  # type: ignore[arg-type]


def snapshot() -> tuple[int, list[Change]]:
    with log.snapshot() as taken:
        return taken.cursor, list(taken.changes)


def test_an_empty_log_has_no_changes_and_no_snapshot():
    assert log.head() == 0
    assert log.changes_since(0) == Page(changes=[], cursor=0, head=0)
    assert snapshot() == (0, [])


def test_each_change_of_what_the_public_is_told_is_one_row(tell):
    tell(A, "flag")
    tell(A, "flag")
    tell(B, "block")
    tell(A, "block")
    tell(A, "")

    assert log.changes_since(0) == Page(
        changes=[
            change(1, A, "allow", "flag"),
            change(2, B, "allow", "block"),
            change(3, A, "flag", "block"),
            change(4, A, "block", "allow", status="unknown", score=0),
        ],
        cursor=4,
        head=4,
    )
    assert snapshot() == (4, [change(2, B, "allow", "block")])


def test_pages_lead_on_to_the_end(tell):
    for last in range(5):
        tell(f"+861381234500{last}", "flag")

    first = log.changes_since(0, limit=2)
    second = log.changes_since(first.cursor, limit=2)
    third = log.changes_since(second.cursor, limit=2)

    assert [(page.cursor, page.head) for page in (first, second, third)] == [(2, 5), (4, 5), (5, 5)]
    cursors = [each.cursor for page in (first, second, third) for each in page.changes]
    assert cursors == [1, 2, 3, 4, 5]
    assert log.changes_since(third.cursor) == Page(changes=[], cursor=5, head=5)


@pytest.mark.parametrize("cursor", [-1, 2, 10**18])
def test_a_cursor_that_was_never_given_is_refused(tell, cursor):
    tell(A, "flag")

    with pytest.raises(log.CursorUnknown, match=rf"{cursor} .* the last is 1\. Take a snapshot"):
        log.changes_since(cursor)


@pytest.mark.parametrize("limit", [0, -1, log.MAX_PAGE + 1])
def test_a_limit_has_its_range(limit):
    with pytest.raises(ValueError, match="limit must be 1 to 10000"):
        log.changes_since(0, limit=limit)


def test_what_has_not_committed_has_no_cursor(tell):
    class Stop(Exception):
        pass

    def fail() -> None:
        with transaction.atomic():
            tell(A, "flag")
            assert FeedChange.objects.filter(cursor=None).count() == 1
            raise Stop

    with pytest.raises(Stop):
        fail()
    tell(B, "flag")

    assert log.changes_since(0).changes == [change(1, B, "allow", "flag")]


def test_sequencing_belongs_to_no_callers_transaction(tell):
    tell(A, "flag")

    # The transaction that pytest puts around each test does not count; one within it does.
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        log.sequence()


def test_a_score_that_fades_is_no_change_while_all_else_stays():
    reporter = Reporter.objects.create(kind="key", handle="r", created_at=NOW)
    statement = Statement(category="loan_scam")
    number = submit_report(
        reporter=reporter, identity=identify(A), statement=statement, network="n", now=NOW
    ).number
    score = number.score
    publishing.publish(number, now=NOW + timedelta(days=20))

    assert number.score < score
    assert log.changes_since(0).changes == [
        change(1, A, "allow", "allow", category="loan_scam", score=score)
    ]


def test_a_moderators_decision_is_in_the_log_at_once():
    actor = User.objects.create(username="mo")
    identity = identify(A)
    high = moderation.confirm_number(
        actor=actor, identity=identity, reason="heard it", now=NOW
    ).score
    later = NOW + timedelta(hours=1)
    low = moderation.clear_number(
        actor=actor, identity=identity, reason="it is a clinic", now=later
    ).score

    listed, removed = log.changes_since(0).changes
    assert listed == change(1, A, "allow", "block", score=high)
    assert removed == change(2, A, "block", "allow", score=low, changed_at=later)
    assert (listed.listed, removed.listed) == (True, False)


def test_a_poll_without_news_asks_twice(tell, django_assert_num_queries: DjangoAssertNumQueries):
    tell(A, "flag")
    cursor = log.head()

    with django_assert_num_queries(2):
        log.changes_since(cursor)


def test_a_backlog_longer_than_a_batch_is_numbered_whole(tell, monkeypatch):
    monkeypatch.setattr(log, "BATCH", 2)
    for last in range(5):
        tell(f"+861381234500{last}", "flag")

    assert log.sequence() == 5
    assert [(each.cursor, each.number[-1]) for each in log.changes_since(0).changes] == [
        (1, "0"), (2, "1"), (3, "2"), (4, "3"), (5, "4"),
    ]  # fmt: skip


def test_the_database_refuses_a_cursor_twice_and_a_second_head(tell):
    tell(A, "flag")
    tell(B, "flag")
    log.sequence()

    with pytest.raises(IntegrityError, match="feed_cursor_unique"), transaction.atomic():
        FeedChange.objects.filter(cursor=2).update(cursor=1)
    with pytest.raises(IntegrityError, match="feed_head_is_one_row"), transaction.atomic():
        FeedHead.objects.create(id=2)
    with pytest.raises(IntegrityError, match="feed_horizon_not_ahead"), transaction.atomic():
        FeedHead.objects.update(horizon=3)


def test_the_database_hashes_as_we_do():
    """The migration that opens the log writes buckets in SQL."""
    keys = [A, "+4930123456", "CN:95533", "CN@招商银行", "GB@AB"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 256 * get_byte(digest, 0) + get_byte(digest, 1) FROM unnest(%s::text[]) key,"
            " sha256(convert_to(left(key, -2), 'UTF8')) digest",
            [keys],
        )
        assert [row[0] for row in cursor.fetchall()] == [bucket_of(key) for key in keys]
