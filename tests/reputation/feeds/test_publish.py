"""Publishing: whole or not at all, and only when there is something new."""

import fcntl
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from reputation.feeds import checksums, deltas, publishing, snapshots
from reputation.feeds.formats import FORMATS
from reputation.feeds.publishing import publish
from reputation.models import Busy, FeedChange, FeedChecksum, FeedHead
from tests.given.full_disk import no_file_larger_than
from tests.given.published_feeds import content, read_roaring
from tests.given.reporters import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("feeds_dir")]

ONE, OTHER = "+8613812345678", "+8613812345679"


def test_all_formats_of_one_state(tell):
    tell(ONE, "block")
    tell(OTHER, "flag")
    tell("CN@BANK", "block")

    done = publish(now=NOW)

    state = {ONE: "block", OTHER: "flag", "CN@BANK": "block"}
    assert (done.feed, done.cursor, done.count, done.created) == ("numbers", 3, 3, NOW.timestamp())
    assert done == snapshots.current("numbers")
    assert list(done.files) == list(FORMATS)
    assert read_roaring(content(done, "roaring")) == state
    assert done.checksum == checksums.written(checksums.of_state((a, k) for k, a in state.items()))
    assert json.loads(content(done, "json"))["checksum"] == done.checksum
    for name, file in done.files.items():
        assert file.size == len(content(done, name))
        assert file.sha256 == hashlib.sha256(content(done, name)).hexdigest()
        assert file.packed == done.path(name).stat().st_size


def test_without_changes_nothing_is_published_again(tell):
    assert publish(now=NOW).count == 0
    assert publish(now=NOW) is None
    tell(ONE, "block")
    assert publish(now=NOW).cursor == 1
    assert publish(now=NOW) is None


def test_a_format_that_is_new_is_published_at_once(tell, monkeypatch):
    tell(ONE, "block")
    publish(now=NOW)
    monkeypatch.setitem(FORMATS, "other", replace(FORMATS["plain"], name="other"))

    assert "other" in publish(now=NOW).files


def test_not_published_and_unknown():
    with pytest.raises(snapshots.NotPublished):
        snapshots.current("numbers")
    with pytest.raises(snapshots.FeedUnknown, match="There are: numbers"):
        snapshots.current("others")
    with pytest.raises(snapshots.FeedUnknown):
        publish(feed="../numbers", now=NOW)


@pytest.mark.parametrize("damage", ["", "{", '{"version": 2}', '{"version": 1, "current": {}}'])
def test_a_manifest_that_cannot_be_read_is_replaced(tell, damage):
    tell(ONE, "block")
    done = publish(now=NOW)
    (snapshots.home("numbers") / "manifest.json").write_text(damage)
    assert snapshots.manifest("numbers") is None

    assert publish(now=NOW) == done


def test_old_files_stay_as_long_as_somebody_may_read_them(tell):
    tell(ONE, "block")
    first = publish(now=NOW)
    tell(OTHER, "block")
    second = publish(now=NOW + timedelta(minutes=5))
    kept = publishing.KEEP + timedelta(minutes=5)

    publish(now=NOW + kept - timedelta(seconds=1))
    assert first.home.exists()
    publish(now=NOW + kept)
    assert not first.home.exists()
    assert second.home.exists()
    tell(ONE, "allow")
    publish(now=NOW + kept)
    assert second.home.exists()


def test_one_publisher_at_a_time():
    publish(now=NOW)
    with (snapshots.home("numbers") / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            publish(now=NOW)
        with pytest.raises(CommandError, match="Another process"):
            call_command("publish")


def test_a_disk_that_is_full_keeps_nothing_of_a_snapshot(tell):
    tell(ONE, "block")
    before = publish(now=NOW)
    tell(OTHER, "block")
    with pytest.raises(OSError, match="File too large"), no_file_larger_than(0):
        publish(now=NOW)
    home = snapshots.home("numbers")
    assert {path.name for path in home.iterdir()} == {"lock", "manifest.json", before.home.name}
    assert snapshots.current("numbers") == before
    assert publish(now=NOW).cursor == 2


def test_the_command(tell, capsys):
    tell(ONE, "block")
    call_command("publish")
    call_command("publish")

    assert capsys.readouterr().out == (
        "numbers: 1 numbers at cursor 1.\nnumbers: nothing has changed.\n"
    )


class Killed(BaseException):
    """Nothing may catch it, as nothing catches SIGKILL."""


@pytest.mark.parametrize("step", range(8))
def test_killed_at_any_format_and_run_again(tell, step):
    tell(ONE, "block")
    before = publish(now=NOW)
    tell(OTHER, "block")
    told = []

    def kill(format: str) -> None:
        told.append(format)
        if len(told) > step:
            raise Killed

    later = NOW + timedelta(minutes=5)
    with pytest.raises(Killed):
        publish(now=later, progress=kill)
    assert snapshots.current("numbers") == before
    assert read_roaring(content(before, "roaring")) == {ONE: "block"}

    finished = {path: path.stat().st_mtime_ns for path in snapshots.home("numbers").glob("2-*/*")}
    done = publish(now=later + timedelta(minutes=1))

    assert read_roaring(content(done, "roaring")) == {ONE: "block", OTHER: "block"}
    assert list(done.files) == list(FORMATS)
    # What was finished is not made again; another thread may have been a few formats ahead.
    assert len(finished) > step
    assert {path: path.stat().st_mtime_ns for path in finished} == finished


def test_half_a_file_is_made_again(tell):
    tell(ONE, "block")
    done = publish(now=NOW)
    whole = done.path("plain").read_bytes()
    (snapshots.home("numbers") / "manifest.json").unlink()
    done.path("plain").write_bytes(whole[:-3])

    assert publish(now=NOW) == done
    assert done.path("plain").read_bytes() == whole


def test_what_a_killed_run_left_is_removed_when_it_is_of_no_use_any_more(tell):
    tell(ONE, "block")

    def kill(format: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        publish(now=NOW, progress=kill)
    [left] = snapshots.home("numbers").glob("1-*")
    tell(ONE, "flag")
    publish(now=NOW)
    assert left.exists()
    written = left.stat().st_mtime

    publish(now=NOW.fromtimestamp(written, NOW.tzinfo) + publishing.KEEP + timedelta(seconds=1))
    assert not left.exists()


def test_a_log_that_was_tampered_with_is_noticed_and_does_not_mislead_mirrors(tell, caplog):
    tell(ONE, "block")
    publish(now=NOW)
    FeedChecksum.objects.update(checksum=bytes(32))
    tell(OTHER, "block")

    done = publish(now=NOW)

    assert "contradicts" in caplog.text
    assert deltas.read(feed="numbers", since=2).checksum == done.checksum


def test_a_database_that_was_put_back_is_published(tell):
    tell(ONE, "block")
    tell(OTHER, "block")
    publish(now=NOW)
    FeedChange.objects.filter(key=OTHER).delete()
    FeedHead.objects.update(cursor=1)
    FeedChecksum.objects.all().delete()

    assert publish(now=NOW).cursor == 1
