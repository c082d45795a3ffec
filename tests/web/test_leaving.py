"""A copy of all that is kept of a person, and its erasure: by page, command and text message."""

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test import Client, TestCase
from django.utils import timezone
from pytest_django import Settings

from api.keys import create_key
from config import known_keys
from reputation import rights
from reputation.attachments import StorageUnavailable, verify_evidence
from reputation.campaigns.joining import statement_of
from reputation.counting import rescore
from reputation.disputes import add_file
from reputation.disputes.histories import seal_contact
from reputation.intake.keeping import content_of
from reputation.models import (
    NOBODY,
    Campaign,
    CampaignMark,
    Erasure,
    EvidenceEntry,
    IntakeMessage,
    IntakeSender,
    LoggedCall,
    Note,
    Number,
    Report,
    Reporter,
)
from reputation.moderation import notes
from reputation.privacy import hashed_again
from reputation.reports import link_codes, linking
from reputation.rights.erasing import WORDS
from reputation.scoring.campaigns.index import marks_of
from tests.given.attachments import PNG, draft, picture, stored
from tests.given.disputes import a_dispute
from tests.given.messages import AUTHSERV, letter, post, text
from tests.given.reporters import NOW, moderator, say
from tests.given.visitors import Visitor
from tests.given.web_reports import FORM, upload

pytestmark = pytest.mark.django_db

MAIL, PHONE = "anna.schmidt@example.org", "+447700900321"
CALLED = {
    "page": "+8613812345678",
    "key": "+8613812345672",
    "sms": "+447700900672",
    "email": "+447700900673",
}
# Whatever of these is in a dump is a trace of the person. Some letters of each message suffice.
TRACES = (
    *(
        "anna.schmidt",
        "Schmidt",
        "7700900321",
        "7700 900321",
        "shot-anna",
        "letter-anna",
        "lease-anna",
    ),
    *(
        "bassoon",
        "log-anna",
        "piano",
        "violin",
        "cello",
        "trumpet",
        "oboe",
        "harp",
        "Sparrow",
        "13987650001",
        "+49998877*",
    ),
)


def dump() -> str:
    """All rows of all tables, as COPY writes them."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        raw = cursor.cursor
        out = []
        for table in tables:
            with raw.copy(f'COPY "{table}" TO STDOUT') as copy:
                out += [bytes(block).decode() for block in copy]
    return "".join(out)


def traces(folder: Path) -> set[str]:
    """Which traces the database and the file store contain."""
    kept = dump() + "\n".join(stored(folder))
    kept += "".join(p.read_bytes().decode("latin-1") for p in folder.rglob("*") if p.is_file())
    return {trace for trace in TRACES if trace.lower() in kept.lower()}


@pytest.fixture(autouse=True)
def _settings(settings: Settings, evidence_dir: Path) -> None:
    settings.FICTIONAL_NUMBERS = True
    settings.INTAKE_AUTHSERV_ID = AUTHSERV


@pytest.fixture
def world(signed_in: Callable[..., Visitor]) -> tuple[Visitor, str]:
    """Anna reported on four channels with files, said other things before, disputed, complained,
    and linked her telephone. Another person reported the same numbers, with one file that is the
    same. Answers Anna's browser and her key."""
    now = timezone.now()
    anna = signed_in(MAIL)
    said = {
        "transcript": "Hello, I play the bassoon.",
        "comment": "I play the violin.",
        "claimed_name": "Officer Sparrow",
    }
    said["callback_number"] = "+8613987650001"
    anna.send("/report", FORM | said | {"number": CALLED["page"]})
    anna.send(
        "/report",
        FORM
        | said
        | {
            "number": CALLED["page"],
            "comment": "I play the cello.",
            "files": upload("shot-anna.png", picture("PNG", color=3)),
        },
    )
    [report] = Report.objects.all()
    campaign = Campaign.objects.create(key="c", first_at=now, last_at=now, grouped_at=now)
    for mark in marks_of(statement_of(report)):
        CampaignMark.objects.create(mark=mark, campaign=campaign, at=now)
    LoggedCall.objects.create(report=report, at=now, words="They heard my piano", noted_at=now)
    anna.send("/my/list", {"patterns": "+49998877*", "action": "block"})
    _, token = create_key(name="Anna Schmidt's phone", scopes=["report"], now=now)
    program = Client(headers={"authorization": f"Bearer {token}"})
    filed = program.post(
        "/v1/reports",
        {"number": CALLED["key"], "category": "threat", "comment": "I play the trumpet."},
        content_type="application/json",
        headers={"idempotency-key": "one"},
    )
    program.post(
        f"/v1/reports/{filed.json()['id']}/evidence",
        {"file": upload("log-anna.txt", b"She plays the trumpet.\n")},
    )
    text(f"{CALLED['sms']} threatened me and wants my oboe", sender=PHONE, at=now)
    post(
        letter(
            f"{CALLED['email']} threatened me and wants my harp",
            sender=MAIL,
            files=[("letter-anna.png", picture("PNG", color=2), "image/png")],
        ),
        at=now,
    )
    post(letter(f"{CALLED['sms']} I play the harp", sender=MAIL, vouched=False), at=now)
    code = link_codes.issue_code(reporter=Reporter.objects.get(kind="sms"), now=now)
    anna.send("/my/account/link", {"code": code})
    dispute = a_dispute(statement="I play the harp")
    seal_contact(dispute, MAIL)
    dispute.save()
    with draft(PNG, "lease-anna.png") as file:
        add_file(public_id=dispute.public_id, draft=file, now=now)
    berta = signed_in("berta@example.net")
    for number in CALLED.values():
        berta.send(
            "/report", FORM | {"number": number, "files": upload("b.png", picture("PNG", color=2))}
        )
    return anna, token.split("_")[1]


