"""A report's files in the panel: who may opens each, with a reason, on record."""

import html
import re
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from reputation.disputes import add_file
from reputation.models import AuditEntry, Report
from reputation.moderation.roles import ADMINISTRATOR, AUDITOR, MODERATOR, SENIOR
from tests.given.attachments import FILES, PNG, attach, draft, keep_evidence_in
from tests.given.disputes import a_dispute
from tests.given.reporters import NOW, newcomer, say
from tests.given.staff import as_role, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(settings: Settings, tmp_path: Path) -> Report:
    keep_evidence_in(settings, tmp_path)
    return say(newcomer("a")).report


def test_a_file_is_opened_with_a_reason_on_record(report: Report):
    entry = attach(report, name="Anna Miller.png").entry
    client = as_role(MODERATOR)
    page = f"/admin/reputation/report/{report.pk}/change/"
    where = f"/admin/reputation/report/{report.pk}/evidence/{entry.sha256}/"
    shown = client.get(page)
    assert where in shown.content.decode()
    # What the reporter called it may name people, and is for nobody else.
    assert "Anna" not in text(shown)

    assert "goes on record" in text(client.get(where))
    assert "Give the reason" in text(client.post(where, {"reason": " "}))
    assert not AuditEntry.objects.exists()

    file = client.post(where, {"preset": "1", "reason": "Case 7."})
    assert file.getvalue() == PNG
    assert file["Content-Disposition"] == f'attachment; filename="evidence-{entry.sha256[:12]}.png"'
    assert file["Content-Type"] == "application/octet-stream"
    assert "no-store" in file["Cache-Control"]
    assert file["Content-Security-Policy"] == "default-src 'none'; sandbox"
    [on_record] = AuditEntry.objects.all()
    assert (on_record.verb, on_record.reason) == ("open_evidence", "#judge_a_threat Case 7.")
    assert on_record.report_id == report.pk
    client.cookies["django_language"] = "zh-hans"
    assert "查看第 1 个文件…" in text(client.get(page))
    assert "您打开该文件的行为将记录在案" in text(client.get(where))


@pytest.mark.parametrize(
    ("role", "status"),
    [(MODERATOR, 200), (SENIOR, 200), (AUDITOR, 403), (ADMINISTRATOR, 403), ("", 302)],
)
def test_who_opens_files(report: Report, role: str, status: int):
    entry = attach(report).entry
    client = as_role(role)
    where = f"/admin/reputation/report/{report.pk}/evidence/{entry.sha256}/"
    answer = client.post(where, {"reason": "I say so"})
    answer.getvalue()  # which closes the file
    assert answer.status_code == status
    assert AuditEntry.objects.count() == (status == 200)
    if status == 403:  # that there is a file, they see
        page = client.get(f"/admin/reputation/report/{report.pk}/change/")
        assert "image/png" in text(page)
        assert where not in page.content.decode()


def test_a_file_of_another_report_is_not_there(report: Report):
    entry = attach(report).entry
    other = say(newcomer("b")).report
    where = f"/admin/reputation/report/{other.pk}/evidence/{entry.sha256}/"
    assert as_role(MODERATOR).post(where, {"reason": "x"}).status_code == 404


def test_a_storage_that_is_away_is_said(report: Report, tmp_path: Path):
    entry = attach(report).entry
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.unlink()
    where = f"/admin/reputation/report/{report.pk}/evidence/{entry.sha256}/"
    page = as_role(MODERATOR).post(where, {"reason": "x"})
    assert "Evidence can be neither stored nor read now." in text(page)
    assert not AuditEntry.objects.exists()


def look(client: Client, report: Report, content: bytes) -> HttpResponse:
    entry = attach(report, content).entry
    where = f"/admin/reputation/report/{report.pk}/evidence/{entry.sha256}/look/"
    return client.post(where, {"preset": "1"})


def test_a_picture_is_looked_at_on_a_page_and_nothing_in_it_runs(report: Report):
    client = as_role(MODERATOR)
    shown = look(client, report, PNG)
    assert AuditEntry.objects.get().verb == "open_evidence"
    assert "no-store" in shown["Cache-Control"]
    assert "script-src 'self'" in shown["Content-Security-Policy"]
    address = re.search(r'<img class="evidence" src="([^"]+)"', shown.content.decode())
    assert address is not None
    content = client.get(html.unescape(address[1]))
    assert content.getvalue() == PNG
    assert content["Content-Type"] == "image/png"
    assert content["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert content["X-Content-Type-Options"] == "nosniff"
    # The address is for who gave the reason, and needs the signature.
    for reader, where in (
        (client, address[1].split("?")[0]),
        (as_role(SENIOR), html.unescape(address[1])),
    ):
        assert reader.get(where).status_code == 403
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("a page, which is text", "&lt;html&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("call log of a Chinese office program", "时间,号码"),
        ("call log of a Windows program", "时间,号码"),
        ("wav", "<audio "),
        ("mp4, as call recorders write it", "<video "),
        ("pdf", None),
        ("heic", None),
    ],
)
def test_text_is_shown_as_text_and_what_no_browser_shows_safely_is_a_download(
    report: Report, kind: str, shown: str | None
):
    answer = look(as_role(MODERATOR), report, FILES[kind][0])
    assert answer.status_code == (200 if shown else 404)
    assert shown is None or shown in answer.content.decode()
    assert AuditEntry.objects.count() == bool(shown)


def test_a_holders_file_is_looked_at_on_the_page_of_the_dispute(report: Report):
    dispute = a_dispute(number=report.number)
    with draft(PNG, "licence of Anna.png") as file:
        entry, _ = add_file(public_id=dispute.public_id, draft=file, now=NOW)
    client = as_role(MODERATOR)
    page = client.get(f"/admin/reputation/dispute/{dispute.pk}/change/")
    where = f"/admin/reputation/dispute/{dispute.pk}/evidence/{entry.sha256}/look/"
    assert where in page.content.decode()
    assert "Anna" not in text(page)
    shown = client.post(where, {"preset": "1"})
    assert AuditEntry.objects.get().after["dispute"] == str(dispute.public_id)
    address = re.search(r'<img class="evidence" src="([^"]+)"', shown.content.decode())
    assert address is not None
    content = client.get(html.unescape(address[1]))
    assert content.getvalue() == PNG
    assert content["Content-Security-Policy"] == "default-src 'none'; sandbox"
    # Its signature opens this file alone, also where a report has the same content.
    attach(report, PNG)
    other = html.unescape(address[1]).replace(f"/dispute/{dispute.pk}/", f"/report/{report.pk}/")
    assert client.get(other).status_code == 403
