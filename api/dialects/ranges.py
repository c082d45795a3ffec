"""Blocks of ten and of a hundred numbers in which several are blocked, as PhoneBlock counts them.

A ten counts for the rest of its numbers from four blocked ones on, a hundred from three such tens:
the limits built into PhoneBlock's dongle. It is a warning, as in reputation.lookup.ranges, never a
reason to block: anybody may hold a neighbouring number. So its votes, however a client adds them
up, stay within those of a flagged number (docs/adr/0012-what-dialects-say.md).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.dialects import hashes
from reputation.lookup import Answer, look_up_many
from reputation.scoring import Action

TEN_SPEAKS, HUNDRED_SPEAKS = 4, 3
# A client takes the votes of a ten, or of a hundred, or of a hundred plus a ten that does not
# count.
TEN_VOTES, TEN_VOTES_UNSPOKEN, HUNDRED_VOTES = 3, 1, 2


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers that begin with `prefix`.

    `count`: for a ten its blocked numbers, for a hundred its tens that count.
    """

    prefix: str
    votes: int
    count: int


def tens(prefix: str, *, now: datetime) -> list[Range]:
    """Tens with blocked numbers whose hash starts with `prefix` (hex)."""
    counts = Counter(key[:-1] for key in _blocked(hashes.keys_of("tens", prefix), now))
    return [
        Range(ten, TEN_VOTES if count >= TEN_SPEAKS else TEN_VOTES_UNSPOKEN, count)
        for ten, count in sorted(counts.items())
    ]


def hundreds(prefix: str, *, now: datetime) -> list[Range]:
    """Hundreds with tens that count whose hash starts with `prefix` (hex)."""
    blocked = Counter(key[:-1] for key in _blocked(hashes.keys_of("hundreds", prefix), now))
    counts = Counter(ten[:-1] for ten, count in blocked.items() if count >= TEN_SPEAKS)
    return [Range(hundred, HUNDRED_VOTES, count) for hundred, count in sorted(counts.items())]


def wildcard_votes(ten: Range | None, hundred: Range | None) -> int:
    """The votes of both ranges for a number in them, summed as clients do; 0 if neither counts."""
    of_ten, in_ten = (ten.votes, ten.count) if ten is not None else (0, 0)
    if hundred is not None and hundred.count >= HUNDRED_SPEAKS:
        return hundred.votes + (of_ten if in_ten < TEN_SPEAKS else 0)
    return of_ten if in_ten >= TEN_SPEAKS else 0


def answers(keys: Iterable[str], *, now: datetime) -> dict[str, Answer]:
    found = look_up_many(list(keys), now=now)
    return {answer.number: answer for answer in found if isinstance(answer, Answer)}


def _blocked(keys: list[str], now: datetime) -> list[str]:
    found = answers(keys, now=now) if keys else {}
    return [key for key, answer in found.items() if answer.action == Action.BLOCK.value]
