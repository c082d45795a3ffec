"""Canaries: numbers of the operator that call nobody, so every report about them is false.

The trust pass treats a report on a canary as one on a number that a moderator cleared. No other
code reads canaries: a liar who could recognize a canary would not report it.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TextIO

import numpy as np
from django.conf import settings

from reputation.identity import InvalidNumber, identify
from reputation.models import Canary, Number
from reputation.privacy import pseudonym
from reputation.scoring import Bools, Ints

COLUMNS: Final = ("number", "reason")
# Numbers whose keys are looked up at a time.
READ: Final = 50_000


class NotCanaries(ValueError):
    """The file is not a list of canaries."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a line. `error` names the column and the remedy, never the number.

    `changed`: the canary was stored, or removed; False if there was nothing to do.
    """

    line: int
    error: str = ""
    changed: bool = False


def store(file: TextIO, *, region: str, remove: bool = False) -> Iterator[Result]:
    """Stores the numbers of a CSV file with the columns number and reason, or removes them.

    Numbers in national format are read as numbers of `region`. The reason describes the line; it is
    not stored. Each row takes effect by itself; running a file again changes nothing. Raises
    NotCanaries.
    """
    rows = csv.DictReader(file)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise NotCanaries(
            f"The first line names no column {', '.join(missing)}. Expected: {','.join(COLUMNS)}"
        )
    for row in rows:
        number, reason = ((row[name] or "").strip() for name in COLUMNS)
        yield _store(rows.line_num, number, reason, region, remove)


def _store(line: int, raw: str, reason: str, region: str, remove: bool) -> Result:
    try:
        identity = identify(raw, region=region, allow_fictional=settings.FICTIONAL_NUMBERS)
    except InvalidNumber as error:
        return Result(line, f"number: {error}")
    if not reason:
        return Result(line, "reason: say which line of yours this is. It stays in the file.")
    digest = _digest(identity.key)
    if remove:
        removed, _ = Canary.objects.filter(pk=digest).delete()
        return Result(line, changed=removed > 0)
    _, created = Canary.objects.get_or_create(pk=digest)
    return Result(line, changed=created)


def among(number_ids: Ints) -> Bools:
    """For each of these numbers, whether it is a canary."""
    digests = set(Canary.objects.values_list("pk", flat=True))
    found: list[int] = []
    for start in range(0, len(number_ids) if digests else 0, READ):
        chunk = number_ids[start : start + READ].tolist()
        keys = Number.objects.filter(pk__in=chunk).values_list("pk", "key")
        found += [pk for pk, key in keys.iterator() if _digest(key) in digests]
    return np.isin(number_ids, found)


def _digest(key: str) -> str:
    return pseudonym("canary", key)
