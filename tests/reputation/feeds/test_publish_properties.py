"""However writers, publishers, compaction and clients interleave, and whoever is killed when."""

import gzip
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import settings as chosen
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from reputation.feeds import checksums, deltas, log, publishing, snapshots
from reputation.feeds.compaction import compact
from reputation.feeds.formats import FORMATS
from reputation.models import FeedChange
from tests.given.published_feeds import checksum_of, read_roaring

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEYS = ["+8613812345670", "+8613812345671", "+447700900123", "US:555010", "GB@EXAMPLE"]
ACTIONS = ["allow", "flag", "block"]
CLIENTS = 3

State = dict[str, str]


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


class Client:
    """A mirror: what it has on disk is one file, replaced whole after each step."""

    def __init__(self) -> None:
        self.disk: tuple[int, State] | None = None

    def sync(self, *, steps: int) -> bool:
        """Goes on from what is on disk, and is killed after so many steps. Whether it arrived."""
        for _ in range(steps):
            if self.disk is None:
                publication = snapshots.current("numbers")
                file = gzip.decompress(publication.path("roaring").read_bytes())
                state = read_roaring(file)
                assert checksum_of(state) == publication.checksum == file[32:64].hex()
                self.disk = publication.cursor, state
                continue
            cursor, state = self.disk
            try:
                delta = deltas.read(feed="numbers", since=cursor)
            except log.CursorTooOld:
                self.disk = None
                continue
            assert delta.cursor >= cursor
            keys = [change.number for change in delta.changes]
            assert len(keys) == len(set(keys))
            new = state | {change.number: change.action for change in delta.changes}
            new = {key: action for key, action in new.items() if action != "allow"}
            assert checksum_of(new) == delta.checksum
            self.disk = delta.cursor, new
            if not delta.more:
                return True
        return False


class Publishing(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE reputation_feedchange, reputation_feedhead, reputation_feedchecksum"
            )
        with suppress(FileNotFoundError):
            (snapshots.home("numbers") / "manifest.json").unlink()
        self.now = START
        self.truth: State = {}
        self.clients = [Client() for _ in range(CLIENTS)]
        publishing.publish(now=self.now)

    @rule(
        key=st.sampled_from(KEYS), action=st.sampled_from(ACTIONS), category=st.sampled_from("ab")
    )
    def write(self, key: str, action: str, category: str) -> None:
        self.now += timedelta(minutes=1)
        FeedChange.objects.create(
            key=key,
            bucket=0,
            previous=self.truth.get(key, "allow"),
            action=action,
            category=category,
            status="listed",
            score=90,
            changed_at=self.now,
        )
        self.truth[key] = action

    @rule()
    def publish(self) -> None:
        self.now += timedelta(minutes=1)
        publishing.publish(now=self.now)
        assert snapshots.current("numbers").checksum == checksum_of(self.listed())

    @rule(format=st.sampled_from(list(FORMATS)))
    def publish_and_be_killed(self, format: str) -> None:
        before = snapshots.current("numbers")

        def kill(finished: str) -> None:
            if finished == format:
                raise Killed

        with suppress(Killed):
            publishing.publish(now=self.now, progress=kill)
        assert snapshots.current("numbers") == before

    @rule(client=st.integers(0, CLIENTS - 1), steps=st.integers(1, 4))
    def sync(self, client: int, steps: int) -> None:
        if self.clients[client].sync(steps=steps):
            disk = self.clients[client].disk
            assert disk is not None
            assert disk[1] == self.listed()

    @rule(minutes=st.integers(0, 8))
    def compact(self, minutes: int) -> None:
        # As documented: compaction after publishing, so that no snapshot lies before the horizon.
        publishing.publish(now=self.now)
        compact(now=self.now + timedelta(seconds=1), keep=timedelta(minutes=minutes))

    @invariant()
    def what_is_published_is_whole(self) -> None:
        if hasattr(self, "clients"):
            publication = snapshots.current("numbers")
            for name, file in publication.files.items():
                assert len(gzip.decompress(publication.path(name).read_bytes())) == file.size

    def listed(self) -> State:
        return {key: action for key, action in self.truth.items() if action != "allow"}

    def teardown(self) -> None:
        for client in getattr(self, "clients", []):
            assert client.sync(steps=100)
            assert client.disk[1] == self.listed()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_client_arrives_at_what_was_written(feeds_dir: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(deltas, "MAX_CHANGES", 2)
    monkeypatch.setattr(checksums, "SPACING", 3)
    run_state_machine_as_test(
        Publishing, settings=chosen(max_examples=15, stateful_step_count=25, deadline=None)
    )
