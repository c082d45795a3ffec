"""The log of a report's files: what it holds, who adds to it, and who reads it."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import DataError, transaction

from reputation.attachments import log as evidence_files
from reputation.attachments.drafts import EvidenceFull, EvidenceNotFound
from reputation.attachments.log import (
    attach_evidence,
    check_room,
    list_evidence,
    open_evidence,
    read_evidence,
    verify_evidence,
)
from reputation.models import AuditEntry, EvidenceEntry, Report, Reporter
from reputation.moderation import ReasonMissing, reject_report
from reputation.reports import ReporterBlocked, ReportNotFound, withdraw_report
from tests.given.attachments import FILES, MAIL, PNG, attach, draft, sha256, stored
from tests.given.concurrency import together
from tests.given.reporters import NOW, moderator, newcomer, say

ZEROS = "0" * 64


# --- What is kept ---


@pytest.mark.django_db
def test_the_first_file_of_a_report(evidence_dir):
    report = say(newcomer("a")).report
    attachment = attach(report)
    assert attachment.created
    entry = EvidenceEntry.objects.values().get()
    digest = entry.pop("digest")
    assert entry == {
        "id": attachment.entry.pk,
        "report_id": report.pk,
        "position": 1,
        "sha256": sha256(PNG),
        "size": len(PNG),
        "media_type": "image/png",
        "name": "shot.png",
        "added_at": NOW,
        "previous": ZEROS,
        "erased_at": None,
    }
    # As docs/guide/evidence.md says it, and with nothing of ours.
    assert digest == sha256(
        b'{"added_at":"2026-11-24T12:00:00.000000Z","name":"shot.png","position":1,"previous":"'
        + ZEROS.encode()
        + b'","report":"%s","sha256":"%s","size":%d,"type":"image/png"}'
        % (str(report.public_id).encode(), sha256(PNG).encode(), len(PNG))
    )
    name = f"{sha256(PNG)[:2]}/{sha256(PNG)}"
    assert stored(evidence_dir) == [name]
    assert (evidence_dir / name).read_bytes() == PNG


@pytest.mark.slow
@pytest.mark.django_db
def test_each_entry_holds_the_digest_before(evidence_dir):
    report = say(newcomer("a")).report
    entries = [
        attach(report, content, name, now=NOW + timedelta(microseconds=n)).entry
        for n, (name, (content, _)) in enumerate(FILES.items())
    ]
    log = list_evidence(reporter=report.reporter, public_id=report.public_id)
    assert log == entries
    assert [entry.position for entry in log] == [*range(1, len(FILES) + 1)]
    assert [entry.previous for entry in log] == [ZEROS, *(entry.digest for entry in log[:-1])]
    for entry in log:
        record = evidence_files.entry_fields(entry)
        text = json.dumps(record, sort_keys=True, separators=(",", ":"))
        assert entry.digest == sha256(text.encode())
    assert verify_evidence(report) == []


@pytest.mark.django_db
def test_the_same_content_again_changes_nothing(evidence_dir):
    report = say(newcomer("a")).report
    first = attach(report)
    again = attach(report, name="other.png", now=NOW + timedelta(days=1))
    assert (first.created, again.created) == (True, False)
    assert again.entry == first.entry
    assert again.entry.name == "shot.png"
    assert EvidenceEntry.objects.count() == 1


# --- Whose it is ---


@pytest.mark.django_db
def test_only_ones_own_report(evidence_dir):
    report = say(newcomer("a")).report
    attach(report)
    other = newcomer("b")
    with pytest.raises(ReportNotFound), draft() as file:
        attach_evidence(reporter=other, public_id=report.public_id, draft=file, now=NOW)
    with pytest.raises(ReportNotFound):
        check_room(reporter=other, public_id=report.public_id, now=NOW)
    with pytest.raises(ReportNotFound):
        list_evidence(reporter=other, public_id=report.public_id)
    with pytest.raises(ReportNotFound):
        read_evidence(reporter=other, public_id=report.public_id, sha256=sha256(PNG))
    with pytest.raises(ReportNotFound):
        list_evidence(reporter=report.reporter, public_id=uuid.uuid4())
    assert EvidenceEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_blocked_reporter_reads_and_adds_nothing(evidence_dir):
    report = say(newcomer("a")).report
    attach(report)
    Reporter.objects.update(blocked_at=NOW)
    report = Report.objects.select_related("reporter").get()
    with pytest.raises(ReporterBlocked, match="no longer accepted"):
        check_room(reporter=report.reporter, public_id=report.public_id, now=NOW)
    with pytest.raises(ReporterBlocked):
        attach(report, MAIL)
    assert len(list_evidence(reporter=report.reporter, public_id=report.public_id)) == 1


@pytest.mark.django_db
def test_a_withdrawn_report_keeps_its_evidence_and_takes_more(evidence_dir):
    report = say(newcomer("a")).report
    attach(report)
    withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    attach(report, MAIL)
    assert len(list_evidence(reporter=report.reporter, public_id=report.public_id)) == 2
    assert verify_evidence(report) == []


@pytest.mark.django_db
def test_a_rejected_report_takes_evidence_for_an_appeal(evidence_dir):
    report = say(newcomer("a")).report
    reject_report(actor=moderator(), report=report, reason="untrue", now=NOW)
    assert attach(report).created


@pytest.mark.django_db
def test_a_report_with_as_many_files_as_it_may_have(evidence_dir, settings):
    settings.EVIDENCE_MAX_FILES = 2
    report = say(newcomer("a")).report
    attach(report)
    check_room(reporter=report.reporter, public_id=report.public_id, now=NOW)
    attach(report, MAIL)
    with pytest.raises(EvidenceFull, match="A report takes 2 files"):
        check_room(reporter=report.reporter, public_id=report.public_id, now=NOW)
    with pytest.raises(EvidenceFull):
        attach(report, b"more")
    assert len(stored(evidence_dir)) == 2  # refused before anything was stored
    assert not attach(report).created  # what is there may be sent again


@pytest.mark.django_db
def test_no_such_file(evidence_dir):
    report = say(newcomer("a")).report
    for name in (sha256(PNG), "", "../../etc/passwd"):
        with pytest.raises(EvidenceNotFound, match="no such file"):
            read_evidence(reporter=report.reporter, public_id=report.public_id, sha256=name)


# --- Moderators, on the record ---


@pytest.mark.django_db
def test_a_moderator_opens_a_file_on_the_record(evidence_dir):
    report = say(newcomer("a")).report
    attach(report)
    judge = moderator()
    entry, file = open_evidence(
        actor=judge, report=report, sha256=sha256(PNG), reason="dispute 7", now=NOW
    )
    with file:
        assert file.read() == PNG
    assert entry.position == 1
    [audit] = AuditEntry.objects.values()
    del audit["id"]
    assert audit == {
        "at": NOW,
        "actor_id": judge.pk,
        "verb": "open_evidence",
        "number_id": report.number_id,
        "report_id": report.pk,
        "reporter_id": None,
        "campaign_id": None,
        "key_grant_id": None,
        "batch_id": None,
        "undoes_id": None,
        "reason": "dispute 7",
        "before": {},
        "after": {"position": 1, "sha256": sha256(PNG)},
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "name", "error"),
    [(" ", sha256(PNG), ReasonMissing), ("dispute 7", ZEROS, EvidenceNotFound)],
)
def test_a_moderator_who_opens_nothing_leaves_no_record(evidence_dir, reason, name, error):
    report = say(newcomer("a")).report
    attach(report)
    with pytest.raises(error):
        open_evidence(actor=moderator(), report=report, sha256=name, reason=reason, now=NOW)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_what_cannot_be_put_on_record_is_not_opened(evidence_dir):
    """A file left open would be a warning, which fails this test."""
    report = say(newcomer("a")).report
    attach(report)
    with pytest.raises(DataError, match="NUL"), transaction.atomic():
        open_evidence(actor=moderator(), report=report, sha256=sha256(PNG), reason="\x00", now=NOW)
    assert not AuditEntry.objects.exists()


# --- Many at once ---


@pytest.mark.django_db(transaction=True)
def test_eight_times_the_same_file_at_once(evidence_dir):
    report = say(newcomer("a")).report
    attachments = together(*[lambda: attach(report) for _ in range(8)])
    assert sorted(attachment.created for attachment in attachments) == [False] * 7 + [True]
    assert len({attachment.entry.pk for attachment in attachments}) == 1
    assert verify_evidence(report) == []


@pytest.mark.django_db(transaction=True)
def test_eight_files_at_once_and_room_for_six(evidence_dir, settings):
    settings.EVIDENCE_MAX_FILES = 6
    report = say(newcomer("a")).report

    def add(n: int) -> bool:
        try:
            return attach(report, b"file %d" % n).created
        except EvidenceFull:
            return False

    assert sum(together(*[lambda n=n: add(n) for n in range(8)])) == 6
    positions = EvidenceEntry.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == [1, 2, 3, 4, 5, 6]
    assert verify_evidence(report) == []
