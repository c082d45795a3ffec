"""Union-find over statements. Each part keeps what the rules of linking need to know of it."""

from array import array
from collections.abc import Callable, Hashable
from typing import Final

VOICES: Final = 2  # distinct reporters that make a campaign, if one of its links is plain
# Distinct reporters that make a campaign established. It needs no plain link. It joins another
# established one only if several of their texts resemble each other.
ESTABLISHED: Final = 3
EXAMPLES: Final = 8  # texts that stand for a part when two parts are compared

# A link must have SHARE_OF_HELD of the mean resemblance of a part's links, raised to HELD_POWER. So
# a script repeated word by word (mean .95) takes in few other texts, and people's own words (mean
# .5) take in nearly any text that resembles them.
SHARE_OF_HELD: Final = 0.9
HELD_POWER: Final = 4


class Part:
    """Statements that belong together."""

    __slots__ = ("examples", "first", "held", "is_plain", "links", "texts", "voices")

    def __init__(self, first: tuple[float, str], voice: Hashable, example: int | None) -> None:
        self.first = first  # time and id of the earliest member
        self.voices = {voice}  # distinct reporters, at most ESTABLISHED of them
        self.examples = [] if example is None else [example]
        self.texts = len(self.examples)  # with repetitions
        self.links = 0
        self.held = 0.0  # the sum of the resemblances of the links
        self.is_plain = False  # whether any of its links is plain

    def is_established(self) -> bool:
        return len(self.voices) >= ESTABLISHED

    def asks(self) -> float:
        """The resemblance that a link to this part must have: less while it has few texts."""
        if not self.links:
            return 0.0
        return float(SHARE_OF_HELD * (self.held / self.links) ** HELD_POWER * (1 - 1 / self.texts))

    def take(self, other: "Part") -> None:
        self.first = min(self.first, other.first)
        if not self.is_established():
            self.voices.update(other.voices)
            while len(self.voices) > ESTABLISHED:
                self.voices.pop()
        if len(self.examples) < EXAMPLES:
            self.examples = list(dict.fromkeys(self.examples + other.examples))[:EXAMPLES]
        self.texts += other.texts
        self.links += other.links
        self.held += other.held
        self.is_plain |= other.is_plain


class Parts:
    """Rows 0, 1, 2, …, each alone at first. `alone` makes the part of such a row."""

    def __init__(self, alone: Callable[[int], Part]) -> None:
        self._alone = alone
        self._parent = array("q")
        self._parts: dict[int, Part] = {}  # by root; without an entry the row is alone

    def append(self) -> None:
        self._parent.append(len(self._parent))

    def root(self, row: int) -> int:
        """The row that stands for the part of this one."""
        parent = self._parent
        while (above := parent[row]) != row:
            parent[row] = parent[above]
            row = above
        return row

    def state(self, row: int) -> tuple[int, int]:
        """The root of a row's part, and how many examples the part has. Equal states mean equal
        examples."""
        root = self.root(row)
        part = self._parts.get(root)
        return root, len(part.examples) if part else 1

    def of(self, row: int) -> Part:
        root = self.root(row)
        return self._parts.get(root) or self._alone(root)

    def unite(
        self, one: int, other: int, resemblance: float | None = None, *, is_plain: bool = True
    ) -> None:
        """Joins the parts of two rows. `resemblance`: of the link, if words link them."""
        one, other = self.root(one), self.root(other)
        if one == other:
            return
        part, smaller = self.of(one), self.of(other)
        if (part.texts, len(part.voices)) < (smaller.texts, len(smaller.voices)):
            one, other, part, smaller = other, one, smaller, part
        part.take(smaller)
        part.is_plain |= is_plain
        if resemblance is not None:
            part.links += 1
            part.held += resemblance
        self._parent[other] = one
        self._parts[one] = part
        self._parts.pop(other, None)
