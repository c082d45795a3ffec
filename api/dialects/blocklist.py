"""PhoneBlock's blocklist as a view of the change log: blocked numbers only.

Clients block every number that they import from it, so it has no flagged numbers. The version is
the log's cursor. From any version, even one before the log's horizon or of another server, a client
arrives at the current list.
"""

import heapq
from dataclasses import dataclass
from typing import Any

from api.dialects import binary, hashes
from api.dialects.markup import element, elements
from api.dialects.phoneinfo import LEGITIMATE, rating, votes
from api.rendering import dump
from reputation.feeds import Change, log
from reputation.scoring import Action

BLOCK = Action.BLOCK.value


@dataclass(frozen=True, slots=True)
class Entry:
    """A number on the list, or with 0 votes a number to remove from it. `active`: milliseconds."""

    phone: str
    votes: int
    rating: str
    active: int


@dataclass(frozen=True, slots=True)
class Blocklist:
    entries: list[Entry]
    version: int


def whole() -> Blocklist:
    # Clients may ask about today's numbers long after the log has dropped them: see _anew.
    hashes.catch_up()
    with log.snapshot() as snapshot:
        entries = [_entry(change) for change in snapshot.changes if _is_blocked(change)]
    return Blocklist(entries, snapshot.cursor)


def since(version: int) -> Blocklist:
    """The changes for a client that holds the list of `version`. Version 0 is the empty list."""
    if version == 0:
        return whole()
    hashes.catch_up()
    last: dict[str, Change] = {}
    gone: set[str] = set()
    at = version
    try:
        while True:
            page = log.changes_since(at, limit=log.MAX_PAGE)
            for change in page.changes:
                last[change.number] = change
                if BLOCK in (change.previous, change.action):
                    gone.add(change.number)
            at = page.cursor
            if at == page.head:
                break
    except log.CursorError:
        return _anew()
    entries = [
        _entry(change)
        for number, change in sorted(last.items())
        if number.startswith("+") and (_is_blocked(change) or number in gone)
    ]
    return Blocklist(entries, at)


def liveliest(limit: int) -> Blocklist:
    """The `limit` numbers with the latest activity that clients reported or the log recorded."""
    complete, calls = whole(), hashes.last_calls()

    def last_active(entry: Entry) -> tuple[int, str]:
        called = calls.get(entry.phone)
        return max(entry.active, int(called.timestamp() * 1000) if called else 0), entry.phone

    return Blocklist(heapq.nlargest(limit, complete.entries, key=last_active), complete.version)


def as_json(blocklist: Blocklist) -> bytes:
    return dump({"numbers": [_fields(e) for e in blocklist.entries], "version": blocklist.version})


def as_xml(blocklist: Blocklist) -> bytes:
    numbers = elements("numbers", (element("phone-info", _fields(e)) for e in blocklist.entries))
    return f'<blocklist version="{blocklist.version}">{numbers}</blocklist>'.encode()


def as_binary(blocklist: Blocklist, *, least: int, room: int | None) -> bytes:
    """Numbers with at least `least` votes; the latest ones if not all fit into `room` bytes."""
    entries = [entry for entry in blocklist.entries if entry.votes >= least]
    if room is not None:
        fitting = max(0, (room - binary.HEADER_SIZE) // binary.RECORD_SIZE)
        entries = heapq.nlargest(fitting, entries, key=lambda entry: (entry.active, entry.phone))
    return binary.encode(entry.phone for entry in entries)


def _anew() -> Blocklist:
    """The whole list, and removals of every number that the client may hold in error.

    The client's exact list is unknown. Removing a number that it does not hold is harmless; keeping
    a number that left the list would go on blocking its holder.
    """
    complete = whole()
    listed = {entry.phone for entry in complete.entries}
    removed = [_removal(number) for number in hashes.once_blocked() if number not in listed]
    return Blocklist(complete.entries + removed, complete.version)


def _fields(entry: Entry) -> dict[str, Any]:
    return {
        "phone": entry.phone,
        "votes": entry.votes,
        "rating": entry.rating,
        "lastActivity": entry.active,
    }


def _is_blocked(change: Change) -> bool:
    return change.action == BLOCK and change.number.startswith("+")


def _entry(change: Change) -> Entry:
    active = int(change.changed_at.timestamp() * 1000)
    if change.action != BLOCK:
        return Entry(change.number, 0, LEGITIMATE, active)
    return Entry(
        change.number,
        votes(change.action, change.score),
        rating(change.action, change.category),
        active,
    )


def _removal(number: str) -> Entry:
    return Entry(number, 0, LEGITIMATE, 0)
