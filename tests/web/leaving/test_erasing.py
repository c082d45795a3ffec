"""Erasing a person, by page and command, and what stays."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone
from pytest_django import Settings

from reputation import disputes, rights
from reputation.attachments import StorageUnavailable, verify_evidence
from reputation.counting import rescore
from reputation.disputes import contact_hash
from reputation.models import (
    NOBODY,
    EvidenceEntry,
    IntakeSender,
    Number,
    Report,
    Reporter,
)
from reputation.moderation import mark_reassigned
from reputation.reports import link_codes, linking
from reputation.rights.erasing import WORDS
from tests.given.attachments import picture, stored
from tests.given.concurrency import meanwhile, together
from tests.given.disputes import a_dispute
from tests.given.leaving import (
    CALLED,
    MAIL,
    PHONE,
    dump,
    erase_by_command,
    erase_by_page,
    listed,
    traces,
)
from tests.given.messages import letter, post, text
from tests.given.reporters import DAY, NOW, moderator
from tests.given.visitors import Visitor
from tests.given.web_reports import FORM, upload

pytestmark = pytest.mark.django_db


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
    """A developer who adds a field with words decides whether it is erased: in WORDS, or here."""
    wordy = (models.TextField, models.CharField, models.JSONField, models.BinaryField, ArrayField)
    found = {f.name for f in Report._meta.concrete_fields if isinstance(f, wordy)}
    codes = {"status", "returns_as", "category", "conduct", "channel", "attestation", "network"}
    assert found == {*WORDS, *codes}


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


def test_whoever_gets_a_number_reads_and_erases_nothing_that_its_former_holder_disputed():
    """They text from the same number, so they speak in the same voice."""
    number = listed(PHONE)
    decided = {"status": "rejected", "decided_by": moderator("judge"), "reason": "It stands."}
    contact = {"contact_hash": contact_hash(PHONE)}
    former = a_dispute(
        number=number, statement="I play the harp", decided_at=NOW, **contact, **decided
    )
    mark_reassigned(
        actor=moderator(), identity=number.identity, since=NOW + DAY, reason="r", now=NOW + 2 * DAY
    )
    now = dict.fromkeys(("opened_at", "verified_at"), NOW + 2 * DAY)
    own = a_dispute(number=number, statement="I am a bakery.", **now)
    assert disputes.holders_dispute(key=PHONE, now=NOW + 3 * DAY) == own
    own.status, own.decided_at, own.decided_by, own.reason = (
        *("rejected", NOW + 3 * DAY, former.decided_by, "It stands."),
    )
    own.save()
    assert disputes.holders_dispute(key=PHONE, now=NOW + 3 * DAY) == own
    rights.erase(who=rights.DataSubject([], phones=[PHONE]), now=NOW + 3 * DAY)
    for each in (former, own):
        each.refresh_from_db()
    assert (former.statement, own.statement) == ("I play the harp", "")


@pytest.mark.parametrize("held_since", [None, NOW])
def test_a_dispute_in_which_a_person_gave_their_number_is_theirs(held_since: datetime | None):
    listed(PHONE)
    Number.objects.filter(key=PHONE).update(epoch_at=held_since)
    theirs = a_dispute(number=listed(CALLED["sms"]), contact_hash=contact_hash(PHONE))
    rights.erase(who=rights.DataSubject([], phones=[PHONE]), now=NOW + DAY)
    theirs.refresh_from_db()
    assert theirs.statement == ""


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


def test_a_telephone_keeps_the_mistakes_that_a_link_gave_to_an_account(
    signed_in: Callable[..., Visitor],
):
    now = timezone.now()
    anna = signed_in(MAIL)
    text(f"{CALLED['sms']} threatened me", sender=PHONE, at=now)
    phone = Reporter.objects.filter(kind="sms")
    phone.update(fp=2.0, fn=1.0)
    code = link_codes.issue_code(reporter=phone.get(), now=now)
    anna.send("/my/account/link", {"code": code})
    erase_by_page(anna)
    text(f"{CALLED['email']} threatened me", sender=PHONE, at=now)
    again = Report.objects.get(number__key=CALLED["email"]).reporter
    assert (again.kind, again.fp, again.fn, again.kept_fp) == ("sms", 2.0, 1.0, 2.0)


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


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_sends_one_last_mail(signed_in: Callable[..., Visitor]):
    anna, sent = signed_in(MAIL), len(mail.outbox)

    def erase() -> str:
        return anna.send("/my/account/erase", {"sure": "1"})

    answers = meanwhile(
        lambda: User.objects.select_for_update().get(email=MAIL),
        lambda: together(erase, erase),
    )
    assert ["is erased" in each for each in answers] == [True, True]
    assert len(mail.outbox[sent:]) == 1


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
