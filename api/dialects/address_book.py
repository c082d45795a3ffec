"""The published list as cards of an address book, with the changes of somebody's own list."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reputation.feeds import Entry, NotPublished, contacts, snapshots
from reputation.identity import REGIONS, country_of
from reputation.lists import Rule, deciding
from reputation.scoring import Action


@dataclass(frozen=True, slots=True)
class Card:
    name: str
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Book:
    """The cards by name. `tag` depends on nothing but their content."""

    cards: Mapping[str, Card]
    tag: str


def book_of(texts: Iterable[str]) -> Book:
    cards = {}
    for text in texts:
        uid = text.partition("\r\nUID:")[2].partition("\r\n")[0]
        cards[f"{uid}.vcf"] = Card(f"{uid}.vcf", _tag(text), text)
    return Book(cards, _tag("".join(card.tag for card in cards.values())))


def book_for(rules: Sequence[Rule]) -> Book:
    """The published book with the changes of somebody's own list. Raises NotPublished."""
    book = published()
    if not rules:
        return book
    by_country = any(rule.pattern in REGIONS for rule in rules)
    texts, held = [], set()
    for card in book.cards.values():
        lines = card.text.splitlines(keepends=True)
        kept = []
        for line in lines:
            key = line.partition("TEL;TYPE=VOICE:")[2].strip()
            rule = deciding(rules, key, country_of(key) if by_country else "") if key else None
            if rule is None or rule.action == Action.BLOCK.value:
                kept.append(line)
                held.add(key)
        if any(line.startswith("TEL") for line in kept):
            texts.append("".join(kept))
    own = sorted(
        Entry(rule.pattern, rule.action, "", 100, 0)
        for rule in rules
        if rule.is_number and rule.action == Action.BLOCK.value and rule.pattern not in held
    )
    return book_of([*texts, *map(contacts.card, contacts.packed(own))])


def published() -> Book:
    """The published book without any own list. Raises NotPublished."""
    try:
        return _published(snapshots.current(snapshots.NUMBERS).path("vcard"))
    except OSError:
        raise NotPublished("The published files are gone. Try again in a few minutes.") from None


@lru_cache(maxsize=2)
def _published(path: Path) -> Book:
    return book_of(contacts.cards_in(path))


def _tag(text: str) -> str:
    return f'"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'
