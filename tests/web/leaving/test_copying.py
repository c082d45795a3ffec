"""A copy of all that is kept of a person, and which tables it is about."""

import io
import json
import os
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from api.keys import create_key
from reputation import rights
from reputation.disputes.histories import seal_contact
from reputation.models import (
    IntakeSender,
    Note,
    Report,
    Reporter,
)
from reputation.moderation import notes
from tests.given.attachments import PNG, attach, picture, stored
from tests.given.disputes import a_dispute
from tests.given.full_disk import no_file_larger_than
from tests.given.leaving import CALLED, MAIL, PHONE, TRACES, listed
from tests.given.reporters import NOW, moderator, say
from tests.given.visitors import Visitor, text_of
from tests.given.web_reports import file_report, upload

pytestmark = pytest.mark.django_db


def test_every_table_about_people_is_thought_of():
    """A developer who adds a table decides what a copy and an erasure do with it."""
    about = (Report, Reporter, IntakeSender, User)
    found = {
        model.__name__
        for model in apps.get_models(include_auto_created=True)
        if any(field.related_model in about for field in model._meta.concrete_fields)
    }
    erased = {"ApiKey", "Authenticator", "Complaint", "Complaint_reports", "EmailAddress"}
    erased |= {"EvidenceEntry", "IntakeMessage", "IntakeSender", "LinkCode", "LinkedReport"}
    erased |= {"LoggedCall", "OwnRule", "Report", "ReportRevision", "Reporter", "VoiceLink"}
    erased |= {"KeyContact", "KeyGrant", "Note", "Reminder", "Watch"}
    of_staff = {"AuditEntry", "DecisionBatch", "Dispute", "LogEntry", "QueueItem", "SavedFilter"}
    of_staff |= {"Desk", "Proposal", "QualityFigures", "SecondReview"}
    of_staff |= {"User_groups", "User_user_permissions"}
    facts = {"Authority", "Channel", "Provision", "Statute", "Template"}
    assert found == erased | of_staff | facts


@pytest.mark.slow
def test_the_copy_has_all(world: tuple[Visitor, str], tmp_path: Path):
    anna, key = world
    archive = ZipFile(io.BytesIO(b"".join(anna.post("/my/account/copy").streaming_content)))
    data = json.loads(archive.read("data.json"))
    whole = json.dumps(data)
    missing = {
        "trumpet",
        "log-anna",
        "7700 900321",
        "Schmidt",
    }  # the key is a program's, and asked apart
    assert {trace for trace in TRACES if trace not in whole} == missing
    assert data["accounts"][0]["email"] == MAIL
    about = (*data["reports"], *data["disputes"])
    files = {file["file"] for each in about for file in each["files"]}
    mails = {message["file"] for message in data["messages"] if "file" in message}
    assert set(archive.namelist()) == {"data.json"} | files | mails
    assert {picture("PNG", color=3), PNG} < {archive.read(name) for name in files}
    target = tmp_path / "key.zip"
    (tmp_path / "key.zip.partial").write_bytes(b"of a run that was killed")
    call_command("export", str(target), key=[key], stdout=io.StringIO())
    assert sorted(path.name for path in tmp_path.glob("key*")) == ["key.zip"]
    with ZipFile(target) as other:
        assert "trumpet" in other.read("data.json").decode()
    with pytest.raises(CommandError, match="exists already"):
        call_command("export", str(target), key=[key])
    with pytest.raises(CommandError, match="anna is no prefix: pass the eight characters"):
        call_command("export", str(target), key=["anna"])


@pytest.mark.usefixtures("evidence_dir")
def test_a_disk_without_room_for_the_copy(anna: Visitor):
    file_report(anna, files=upload("log.txt", os.urandom(6000).hex().encode()))
    with no_file_larger_than(4096):
        page = anna.post("/my/account/copy")
    assert page.status_code == 503
    assert "We cannot reach our records now" in text_of(page)
    with closing(anna.post("/my/account/copy")) as copy:
        assert copy.status_code == 200


def test_an_export_that_fails_leaves_no_part_of_a_copy(evidence_dir: Path, tmp_path: Path):
    key, _token = create_key(name="tool", scopes=["report"], region="", now=NOW)
    said = say(Reporter.objects.get(pk=key.reporter_id))
    attach(said.report, os.urandom(6000).hex().encode())
    target = tmp_path / "key.zip"
    with no_file_larger_than(4096), pytest.raises(CommandError, match="File too large"):
        call_command("export", str(target), key=[key.prefix])
    assert not list(tmp_path.glob("key*"))
    for file in stored(evidence_dir):
        (evidence_dir / file).unlink()
    with pytest.raises(CommandError, match="Evidence can be neither stored nor read now"):
        call_command("export", str(target), key=[key.prefix])
    assert not list(tmp_path.glob("key*"))


@pytest.mark.usefixtures("evidence_dir")
def test_moderators_notes_are_copied_where_law_demands_and_go_with_the_person(tmp_path: Path):
    key, _token = create_key(name="tool", scopes=["report"], region="", now=NOW)
    said = say(Reporter.objects.get(pk=key.reporter_id))
    dispute = a_dispute()
    by = {"actor": moderator(), "now": NOW}
    for subject in (said.report, said.report.reporter, said.number, dispute):
        notes.add(**by, subject=subject, words=f"Of this {subject._meta.model_name}.")
    for place, more in enumerate(([], ["--notes"])):
        target = tmp_path / f"{place}.zip"
        call_command("export", str(target), "--key", key.prefix, *more, stdout=io.StringIO())
        with ZipFile(target) as archive:
            data = json.loads(archive.read("data.json"))
        found = [note["words"] for note in data.get("notes", [])]
        assert found == (["Of this reporter.", "Of this report."] if more else [])
        assert "notes" not in data or more
    voice = Reporter.objects.get(pk=key.reporter_id)
    rights.erase(who=rights.DataSubject([(voice.kind, voice.handle)]), now=NOW)
    left = Note.objects.order_by("pk").values_list("kind", flat=True)
    assert list(left) == ["number", "dispute"]


def test_notes_on_what_a_holder_disputed_are_copied_and_go_with_the_holder():
    theirs, others = (a_dispute(number=listed(key)) for key in (PHONE, CALLED["sms"]))
    seal_contact(theirs, MAIL)
    theirs.save()
    by = {"actor": moderator(), "now": NOW}
    for subject, words in ((theirs, "A bakery, it seems."), (others, "Has no papers.")):
        notes.add(**by, subject=subject, words=words)
    who = rights.DataSubject([], contacts=[MAIL])
    copy = io.BytesIO()
    rights.write_copy(copy, who=who, notes=True, now=NOW)
    data = json.loads(ZipFile(copy).read("data.json"))
    assert [note["words"] for note in data["notes"]] == ["A bakery, it seems."]
    rights.erase(who=who, now=NOW)
    assert list(Note.objects.values_list("words", flat=True)) == ["Has no papers."]


def test_who_names_nobody_is_told_so(tmp_path: Path):
    said = io.StringIO()
    call_command("export", str(tmp_path / "a"), email=["a@b.test"], stdout=said, stderr=said)
    assert "Nobody reported under these names." in said.getvalue()
    with pytest.raises(CommandError, match=r"0 voices .* Nobody reported under these names\."):
        call_command("erase", email=["a@b.test"])
