"""Formats of devices that block the numbers in a phone book, or by regular expressions.

None of these devices was made for a million entries, so they get the most certain ones.
"""

import gzip
import heapq
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from reputation.feeds.formats.entries import BLOCK, Entry, Head, blocked, in_pieces, label, name_of
from reputation.identity import by_modem

# Numbers of a phone book for a Fritz!Box or a synchronised address book: about 300 contacts, which
# a box holds comfortably (docs/integrations/fritzbox.md). callattendant tries the expressions one
# by one while the telephone rings: a few thousand take a Raspberry Pi some milliseconds.
PHONE_BOOK = 2000
EXPRESSIONS = 5000
# A Fritz!Box takes nine numbers in a contact.
MOST = 9
# One number in so many ends its contact, so that a number that comes or goes changes its own
# contact and few behind it: a box and a phone fetch changed contacts alone.
ENDS = 16
END = "END:VCARD\r\n"
UNWANTED = "Spam: unwanted calls"


class Contact(NamedTuple):
    """Some numbers (E.164) under one name."""

    name: str
    keys: tuple[str, ...]

    @property
    def uid(self) -> str:
        return f"ringscore-{self.keys[0][1:]}"


def callattendant(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """cid_patterns.yaml: labels by expressions that match every way a modem writes a number."""
    numbers = _most_certain(entries, EXPRESSIONS)
    yield b"blocknames: {}\n"
    yield b"blocknumbers:\n" if numbers else b"blocknumbers: {}\n"
    yield from in_pieces(
        f"  '{by_modem(entry.key[1:])}': {label(entry.category)}\n" for entry in numbers
    )
    yield b"permitnames: {}\npermitnumbers: {}\n"


def fritzbox(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """A Fritz!Box phone book. The owner restores it and then blocks the whole book."""
    yield b'<?xml version="1.0" encoding="utf-8"?>\n<phonebooks>\n<phonebook name="Ringscore">\n'
    yield from in_pieces(
        "<contact><category>0</category>"
        f"<person><realName>{contact.name} {contact.keys[0]}</realName></person>"
        f'<telephony nid="{len(contact.keys)}">{_numbers(contact)}</telephony></contact>\n'
        for contact in packed(_most_certain(entries, PHONE_BOOK))
    )
    yield b"</phonebook>\n</phonebooks>\n"


def _numbers(contact: Contact) -> str:
    return "".join(
        f'<number type="home" prio="{int(place == 0)}" id="{place}">{key}</number>'
        for place, key in enumerate(contact.keys)
    )


def vcard(entries: Sequence[Entry], head: Head) -> Iterator[bytes]:
    """vCard 3.0 (RFC 2426), several numbers in a card. No time is in it: equal cards stay equal."""
    return in_pieces(map(card, packed(_most_certain(entries, PHONE_BOOK))))


def card(contact: Contact) -> str:
    return (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Ringscore//Feed//EN\r\n"
        f"UID:{contact.uid}\r\n"
        f"FN:{contact.name} {contact.keys[0]}\r\nN:{contact.keys[0]};{contact.name};;;\r\n"
        + "".join(f"TEL;TYPE=VOICE:{key}\r\n" for key in contact.keys)
        + f"CATEGORIES:Ringscore\r\n{END}"
    )


def cards_in(path: Path) -> list[str]:
    """The cards of a published file. Raises OSError."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [f"{text}{END}" for text in file.read().split(END)[:-1]]


def packed(entries: Iterable[Entry]) -> Iterator[Contact]:
    """Contacts of at most MOST numbers, neighbours together; `entries` are sorted by key."""
    some: list[Entry] = []
    for entry in entries:
        some.append(entry)
        if len(some) == MOST or crc32(entry.key.encode()) % ENDS == 0:
            yield _contact(some)
            some = []
    if some:
        yield _contact(some)


def _contact(entries: Sequence[Entry]) -> Contact:
    categories = {entry.category for entry in entries}
    name = name_of(BLOCK, categories.pop()) if len(categories) == 1 else UNWANTED
    return Contact(name, tuple(entry.key for entry in entries))


def _most_certain(entries: Sequence[Entry], most: int) -> list[Entry]:
    """The `most` numbers with the highest scores, the latest among equals, sorted by key."""
    chosen = heapq.nlargest(
        most, blocked(entries), key=lambda entry: (entry.score, entry.changed, entry.key)
    )
    return sorted(chosen)
