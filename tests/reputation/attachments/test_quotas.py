"""Nobody fills the disk: bytes are bounded by account and in all, and what no log has goes."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from reputation.attachments import EvidenceQuotaUsed, StorageUnavailable, check_room, quotas, sweep
from reputation.intake import keeping
from reputation.models import EvidenceEntry, IntakeMessage, Report
from tests.given.attachments import MAIL, PNG, attach, stored
from tests.given.clock import limits_by
from tests.given.concurrency import together
from tests.given.full_disk import no_file_larger_than
from tests.given.messages import AUTHSERV, letter, post, text
from tests.given.reporters import BAKERY, DAY, NOW, newcomer, say, veteran

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counted_now() -> None:
    quotas._evidence.cache_clear()
    quotas._messages.cache_clear()


def test_an_account_has_so_many_bytes_and_a_fresh_one_fewer(evidence_dir: Path, settings: Settings):
    settings.EVIDENCE_FRESH_BYTES, settings.EVIDENCE_ACCOUNT_BYTES = len(PNG), len(PNG + MAIL)
    for who, room in ((newcomer("fresh"), 1), (veteran("old"), 2)):
        reports = [say(who).report, say(who, number=BAKERY).report]
        for report, content in zip(reports[:room], (PNG, MAIL), strict=False):
            attach(report, content)
        with pytest.raises(EvidenceQuotaUsed, match="An account may store 0 MB"):
            attach(reports[-1], b"more")
        with pytest.raises(EvidenceQuotaUsed):  # before the file is sent
            check_room(reporter=who, public_id=reports[0].public_id, now=NOW)
        assert not attach(reports[0]).created  # what is there may be sent again
    assert EvidenceEntry.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_files_at_the_same_moment_share_the_bytes_of_their_account(
    evidence_dir: Path, settings: Settings
):
    who = newcomer("fresh")
    reports = [say(who).report, say(who, number=BAKERY).report]
    settings.EVIDENCE_FRESH_BYTES = len(PNG)

    def kept(report: Report) -> bool:
        try:
            return attach(report).created
        except EvidenceQuotaUsed:
            return False

    assert sorted(together(*[lambda each=each: kept(each) for each in reports])) == [False, True]


def test_new_accounts_of_a_network_share_the_bytes_of_a_day(
    evidence_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(quotas, "EVIDENCE_DAILY", quotas.DayShare("evidence-bytes", 2_000))
    for name in "ab":
        attach(say(newcomer(name), network="net-1").report)
    with pytest.raises(StorageUnavailable, match="no room"):
        attach(say(newcomer("c"), network="net-1").report)
    assert "a day's share" in caplog.text
    # Nobody else is concerned.
    attach(say(newcomer("d"), network="net-2").report)
    attach(say(veteran("e"), network="net-1").report)


@pytest.mark.parametrize("setting", ["EVIDENCE_TOTAL_BYTES", "DISK_RESERVE_BYTES"])
def test_beyond_what_the_operator_has_room_for_nothing_is_stored(
    evidence_dir: Path, settings: Settings, caplog: pytest.LogCaptureFixture, setting: str
):
    setattr(settings, setting, 1 if setting == "EVIDENCE_TOTAL_BYTES" else 1 << 60)
    with pytest.raises(StorageUnavailable, match="no room"):
        attach(say(veteran("a")).report)
    assert setting in caplog.text
    assert stored(evidence_dir) == []


def test_messages_are_refused_until_there_is_room(settings: Settings):
    settings.MESSAGES_TOTAL_BYTES = 1
    text("+12025550123 loan scam", id="1")
    quotas._messages.cache_clear()
    with pytest.raises(StorageUnavailable):
        text("+12025550124 loan scam", id="2")
    text("+12025550123 loan scam", id="1")  # kept already
    assert IntakeMessage.objects.count() == 1


def test_a_domain_fills_the_room_for_messages_of_nobody_else(
    evidence_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Its owner invents a sender for each letter."""
    settings.INTAKE_AUTHSERV_ID = AUTHSERV
    monkeypatch.setattr(keeping, "NETWORK_DAILY", quotas.DayShare("letters", 200_000))
    limits_by(monkeypatch, NOW.timestamp)

    def send(sender: str) -> int:
        """How many bytes are stored of a letter with a file."""
        found = f"{AUTHSERV}; dmarc=pass header.from={sender.rpartition('@')[2]}"
        raw = letter(
            "+8613812345678 loan scam",
            sender=sender,
            files=[("a.png", PNG + bytes(60_000), "image/png")],
            vouched=False,
            Authentication_Results=found,
        )
        message = post(raw).message
        return len(message.sealed) if message else 0

    sizes = [send(f"a{n}@mail{n}.example.org") for n in range(50)]
    assert [size > 80_000 for size in sizes[:3]] == [True, True, False]
    assert 0 < sizes[2] < 5_000
    assert sizes[-1] == 0
    assert EvidenceEntry.objects.count() > 3  # the files of reports are kept all the same
    assert send("b@example.net") > 80_000


def test_the_sweep_takes_what_no_log_has_and_no_upload_is_about_to_enter(evidence_dir: Path):
    attach(say(veteran("a")).report)
    kept = stored(evidence_dir)
    yesterday = (NOW - DAY - timedelta(minutes=1)).timestamp()
    for name, at in (
        ("ab/abcd", yesterday),
        (".drafts/x", yesterday),
        ("ab/abce", None),
        ("erasures/abcd", yesterday),  # a list of somebody else's
    ):
        path = evidence_dir / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left behind")
        if at is not None:
            os.utime(path, (at, at))
    for name in kept:
        os.utime(evidence_dir / name, (yesterday, yesterday))
    sweep(since=NOW, now=NOW)
    assert stored(evidence_dir) == sorted([*kept, "ab/abce", "erasures/abcd"])


def test_a_disk_that_makes_only_empty_files_takes_none(settings: Settings, tmp_path: Path) -> None:
    """So does one on which the account has used its quota up."""
    settings.DATA_DIR = settings.EVIDENCE_DIR = settings.FEEDS_DIR = tmp_path
    assert quotas.can_write()
    with no_file_larger_than(0):
        assert not quotas.can_write()