def erase_by_page(anna: Visitor) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert "Tick the box" in anna.send("/my/account/erase", {})
        assert "is erased" in anna.send("/my/account/erase", {"sure": "1"})


def erase_by_command(**whom: Any) -> str:
    out = io.StringIO()
    with TestCase.captureOnCommitCallbacks(execute=True):
        call_command("erase", **whom, yes=True, stdout=out)
    return out.getvalue()


def test_no_trace_is_left(world: tuple[Visitor, str], evidence_dir: Path):
    anna, key = world
    assert traces(evidence_dir) >= {"anna.schmidt", "violin", "cello", "Sparrow", "shot-anna"}
    counted = list(Number.objects.order_by("key").values("key", "action"))
    digests = list(EvidenceEntry.objects.order_by("pk").values_list("sha256", "digest"))
    erase_by_page(anna)
    erase_by_command(key=[key])
    assert traces(evidence_dir) == set()
    assert anna.where("/my/account").startswith("/accounts/login/code/")
    assert User.objects.get().email == "berta@example.net"
    # What warned others still does, and nobody gained by it.
    after = list(Number.objects.order_by("key").values("key", "action"))
    assert after == counted
    assert rescore(limit=100, now=timezone.now()).differences == []
    # The chain says what was there, and when it went; what somebody else has too is still theirs.
    assert list(EvidenceEntry.objects.order_by("pk").values_list("sha256", "digest")) == digests
    assert EvidenceEntry.objects.exclude(erased_at=None).count() == 3
    assert [fault for report in Report.objects.all() for fault in verify_evidence(report)] == []
    assert len([name for name in stored(evidence_dir) if "erasures" not in name]) == 1


def test_every_word_of_a_report_is_thought_of():
    """Whoever adds a field with words decides whether it is erased: WORDS, or here."""
    wordy = (models.TextField, models.CharField, models.JSONField, models.BinaryField, ArrayField)
    found = {f.name for f in Report._meta.concrete_fields if isinstance(f, wordy)}
    codes = {"status", "category", "conduct", "channel", "attestation", "network"}
    assert found == {*WORDS, *codes}


def test_every_table_about_people_is_thought_of():
    """Whoever adds one decides what becomes of it in a copy and in an erasure."""
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
    call_command("export", str(target), key=[key], stdout=io.StringIO())
    with ZipFile(target) as other:
        assert "trumpet" in other.read("data.json").decode()
    with pytest.raises(CommandError, match="File exists"):
        call_command("export", str(target), key=[key])


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


