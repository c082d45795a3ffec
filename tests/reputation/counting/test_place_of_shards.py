"""Where the trust pass puts its shards: what killed passes leave, and a disk without room."""

import fcntl
import os

import pytest
from django.core.management import CommandError, call_command

from reputation.counting import trust_pass
from reputation.models import Reporter
from tests.given.full_disk import no_file_larger_than
from tests.given.reporters import newcomer, say, veteran

pytestmark = pytest.mark.django_db


def test_shards_of_a_killed_pass_are_deleted_and_those_of_a_running_one_kept(settings, tmp_path):
    settings.SHARDS_DIR = tmp_path
    for name in ("killed", "running"):
        (tmp_path / f"pass-{name}").mkdir()
        (tmp_path / f"pass-{name}" / "lock").touch()
    say(newcomer("a"))
    with (tmp_path / "pass-running" / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        trust_pass.learn_trust()
    assert [path.name for path in tmp_path.iterdir()] == ["pass-running"]


def test_what_a_killed_deletion_left_of_shards_is_deleted(settings, tmp_path):
    """The lock may have gone first. A directory that another pass has just made has none yet."""
    settings.SHARDS_DIR = tmp_path
    for name in ("left", "new"):
        (tmp_path / f"pass-{name}" / "shard-0").mkdir(parents=True)
    os.utime(tmp_path / "pass-left", (0, 0))
    say(newcomer("a"))
    trust_pass.learn_trust()
    assert [path.name for path in tmp_path.iterdir()] == ["pass-new"]


def test_a_full_disk_ends_the_pass_before_it_writes(settings, tmp_path):
    settings.SHARDS_DIR = tmp_path
    say(veteran("a"))
    before = list(Reporter.objects.values())
    with no_file_larger_than(100), pytest.raises(CommandError, match="Run the pass again"):
        call_command("trust")
    assert list(Reporter.objects.values()) == before
    assert list(tmp_path.iterdir()) == []


def test_where_no_shards_can_be_made_it_says_so(settings, tmp_path):
    settings.SHARDS_DIR = tmp_path / "file"
    settings.SHARDS_DIR.touch()
    with pytest.raises(CommandError, match="SHARDS_DIR"):
        call_command("trust")
