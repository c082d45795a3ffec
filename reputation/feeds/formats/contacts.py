"""Formats of devices that block the numbers in a phone book, or by regular expressions.

None of these devices was made for a million entries, so they get the most certain ones.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from reputation.feeds.formats.entries import BLOCK, Entry, Head, blocked, in_pieces, label, name_of

# A Fritz!Box holds a few hundred entries comfortably (docs/integrations/fritzbox.md), a
# synchronised address book somewhat more. callattendant tries the expressions one by one while the
# telephone rings: a few thousand take a Raspberry Pi some milliseconds.
PHONE_BOOK = 300
ADDRESS_BOOK = 1000
EXPRESSIONS = 5000


def callattendant(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """cid_patterns.yaml: labels by expressions that match every way a modem writes a number."""
    numbers = _most_certain(entries, EXPRESSIONS)
    yield b"blocknames: {}\n"
    yield b"blocknumbers:\n" if numbers else b"blocknumbers: {}\n"
    yield from in_pieces(
        f"  '{_expression(entry.key)}': {label(entry.category)}\n" for entry in numbers
    )
    yield b"permitnames: {}\npermitnumbers: {}\n"


def fritzbox(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """A Fritz!Box phone book. The owner restores it and then blocks the whole book."""
    yield b'<?xml version="1.0" encoding="utf-8"?>\n<phonebooks>\n<phonebook name="Ringscore">\n'
    yield from in_pieces(
        "<contact><category>0</category>"
        f"<person><realName>{name_of(BLOCK, entry.category)} {entry.key}</realName></person>"
        f'<telephony nid="1"><number type="home" prio="1" id="0">{entry.key}</number></telephony>'
        "</contact>\n"
        for entry in _most_certain(entries, PHONE_BOOK)
    )
    yield b"</phonebook>\n</phonebooks>\n"


def vcard(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """vCard 3.0 (RFC 2426). A number keeps its UID, so that a later import replaces the card."""
    return in_pieces(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Ringscore//Feed//EN\r\n"
        f"UID:ringscore-{entry.key[1:]}\r\n"
        f"FN:{name_of(BLOCK, entry.category)} {entry.key}\r\n"
        f"N:{entry.key};{name_of(BLOCK, entry.category)};;;\r\n"
        f"TEL;TYPE=VOICE:{entry.key}\r\nCATEGORIES:Ringscore\r\n"
        f"REV:{datetime.fromtimestamp(entry.changed, UTC):%Y-%m-%dT%H:%M:%SZ}\r\nEND:VCARD\r\n"
        for entry in _most_certain(entries, ADDRESS_BOOK)
    )


def _most_certain(entries: Sequence[Entry], most: int) -> list[Entry]:
    """The `most` numbers with the highest scores, the latest among equals, sorted by key."""
    chosen = heapq.nlargest(
        most, blocked(entries), key=lambda entry: (entry.score, entry.changed, entry.key)
    )
    return sorted(chosen)


def _expression(key: str) -> str:
    """An expression for an E.164 number. Modems show most of North America with ten digits."""
    if key.startswith("+1"):
        return rf"^(\+?1)?{key[2:]}$"
    return rf"^(\+|00|011)?{key[1:]}$"