@pytest.mark.slow
def test_a_restored_backup_is_erased_again(
    world: tuple[Visitor, str], evidence_dir: Path, signed_in: Callable[..., Visitor]
):
    anna, _ = world
    backup = {
        model: list(model.objects.values())
        for model in (User, Reporter, IntakeSender, IntakeMessage, Report)
    }
    erase_by_page(anna)
    # What came after the erasure is no backup's.
    again = signed_in(MAIL)
    again.send("/report", FORM | {"number": CALLED["page"], "comment": "I play again."})
    listed = rights.erasures()
    for model, rows in backup.items():
        for row in rows:
            pk = row.pop("id")
            if model is User:
                User.objects.update_or_create(username=row["username"], defaults=row)
            elif model is not Reporter or not Reporter.objects.filter(
                kind=row["kind"], handle=row["handle"]
            ):
                model.objects.filter(pk=pk).update(**row)
    Erasure.objects.all().delete()
    assert "violin" not in dump()
    assert "oboe" in dump()
    said = erase_by_command(again=True)
    assert re.match("erased: [1-9]", said)
    assert "oboe" not in dump()
    assert "I play again." in dump()
    assert rights.erasures() == listed
    assert erase_by_command(again=True).startswith("erased: 0 voices, 0 reports, 0 files")


def test_whoever_reports_by_text_alone_erases_by_text(evidence_dir: Path):
    now = timezone.now()
    text(f"{CALLED['sms']} threatened me and wants my oboe", sender=PHONE, at=now)
    asked = text("ERASE", sender=PHONE, at=now).reply
    code = re.search(r"ERASE (\S+)\.", asked)
    assert code
    other = text(f"ERASE {code[1]}", sender="+447700900322", at=now).reply
    assert "not known" in other  # a code is its sender's alone
    assert "oboe" in dump()
    late = now + timedelta(hours=2)
    assert "not known" in text(f"ERASE {code[1]}", sender=PHONE, at=late).reply
    sent = {"sender": PHONE, "at": now + timedelta(minutes=20), "id": "SM-erase"}
    receipt = text(f"erase {code[1].lower()}", **sent)
    assert "Erased" in receipt.reply
    assert traces(evidence_dir) == set()
    repeated = text(f"erase {code[1].lower()}", **sent)  # the gateway delivers it once more
    assert (repeated.repeated, repeated.reply) == (True, receipt.reply)
    assert not Reporter.objects.filter(kind="sms", handle__regex="^[0-9a-f]{32}$").exclude(
        senders__messages__masked__contains="ERASE"
    )


def listed(key: str) -> Number:
    return Number.objects.create(key=key, country="GB", created_at=NOW, evidence_at=NOW, prior=0.1)


def test_whoever_has_an_account_is_sent_there_to_erase_all(signed_in: Callable[..., Visitor]):
    """Half of an erasure is none, and an e-mail does not name all that its account has."""
    now = timezone.now()
    anna = signed_in(MAIL)  # who has said nothing yet
    there = "Erase everything in your account: "
    assert there in post(letter("ERASE", sender=MAIL), at=now).reply
    anna.send("/report", FORM | {"comment": "I play the violin."})
    User.objects.update(email="schmidt@example.org")  # another address of hers
    assert there in post(letter("ERASE", sender=MAIL), at=now).reply
    other = post(letter("ERASE", sender="berta@example.org"), at=now)
    assert re.search(r"ERASE \S+\.", other.reply)


def test_a_mailbox_leads_to_disputes_with_the_address_as_it_writes(evidence_dir: Path):
    """One mailbox, whatever is added to its name: the contact of a dispute is as it was typed."""
    now, address = timezone.now(), "Anna.Schmidt+calls@example.org"
    dispute = a_dispute(number=listed(PHONE), statement="I play the harp")
    seal_contact(dispute, address)
    dispute.save()
    asked = post(letter("ERASE", sender=address), at=now).reply
    code = re.search(r"ERASE (\S+)\.", asked)
    assert code
    assert "Erased" in post(letter(f"ERASE {code[1]}", sender=address), at=now).reply
    dispute.refresh_from_db()
    assert (dispute.statement, dispute.contact_hash) == ("", "")


