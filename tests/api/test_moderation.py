"""Moderation by a moderator's own key: as in the panel, on the same record, by the same roles."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from api.keys import create_key
from api.models import ApiKey
from reputation import decisions
from reputation.decisions import PANEL_ONLY, RULES
from reputation.decisions.subjects import MODELS
from reputation.models import AuditEntry, DecisionBatch, Number, QueueItem, Reporter
from reputation.moderation import (
    MODERATOR,
    ROLES,
    SENIOR,
    batches,
    block_reporter,
    clear_number,
    queue,
    restating,
    unblock_reporter,
)
from tests.given.api_requests import Answer, Holder, ask
from tests.given.contract import document
from tests.given.decisions import READY, subjects
from tests.given.reporters import NOW, SCAMMER, moderator, newcomer, numbered, row, say
from tests.given.rows import a_queue_item
from tests.given.staff import staff

pytestmark = pytest.mark.django_db

DECISIONS = "/v1/moderation/decisions"
PREVIEWS = "/v1/moderation/previews"
ABOUT = {"kind": "number", "id": SCAMMER.key}


def key_of(user: User) -> Holder:
    key, token = create_key(name="tool", scopes=[], moderator=user, region="CN", now=NOW)
    return Holder(key, token)


def problem(answer: Answer) -> str:
    return answer.json["type"].removeprefix("urn:ringscore:problem:")


def decide(by: Holder, decision: str, about: Any = ABOUT, **more: Any) -> Answer:
    body = {"subject": about, "decision": decision, "reason": "Called it.", "seen": 0} | more
    return ask("POST", DECISIONS, by=by, body=body)


def test_from_the_queue_to_the_decision_and_back():
    by = key_of(staff(MODERATOR, "anna"))
    for n in range(3):
        say(newcomer(f"n{n}"), comment="Call Anna at 13800138000")
    queue.refresh(now=NOW)
    waiting = ask("GET", "/v1/moderation/queue", by=by).json
    (item,) = waiting["items"]
    assert (waiting["waiting"], item["kind"], item["subject"]) == (1, "number", ABOUT)
    claimed = ask("POST", f"/v1/moderation/queue/{item['id']}/claim", by=by).json
    assert claimed["claimed_by"] == "anna"
    case = ask("GET", f"/v1/moderation/subjects/number/%2B{SCAMMER.key[1:]}", by=by).json
    assert case["told"]["action"] == row().action
    assert "13800138000" not in str(case["reports"])
    assert {"decision": "clear_number", "particulars": []} in case["offered"]

    body = {"subject": ABOUT, "decision": "confirm_number"}
    seen = ask("POST", PREVIEWS, by=by, body=body).json
    assert not AuditEntry.objects.exists()
    taken = decide(by, "confirm_number", seen=seen["seen"])
    assert taken.status == 201
    told = {"action": row().action, "status": row().status, "score": row().score}
    (effect,) = seen["effects"]
    assert (effect["number"], effect["after"]) == (SCAMMER.key, told)
    entry = AuditEntry.objects.get()
    assert (entry.pk, str(entry.actor), entry.reason) == (taken.json["id"], "anna", "Called it.")
    assert ask("GET", "/v1/moderation/queue", by=by).json["waiting"] == 0

    undo = f"{DECISIONS}/{entry.pk}/undo"
    back = ask("POST", undo, by=by, body={"reason": "A slip."}).json
    assert (back["undone"], row().moderated) == (True, 0)
    assert problem(ask("POST", undo, by=by, body={"reason": "A slip."})) == "decision-refused"


def test_numbers_are_read_in_the_country_of_the_key_and_no_operation_offers_another():
    by = key_of(staff(MODERATOR, "anna"))
    say(newcomer("a"))
    body = {"subject": ABOUT | {"id": "138 1234 5678"}, "decision": "confirm_number"}
    (effect,) = ask("POST", PREVIEWS, by=by, body=body).json["effects"]
    assert effect["number"] == SCAMMER.key
    moderation = {
        operation["operationId"]: [each["name"] for each in operation.get("parameters", ())]
        for path, operations in document()["paths"].items()
        if path.startswith("/v1/moderation/")
        for operation in operations.values()
    }
    assert [name for name, parameters in moderation.items() if "region" in parameters] == []


def test_what_somebody_else_decided_or_claims_is_refused_and_the_same_twice_is_one():
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    number = say(newcomer("a")).number
    first = decide(key_of(anna), "confirm_number")
    again = decide(key_of(anna), "confirm_number")
    assert (first.status, again.status, problem(again)) == (201, 409, "so-already")
    refused = decide(key_of(bert), "clear_number")
    assert (refused.status, problem(refused)) == (409, "decided-meanwhile")
    clear_number(actor=bert, identity=SCAMMER, reason="r", now=NOW)
    item = a_queue_item(number=number)
    claim = f"/v1/moderation/queue/{item.pk}/claim"
    assert ask("POST", claim, by=key_of(bert)).status == 200
    last = AuditEntry.objects.latest("id").pk
    assert problem(decide(key_of(anna), "confirm_number", seen=last)) == "claimed"
    assert ask("DELETE", claim, by=key_of(bert)).status == 204
    assert decide(key_of(anna), "confirm_number", seen=last).status == 201


@pytest.mark.parametrize("limit", ["0", "101", "x", "9" * 5_000])
def test_a_limit_that_is_none_is_explained(limit: str):
    by = key_of(staff(MODERATOR))
    answer = ask("GET", f"/v1/moderation/queue?limit={limit}", by=by)
    assert (answer.status, "limit" in str(answer.json)) == (400, True)


def test_a_cluster_is_one_batch_and_is_undone_as_one():
    by = key_of(staff(SENIOR))
    liars = [newcomer(f"n{n}") for n in range(3)]
    for liar in liars:
        say(liar)
    Reporter.objects.filter(kind="person").update(cluster=liars[0].pk)
    about = {"kind": "reporter", "id": "person:n1"}
    taken = decide(by, "block_cluster", about).json
    assert AuditEntry.objects.filter(batch=taken["batch"]).count() == 3
    undone = ask("POST", f"{DECISIONS}/{taken['id']}/undo", by=by, body={"reason": "No."})
    assert undone.status == 200
    assert not Reporter.objects.exclude(blocked_at=None).exists()


def a_cluster_that_waits(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Holder:
    """Three blocked accounts of a cluster, one of which was let in, said more and was blocked
    again, which is still being carried out. Returns a senior's key."""
    monkeypatch.setattr(restating, "AT_ONCE", 2)
    settings.SECOND_MODERATOR_REQUIRED = False
    by = key_of(staff(SENIOR, "anna"))
    liars = [newcomer(f"n{n}") for n in range(3)]
    for liar in liars:
        say(liar)
    Reporter.objects.filter(kind="person").update(cluster=liars[0].pk)
    assert decide(by, "block_cluster", {"kind": "reporter", "id": "person:n0"}).status == 201
    restating.carry_out(now=NOW)
    judge = {"actor": moderator(), "reporter": liars[1], "reason": "r", "now": NOW}
    unblock_reporter(**judge)
    for place in range(3):
        say(liars[1], number=numbered(place))
    block_reporter(**judge)
    return by


