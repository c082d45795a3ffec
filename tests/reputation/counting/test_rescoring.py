"""Whatever was done to a number, a rebuild lands on the same values, to the last bit."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.counting import DUE
from reputation.counting.rescoring import (
    Difference,
    Rescored,
    check,
    check_one,
    rescore,
    rescore_one,
)
from reputation.identity import identify
from reputation.models import AuditEntry, EvidenceBucket, Number, Report, Reporter
from reputation.moderation import (
    clear_number,
    confirm_number,
    mark_official,
    mark_reassigned,
    mark_spoofed,
    reject_report,
)
from reputation.reports import mark_stopped, withdraw_report
from reputation.scoring.days import from_days
from tests.given.concurrency import together
from tests.given.published_complaints import FILED, bring, complaint
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    crowd,
    moderator,
    newcomer,
    row,
    say,
    veteran,
)

pytestmark = pytest.mark.django_db


def all_rows(*models: type) -> dict[str, list[dict]]:
    return {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in models
    }


def everything() -> dict[str, list[dict]]:
    return all_rows(Number, EvidenceBucket, Report, Reporter, AuditEntry)


def same_again() -> list[str]:
    """Rebuilds all and demands that nothing at all changed."""
    before = everything()
    rescored = rescore(limit=100, now=NOW)
    assert rescored.differences == []
    assert everything() == before
    return rescored.keys


def test_nothing_to_rebuild():
    assert rescore(limit=10, now=NOW) == Rescored([], [])


def test_reports_of_all_kinds():
    crowd(5)
    for n in range(6):
        say(newcomer(f"n{n}"), "telemarketing", at=NOW - n * timedelta(hours=7), attestation="C")
    say(veteran("for"), "legitimate", at=NOW)
    say(newcomer("warned"), at=NOW, was_warned=True)
    say(veteran("elsewhere"), "survey", BAKERY, at=NOW)
    assert same_again() == [BAKERY.key, SCAMMER.key]


def test_an_updated_report():
    reporter = veteran("a")
    say(reporter, "loan_scam", at=NOW - 3 * DAY)
    say(veteran("b"), "telemarketing", at=NOW - 2 * DAY)
    say(reporter, "telemarketing", at=NOW - DAY)
    say(reporter, "legitimate", at=NOW)
    same_again()


def test_a_report_withdrawn_and_one_restored():
    first, second, third = crowd(3)
    withdraw_report(reporter=first.reporter, public_id=first.public_id, now=NOW)
    withdraw_report(reporter=second.reporter, public_id=second.public_id, now=NOW)
    say(second.reporter, at=NOW)
    assert same_again() == [SCAMMER.key]
    for report in (second, third):
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    same_again()
    assert row().reports == 0


def test_complaints_among_reports():
    say(veteran("a"), at=NOW - 9 * DAY)
    bring(complaint("a", filed_at=NOW - 40 * DAY), complaint("b", filed_at=NOW - 2 * DAY))
    say(veteran("b"), at=NOW)
    bring(complaint("c", category="telemarketing", filed_at=NOW - 300 * DAY), source="fcc")
    same_again()


def test_moderated_numbers():
    actor = moderator()
    reports = crowd(4)
    reject_report(actor=actor, report=reports[0], reason="untrue", now=NOW)
    confirm_number(actor=actor, identity=SCAMMER, reason="seen", now=NOW)
    say(newcomer("later"), at=NOW)
    crowd(2, number=BAKERY, prefix="hostile")
    clear_number(actor=actor, identity=BAKERY, reason="a bakery", now=NOW)
    mark_spoofed(actor=actor, identity=BAKERY, reason="call-backs", now=NOW)
    assert row().action == "block"
    same_again()


def test_official_and_reassigned_numbers():
    actor = moderator()
    crowd(4)
    mark_reassigned(actor=actor, identity=SCAMMER, reason="carrier", now=NOW)
    say(newcomer("later"), at=NOW)
    mark_official(actor=actor, identity=BAKERY, name="Bakery", reason="seen", now=NOW)
    same_again()


def test_age_is_no_difference():
    """What the public is told follows the clock; what the reports say does not."""
    crowd(3)
    told = row()
    later = NOW + 900 * DAY
    assert rescore(limit=10, now=later) == Rescored([SCAMMER.key], [])
    assert (told.action, told.status) == ("flag", "listed")
    assert (row().action, row().status) == ("allow", "unknown")
    assert row().unwanted_short == told.unwanted_short


def test_what_differs_is_told_and_put_right():
    (report,) = crowd(1)
    say(veteran("b"), number=BAKERY)
    right = everything()
    bucket = EvidenceBucket.objects.filter(number=row()).order_by("kind").first()
    assert bucket is not None
    name = f"bucket {bucket.side}:{bucket.kind}:{bucket.bucket}"
    was = (bucket.short, bucket.long, bucket.at)
    EvidenceBucket.objects.filter(pk=bucket.pk).delete()
    EvidenceBucket.objects.create(
        number=row(), side=0, kind=1, bucket="x", short=0.5, long=0.25, at=NOW
    )
    Report.objects.filter(pk=report.pk).update(contribution=9.0)
    Number.objects.filter(key=SCAMMER.key).update(
        unwanted_short=7.5, reports=3, evidence_at=from_days(1), category_mix={}, score=12
    )
    rescored = rescore(limit=10, now=NOW)
    number = row()
    assert rescored.keys == [BAKERY.key, SCAMMER.key]
    assert rescored.differences == [
        Difference(SCAMMER.key, "bucket 0:1:x", (0.5, 0.25, NOW), None),
        Difference(SCAMMER.key, name, None, was),
        Difference(SCAMMER.key, "category_mix", {}, number.category_mix),
        Difference(SCAMMER.key, f"contribution of {report.public_id}", 9.0, report.contribution),
        Difference(SCAMMER.key, "evidence_at", from_days(1), number.evidence_at),
        Difference(SCAMMER.key, "reports", 3, 1),
        Difference(SCAMMER.key, "unwanted_short", 7.5, number.unwanted_short),
    ]
    assert everything() == right


@pytest.mark.django_db(transaction=True)
def test_a_check_tells_what_differs_and_also_the_action_and_writes_nothing():
    say(newcomer("a"))
    say(veteran("b"), number=BAKERY)
    Number.objects.filter(key=SCAMMER.key).update(action="block", trust_seq=F("seq"))
    Number.objects.filter(key=BAKERY.key).update(reports=5, trust_seq=F("seq"))
    before = everything()
    of_scammer = Rescored([SCAMMER.key], [Difference(SCAMMER.key, "action", "block", "allow")])
    of_bakery = [Difference(BAKERY.key, "reports", 5, 1)]
    assert check_one(key=SCAMMER.key, now=NOW) == of_scammer
    assert check(limit=1, now=NOW) == Rescored([BAKERY.key], of_bakery)
    assert check(after=BAKERY.key, limit=1, now=NOW) == of_scammer
    assert everything() == before
    # What the trust pass has yet to weigh has yet to get its action.
    Number.objects.filter(key=SCAMMER.key).update(trust_seq=0)
    assert check_one(key=SCAMMER.key, now=NOW) == Rescored([SCAMMER.key], [])


@pytest.mark.parametrize("upgrade", [True, False])
def test_after_an_upgrade_all_that_was_rebuilt_is_due_for_the_trust_pass(upgrade: bool):
    say(newcomer("a"))
    Number.objects.update(trust_seq=F("seq"))
    rescore(limit=1, now=NOW, upgrade=upgrade)
    assert (row().trust_seq == DUE) is upgrade


def test_batch_by_batch_through_all():
    numbers = [BAKERY, SCAMMER]
    for number in numbers:
        say(veteran(number.key), number=number)
    first = rescore(limit=1, now=NOW)
    second = rescore(after=first.keys[-1], limit=1, now=NOW)
    third = rescore(after=second.keys[-1], limit=1, now=NOW)
    assert [first.keys, second.keys, third.keys] == [[BAKERY.key], [SCAMMER.key], []]


def test_one_number_alone():
    say(veteran("a"))
    say(veteran("b"), number=BAKERY)
    Number.objects.update(reports=5)
    assert rescore_one(key=SCAMMER.key, now=NOW) == Rescored(
        [SCAMMER.key], [Difference(SCAMMER.key, "reports", 5, 1)]
    )
    assert (row().reports, row(BAKERY).reports) == (1, 5)
    assert rescore_one(key="+15550199", now=NOW) == Rescored([], [])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_while_reports_and_complaints_arrive():
    reporters = [veteran(f"v{n}") for n in range(6)]
    numbers = [identify(f"+4930901{n:03}") for n in range(8)]
    complaints = [
        complaint(f"{n} {again}", number, filed_at=FILED - again * DAY)
        for again in range(3)
        for n, number in enumerate(numbers)
    ]

    def rebuild_all() -> list[Difference]:
        found = []
        for _ in range(3):
            last = ""
            while (batch := rescore(after=last, limit=3, now=NOW)).keys:
                found += batch.differences
                last = batch.keys[-1]
        return found

    differences, again, _, _ = together(
        rebuild_all,
        rebuild_all,
        lambda: [bring(*complaints[start : start + 6][::-1]) for start in range(0, 24, 6)],
        lambda: [say(who, number=number) for who in reporters for number in numbers],
    )
    assert (differences, again) == ([], [])
    assert len(same_again()) == 8
    assert set(Number.objects.values_list("reports", "complaints", "seq")) == {(6, 3, 9)}


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["report", "withdraw", "settle", "complaint", "reject", "confirm", "reassign"]
        ),
        st.integers(0, 3),
        st.sampled_from(["loan_scam", "telemarketing", "legitimate"]),
        st.integers(0, 40),
    ),
    max_size=14,
)


@pytest.mark.slow
@settings(settings.get_profile("database"))
@given(acts=ACTS)
def test_any_sequence_of_acts(acts: list[tuple[str, int, str, int]]):
    """Each act comes an hour after the one before; complaints were filed up to 40 days ago."""
    with transaction.atomic():
        actor = moderator()
        reporters = [veteran("0"), veteran("1"), newcomer("2"), newcomer("3")]
        for n, (act, who, category, days) in enumerate(acts):
            now = NOW + n * timedelta(hours=1)
            report = Report.objects.filter(reporter=reporters[who]).first()
            match act:
                case "report":
                    say(reporters[who], category, at=now)
                case "complaint":
                    bring(complaint(str(n), category=category, filed_at=now - days * DAY), now=now)
                case "withdraw" if report:
                    withdraw_report(reporter=report.reporter, public_id=report.public_id, now=now)
                case "settle" if report:
                    mark_stopped(reporter=report.reporter, public_id=report.public_id, now=now)
                case "reject" if report:
                    reject_report(actor=actor, report=report, reason="untrue", now=now)
                case "confirm":
                    confirm_number(actor=actor, identity=SCAMMER, reason="seen", now=now)
                case "reassign":
                    mark_reassigned(actor=actor, identity=SCAMMER, reason="new", now=now)
        assert rescore(limit=10, now=NOW + 100 * DAY).differences == []
        transaction.set_rollback(True)
