"""POST /v1/reports"""

import uuid
from datetime import timedelta

import pytest
from pytest_django import Settings

from reputation.identity import identify
from reputation.models import Number, Report, Reporter
from reputation.moderation import mark_reassigned, reject_report
from reputation.privacy.pseudonyms import network_of
from tests.given.api_lookups import SENTENCES
from tests.given.api_reports import FULL, MINIMAL, report
from tests.given.api_requests import NOW, ask, holder, trouble
from tests.given.reporters import moderator

pytestmark = pytest.mark.django_db

LENDER = (
    "Check through the lender's official app or number whether the loan exists and who collects."
)
NEVER_PAY = "Never pay to a private account, and never to make a call stop."
KEEP = "Keep the call log, messages and recordings: a complaint stands on them."
POLICE = "If you or someone near you is threatened, call the police at once."


def test_the_least_that_can_be_said():
    by = holder("report")
    answer = report(by)
    stored = Report.objects.select_related("number").get()
    assert answer.status == 201
    assert answer.json == {
        "id": str(stored.public_id),
        "number": "+8613812345678",
        "action": "allow",
        "score": stored.number.score,
        "next_steps": [LENDER, NEVER_PAY, KEEP],
    }
    assert stored.number.score > 45
    assert answer.left == (120, 119)
    assert {name for name in answer.headers if not name.startswith("RateLimit")} == {
        "Content-Type",
        "Allow",
    }
    assert answer.headers["Content-Type"] == "application/json"
    assert stored.reporter_id == by.key.reporter_id
    assert stored.network == network_of("192.0.2.1")
    assert (stored.comment, stored.callback_number, stored.channel) == ("", "", "call")


def test_everything_that_can_be_said():
    answer = report(holder("report", verifies_attestation=True), FULL)
    assert answer.status == 201
    assert answer.json["next_steps"] == [POLICE, LENDER, NEVER_PAY, KEEP]
    stored = Report.objects.values().get()
    assert {name: stored[name] for name in FULL if name not in ("number", "region")} == {
        "category": "illegal_collection",
        "occurred_at": NOW - timedelta(hours=1, minutes=30),
        "conduct": ["threats", "contacted_third_parties"],
        "comment": "Says 13800138000 is my lawyer",
        "attestation": "B",
        "callback_number": "+8613800138000",
        "claimed_name": "Happy Loans",
        "call_count": 3,
        "was_warned": False,
        "channel": "sms",
    }
    assert stored["comment_public"] == "Says ▇▇▇ is my lawyer"
    assert Number.objects.get().key == "+8613812345678"


@pytest.mark.parametrize(
    ("stated", "kept", "kept_of_verifier"),
    [
        ("A", "", "A"),
        ("B", "", "B"),
        ("C", "C", "C"),
        ("failed", "failed", "failed"),
        ("none", "none", "none"),
    ],
)
def test_attestation_speaks_for_a_call_only_from_a_key_that_verifies(
    stated, kept, kept_of_verifier
):
    for by, expected in (
        (holder("report"), kept),
        (holder("report", verifies_attestation=True), kept_of_verifier),
    ):
        assert report(by, MINIMAL | {"attestation": stated}).status == 201
        assert Report.objects.get(reporter=by.key.reporter_id).attestation == expected


def test_an_act_that_is_named_twice_is_one():
    acts = ["threats", "insult_or_defamation", "threats"]
    assert report(holder("report"), MINIMAL | {"conduct": acts}).status == 201
    assert Report.objects.get().conduct == ["threats", "insult_or_defamation"]


def test_every_act_may_be_named_at_once():
    acts = list(Report.Conduct.values)
    assert report(holder("report"), MINIMAL | {"conduct": acts}).status == 201
    assert Report.objects.get().conduct == acts


def test_a_second_report_updates_the_first():
    by = holder("report")
    first, second = report(by), report(by, MINIMAL | {"category": "legitimate"})
    assert (first.status, second.status) == (201, 200)
    stored = Report.objects.select_related("number").get()
    assert second.json == {
        "id": first.json["id"],
        "number": "+8613812345678",
        "action": "allow",
        "score": stored.number.score,
        "next_steps": [],
    }
    assert stored.category == "legitimate"