def test_a_batch_that_waits_is_answered_so_and_taken_back_by_itself(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
):
    by = a_cluster_that_waits(monkeypatch, settings)
    entry = AuditEntry.objects.filter(verb="block_reporter").earliest("id")
    undone = ask("POST", f"{DECISIONS}/{entry.pk}/undo", by=by, body={"reason": "No."})
    assert (undone.status, undone.json) == (
        202,
        {"batch": str(entry.batch_id), "undone": 1, "decisions": 3},
    )
    restating.carry_out(now=NOW)
    batches.go_on(now=NOW)
    batch = DecisionBatch.objects.get()
    assert (batch.is_over, batch.undone) == (True, 3)


def test_an_approved_batch_that_waits_is_answered_so(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
):
    anna = a_cluster_that_waits(monkeypatch, settings)
    settings.SECOND_MODERATOR_REQUIRED, settings.SECOND_MODERATOR_BEYOND = True, 0
    entry = AuditEntry.objects.filter(verb="block_reporter").earliest("id")
    body = {"reason": "No."}
    proposed = ask("POST", f"{DECISIONS}/{entry.pk}/undo", by=anna, body=body).json
    where = f"/v1/moderation/proposals/{proposed['id']}"
    bert = key_of(staff(SENIOR, "bert"))
    seen = ask("GET", where, by=bert).json["seen"]
    approved = ask("POST", f"{where}/approve", by=bert, body={"seen": seen})
    assert (approved.status, approved.json["state"]) == (202, "approved")
    restating.carry_out(now=NOW)
    batches.go_on(now=NOW)
    assert DecisionBatch.objects.get(pk=approved.json["batch"]).is_over


