"""Formats of devices that block the numbers in a phone book, or by expressions.

None of them was made for a million entries, so they get the ones that are most certain.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from reputation.feeds.formats.entries import BLOCK, Entry, Head, blocked, in_pieces, label, name_of

# A Fritz!Box holds a few hundred entries with comfort (docs/integrations/fritzbox.md), an address
# book that is synchronised somewhat more. callattendant tries one expression after the other while
# the telephone rings: a few thousand take a Raspberry Pi some milliseconds.
PHONE_BOOK = 300
ADDRESS_BOOK = 1000
EXPRESSIONS = 5000


def callattendant(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """cid_patterns.yaml: regular expressions of numbers, however a modem writes them, to labels."""
    numbers = _most_certain(entries, EXPRESSIONS)
    yield b"blocknames: {}\n"
    yield b"blocknumbers:\n" if numbers else b"blocknumbers: {}\n"
    yield from in_pieces(
        f"  '{_expression(entry.key)}': {label(entry.category)}\n" for entry in numbers
    )
    yield b"permitnames: {}\npermitnumbers: {}\n"


def fritzbox(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """A Fritz!Box's phone book, to restore and then to block as a whole."""
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
    """vCard 3.0 (RFC 2426). A number keeps its UID, so that importing again replaces."""
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
    """The numbers with the highest scores, of those the latest; by key again."""
    chosen = heapq.nlargest(
        most, blocked(entries), key=lambda entry: (entry.score, entry.changed, entry.key)
    )
    return sorted(chosen)


def _expression(key: str) -> str:
    """An E.164 number as a modem may show it: North American ones mostly with ten digits."""
    if key.startswith("+1"):
        return rf"^(\+?1)?{key[2:]}$"
    return rf"^(\+|00|011)?{key[1:]}$"
