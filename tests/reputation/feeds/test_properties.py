"""However writers, readers and compaction interleave, a snapshot is the replay of all deltas."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from reputation import counting
from reputation.counting import publishing
from reputation.feeds import log
from reputation.feeds.compaction import compact
from reputation.identity import identify
from reputation.models import Number

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NUMBERS = [f"+861381234567{last}" for last in range(4)]
WRITERS = READERS = 3

State = dict[str, str]


class Writer:
    """One connection with at most one open transaction, in a thread that does as it is told."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1)
        self.open: transaction.Atomic | None = None
        self.written: State = {}

    def tell(self, number: str, action: str, now: datetime) -> None:
        self.thread.submit(self._tell, number, action, now).result()
        self.written[number] = action

    def finish(self, *, commit: bool) -> State:
        """Ends the transaction; returns what it changed for good."""
        if self.open is not None:
            self.thread.submit(self._finish, commit).result()
        written, self.written = self.written, {}
        return written if commit else {}

    def close(self) -> None:
        self.finish(commit=False)
        self.thread.submit(lambda: connection.close()).result()
        self.thread.shutdown()

    def _tell(self, number: str, action: str, now: datetime) -> None:
        if self.open is None:
            self.open = transaction.atomic()
            self.open.__enter__()
        row = counting.lock_number(identify(number), now=now)
        row.pinned = action
        publishing.publish(row, now=now)

    def _finish(self, commit: bool) -> None:
        assert self.open is not None
        transaction.set_rollback(not commit)
        self.open.__exit__(None, None, None)
        self.open = None


class Reader:
    """A client: a snapshot when it must, changes when it can."""

    def __init__(self) -> None:
        self.cursor = 0
        self.state: State = {}

    def read(self, limit: int) -> log.Page:
        try:
            page = log.changes_since(self.cursor, limit=limit)
        except log.CursorTooOld:
            self.cursor, self.state = listed()
            page = log.changes_since(self.cursor, limit=limit)
        for place, change in enumerate(page.changes, start=1):
            assert change.cursor == self.cursor + place
            assert change.previous == self.state.get(change.number, "allow")
            self.state.pop(change.number, None)
            if change.listed:
                self.state[change.number] = change.action
        self.cursor = page.cursor
        return page


def listed() -> tuple[int, State]:
    with log.snapshot() as taken:
        changes = list(taken.changes)
    assert [change.number for change in changes] == sorted({change.number for change in changes})
    return taken.cursor, {change.number: change.action for change in changes}


class Interleaving(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        with connection.cursor() as cursor:
            for table in ("evidencebucket", "number", "feedhead", "feedchange"):
                cursor.execute(f"DELETE FROM reputation_{table}")  # noqa: S608 -- constants
        self.now = START
        self.committed: State = {}
        self.writers = [Writer() for _ in range(WRITERS)]
        self.readers = [Reader() for _ in range(READERS)]

    @rule(
        writer=st.integers(0, WRITERS - 1),
        number=st.sampled_from(NUMBERS),
        action=st.sampled_from(["allow", "flag", "block"]),
    )
    def change(self, writer: int, number: str, action: str) -> None:
        others = self.writers[:writer] + self.writers[writer + 1 :]
        if any(number in other.written for other in others):
            return  # locked until the other's transaction ends
        self.now += timedelta(minutes=1)
        self.writers[writer].tell(number, action, self.now)

    @rule(writer=st.integers(0, WRITERS - 1), commit=st.booleans())
    def finish(self, writer: int, commit: bool) -> None:
        self.committed.update(self.writers[writer].finish(commit=commit))

    @rule(reader=st.integers(0, READERS - 1), limit=st.integers(1, 4))
    def read(self, reader: int, limit: int) -> None:
        page = self.readers[reader].read(limit)
        if page.cursor == page.head:
            assert self.readers[reader].state == self.truth()

    @rule(minutes=st.integers(0, 8))
    def compact(self, minutes: int) -> None:
        compact(now=self.now + timedelta(seconds=1), keep=timedelta(minutes=minutes))

    @invariant()
    def a_snapshot_is_what_was_committed(self) -> None:
        if hasattr(self, "readers"):
            assert listed()[1] == self.truth()

    def truth(self) -> State:
        return {number: action for number, action in self.committed.items() if action != "allow"}

    def teardown(self) -> None:
        if not hasattr(self, "readers"):
            return
        for writer in self.writers:
            writer.close()
        head, state = listed()
        assert state == dict(Number.objects.listed().values_list("key", "action"))
        for reader in self.readers:
            while reader.cursor != head:
                reader.read(2)
            assert reader.state == state


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_snapshot_is_the_replay_of_all_deltas():
    run_state_machine_as_test(
        Interleaving, settings=settings(max_examples=12, stateful_step_count=25, deadline=None)
    )
