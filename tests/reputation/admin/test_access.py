"""Every address of the panel, for each role: in where the table lets it in, and else refused."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from reputation.admin.decisions import DECISIONS as OFFERED
from reputation.decisions import RULES, OneDecision, propose
from reputation.models import (
    AuditEntry,
    Authority,
    Channel,
    DecisionBatch,
    EvidenceEntry,
    IntakeMessage,
    Provision,
    Statute,
    Template,
    Webhook,
)
from reputation.models.attachment import NO_ENTRY
from reputation.moderation import confirm_number, mark_official
from tests.given.authorities import load_authorities
from tests.given.disputes import a_dispute
from tests.given.messages import text
from tests.given.panel_access import CALLERS, DECISIONS, Address, addresses, patterns
from tests.given.reporters import BAKERY, NOW, SCAMMER, crowd, newcomer, row, say
from tests.given.rows import a_campaign, a_key_grant, a_numbers_file, a_queue_item
from tests.given.staff import member, signed_in

DIGEST = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
# Never refused by role, or without an effect worth a row: a redirect that asks nothing of its own.
UNTRIED = {"r/<path:content_type_id>/<path:object_id>/"}


@pytest.fixture
def rows() -> dict[str, Any]:
    """One row of everything that has a page, by the place that stands for it in the table."""
    load_authorities()
    boss = member("boss")
    crowd(3)
    report = say(newcomer("a"), comment="Anna at 13800138000").report
    confirm_number(actor=boss, identity=SCAMMER, reason="heard it", now=NOW)
    official = mark_official(actor=boss, identity=BAKERY, name="A", reason="letter", now=NOW)
    text("🙂 13987654321")
    IntakeMessage.objects.update(status="kept", trouble="unreadable")
    batch = DecisionBatch.objects.create(
        subject="report", verb="hide_report", actor=boss, reason="x", targets=[], created_at=NOW
    )
    item = a_queue_item(number=row())
    file = EvidenceEntry.objects.create(
        report=report, position=1, sha256="a" * 64, size=1, media_type="image/png", added_at=NOW,
        previous=NO_ENTRY, digest="b" * 64,
    )  # fmt: skip
    dispute = a_dispute()
    dispute.files.create(
        position=1, sha256=file.sha256, size=1, media_type="image/png", added_at=NOW
    )
    account = User.objects.create_user("colleague", is_staff=True)
    return {
        "auditentry": AuditEntry.objects.order_by("id")[0].pk,
        "campaign": a_campaign().pk,
        "decisionbatch": batch.pk,
        "dispute": dispute.pk,
        "intakemessage": IntakeMessage.objects.get().pk,
        "keygrant": a_key_grant().pk,
        "number": row().pk,
        "numbersfile": a_numbers_file().pk,
        "officialnumber": official.pk,
        "queueitem": item.pk,
        "report": report.pk,
        "reporter": report.reporter_id,
        "user": account.pk,
        "webhook": Webhook.objects.create(
            url="https://hook.example", events=["item"], added_at=NOW, seen_deadline=NOW
        ).pk,
        "procrastinatejob": 1,
        "proposal": propose(
            plan=OneDecision(RULES["number"]["clear_number"], row()),
            actor=boss,
            reason="look",
            now=timezone.now(),
        ).pk,
        **{
            model._meta.model_name: model._default_manager.order_by("pk")[0].pk
            for model in (Authority, Channel, Statute, Provision, Template)
        },
        "account": account.pk,
        "batch": batch.pk,
        "message": IntakeMessage.objects.get().pk,
        "item": item.pk,
        "file": file.sha256,
        "entry": AuditEntry.objects.order_by("id")[0].pk,
        "filter": 1,
    }


def filled(address: Address, rows: dict[str, Any]) -> str:
    table = address.path.split("/")[1] if "/" in address.path else ""
    return "/admin/" + address.path.format(row=rows.get(table, 1), **rows)


def enters(client: Client, address: Address, path: str) -> bool:
    """Whether it answers at all: neither refuses nor asks to sign in. What it did is undone."""
    with transaction.atomic():
        response = client.generic(
            address.method, path, "", content_type="application/x-www-form-urlencoded"
        )
        transaction.set_rollback(True)
    if response.status_code == 302:
        return not response["Location"].startswith("/admin/login/")
    assert response.status_code in (200, 302, 403, 404), path
    return bool(response.status_code != 403)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("caller", CALLERS)
def test_who_is_let_in(caller: str, rows: dict[str, Any]):
    client = Client() if caller == "anonymous" else signed_in(member(caller))
    wrong = []
    for address in addresses():
        may = caller in address.may
        if enters(client, address, filled(address, rows)) is not may:
            wrong.append(f"{address.method} {address.path}: {'refused' if may else 'let in'}")
        if address.path == "logout/" and caller != "anonymous":
            client.force_login(User.objects.get(username=caller))
    assert wrong == []


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("caller", ["auditor", "administrator"])
def test_who_decides_nothing_changes_nothing(caller: str, rows: dict[str, Any]):
    """Also by the actions of a list, which are offered to nobody who may not take them."""
    client = signed_in(member(caller))
    before = _contents()
    for table, actions in (
        ("number", ("confirm", "clear")), ("report", ("reject", "hide")), ("reporter", ("block",)),
    ):  # fmt: skip
        for action in (*actions, "delete_selected"):
            client.post(
                f"/admin/reputation/{table}/",
                {"action": action, "_selected_action": str(rows[table]), "reason": "I say so"},
            )
    for address in addresses():
        # To export the record is on the record (test_exports.py), and is all that an auditor does.
        if address.path == "reputation/auditentry/export/":
            continue
        if address.method == "POST" and address.path.startswith(("reputation/", "procrastinate/")):
            client.post(filled(address, rows), {"reason": "I say so", "preset": "1"})
    assert _contents() == before


def _contents() -> dict[str, str]:
    """A digest of each table of the domain."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table.startswith("reputation_"):
                cursor.execute(DIGEST.format(table))
                found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.django_db
def test_no_address_is_missing(rows: dict[str, Any]):
    tried = set()
    for address in addresses():
        match = resolve(filled(address, rows))
        route = match.route.removeprefix("admin/")
        tried.add("reputation/" if "(?P<app_label>" in route else route)
    assert patterns() - tried - UNTRIED == set()
    said = {
        kind: {verb for verbs in table.values() for verb in verbs.split()}
        for kind, table in DECISIONS.items()
    }
    assert said == {kind: set(decisions) for kind, decisions in OFFERED.items()}