def test_a_linked_telephone_leads_to_what_its_holder_disputed(signed_in: Callable[..., Visitor]):
    now = timezone.now()
    anna = signed_in(MAIL)
    text(f"{CALLED['sms']} threatened me", sender=PHONE, at=now)
    code = link_codes.issue_code(reporter=Reporter.objects.get(kind="sms"), now=now)
    anna.send("/my/account/link", {"code": code})
    own, others = listed(PHONE), listed("+447700900322")
    mine, claimed, theirs = (
        a_dispute(number=own, statement="I play the harp"),
        a_dispute(
            number=own,
            statement="Not proven.",
            status="awaiting_code",
            verified_at=None,
            deadline_at=None,
        ),
        a_dispute(number=others, statement="I am a bakery."),
    )
    archive = ZipFile(io.BytesIO(b"".join(anna.post("/my/account/copy").streaming_content)))
    data = json.loads(archive.read("data.json"))
    assert [each["statement"] for each in data["disputes"]] == ["I play the harp"]
    erase_by_page(anna)
    for each in (mine, claimed, theirs):
        each.refresh_from_db()
    assert (mine.statement, claimed.statement, theirs.statement) == (
        *("", "Not proven.", "I am a bakery."),
    )


def test_two_voices_of_one_person_may_have_reported_one_number():
    now = timezone.now()
    text(f"{CALLED['sms']} threatened me", sender=PHONE, at=now)
    post(letter(f"{CALLED['sms']} threatened me again", sender=MAIL), at=now)
    sms, mail = (Reporter.objects.get(kind=kind) for kind in ("sms", "email"))
    linking.merge_reporters(into=sms, other=mail, now=now)
    assert Report.objects.values("number").distinct().count() == 1 < Report.objects.count()
    assert rights.erase(who=rights.DataSubject([("email", mail.handle)]), now=now).reports == 2
    assert rescore(limit=10, now=now).differences == []


def test_mistakes_a_block_and_the_wish_for_silence_last(signed_in: Callable[..., Visitor]):
    now = timezone.now()
    anna = signed_in(MAIL)
    anna.send("/report", FORM | {"comment": "I play the violin."})
    post(letter("STOP", sender=MAIL), at=now)
    Reporter.objects.filter(kind="person").update(fp=2.0, fn=1.0, tp=9.0, blocked_at=now)
    erase_by_page(anna)
    left = Reporter.objects.exclude(handle__startswith=NOBODY).order_by("kind")
    assert [(v.kind, v.fp, v.fn, v.kept_fp, v.tp, v.blocked_at) for v in left] == [
        ("person", 2.0, 1.0, 2.0, 0.0, now)
    ]
    assert IntakeSender.objects.get(reporter=left[0]).stopped_at is not None
    assert not Report.objects.filter(reporter__in=left).exists()


def test_the_days_of_erasures_go_with_the_list(evidence_dir: Path):
    voice = Reporter.objects.create(kind="email", handle="anna", created_at=NOW, fp=2.0)
    who = rights.DataSubject([("email", "anna")])
    for days in (0, 30):
        rights.erase(who=who, now=NOW + timedelta(days=days))
    left = Reporter.objects.exclude(pk=voice.pk).latest("pk")
    first, second = left.erased_on
    for days, kept in ((399, [first, second]), (401, [second]), (431, [])):
        rights.forget(now=NOW + timedelta(days=days))
        left.refresh_from_db()
        assert (left.handle, left.kept_fp, left.erased_on) == ("anna", 2.0, kept)


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("/my/account", "Your account and its e-mail address are deleted."),
        ("/my/account/erase", "All that we kept of you is erased."),
    ],
)
def test_a_last_mail_says_what_was_done(signed_in: Callable[..., Visitor], path: str, subject: str):
    anna, sent = signed_in(MAIL), len(mail.outbox)
    anna.send(path, {})
    anna.send(path, {"sure": "1"})
    [last] = mail.outbox[sent:]
    assert (last.to, last.subject) == ([MAIL], subject.rstrip("."))
    assert last.body == (
        f"{subject}\n\nYou asked for it on the page of your account. This is our last mail: we no "
        "longer have your address. If it was not you, somebody else can read your mail: change its "
        "password.\n"
    )


