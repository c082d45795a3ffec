"""The tally of actions that changed: it goes on where it stopped, and counts each change once."""

from datetime import timedelta

import pytest

from api import tally
from api.models import ChangeTally
from reputation.feeds import compaction, log
from reputation.models import FeedChange
from tests.given.api_requests import NOW
from tests.given.concurrency import together


def changed(*actions: str) -> None:
    """Changes of one number, from allow through each of `actions`."""
    previous = "allow"
    for action in actions:
        FeedChange.objects.create(
            key="+8613812345678",
            bucket=0,
            previous=previous,
            action=action,
            status="listed",
            score=50,
            changed_at=NOW - timedelta(days=60),
        )
        previous = action


@pytest.mark.django_db
def test_the_tally_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log, "MAX_PAGE", 2)
    changed("flag", "block", "block", "flag", "allow")
    assert tally.action_changes() == {
        ("allow", "flag"): 1,
        ("block", "flag"): 1,
        ("flag", "allow"): 1,
        ("flag", "block"): 1,
    }
    changed("flag")
    assert tally.action_changes()["allow", "flag"] == 2
    assert ChangeTally.objects.get().cursor == 6


@pytest.mark.django_db(transaction=True)
def test_what_the_log_forgets_stays_counted():
    changed("flag", "allow")
    before = tally.action_changes()
    assert compaction.compact(now=NOW).forgotten == 2
    assert tally.action_changes() == before == {("allow", "flag"): 1, ("flag", "allow"): 1}


@pytest.mark.django_db(transaction=True)
def test_a_log_that_has_moved_on_too_far_is_counted_from_its_end():
    changed("flag", "allow")
    compaction.compact(now=NOW)
    assert tally.action_changes() == {}
    changed("flag")
    assert tally.action_changes() == {("allow", "flag"): 1}


@pytest.mark.django_db(transaction=True)
def test_eight_scrapes_at_once_count_once():
    changed("flag", "block")
    answers = together(*[tally.action_changes for _ in range(8)])
    assert tally.action_changes() == {("allow", "flag"): 1, ("flag", "block"): 1}
    for answer in answers:
        assert answer.items() <= {("allow", "flag"): 1, ("flag", "block"): 1}.items()
