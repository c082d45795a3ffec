"""The demo's world shows what there is to show, on numbers that belong to nobody."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker, Settings

from reputation import demo
from reputation.counting import crowd, trust_pass
from reputation.counting.rescoring import rescore
from reputation.identity import InvalidNumber, identify
from reputation.lookup.single import look_up
from reputation.models import (
    AuditEntry,
    Dispute,
    EvidenceBucket,
    Number,
    Report,
    Reporter,
    ReportRevision,
)
from reputation.reports import Statement, submit_report
from reputation.scoring.policy import Action, Status
from tests.given.reporters import NOW, moderator

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def worlds(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Reporter, list[list]]]:
    """The reporter behind the key of a world that is built once: each test rolls back to it.

    And everything about the numbers of a world that was built before, and is gone.
    """
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(FICTIONAL_NUMBERS=True),
    ):
        with transaction.atomic():
            build(moderator("another"))
            before = told()
            transaction.set_rollback(True)
        yield build(moderator()), before
        transaction.set_rollback(True)


@pytest.fixture
def key(worlds: tuple[Reporter, list[list]]) -> Reporter:
    return worlds[0]


def build(decides: User) -> Reporter:
    key = Reporter.objects.create(
        kind="key", handle=f"key-{decides.pk}", created_at=NOW - timedelta(days=demo.DAYS)
    )
    assert demo.build(key=key, moderator=decides, now=NOW) is True
    key.refresh_from_db()
    return key


def world() -> dict[str, Number]:
    return {number.key: number for number, _ in demo.stories()}


def told() -> list[list]:
    """Everything about the numbers but what a database counts up from one world to the next."""
    numbers = [
        {name: value for name, value in number.items() if name != "id"}
        for number in Number.objects.order_by("key").values()
    ]
    columns = ("number__key", "side", "kind", "bucket", "short", "long", "at")
    return [numbers, list(EvidenceBucket.objects.order_by(*columns).values_list(*columns))]


def rows() -> list[list[dict]]:
    return [
        list(model._default_manager.order_by("pk").values())
        for model in (Number, Report, Reporter, AuditEntry, ReportRevision, Dispute)
    ]


def test_the_same_world_each_time(worlds: tuple[Reporter, list[list]]):
    assert told() == worlds[1]


def test_only_numbers_that_belong_to_nobody(key: Reporter):
    for number in (*Number.objects.values_list("key", flat=True), demo.UNREPORTED):
        with pytest.raises(InvalidNumber) as caught:
            identify(number)
        assert caught.value.code == "fictional"


def test_every_action_and_every_status_that_the_domain_can_reach(key: Reporter):
    numbers = world()
    unknown = look_up(identify(demo.UNREPORTED, allow_fictional=True), now=NOW)
    actions = {number.action for number in numbers.values()} | {unknown.action}
    statuses = {number.status for number in numbers.values()} | {unknown.status}
    assert actions == set(Action)
    assert statuses == set(Status)


def test_what_was_last_told_is_what_a_lookup_tells(key: Reporter):
    for number in world().values():
        answer = look_up(identify(number.key, allow_fictional=True), now=NOW)
        assert (answer.action, answer.status) == (number.action, number.status), number


def test_its_stories_are_true(key: Reporter):
    numbers = world()
    stories = {number.key: story for number, story in demo.stories()}
    for number, line in numbers.items():
        decided = {
            "confirmed": line.moderated == 1,
            "cleared": line.moderated == -1,
            "official": line.official,
        }
        for word, true in decided.items():
            assert (word in stories[number]) is true, number
    assert {number for number, line in numbers.items() if line.action == "block"} == {
        number for number, line in numbers.items() if line.moderated == 1 and not line.disputed
    }
    disputed = numbers["+442079460204"]
    assert (disputed.action, disputed.status) == ("flag", "disputed")
    assert disputed.disputes.get().deadline_at > NOW
    attacked = numbers["+442079460202"]
    assert (attacked.newcomers, attacked.supporters) == (9, 3)  # one of ten was rejected
    assert (attacked.action, attacked.status) == ("allow", "clear")
    collectors = numbers["+33199001701"]
    assert collectors.established == 3
    assert (collectors.action, collectors.category) == ("flag", "illegal_collection")


def test_a_failed_attestation_on_the_official_number_is_impersonation(key: Reporter):
    official = identify("+61255501301", allow_fictional=True)
    answer = look_up(official, now=NOW, attestation="failed")
    assert (answer.action, answer.status, answer.name) == (
        "flag",
        "spoofed",
        "Example Savings Bank",
    )


def test_one_report_by_the_key_lifts_a_number_from_allow_to_flag(key: Reporter):
    before = world()[demo.EDGE]
    after = submit_report(
        reporter=key,
        identity=identify(demo.EDGE, allow_fictional=True),
        statement=Statement(category="loan_scam"),
        network="the visitor's",
        now=NOW + timedelta(minutes=1),
    )
    assert after.created is True
    assert after.report.established is True
    assert (before.action, after.number.action) == ("allow", "flag")
    assert after.number.score > before.score


def test_every_kind_of_statement_and_decision(key: Reporter):
    reports = Report.objects.all()
    assert set(reports.values_list("status", flat=True)) == {"live", "withdrawn", "rejected"}
    assert any(report.conduct for report in reports)
    assert any("▇▇▇" in report.comment_public for report in reports)
    assert set(ReportRevision.objects.values_list("change", flat=True)) == {
        "updated",
        "withdrawn",
        "rejected",
    }
    assert set(AuditEntry.objects.values_list("verb", flat=True)) == {
        "confirm_number",
        "clear_number",
        "mark_official",
        "mark_spoofed",
        "mark_reassigned",
        "open_dispute",
        "reject_report",
        "vouch_for_reporter",
    }


def test_the_pass_opens_block_for_the_collectors(key: Reporter):
    assert crowd.notice() == ""
    trust_pass.learn_trust()
    while trust_pass.reweigh(now=NOW).numbers:
        pass
    numbers = world()
    collectors = numbers["+33199001701"]
    assert (collectors.action, collectors.promoted, collectors.moderated) == ("block", True, 0)
    assert {number.action for number in numbers.values()} == set(Action)
    assert {number.status for number in numbers.values()} == set(Status) - {Status.UNKNOWN}


def test_it_is_what_its_reports_say(key: Reporter):
    numbers = world()
    rescored = rescore(limit=100, now=NOW)
    assert sorted(rescored.keys) == sorted(numbers)
    assert rescored.differences == []


def test_nothing_happens_before_its_time_or_after_now(key: Reporter):
    for report in Report.objects.select_related("reporter"):
        assert report.reporter.created_at < report.filed_at <= report.counted_at <= NOW
    for entry in AuditEntry.objects.all():
        assert NOW - timedelta(days=demo.DAYS) < entry.at <= NOW


def test_a_second_building_adds_nothing(key: Reporter):
    before = rows()
    assert demo.build(key=key, moderator=User.objects.get(), now=NOW) is False
    assert rows() == before


def test_not_where_fictional_numbers_are_refused(key: Reporter, settings: Settings):
    settings.FICTIONAL_NUMBERS = False
    before = rows()
    with pytest.raises(demo.FictionalNumbersOff) as caught:
        demo.build(key=key, moderator=User.objects.get(), now=NOW)
    assert str(caught.value) == (
        "The demo reports fictional numbers only, and they are not allowed here. Set "
        "FICTIONAL_NUMBERS=1, but never on a server that people rely on."
    )
    assert rows() == before