@pytest.mark.slow
def test_one_report_is_erased_and_its_reporter_stays(
    world: tuple[Visitor, str], evidence_dir: Path
):
    report = Report.objects.get(number__key=CALLED["page"], comment__contains="cello")
    with pytest.raises(CommandError, match="1 reports for good"):
        call_command("erase", report=[report.public_id])
    erase_by_command(report=[report.public_id])
    assert traces(evidence_dir).isdisjoint({"violin", "cello", "Sparrow", "shot-anna"})
    anna, _ = world
    assert "shot-anna" not in anna.see(f"/my/reports/{report.public_id}")
    sent = anna.send(
        f"/my/reports/{report.public_id}/files", {"files": upload("x.png", picture("PNG", color=3))}
    )
    assert "was erased" in sent


@pytest.mark.slow
def test_nothing_is_half_erased_without_the_file_store(
    world: tuple[Visitor, str], evidence_dir: Path, settings: Settings
):
    anna, _ = world
    (evidence_dir / "erasures").write_text("a file where a folder must be")
    assert "try again later" in anna.send("/my/account/erase", {"sure": "1"})
    assert "violin" in dump()
    with pytest.raises(StorageUnavailable):
        rights.erasures()
    [gone] = evidence_dir.glob(f"??/{EvidenceEntry.objects.get(name='shot-anna.png').sha256}")
    gone.unlink()
    assert "try again later" in anna.send("/my/account/copy", {})


@pytest.mark.slow
def test_a_later_key_hashes_once_more_all_that_is_there(
    world: tuple[Visitor, str], settings: Settings, signed_in: Callable[..., Visitor]
):
    """Of a filled database no keyed hash stays as it was, and everybody is found again."""
    known_keys.check()
    text("STOP", sender="+447700900322", at=timezone.now())
    erase_by_command(email=["nobody@example.org"])
    hashes = set(re.findall(r"\b[0-9a-f]{32}\b", dump()))
    assert len(hashes) > 15
    before = {
        "reports": list(Report.objects.order_by("pk").values_list("reporter", "weight")),
        "networks": Report.objects.values("network").distinct().count(),
        "answers": list(Number.objects.order_by("pk").values_list("key", "action", "networks")),
    }
    listed = rights.erasures()
    settings.PSEUDONYM_LATER_KEYS = ["later" * 10]
    with pytest.raises(known_keys.WrongKey, match="keys --rehash"):
        known_keys.check()
    out = io.StringIO()
    call_command("keys", rehash=True, stdout=out)
    assert "values hashed once more" in out.getvalue()
    assert not hashes & set(re.findall(r"\b[0-9a-f]{32}\b", dump()))
    with pytest.raises(CommandError, match="already"):
        call_command("keys", rehash=True)
    after = {
        "reports": list(Report.objects.order_by("pk").values_list("reporter", "weight")),
        "networks": Report.objects.values("network").distinct().count(),
        "answers": list(Number.objects.order_by("pk").values_list("key", "action", "networks")),
    }
    assert after == before
    assert rescore(limit=100, now=timezone.now()).differences == []
    assert {hashed_again(subject): at for subject, at in listed.items()}.items() <= (
        rights.erasures().items()
    )
    # The same mailbox, telephone and network are known.
    people = Reporter.objects.count()
    again = signed_in(MAIL)
    again.send("/report", FORM | {"number": CALLED["page"], "comment": "They called again."})
    text(f"{CALLED['key']} threatened me", sender=PHONE, at=timezone.now())
    assert Reporter.objects.count() == people
    assert (
        Report.objects.filter(number__key=CALLED["page"]).values("network").distinct().count() == 1
    )
    assert "wants my oboe" in content_of(IntakeMessage.objects.earliest("pk")).text
    settings.PSEUDONYM_LATER_KEYS = ["later" * 10, "latest" * 9]
    call_command("keys", rehash=True, stdout=out)
    known_keys.check()
