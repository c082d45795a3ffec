from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import ManagementUtility, call_command

from reputation.feeds import log
from reputation.feeds.compaction import KEEP, Compaction, compact
from reputation.feeds.publishing import publish
from reputation.models import FeedChange
from tests.given.reporters import NOW

OLD = NOW - KEEP - timedelta(minutes=1)
A, B, C = "+8613812345678", "+8613812345679", "+4930123456"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("feeds_dir")]


def kept() -> list[tuple[int | None, str, str]]:
    return list(FeedChange.objects.order_by("id").values_list("cursor", "key", "action"))


def snapshot() -> tuple[int, list[tuple[int, str, str]]]:
    with log.snapshot() as taken:
        return taken.cursor, [(each.cursor, each.number, each.action) for each in taken.changes]


@pytest.fixture
def history(tell) -> None:
    tell(A, "flag", now=OLD)
    tell(B, "flag", now=OLD)
    tell(C, "flag", now=OLD)
    tell(A, "block", now=OLD)
    tell(B, "allow", now=OLD)
    tell(C, "block", now=NOW)
    tell(A, "allow", now=NOW)


def test_an_empty_log_is_already_compact():
    assert compact(now=NOW) == Compaction(horizon=0, forgotten=0)


def test_only_what_was_overtaken_goes_and_only_up_to_the_horizon(history):
    before = snapshot()

    # 1 and 4 were overtaken by 7, 3 by 6, 2 by the tombstone 5, which nobody can have missed.
    assert compact(now=NOW) == Compaction(horizon=5, forgotten=5)
    assert kept() == [(6, C, "block"), (7, A, "allow")]
    assert snapshot() == before == (7, [(6, C, "block")])
    assert compact(now=NOW) == Compaction(horizon=5, forgotten=0)


def test_a_listed_number_outlives_the_horizon(history):
    later = NOW + KEEP + timedelta(minutes=1)

    assert compact(now=later) == Compaction(horizon=7, forgotten=6)
    assert kept() == [(6, C, "block")]
    assert snapshot() == (7, [(6, C, "block")])


def test_a_cursor_is_refused_only_before_the_horizon(history):
    compact(now=NOW)

    assert [each.cursor for each in log.changes_since(5).changes] == [6, 7]
    for cursor in (0, 4):
        with pytest.raises(log.CursorTooOld, match=f"before 5 are gone, and {cursor} lies before"):
            log.changes_since(cursor)


def test_the_horizon_never_moves_back(history):
    compact(now=NOW)

    assert compact(now=NOW, keep=timedelta(days=10_000)).horizon == 5


def test_the_horizon_does_not_pass_what_is_published(tell, capsys):
    tell(A, "flag", now=OLD)
    tell(A, "block", now=OLD)
    published = publish(now=OLD)
    tell(A, "allow", now=OLD)
    tell(B, "flag", now=OLD)

    assert compact(now=NOW) == Compaction(horizon=2, forgotten=2, held_at=2)
    assert [each.cursor for each in log.changes_since(published.cursor).changes] == [3, 4]
    call_command("compact")
    assert capsys.readouterr().err == (
        "Older changes stay: the published snapshot ends at cursor 2. "
        "Run publish, then compact again.\n"
    )
    publish(now=NOW)
    assert compact(now=NOW) == Compaction(horizon=4, forgotten=1)


def test_what_has_no_cursor_yet_overtakes_nothing(history, tell):
    log.sequence()
    tell(C, "allow", now=NOW)
    FeedChange.objects.filter(cursor=None).update(changed_at=OLD)

    # The tombstone gets its cursor first, stands behind younger changes, and so stays.
    assert compact(now=NOW) == Compaction(horizon=5, forgotten=5)
    assert kept()[-1] == (8, C, "allow")


def test_new_cursors_go_on_after_the_last_change_is_forgotten(tell):
    tell(A, "flag", now=OLD)
    tell(A, "allow", now=OLD)
    compact(now=NOW)
    assert kept() == []

    tell(A, "flag", now=NOW)
    assert kept() == [(None, A, "flag")]
    assert [each.cursor for each in log.changes_since(2).changes] == [3]


def test_the_command_says_what_it_did(tell, capsys):
    tell(A, "flag", now=datetime(2026, 1, 1, tzinfo=UTC))
    tell(A, "allow", now=datetime(2026, 1, 2, tzinfo=UTC))

    call_command("compact", days=0)

    assert (
        capsys.readouterr().out == "Forgot 2 changes; cursors before 2 are refused from now on.\n"
    )


@pytest.mark.parametrize("days", ["-1", "soon"])
def test_the_command_wants_a_number_of_days(capsys, days):
    with pytest.raises(SystemExit):
        ManagementUtility(["manage.py", "compact", f"--days={days}"]).execute()

    assert f"argument --days: a whole number of days, not {days!r}" in capsys.readouterr().err
