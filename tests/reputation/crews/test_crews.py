"""Whoever works on the shards, and however many there are: the same records, to the bit."""

import os
import signal
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.crews import Folder, Pool, Rows, ShardError, put_truth
from reputation.scoring import Desks, clusters_of, learn, put_clusters
from tests.given.crew_worlds import in_memory, outcome, set_down, world
from tests.given.full_disk import no_file_larger_than, no_more_open_files


def passed(directory: Path, seed: int, *, shards: int) -> dict[str, bytes]:
    this = world(seed)
    folders = set_down(directory / f"{shards}", this, shards=shards)
    with Pool(directory, folders, processes=1) as crew:
        return outcome(crew, this)


def same_by_shards(seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        one = passed(Path(name), seed, shards=1)
        assert passed(Path(name), seed, shards=2) == one
        assert passed(Path(name), seed, shards=7) == one


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_records_do_not_depend_on_the_number_of_shards(seed):
    """Nor do clusters, backers, what has to be reweighed, and what moderators should audit."""
    same_by_shards(seed)


def test_records_do_not_depend_on_the_number_of_shards_in_one_world():
    same_by_shards(3)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_replay_learns_what_the_shards_learn(seed):
    this = world(seed)
    reports, decisions = in_memory(this)
    desk = {"reports": reports, "ids": np.unique(this.rows["number"])}
    put_truth(desk, decisions)
    put_clusters(desk, clusters_of(Desks([desk]), this.given.shape[1]))
    learnt = learn(
        desk["reports"],
        desk["truth"],
        desk["decided"],
        complaints=desk["complaints"],
        given=this.given.copy(),
    )
    with tempfile.TemporaryDirectory() as name:
        shards = passed(Path(name), seed, shards=7)
    assert learnt.records.tobytes() == shards["records"]
    assert learnt.backers.tobytes() == shards["backers"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_two_processes_learn_what_one_does_also_when_they_are_killed(seed, tmp_path):
    one = passed(tmp_path, seed, shards=1)
    this = world(seed)
    folders = set_down(tmp_path / "shards", this, shards=7)
    killed: list[int] = []

    def kill(turn: int, _moved: float) -> None:
        """All of them: the executor may not notice for a while that one of several is gone."""
        if turn in {1, 3}:
            for pid in list(crew._executor._processes):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    with Pool(tmp_path, folders, processes=2) as crew:
        assert outcome(crew, this, progress=kill) == one
    assert len(set(killed)) == 4  # two of the first executor, and two of the one that followed


def die(desk):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_shard_that_kills_whoever_takes_it_ends_the_pass(tmp_path):
    folders = set_down(tmp_path / "shards", world(1), shards=2)
    with Pool(tmp_path, folders, processes=2) as crew, pytest.raises(ShardError, match="--proc"):
        list(crew.each(die))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:10],
        lambda data: b"",
        lambda data: data[:70] + bytes([data[70] ^ 1]) + data[71:],
        lambda data: b"something else" + data[14:],
    ],
    ids=["a byte short", "half", "a part of the head", "empty", "changed", "another file"],
)
def test_a_damaged_shard_is_named_and_not_used(damage, tmp_path):
    folder = Folder(tmp_path / "shard")
    folder["reports"] = {"at": np.arange(100.0), "who": np.zeros(0, np.int64)}
    path = tmp_path / "shard" / "reports"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ShardError, match=r"shard/reports .*Run the pass again"):
        folder["reports"]


def test_what_does_not_fit_on_the_disk_leaves_what_stood_there(tmp_path):
    """A limit on the size of files stands for a disk that is full: the system refuses to write."""
    folder = Folder(tmp_path / "shard")
    folder["reports"] = np.arange(10.0)
    with no_file_larger_than(4096), pytest.raises(ShardError, match="reports"):
        folder["reports"] = np.arange(10_000.0)
    assert folder["reports"].tolist() == list(range(10))
    assert [path.name for path in (tmp_path / "shard").iterdir()] == ["reports"]


def test_a_file_that_cannot_be_made_is_named(tmp_path):
    folder = Folder(tmp_path / "shard")
    with no_more_open_files():
        with pytest.raises(ShardError, match=r"shard/reports fails: .*Run the pass again"):
            folder["reports"] = np.arange(10.0)
        with pytest.raises(ShardError, match=r"shard-0/rows\.raw fails: "):
            Rows(tmp_path, 2)


def test_rows_that_do_not_fit_on_the_disk_end_the_reading(tmp_path):
    rows = world(1).rows
    many = np.concatenate([rows] * 40)
    with (
        no_file_larger_than(4096),
        Rows(tmp_path, 1) as down,
        pytest.raises(ShardError, match="shard-0"),
    ):
        down.add(many)
