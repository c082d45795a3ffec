"""A mail when a watched number changes, at most one a day, and nothing else."""

from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from reputation import watching
from reputation.identity import identify
from reputation.models import Number, Watch
from reputation.watching import PAUSE, send_changes, unwatch, watch, watched_by
from tests.given.mail_servers import absent_server, lapsed_server
from tests.given.reporters import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
KEY = "+447700900123"
OTHER = "+447700900124"


@pytest.fixture(autouse=True)
def _ours(settings: Settings) -> None:
    settings.FICTIONAL_NUMBERS = True
    settings.PUBLIC_URL = "https://ringscore.example"


@pytest.fixture
def anna() -> User:
    return User.objects.create(username="p-anna", email="anna@example.org")


def watches(user: User, key: str = KEY, language: str = "en") -> None:
    watch(user=user, identity=identify(key, allow_fictional=True), language=language, now=NOW)


def pin(key: str, action: str) -> None:
    Number.objects.update_or_create(
        key=key,
        defaults={"pinned": action, "action": action},
        create_defaults={
            "pinned": action,
            "action": action,
            "country": "GB",
            "created_at": NOW,
            "evidence_at": NOW,
            "prior": 0.45,
        },
    )


def test_one_mail_a_day_tells_all_that_changed(anna):
    watches(anna)
    watches(anna, OTHER)
    assert send_changes(now=NOW + HOUR) == 0
    pin(KEY, "block")
    pin(OTHER, "flag")
    assert send_changes(now=NOW + 2 * HOUR) == 1
    (told,) = mail.outbox
    assert (told.to, told.subject) == (
        ["anna@example.org"],
        "2 numbers that you watch have changed",
    )
    assert "+44 7700 900123: now “its calls are blocked”" in told.body
    assert "+44 7700 900124: now “be careful”" in told.body
    assert "https://ringscore.example/my/watched" in told.body

    pin(KEY, "flag")
    watches(anna, "+447700900125")  # of which nobody mailed yet
    pin("+447700900125", "block")
    assert send_changes(now=NOW + 3 * HOUR) == 0
    assert send_changes(now=NOW + 2 * HOUR + PAUSE + HOUR) == 1
    assert (
        "+44 7700 900123: now “be careful”, before “its calls are blocked”" in mail.outbox[1].body
    )
    assert "900124" not in mail.outbox[1].body
    assert send_changes(now=NOW + 9 * PAUSE) == 0


def test_who_was_passed_over_longest_is_checked_first(anna, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching.mails, "AT_ONCE", 1)
    watches(anna)
    bert = User.objects.create(username="p-bert", email="bert@example.org")
    watches(bert)
    pin(KEY, "block")
    Watch.objects.filter(user=bert).update(checked_at=NOW - HOUR)
    assert send_changes(now=NOW + HOUR) == 1
    assert [told.to for told in mail.outbox] == [["bert@example.org"]]


def test_an_official_number_that_is_blocked_is_told(anna):
    pin(KEY, "allow")
    Number.objects.update(official=True, name="A Bank")
    watches(anna)
    pin(KEY, "block")
    assert send_changes(now=NOW + PAUSE) == 1
    assert "now “its calls are blocked”, before “official number”" in mail.outbox[0].body


def test_the_link_to_a_name_with_a_blank_leads_to_its_page(anna):
    watch(user=anna, identity=identify("My Bank", region="GB"), language="en", now=NOW)
    pin("GB@MY BANK", "block")
    send_changes(now=NOW + HOUR)
    assert "\nhttps://ringscore.example/numbers/GB@MY%20BANK\n" in mail.outbox[0].body


def test_in_the_language_in_which_the_person_asked(anna):
    watches(anna, language="zh-hans")
    pin(KEY, "block")
    send_changes(now=NOW + HOUR)
    assert mail.outbox[0].subject == "您关注的 1 个号码有变化"


def test_who_stops_and_who_leaves_hear_nothing(anna):
    watches(anna)
    unwatch(user=anna, key=KEY)
    bert = User.objects.create(username="p-bert", email="bert@example.org")
    watches(bert)
    bert.delete()
    pin(KEY, "block")
    assert send_changes(now=NOW + HOUR) == 0
    assert not Watch.objects.exists()


def test_a_mail_that_could_not_go_goes_later(anna, monkeypatch):
    watches(anna)
    pin(KEY, "block")

    def away(*_: object) -> int:
        raise SMTPException

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", away)
        assert send_changes(now=NOW + HOUR) == 0
    assert send_changes(now=NOW + 2 * HOUR) == 1


def test_a_mail_server_that_is_away_ends_the_run_and_a_later_one_sends_the_rest(settings: Settings):
    """Each mail may wait ten seconds for it, and two such jobs would hold up all others."""
    for place in range(5):
        watches(User.objects.create(username=f"p-{place}", email=f"{place}@example.org"))
    pin(KEY, "block")
    mailers = settings.MAILERS
    with absent_server(settings) as came:
        assert send_changes(now=NOW + HOUR) == 0
    assert len(came) == 3
    settings.MAILERS = mailers
    assert send_changes(now=NOW + HOUR) == 2
    assert send_changes(now=NOW + 2 * HOUR) == 3


def test_a_mailbox_that_is_gone_is_tried_once_a_day(anna, settings: Settings):
    watches(anna)
    pin(KEY, "block")
    with lapsed_server(settings) as server:
        for hours in range(1, 30):
            assert send_changes(now=NOW + hours * HOUR) == 0
        assert server.asked == ["anna@example.org"] * 2
        server.refuses.clear()  # it was full
        assert send_changes(now=NOW + 50 * HOUR) == 1


def test_nobody_watches_without_end(anna, monkeypatch):
    monkeypatch.setattr(watching.watches, "MOST", 1)
    watches(anna)
    watches(anna)  # once more is no second one
    with pytest.raises(watching.TooManyWatches):
        watches(anna, OTHER)
    assert [each.key for each in watched_by(anna)] == [KEY]
