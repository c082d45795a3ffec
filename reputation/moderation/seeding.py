"""Makes first decisions for a service without reports, about numbers whose truth is known
elsewhere.

With fifty to a hundred numbers of both kinds, the first honest reporters earn a record in days.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, TextIO

from django.conf import settings
from django.contrib.auth.models import User

from reputation.identity import InvalidNumber, identify
from reputation.models import Number
from reputation.moderation import batches
from reputation.moderation.numbers import clear_number, confirm_number
from reputation.moderation.recording import By, ReasonMissing, require_reason
from reputation.scoring import EPOCH

COLUMNS: Final = ("number", "verdict", "reason")
# Since when anybody could read it: a day, or NEVER. Without it a row counts as always known.
PUBLISHED: Final = "published"
NEVER: Final = "never"
UNWANTED, LEGITIMATE = "unwanted", "legitimate"


class NotSeeds(ValueError):
    """The file is not CSV with the expected columns."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """The result of a line. `error` names the column and the remedy, and is empty on success.

    `known`: a moderator had already decided the same, so nothing changed. `otherwise`: the number
    was cleared or confirmed against the row, its holder won a dispute, or it has another holder
    since, so nothing changed either. `undated`: nothing says since when it is published, so nobody
    earns anything by it.
    """

    line: int
    error: str = ""
    known: bool = False
    otherwise: bool = False
    undated: bool = False


def seed(file: TextIO, *, actor: User, region: str, now: datetime) -> Iterator[Seeded]:
    """Decides about each row of a CSV file with the columns number, verdict and reason, and perhaps
    PUBLISHED.

    Numbers in national format are read as numbers of `region`. Each row is a decision of its own,
    on record, and stays in force when another row is refused; a second run changes nothing. All
    rows are one batch, which can be taken back as a whole. Raises NotSeeds.
    """
    rows = csv.DictReader(file)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise NotSeeds(f"The first line lacks {', '.join(missing)}. Expected: {','.join(COLUMNS)}")
    batch = batches.begin_import(
        actor=actor, verb="seed_numbers", reason="Numbers whose truth is known.", now=now
    )
    try:
        for row in rows:
            number, verdict, reason = ((row[name] or "").strip() for name in COLUMNS)
            by: By = {"actor": actor, "reason": reason, "now": now, "batch": batch}
            published = (row.get(PUBLISHED) or "").strip()
            yield _decide(rows.line_num, number, verdict, published, region, by)
    finally:
        batches.end_import(batch)


def _decide(line: int, raw: str, verdict: str, day: str, region: str, by: By) -> Seeded:
    try:
        identity = identify(raw, region=region, allow_fictional=settings.FICTIONAL_NUMBERS)
    except InvalidNumber as error:
        return Seeded(line, f"number {raw!r}: {error}")
    if verdict not in (UNWANTED, LEGITIMATE):
        return Seeded(line, f"verdict {verdict!r}: write {UNWANTED} or {LEGITIMATE}.")
    try:
        require_reason(by["reason"])
    except ReasonMissing as error:
        return Seeded(line, f"reason: {error}")
    try:
        published = _published(day, by["now"])
    except ValueError:
        return Seeded(line, f"{PUBLISHED} {day!r}: write its day, as 2026-03-05, or {NEVER}.")
    truth = 1 if verdict == UNWANTED else -1
    number = Number.objects.filter(key=identity.key).first()
    if number is not None and number.moderated == truth:
        return Seeded(line, known=True)
    if number is not None and _is_otherwise(number, truth, published):
        return Seeded(line, otherwise=True)
    decide = confirm_number if verdict == UNWANTED else clear_number
    decide(identity=identity, published=published, **by)
    return Seeded(line, undated=not day)


def _is_otherwise(number: Number, truth: int, published: datetime | None) -> bool:
    """Whether somebody has decided against the row, or about another holder than it speaks of."""
    won = truth > 0 and number.holder_verified
    former = number.epoch_at is not None and (published is None or published < number.epoch_at)
    return number.moderated == -truth or won or former


def _published(day: str, now: datetime) -> datetime | None:
    """Since when anybody could read it; None: nobody could. ValueError for a text that is no
    day, and for a day to come."""
    if day == NEVER:
        return None
    if not day:
        return EPOCH
    published = datetime.combine(date.fromisoformat(day), time(), UTC)
    if published > now:
        raise ValueError("That day is yet to come.")
    return published
