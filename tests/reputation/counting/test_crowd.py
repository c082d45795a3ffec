"""A service says so while reports alone can block nothing, and what opens it."""

import pytest
from django.utils import translation

from reputation.counting import crowd, trust_pass
from reputation.identity import identify
from reputation.models import Reporter
from reputation.moderation import block_reporter, confirm_number, vouch_for_reporter
from reputation.moderation.roles import AUDITOR
from tests.given.reporters import DAY, NOW, moderator, newcomer, say
from tests.given.staff import as_role, text

pytestmark = pytest.mark.django_db


def vouched(*names: str) -> list[Reporter]:
    actor = moderator()
    people = [newcomer(name) for name in names]
    for each in people:
        vouch_for_reporter(actor=actor, reporter=each, reason="known to us", now=NOW)
    return people


def confirmed(*reporters: Reporter) -> None:
    """Each reports a number first, another echoes that, and a moderator confirms it."""
    actor, echo = moderator(), newcomer("echo")
    for place, each in enumerate(reporters):
        number = identify(f"+1415{5_200_000 + place}")
        say(each, number=number, at=NOW - 5 * DAY)
        say(echo, number=number, at=NOW - 4 * DAY)
        confirm_number(actor=actor, identity=number, reason="heard it", now=NOW)


def test_a_new_service_says_what_opens_it():
    assert crowd.notice() == (
        "Reports alone block no number yet (anchored accounts: 0 of 3). An hour of decisions on "
        "the numbers that the queue marks as “audit” opens this, or vouching for people whom you "
        "know, or an authority's file of numbers (docs/guide/cold-start.md)."
    )
    with translation.override("zh-hans"):
        assert "锚定账号：0/3" in crowd.notice()


def test_people_to_vouch_for_open_it():
    vouched("a", "b")
    assert "2 of 3" in crowd.notice()
    vouch_for_reporter(
        actor=moderator("another"), reporter=newcomer("c"), reason="known to us", now=NOW
    )
    assert crowd.notice() == ""


def test_decisions_open_it_before_the_next_pass_and_after():
    confirmed(*(newcomer(name) for name in "abc"))
    assert crowd.notice() == ""
    trust_pass.learn_trust()
    assert crowd.notice() == ""


def test_one_account_that_was_first_three_times_is_one():
    confirmed(*(3 * [newcomer("a")]))
    assert "1 of 3" in crowd.notice()


def test_whoever_is_blocked_or_found_out_does_not_count():
    blocked, liar, _ = vouched("a", "b", "c")
    assert crowd.notice() == ""
    block_reporter(actor=moderator("m"), reporter=blocked, reason="sold it", now=NOW)
    assert "2 of 3" in crowd.notice()
    Reporter.objects.filter(pk=liar.pk).update(fp=9.0)
    assert "1 of 3" in crowd.notice()


def test_the_panel_says_it_and_then_no_longer():
    client = as_role(AUDITOR)
    assert "anchored accounts: 0 of 3" in text(client.get("/admin/"))
    vouched("a", "b", "c")
    assert "anchored accounts" not in text(client.get("/admin/"))
