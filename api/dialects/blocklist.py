"""PhoneBlock's blocklist as a view of the change log: numbers that are blocked, and nothing else.

Clients import what they get here and block it, so a flagged number is not in it. The version is the
log's cursor. From any version, even one that the log no longer reaches back to or that another
server gave, a client arrives at the list as it is now.
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
    """A number on the list, or with 0 votes one to take off it. `active`: milliseconds."""

    phone: str
    votes: int
    rating: str
    active: int


@dataclass(frozen=True, slots=True)
class Blocklist:
    entries: list[Entry]
    version: int


def whole() -> Blocklist:
    # Who is told of a number now may ask after it when the log has long forgotten it: see _anew.
    hashes.catch_up()
    with log.snapshot() as snapshot:
        entries = [_entry(change) for change in snapshot.changes if _is_blocked(change)]
    return Blocklist(entries, snapshot.cursor)


def since(version: int) -> Blocklist:
    """What a client that holds the list of `version` must change. Version 0 holds nothing."""
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
    """The `limit` numbers that called last, as far as clients told or the log knows."""
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
    """Numbers with at least that many votes. When they do not fit into `room` bytes, the latest."""
    entries = [entry for entry in blocklist.entries if entry.votes >= least]
    if room is not None:
        fitting = max(0, (room - binary.HEADER_SIZE) // binary.RECORD_SIZE)
        entries = heapq.nlargest(fitting, entries, key=lambda entry: (entry.active, entry.phone))
    return binary.encode(entry.phone for entry in entries)


def _anew() -> Blocklist:
    """Everything, and whatever the client may hold that is no longer on it.

    It cannot be told apart what exactly it holds. Removing what it never had does no harm; keeping
    what was taken off the list would go on blocking somebody.
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