def test_a_rejected_report_may_be_sent_again_and_counts_no_more():
    by = holder("report")
    report(by)
    reject_report(actor=moderator(), report=Report.objects.get(), reason="untrue", now=NOW)
    answer = report(by)
    assert (answer.status, answer.json["action"], answer.json["score"]) == (200, "allow", 0)
    assert Report.objects.get().status == "rejected"


def test_two_keys_are_two_voices():
    assert [report(holder("report")).status for _ in range(2)] == [201, 201]
    assert Report.objects.count() == 2


def test_the_region_of_the_key_reads_national_numbers():
    body = {"number": "95533", "category": "impersonation"}
    assert report(holder("report", region="CN"), body).json["number"] == "CN:95533"
    assert report(holder("report", region=""), body | {"region": "cn"}).status == 201
    answer = report(holder("report", region=""), body)
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-number", SENTENCES["region_required"]),
        ("#/number", "invalid-number", SENTENCES["region_required"]),
    )


def test_fictional_numbers_only_where_a_setting_says_so(settings: Settings):
    by, body = holder("report"), {"number": "+12025550123", "category": "robocall"}
    settings.FICTIONAL_NUMBERS = False
    sentence = (
        "This number is reserved for fiction and belongs to nobody: "
        "report the number that called, or allow fictional numbers in a demo."
    )
    answer = report(by, body)
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-number", sentence), ("#/number", "invalid-number", sentence)
    )
    assert not Number.objects.exists()
    settings.FICTIONAL_NUMBERS = True
    assert report(by, body).status == 201


# --- Labels of the body ---


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",  # what SpamBlocker's library sends
        "multipart/form-data; boundary=x",
        "text/plain",
        "nonsense",
        "",
        None,
    ],
)
def test_json_under_any_label(content_type):
    assert report(holder("report"), content_type=content_type).status == 201


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", ""])
def test_json_whatever_is_accepted(accept):
    answer = report(holder("report"), accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (201, "application/json")


@pytest.mark.parametrize("target", ["//v1//reports", "/v1/reports/", "/v1/reports?format=xml"])
def test_surplus_slashes_and_a_format(target):
    answer = ask("POST", target, by=holder("report"), body=MINIMAL)
    assert (answer.status, answer.headers["Content-Type"]) == (201, "application/json")


def test_a_blocked_reporter():
    by = holder("report")
    Reporter.objects.update(blocked_at=NOW)
    answer = report(by)
    assert answer.status == 403
    assert answer.json == trouble(
        *(403, "Forbidden", "reporter-blocked"),
        "Reports from this reporter are no longer accepted. Write to the moderators to appeal.",
    )
    assert answer.headers["Content-Type"] == "application/problem+json"


# --- What is kept of the reporter ---


def test_no_address_is_kept():
    report(holder("report"), address="198.51.100.77")
    for model in (Report, Reporter, Number):
        for row in model.objects.values_list():
            assert "198.51.100" not in repr(row)
    assert Report.objects.get().network == network_of("198.51.100.1")


def test_the_network_is_that_of_the_client_not_of_the_proxy(settings: Settings):
    settings.TRUSTED_PROXY_COUNT = 1
    report(holder("report"), address="10.0.0.1", x_forwarded_for="203.0.113.9, 198.51.100.77")
    assert Report.objects.get().network == network_of("198.51.100.77")


def test_ids_are_not_to_be_guessed():
    answer = report(holder("report"))
    assert uuid.UUID(answer.json["id"]).version == 4


def test_a_call_before_the_present_holder_says_nothing_of_them():
    """Logs reach back a year: who was called by the former holder lists nobody else."""
    number, since = identify(MINIMAL["number"]), NOW - timedelta(days=10)
    judge, reason = moderator(), "its carrier says so"
    mark_reassigned(actor=judge, identity=number, since=since, reason=reason, now=NOW)
    late, of_today = since - timedelta(days=1), NOW - timedelta(hours=1)
    for place, at in enumerate((late, late, late, of_today)):
        by = holder("report")
        answer = report(
            by, MINIMAL | {"occurred_at": at.isoformat()}, REMOTE_ADDR=f"10.{place}.0.1"
        )
        assert answer.status == 201
        assert (answer.json["action"], answer.json["score"] > 0) == ("allow", at == of_today)
    found = ask("GET", "/v1/numbers/+8613812345678").json
    assert (found["reports"], found["reporters"]) == (1, 1)
