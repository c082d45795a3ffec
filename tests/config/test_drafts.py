"""Files that are there whole or not at all."""

import os
import signal
from pathlib import Path

import pytest

from config.drafts import NotWritten, whole_file


def test_a_process_that_is_killed_leaves_a_part_under_another_name(tmp_path: Path):
    target = tmp_path / "copy.zip"
    child = os.fork()
    if not child:
        with whole_file(target) as file:
            file.write(b"a long part")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["copy.zip.partial"]
    with whole_file(target) as file:
        file.write(b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["copy.zip"]
    assert target.read_bytes() == b"whole"
    assert target.stat().st_mode & 0o777 == 0o600


def test_two_do_not_write_one_file(tmp_path: Path):
    target = tmp_path / "copy.zip"
    busy = pytest.raises(NotWritten, match="is written by another process now")
    with whole_file(target), busy, whole_file(target):
        raise AssertionError
    with pytest.raises(NotWritten, match="exists already"), whole_file(target):
        raise AssertionError
    assert target.read_bytes() == b""


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    missing = pytest.raises(NotWritten, match=f"There is no folder {tmp_path}/none to write copy")
    with missing, whole_file(tmp_path / "none" / "copy.zip"):
        raise AssertionError


def test_nothing_is_written_through_a_link_that_somebody_left_there(tmp_path: Path):
    (tmp_path / "copy.zip.partial").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="Too many levels"), whole_file(tmp_path / "copy.zip"):
        raise AssertionError
    assert not (tmp_path / "elsewhere").exists()
