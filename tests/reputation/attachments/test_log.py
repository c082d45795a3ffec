"""Files that reporters add to their reports: what is taken, kept, chained and shown."""

import hashlib
import io
import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.utils import ProgrammingError
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reputation.attachments import drafts
from reputation.attachments import log as evidence_files
from reputation.attachments.drafts import (
    Draft,
    EvidenceEmpty,
    EvidenceFull,
    EvidenceNotFound,
    EvidenceTooLarge,
    EvidenceTypeRefused,
    StorageUnavailable,
    media_type_of,
)
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
from tests.given.attachments import (
    FILES,
    MAIL,
    PNG,
    REFUSED,
    attach,
    draft,
    keep_evidence_in,
    picture,
    stored,
)
from tests.given.concurrency import together
from tests.given.reporters import NOW, moderator, newcomer, say

ZEROS = "0" * 64
GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "evidence.md"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- What is taken ---


@pytest.mark.parametrize(("content", "media_type"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("piece", [7, 100_000])
def test_the_content_tells_the_kind(content, media_type, piece):
    with draft(content, "report.exe", piece=piece) as file:
        assert (file.media_type, file.size, file.sha256) == (
            media_type,
            len(content),
            sha256(content),
        )
        assert file.content.read() == content
    assert media_type in drafts.EXTENSIONS


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("piece", [7, 100_000])
def test_other_kinds_are_refused_whatever_their_name(content, piece):
    with (
        pytest.raises(EvidenceTypeRefused, match="Send a picture"),
        draft(content, "shot.png", piece=piece),
    ):
        pass


def test_every_kind_has_an_ending():
    assert {*drafts.BINARY_TYPES.values(), "text/plain", "message/rfc822"} == set(drafts.EXTENSIONS)


@pytest.mark.slow
@given(st.binary(min_size=1, max_size=600))
@settings(deadline=None, max_examples=300)
def test_any_bytes_have_a_kind_or_are_refused(content):
    try:
        assert media_type_of(content) in drafts.EXTENSIONS
    except EvidenceTypeRefused:
        assert set(content) & {*range(9), 11, *range(14, 27), *range(28, 32)}


def test_a_mail_is_told_from_text_about_mails():
    assert media_type_of(MAIL) == "message/rfc822"
    assert media_type_of(b"Dear team,\nFrom: him. Date: today.\n") == "text/plain"


def test_an_empty_file():
    with pytest.raises(EvidenceEmpty, match="empty"), draft(b""):
        pass


def test_the_largest_file_and_one_byte_more(settings):
    settings.EVIDENCE_MAX_BYTES = len(PNG)
    with draft(PNG) as file:
        assert file.size == len(PNG)
    with (
        pytest.raises(EvidenceTooLarge, match=f"more than {len(PNG)} bytes"),
        draft(PNG + b"\x00"),
    ):
        pass


def test_a_file_too_large_is_refused_while_it_comes(settings):
    settings.EVIDENCE_MAX_BYTES = 5000
    with Draft() as file:
        file.write(PNG)
        with pytest.raises(EvidenceTooLarge):
            file.write(bytes(5000))
        assert file.content.seek(0, os.SEEK_END) == len(PNG)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Screenshot 1.png", "Screenshot 1.png"),
        ("通话记录.csv", "通话记录.csv"),
        ("a\x00b\nc\u202ed\ud800", "abcd"),
        ("x" * 300, "x" * 255),
        ("", ""),
    ],
)
def test_names_are_kept_without_what_does_not_print(name, kept):
    with draft(PNG, name) as file:
        assert file.name == kept


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


