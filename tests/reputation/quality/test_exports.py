"""The audit record as a file: what is in it, who gets it, and that it can be checked offline."""

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from reputation.models import AuditEntry, SecondReview
from reputation.moderation import (
    MODERATOR,
    chaining,
    clear_number,
    confirm_number,
    mark_official,
    refuse_key,
    reject_report,
)
from reputation.quality import exports
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, newcomer, say
from tests.given.rows import a_key_grant
from tests.given.staff import member, signed_in, staff, text

pytestmark = pytest.mark.django_db
PAGE = "/admin/reputation/auditentry/export/"


@pytest.fixture
def record() -> User:
    """Four entries of two days by two moderators; the first of them is returned."""
    now = NOW
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    report = say(newcomer("a"), at=now - 3 * DAY).report
    coded = "#called_the_number Anna at 13800138000 told me."
    confirm_number(actor=anna, identity=SCAMMER, reason=coded, now=now - 2 * DAY)
    reject_report(actor=bert, report=report, reason="#made_up", now=now - 2 * DAY)
    clear_number(actor=anna, identity=SCAMMER, reason="=cmd|' /C calc'!A0", now=now)
    mark_official(actor=bert, identity=BAKERY, name="Ann, me@a.example", reason="x", now=now)
    chaining.chain()
    return anna


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check(files: dict[str, bytes]) -> dict:
    """The manifest, checked as how-to-check.txt says, with nothing of the service."""
    key = load_pem_public_key(files["public-key.pem"])
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(files["manifest.json.sig"], files["manifest.json"], ec.ECDSA(SHA256()))
    manifest = json.loads(files["manifest.json"])
    for each in manifest["files"]:
        assert hashlib.sha256(files[each["path"]]).hexdigest() == each["sha256"]
    return dict(manifest)


def test_a_signed_file_that_can_be_checked_offline(record: User):
    auditor = member("auditor")
    client = signed_in(auditor)
    response = client.post(PAGE, {"format": "csv", "reason": "yearly"})
    assert response["Content-Type"] == "application/zip"
    files = unpacked(response.content)
    manifest = check(files)
    rows = list(csv.DictReader(io.StringIO(files["entries.csv"].decode("utf-8-sig"))))
    assert manifest["entries"] == len(rows) == 4
    assert [row["by"] for row in rows] == ["anna", "bert", "anna", "bert"]
    assert (rows[0]["reason"], rows[0]["number"]) == ("called_the_number", SCAMMER.key)
    # Spreadsheets run nothing, and personal data is masked also within values.
    assert rows[2]["words"].startswith("'=cmd")
    for secret in (b"13800138000", b"me@a.example"):
        assert secret not in files["entries.csv"]
    assert [row["place"] for row in rows] == ["1", "2", "3", "4"]
    assert manifest["chain"]["head"] == rows[3]["digest"]
    # It is on the record itself, once, with the digest of what was taken out.
    entry = AuditEntry.objects.get(verb="export_audit")
    assert (entry.actor, entry.reason, entry.pk) == (auditor, "yearly", manifest["on_record_as"])
    assert entry.after["sha256"] == manifest["files"][0]["sha256"]
    for name in ("manifest.json", "entries.csv"):
        forged = files | {name: files[name] + b" "}
        with pytest.raises((InvalidSignature, AssertionError)):
            check(forged)


def test_a_decision_about_a_key_names_its_grant(record: User):
    grant = a_key_grant()
    refuse_key(actor=record, grant=grant, reason="x", now=NOW)
    chaining.chain()
    response = signed_in(member("auditor")).post(PAGE, {"format": "jsonl", "reason": "yearly"})
    *others, last = unpacked(response.content)["entries.jsonl"].splitlines()
    assert json.loads(last)["key_grant"] == str(grant.public_id)
    assert {json.loads(each)["key_grant"] for each in others} == {""}


def test_the_list_and_the_file_hold_what_was_asked(record: User):
    today = NOW.date()
    yesterday = today - timedelta(days=1)
    client = signed_in(member("auditor"))
    for query, found in (
        ({"by": "anna"}, 2),
        ({"by": "anna", "action": "clear_number"}, 1),
        ({"reason": "made_up"}, 1),
        ({"reason": "own_words", "until": today}, 2),
        ({"until": yesterday}, 2),
        ({"since": today, "by": "bert"}, 1),
        ({"since": today, "until": yesterday}, 0),
    ):
        listed = client.get("/admin/reputation/auditentry/", query)
        assert len(listed.context["cl"].result_list) == found, query
        address = f"{PAGE}?" + "&".join(f"{name}={value}" for name, value in query.items())
        files = unpacked(
            client.post(address, {"format": "jsonl", "reason": "#regular_review"}).content
        )
        assert len(files["entries.jsonl"].splitlines()) == check(files)["entries"] == found
    taken = AuditEntry.objects.filter(verb="export_audit", reason="#regular_review")
    assert taken.count() == 7


def test_each_label_on_the_page_names_a_field_of_its_own():
    page = signed_in(member("auditor")).get(PAGE).content.decode()
    ids = re.findall(r' id="([^"]+)"', page)
    assert "id_reason" in ids
    assert len(ids) == len(set(ids))


@pytest.mark.slow
def test_who_gets_none_and_what_is_refused(
    record: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    for role in ("moderator", "senior", "administrator"):
        client = signed_in(member(role))
        assert client.post(PAGE, {"format": "csv", "reason": "r"}).status_code == 403
        assert "Export these" not in text(client.get("/admin/reputation/auditentry/"))
    client = signed_in(member("auditor"))
    assert "Export these" in text(client.get("/admin/reputation/auditentry/"))
    for sent, said in (
        ({"format": "csv", "reason": ""}, "Give the reason"),
        ({"format": "xml", "reason": "r"}, "not one of the available choices"),
    ):
        assert said in text(client.post(PAGE, sent))
    wrong = client.post(f"{PAGE}?since=2026-99-99&by=nobody", {"format": "csv", "reason": "r"})
    assert "Enter a valid date" in text(wrong)
    for hostile in ("until=9999-12-31", "since=0001-01-01", "by=%00", "action=%00&reason=%27"):
        for page in (PAGE, "/admin/reputation/auditentry/", "/admin/reputation/secondreview/"):
            assert client.get(f"{page}?{hostile}").status_code == 200, (page, hostile)
    monkeypatch.setattr(exports, "MOST", 3)
    assert "3 entries at most" in text(client.post(PAGE, {"format": "csv", "reason": "r"}))
    monkeypatch.undo()
    # Who moderates, too, does not read in a file what they are judging blind.
    auditor = User.objects.get(username="auditor")
    entry = AuditEntry.objects.get(verb="reject_report")
    review = SecondReview.objects.create(entry=entry, sampled_at=timezone.now(), reviewer=auditor)
    assert "judging a decision" in text(client.post(PAGE, {"format": "csv", "reason": "r"}))
    review.delete()
    settings.SIGNING_KEY = ""
    assert "SIGNING_KEY" in text(client.get(PAGE))
    client.post(PAGE, {"format": "csv", "reason": "r"})
    assert not AuditEntry.objects.filter(verb="export_audit")
