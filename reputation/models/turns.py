"""Lets transactions take turns when they share no row that they could lock."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

from reputation.models.prepared import Prepared
from reputation.models.table import array

# Not by the reporter's row: settling locks that after numbers, and a voice is held before them.
_VOICE = "hashtextextended('voice ' || {}, 0)"
USE = Prepared(f"SELECT pg_advisory_xact_lock_shared({_VOICE.format('%s')})")
HOLD = Prepared(
    f"SELECT pg_advisory_xact_lock({_VOICE.format('id')})"  # noqa: S608 -- constants
    " FROM unnest(%s::bigint[]) AS wanted(id)"
)


def take_turn(name: str) -> None:
    """Waits for the transaction that has this turn, and then has it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def use_voice(voice: int) -> None:
    """Lets a reporter, by its id, speak within this transaction, which locks no number yet.

    Who the reporter is, and whether it may speak, is to be read after this.
    """
    USE.run(str(voice))


def hold_voices(voices: Iterable[int]) -> None:
    """Waits until nobody speaks as these reporters. Who wants to speak as them waits until this
    transaction ends, which locks no number yet."""
    HOLD.run(array(sorted(set(voices))))


class Busy(Exception):
    """Another process does the same now."""


@contextmanager
def alone(name: str, *, busy: str) -> Iterator[None]:
    """Keeps other processes from what has this name; the database ends the lock with the
    connection. Raises Busy, with the sentence `busy`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        if not cursor.fetchone()[0]:
            raise Busy(busy)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])