# --- What breaks ---


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


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """What this process writes beyond `size` bytes of a file fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


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


def test_a_disk_that_fills_up_while_a_file_comes_in():
    with (
        no_file_larger_than(4096),
        pytest.raises(StorageUnavailable),
        draft(b"text\n" * 400_000, piece=65_536),
    ):
        pass


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


# --- What nobody changes unseen ---


@pytest.fixture
def three(evidence_dir) -> Report:
    report = say(newcomer("a")).report
    for content in (PNG, MAIL, b"text"):
        attach(report, content)
    return report


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act",
    [
        lambda: EvidenceEntry.objects.update(name="other"),
        lambda: EvidenceEntry.objects.all().delete(),
        lambda: EvidenceEntry.objects.filter(position=3).update(added_at=NOW),
        # Erasing, of a report that does not say so.
        lambda: EvidenceEntry.objects.update(name="", erased_at=NOW),
        lambda: evidence_files.erase_evidence([Report.objects.get().pk], now=NOW),
    ],
)
def test_the_database_refuses_changes(three, act):
    with (
        pytest.raises(ProgrammingError, match="evidence is never changed or deleted"),
        transaction.atomic(),
    ):
        act()
    assert verify_evidence(three) == []


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"sha256": "0" * 64}, {"name": "other"}, {"erased_at": None}])
def test_erasing_changes_nothing_else(three, more):
    Report.objects.update(erased_at=NOW)
    with (
        pytest.raises(ProgrammingError, match="evidence is never changed or deleted"),
        transaction.atomic(),
    ):
        EvidenceEntry.objects.update(**{"name": "", "erased_at": NOW} | more)


@pytest.mark.django_db
def test_a_report_with_evidence_cannot_vanish(three):
    with pytest.raises(models.ProtectedError):
        three.delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "faults"),
    [
        (
            "UPDATE reputation_evidenceentry SET name = 'other' WHERE position = 2",
            ["Entry 2 was changed: its digest does not fit."],
        ),
        (
            "UPDATE reputation_evidenceentry SET added_at = added_at - interval '1 day' "
            "WHERE position = 3",
            ["Entry 3 was changed: its digest does not fit."],
        ),
        (
            "DELETE FROM reputation_evidenceentry WHERE position = 2",
            ["Entry 3 does not follow the entry before it."],
        ),
        (
            "DELETE FROM reputation_evidenceentry WHERE position = 1",
            [
                "Entry 2 does not follow the entry before it.",
                "Entry 3 does not follow the entry before it.",
            ],
        ),
    ],
)
def test_what_is_changed_all_the_same_shows(three, sql, faults):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reputation_evidenceentry DISABLE TRIGGER evidence_append_only")
        cursor.execute(sql)
    assert verify_evidence(three) == faults


@pytest.mark.django_db
@pytest.mark.parametrize(
    "harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"retouched")]
)
def test_a_file_that_is_gone_or_changed_shows(three, evidence_dir, harm):
    harm(evidence_dir / sha256(MAIL)[:2] / sha256(MAIL))
    assert verify_evidence(three) == ["The file of entry 2 is missing or was changed."]


def entry(**fields: object) -> EvidenceEntry:
    report = Report.objects.first() or say(newcomer("a")).report
    defaults = {
        "report": report,
        "position": 1,
        "sha256": "a" * 64,
        "size": 1,
        "media_type": "text/plain",
        "added_at": NOW,
        "previous": ZEROS,
        "digest": "b" * 64,
    }
    return EvidenceEntry.objects.create(**(defaults | fields))


SECOND = {"position": 2, "sha256": "c" * 64, "previous": "b" * 64}
THIRD = {"position": 2, "sha256": "d" * 64, "previous": "e" * 64}
CONSTRAINTS = {
    "evidence_position_unique": [lambda: (entry(), entry(**SECOND), entry(**THIRD))],
    "evidence_once_per_report": [lambda: (entry(), entry(**(SECOND | {"sha256": "a" * 64})))],
    "evidence_never_forks": [
        lambda: (entry(), entry(**SECOND), entry(**(SECOND | {"position": 3, "sha256": "d" * 64})))
    ],
    "evidence_begins_with_zeros": [
        lambda: entry(previous="b" * 64),
        lambda: entry(position=2),
        lambda: entry(position=0),
    ],
    "evidence_hashes_are_hex": [
        lambda: entry(sha256="A" * 64),
        lambda: entry(sha256="a" * 63),
        lambda: entry(digest=""),
        lambda: entry(position=2, previous="x" * 64),
    ],
    "evidence_not_empty": [lambda: entry(size=0)],
    "evidence_erased_with_its_name": [lambda: entry(name="shot.png", erased_at=NOW)],
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "act"), [(name, act) for name, acts in CONSTRAINTS.items() for act in acts]
)
def test_the_database_refuses_what_is_no_log(name, act):
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        act()


@pytest.mark.django_db
def test_every_constraint_of_the_log_has_its_case():
    entry()
    entry(**SECOND)
    assert {constraint.name for constraint in EvidenceEntry._meta.constraints} == set(CONSTRAINTS)


def checked(log: Path) -> subprocess.CompletedProcess[str]:
    """What the script in the documentation says of a log."""
    [script] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return subprocess.run(
        [sys.executable, "-I", "-c", script, log], capture_output=True, text=True, check=False
    )


@pytest.mark.django_db
def test_the_script_in_the_documentation_checks_a_log(three, tmp_path):
    results = [
        evidence_files.entry_fields(entry) | {"digest": entry.digest}
        for entry in list_evidence(reporter=three.reporter, public_id=three.public_id)
    ]
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"results": results}))
    assert checked(log).stdout == f"sound; the last digest is {results[-1]['digest']}\n"
    results[1]["name"] = "other"
    log.write_text(json.dumps({"results": results}))
    assert "entry 2 was changed" in checked(log).stderr
    del results[1]
    log.write_text(json.dumps({"results": results}))
    assert "entry 3 does not follow" in checked(log).stderr