def test_what_takes_two_is_proposed_and_answered_as_in_the_panel(settings: Settings):
    settings.SECOND_MODERATOR_REQUIRED = True
    say(newcomer("a"))
    anna, bert = key_of(staff(SENIOR, "anna")), key_of(staff(SENIOR, "bert"))
    pin = {"action": "block", "until": f"{timezone.now():%Y}-12-31"}
    proposed = decide(anna, "pin_number", **pin)
    again = decide(anna, "pin_number", **pin)
    assert (proposed.status, proposed.json["state"], row().pinned) == (202, "waiting", "")
    assert again.json["id"] == proposed.json["id"]
    where = f"/v1/moderation/proposals/{proposed.json['id']}"
    (waiting,) = ask("GET", "/v1/moderation/proposals", by=bert).json["proposals"]
    shown = ask("GET", where, by=bert).json
    assert waiting["id"] == shown["id"]
    approval = {"seen": shown["seen"]}
    moderating = key_of(staff(MODERATOR))
    for by, said in ((anna, "own-proposal"), (moderating, "not-permitted")):
        for verb, body in (("approve", approval), ("decline", {"reason": "No."})):
            assert problem(ask("POST", f"{where}/{verb}", by=by, body=body)) == said
    stale = ask("POST", f"{where}/approve", by=bert, body={"seen": "old"})
    assert (stale.status, problem(stale)) == (409, "stale-proposal")
    approved = ask("POST", f"{where}/approve", by=bert, body=approval).json
    assert (approved["state"], approved["answered_by"], row().pinned) == (
        "approved",
        "bert",
        "block",
    )
    assert shown["effects"][0]["after"]["action"] == row().action
    assert AuditEntry.objects.get(pk=approved["decided"]).actor.username == "anna"
    late = ask("POST", f"{where}/withdraw", by=anna, body={})
    assert problem(late) == "proposal-over"


