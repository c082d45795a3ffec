"""Files that holders add to disputes: who may, how many, who reads them, and when they go."""

import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from reputation.attachments import (
    EvidenceFull,
    EvidenceNotFound,
    EvidenceQuotaUsed,
    storage_name,
    sweep,
)
from reputation.disputes import (
    FILES_KEPT,
    DisputeNotFound,
    FilesClosed,
    add_file,
    decide_dispute,
    files_of,
    forget_old_files,
    open_file,
    remove_file,
)
from reputation.disputes.opening import appeal
from reputation.models import AuditEntry, Dispute, DisputeFile
from reputation.moderation import ReasonMissing
from tests.given.attachments import FILES, PNG, attach, draft, keep_evidence_in, stored
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, NOW, crowd, moderator, newcomer, say

PDF = FILES["pdf"][0]

pytestmark = pytest.mark.django_db(transaction=False)


@pytest.fixture
def dispute(settings: Settings, tmp_path: Path) -> Dispute:
    keep_evidence_in(settings, tmp_path)
    crowd(3)
    return a_dispute()


def add(dispute: Dispute, content: bytes = PNG, name: str = "licence.png") -> DisputeFile:
    with draft(content, name) as file:
        return add_file(public_id=dispute.public_id, draft=file, now=NOW)[0]


def decide(dispute: Dispute, who: str = "judge", *, days: int = 0) -> Dispute:
    return decide_dispute(
        actor=moderator(who), dispute=dispute, upheld=False, reason="No.", now=NOW + days * DAY
    )


def test_files_come_in_order_once_each_and_can_be_taken_back(
    dispute: Dispute, tmp_path: Path, django_capture_on_commit_callbacks
):
    first, second = add(dispute), add(dispute, PDF, "bill.pdf")
    assert add(dispute, name="again.png") == first
    assert [(file.position, file.name) for file in files_of(dispute)] == [
        (1, "licence.png"),
        (2, "bill.pdf"),
    ]
    # Somebody reported with the same picture: it outlasts what the holder takes back.
    attach(say(newcomer("z")).report, PNG)
    for file, left in ((first, [second]), (second, [])):
        with django_capture_on_commit_callbacks(execute=True):
            remove_file(public_id=dispute.public_id, sha256=file.sha256)
        remove_file(public_id=dispute.public_id, sha256=file.sha256)
        assert list(files_of(dispute)) == left
    assert stored(tmp_path) == [storage_name(first.sha256)]


@pytest.mark.parametrize("status", ["awaiting_code", "expired", "rejected"])
def test_only_an_open_dispute_takes_and_gives_back_files(dispute: Dispute, status: str):
    kept = add(dispute)
    if status == "rejected":
        decide(dispute)
    else:
        Dispute.objects.update(status=status, verified_at=None, deadline_at=None)
    with pytest.raises(FilesClosed):
        add(dispute, PDF)
    with pytest.raises(FilesClosed):
        remove_file(public_id=dispute.public_id, sha256=kept.sha256)
    dispute.public_id = uuid.uuid4()
    with pytest.raises(DisputeNotFound):
        add(dispute, PDF)


def test_files_are_bounded_in_number_and_with_those_of_the_appeal_in_bytes(
    dispute: Dispute, settings: Settings, tmp_path: Path
):
    settings.EVIDENCE_MAX_FILES = 1
    add(dispute)
    with pytest.raises(EvidenceFull):
        add(dispute, PDF)
    decide(dispute)
    anew = appeal(public_id=dispute.public_id, statement="Look again.", now=NOW)
    settings.EVIDENCE_FRESH_BYTES = len(PNG) + len(PDF) - 1
    with pytest.raises(EvidenceQuotaUsed):
        add(anew, PDF)
    settings.EVIDENCE_FRESH_BYTES += 1
    assert add(anew, PDF).position == 1
    assert len(stored(tmp_path)) == 2


def test_a_moderator_reads_a_file_on_record(dispute: Dispute):
    kept = add(dispute)
    reader = {"actor": moderator("reader"), "dispute": dispute, "now": NOW}
    with pytest.raises(ReasonMissing):
        open_file(**reader, sha256=kept.sha256, reason=" ")
    with pytest.raises(EvidenceNotFound):
        open_file(**reader, sha256="0" * 64, reason="x")
    assert not AuditEntry.objects.exists()
    _entry, file = open_file(**reader, sha256=kept.sha256, reason="Is it their licence?")
    with file:
        assert file.read() == PNG
    on_record = AuditEntry.objects.get()
    assert (on_record.verb, on_record.number) == ("open_evidence", dispute.number)
    assert on_record.after["dispute"] == str(dispute.public_id)


def test_files_go_when_the_last_decision_is_long_past(
    dispute: Dispute, tmp_path: Path, django_capture_on_commit_callbacks
):
    def forget(days: int) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return forget_old_files(now=NOW + days * DAY)

    add(dispute)
    assert forget(1000) == 0  # open yet
    decide(dispute)
    anew = appeal(public_id=dispute.public_id, statement="Look again.", now=NOW + DAY)
    add(anew, PDF)
    assert forget(1000) == 0
    decide(anew, "other judge", days=5)
    assert forget(FILES_KEPT.days + 4) == 0
    # What no row names is swept; what a dispute has is not.
    sweep(since=NOW, now=NOW + 1000 * DAY)
    assert len(stored(tmp_path)) == 2
    assert forget(FILES_KEPT.days + 5) == 2
    assert stored(tmp_path) == []
