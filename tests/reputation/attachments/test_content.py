"""The store: each content once and unchanged, closed to others, and whole whatever breaks."""

import io
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from reputation.attachments.drafts import StorageUnavailable
from reputation.attachments.log import (
    attach_evidence,
    open_evidence,
    read_evidence,
    verify_evidence,
)
from reputation.models import AuditEntry, EvidenceEntry
from tests.given.attachments import (
    MAIL,
    PNG,
    attach,
    draft,
    keep_evidence_in,
    picture,
    sha256,
    stored,
)
from tests.given.full_disk import no_file_larger_than
from tests.given.reporters import NOW, moderator, newcomer, say


@pytest.mark.django_db
def test_content_of_two_reports_is_stored_once(evidence_dir):
    mine, others = say(newcomer("a")).report, say(newcomer("b")).report
    assert attach(mine).created
    assert attach(others).created
    assert len(stored(evidence_dir)) == 1
    assert verify_evidence(mine) == verify_evidence(others) == []
    assert len({entry.digest for entry in EvidenceEntry.objects.all()}) == 2


@pytest.mark.django_db
def test_what_the_camera_wrote_stays(evidence_dir):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (30.0, 15.0, 0.0)}  # where it was taken
    content = picture("JPEG", exif=exif)
    report = say(newcomer("a")).report
    attach(report, content)
    with read_evidence(
        reporter=report.reporter, public_id=report.public_id, sha256=sha256(content)
    )[1] as file:
        kept = file.read()
    assert kept == content
    assert Image.open(io.BytesIO(kept)).getexif().get_ifd(0x8825)[1] == "N"


@pytest.mark.django_db
def test_the_folder_is_closed_to_other_accounts(evidence_dir):
    attach(say(newcomer("a")).report)
    modes = {
        path.is_dir(): stat.S_IMODE(path.stat().st_mode)
        for path in [evidence_dir, *evidence_dir.rglob("*")]
    }
    assert modes == {True: 0o700, False: 0o600}


@pytest.mark.django_db
def test_a_storage_that_is_away(evidence_dir, settings, tmp_path):
    report = say(newcomer("a")).report
    attach(report)
    (tmp_path / "file").write_text("no folder")
    keep_evidence_in(settings, tmp_path / "file")
    with pytest.raises(StorageUnavailable, match="Nothing was recorded"):
        attach(report, MAIL)
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            read_evidence(reporter=report.reporter, public_id=report.public_id, sha256=sha256(PNG))
    with pytest.raises(StorageUnavailable):
        open_evidence(actor=moderator(), report=report, sha256=sha256(PNG), reason="why", now=NOW)
    with pytest.raises(StorageUnavailable):
        verify_evidence(report)
    assert not AuditEntry.objects.exists()
    assert EvidenceEntry.objects.count() == 1
    keep_evidence_in(settings, evidence_dir)
    assert attach(report, MAIL).created
    assert verify_evidence(report) == []


@pytest.mark.django_db
def test_a_disk_that_fills_up_while_a_file_is_saved(evidence_dir):
    report = say(newcomer("a")).report
    attach(report)
    with (
        draft(b"text\n" * 2000) as file,
        no_file_larger_than(4096),
        pytest.raises(StorageUnavailable),
    ):
        attach_evidence(reporter=report.reporter, public_id=report.public_id, draft=file, now=NOW)
    assert len(stored(evidence_dir)) == 1  # and no draft beside
    assert EvidenceEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_full_disk_spoils_nothing_that_is_there(evidence_dir):
    """The same content of another report is written anew, and beside the old until it is whole."""
    content = b"text\n" * 2000
    mine, others = say(newcomer("a")).report, say(newcomer("b")).report
    attach(mine, content)
    with no_file_larger_than(4096), pytest.raises(StorageUnavailable):
        attach(others, content)
    assert verify_evidence(mine) == []


SLOW_SAVE = """
import sys, time
from pathlib import Path
import django
django.setup()
from django.core.files.base import File
from reputation.attachments.storage import WholeFileStorage

class Slow(File):
    def chunks(self, chunk_size=None):
        yield b"half"
        print("half", flush=True)
        time.sleep(60)

WholeFileStorage(sys.argv[1]).save("ab/cd", Slow(None, "slow"))
"""


@pytest.mark.slow
def test_a_killed_process_leaves_no_half_file(tmp_path: Path):
    folder = tmp_path / "evidence"
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_SAVE, folder],
        stdout=subprocess.PIPE,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    [left] = stored(folder)
    assert left.startswith(".drafts/")