def test_notes_assignments_and_questions_as_in_the_panel():
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    by = key_of(anna)
    for n in range(3):
        say(newcomer(f"n{n}"))
    queue.refresh(now=NOW)
    item = QueueItem.objects.get()
    where = f"/v1/moderation/queue/{item.pk}"
    notes = f"/v1/moderation/subjects/number/%2B{SCAMMER.key[1:]}/notes"
    written = ask("POST", notes, by=by, body={"words": "Rang 13800138000."})
    assert (written.status, ask("GET", notes, by=by).json["notes"]) == (201, [written.json])
    assert "13800138000" not in written.json["words"]
    unknown = ask("POST", f"{where}/assign", by=by, body={"to": "nobody here"})
    assert (unknown.status, unknown.json["errors"][0]["pointer"]) == (400, "#/to")
    given = ask("POST", f"{where}/assign", by=by, body={"to": "bert"}).json
    assert given["assigned_to"] == "bert"
    refused = decide(by, "confirm_number")
    assert problem(refused) == "claimed"
    asked = ask("POST", f"{where}/escalate", by=key_of(bert), body={"question": "A bank?"}).json
    assert (asked["escalation"], asked["assigned_to"]) == ("A bank?", "")
    assert problem(decide(key_of(bert), "confirm_number")) == "claimed"
    assert decide(key_of(staff(SENIOR)), "confirm_number").status == 201


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"decision": "pin_number", "action": "flag"}, 400, "until"),
        ({"decision": "pin_number", "action": "flag", "until": "2001-01-01"}, 400, "until"),
        ({"name": "A Bank"}, 400, "name"),
        ({"reason": ""}, 400, "reason"),
        ({"decision": "unmask_report"}, 400, "decision"),
        ({"decision": "reject_report"}, 400, "decision"),
        ({"subject": {"kind": "number", "id": "anonymous"}}, 400, "subject"),
        ({"subject": {"kind": "number", "id": "+4930901820"}}, 404, ""),
        ({"subject": {"kind": "report", "id": "x"}, "decision": "hide_report"}, 404, ""),
        ({"seen": -1}, 400, "seen"),
    ],
)
def test_a_decision_that_cannot_be_read_says_what_is_wrong(change: Any, status: int, field: str):
    say(newcomer("a"))
    body = {"subject": ABOUT, "decision": "confirm_number", "reason": "r", "seen": 0} | change
    answer = ask("POST", DECISIONS, by=key_of(staff(SENIOR)), body=body)
    named = [each["pointer"] for each in answer.json.get("errors", [])]
    assert (answer.status, named) == (status, [f"#/{field}"] if field else [])
    assert not AuditEntry.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("role", ["", *ROLES])
def test_each_decision_is_for_the_roles_of_the_panel(role: str):
    """Both ways: whoever may not is refused, and whoever may is not refused for it."""
    pks = subjects()
    by = key_of(staff(role, "" if role else "nobody"))
    working = "reputation.change_queueitem" in ROLES.get(role, ())
    for kind, rules in RULES.items():
        for verb, rule in rules.items():
            if rule.shows or kind in PANEL_ONLY:
                continue
            with transaction.atomic():
                READY.get(verb, lambda: None)()
                subject = MODELS[kind].objects.filter(pk=pks[kind]).first()
                about = {"kind": kind, "id": decisions.name_of(subject)} if subject else ABOUT
                answer = decide(by, verb, about, **particulars(rule.fields))
                transaction.set_rollback(True)
            may = working and rule.permission in ROLES[role]
            assert (answer.status != 403) is may, (verb, answer.json)
            assert may or problem(answer) in ("not-permitted", "scope-missing")
    for path in ("queue", f"subjects/number/%2B{SCAMMER.key[1:]}"):
        answer = ask("GET", f"/v1/moderation/{path}", by=by)
        assert (answer.status == 200) is working


def particulars(names: tuple[str, ...]) -> dict[str, str]:
    kept = Number.objects.get(key=SCAMMER.key).statements.first() if "keep" in names else None
    offered = {
        "action": "flag",
        "until": "2027-01-01",
        "since": "2026-11-20",
        "name": "A Bank",
        "source": "A list",
        "keep": str(kept and kept.public_id),
        "grounds": "new_holder",
        "statement": "We are a florist.",
        "contact": "florist@example.org",
    }
    return {name: offered[name] for name in names}


def test_a_key_decides_while_its_moderator_works_here():
    say(newcomer("a"))
    anna = staff(MODERATOR, "anna")
    by = key_of(anna)
    anna.groups.clear()
    assert problem(decide(by, "confirm_number")) == "not-permitted"
    anna.is_active = False
    anna.save()
    assert problem(decide(by, "confirm_number")) == "scope-missing"
    assert not AuditEntry.objects.exists()
    made = {"name": "another", "scopes": ["moderate"]}
    assert ask("POST", "/v1/me/keys", by=by, body=made).status == 400


def test_no_key_moderates_for_nobody():
    with pytest.raises(IntegrityError, match="apikey_moderates_for_one"), transaction.atomic():
        ApiKey.objects.filter(pk=key_of(moderator()).key.pk).update(moderator=None)
