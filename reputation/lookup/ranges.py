"""The score of a block: the numbers that begin with the same digits.

Harassing callers rent numbers by the block. How many do differs by country: of the numbers in the
US FTC's complaints of 2021-07-08, 3 % share all but the last two digits with two others or more. So
a block tells something about its unreported members; it is a warning, never a reason to block,
since anybody may hold those numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from reputation.identity import plain
from reputation.scoring import FLAG_AT, PRIOR, Action, Status, percent

# Shorter prefixes cover whole carriers and towns, whose score would mean nothing; and counting
# their members would cost more than a lookup may.
MIN_DIGITS = 7
MAX_DIGITS = 15
# In a national-only key the country is no digit, and short codes are short: CN:1065.
MIN_NATIONAL, MAX_NATIONAL = 4, 20

LISTED_FROM = 3  # fewer listed members may be chance
# The weight of the prior, in members: one, the least that expresses that blocks are mostly rented
# whole (beta-binomial: members agree by 1 / (1 + 1)). Not measured, since there is no truth by
# blocks yet. Three members at .92 flag a block, or five at .87.
PRIOR_WEIGHT = 1

_PREFIX = re.compile(
    rf"\+[1-9][0-9]{{{MIN_DIGITS - 1},{MAX_DIGITS - 1}}}"
    rf"|[A-Z]{{2}}:[0-9]{{{MIN_NATIONAL},{MAX_NATIONAL}}}"
)
_SEPARATORS = str.maketrans("", "", " -().")

MEMBERS = f"""
    SELECT count(key), count(*) FILTER (WHERE action <> '{Action.ALLOW.value}'), sum(score)
    FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS asked(first, beyond, place)
    LEFT JOIN reputation_number ON key ~>=~ first AND key ~<~ beyond
        AND status <> '{Status.UNKNOWN.value}'
    GROUP BY place ORDER BY place
"""  # noqa: S608 -- constants


class InvalidNumberPrefix(ValueError):
    """The text is not a prefix of numbers, or is too short. The message names the remedy."""


@dataclass(frozen=True, slots=True)
class Range:
    """The figures of the numbers that begin with `prefix`.

    `known`: members whose status is known; `listed`: how many of those are flagged or blocked;
    `share`: listed / known, 0 to 1. `score`: the chance in percent that a call from a member is
    unwanted, the mean of the known ones drawn towards the prior; 0 when none is known. `action`:
    flag or allow.
    """

    prefix: str
    action: str
    score: int
    known: int
    listed: int
    share: float


def read_prefix(raw: str) -> str:
    """The canonical form of +4930123, 004930123, +49 (30) 123 or CN:1065.

    Raises InvalidNumberPrefix.
    """
    try:
        text = plain(raw).translate(_SEPARATORS).upper()
    except ValueError:
        text = ""
    if text.startswith("00"):
        text = f"+{text[2:]}"
    if _PREFIX.fullmatch(text) is None:
        raise InvalidNumberPrefix(
            f"Write the first {MIN_DIGITS} to {MAX_DIGITS} digits with + and calling code, such as "
            f"+4930123; or a country and the first {MIN_NATIONAL} to {MAX_NATIONAL} digits of a "
            "short code, such as CN:1065."
        )
    return text


def describe(prefixes: Sequence[str]) -> list[Range]:
    """The figures of each range, in the given order, by one query. Prefixes are canonical."""
    if not prefixes:
        return []
    # The least string after all that begin with the prefix: its last digit plus one (":" after 9).
    beyond = [prefix[:-1] + chr(ord(prefix[-1]) + 1) for prefix in prefixes]
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS, [list(prefixes), beyond])
        rows = cursor.fetchall()
    return [_range(prefix, *row) for prefix, row in zip(prefixes, rows, strict=True)]


def _range(prefix: str, known: int, listed: int, scores: int | None) -> Range:
    if scores is None:
        return Range(prefix, Action.ALLOW.value, score=0, known=0, listed=0, share=0.0)
    probability = (PRIOR_WEIGHT * PRIOR + scores / 100) / (PRIOR_WEIGHT + known)
    suspicious = listed >= LISTED_FROM and probability >= FLAG_AT
    return Range(
        prefix,
        (Action.FLAG if suspicious else Action.ALLOW).value,
        score=percent(probability),
        known=known,
        listed=listed,
        share=round(listed / known, 2),
    )
