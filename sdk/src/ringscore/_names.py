"""The names that callers show, and the patterns of one's own list for them."""

from __future__ import annotations

import unicodedata


def fold(name: str) -> str:
    """A name as the server compares it: without regard to case, width, repeated blanks and what
    nobody sees.
    """
    seen = (each for each in name if each.isspace() or unicodedata.category(each) not in _UNSEEN)
    text = " ".join("".join(seen).split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return folded if folded == name else fold(folded)


_UNSEEN = ("Cc", "Cf")


class NamePattern:
    """`loans` is that name, `loans*` a name that begins so, `*loans*` one that contains it."""

    def __init__(self, written: str) -> None:
        self.written = written
        text = fold(written)
        self._name = text.strip("*").strip()
        self._contains, self._begins = text.startswith("*"), text.endswith("*")
        if not self._name or "*" in self._name or (self._contains and not self._begins):
            raise ValueError(
                f"{written!r} is no pattern for a name: write loans, loans* or *loans*"
            )

    def fits(self, name: str) -> bool:
        """Whether it means a folded name."""
        if self._contains:
            return self._name in name
        return name.startswith(self._name) if self._begins else name == self._name
