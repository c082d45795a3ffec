"""Publishing: what the public is told of numbers from now on, on their rows and in the feed.

Runs inside its caller's transaction on numbers that are locked, like the fold.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import orjson
from django.db import connection, models
from psycopg.types.json import Jsonb

from reputation import campaigns
from reputation.feeds import log
from reputation.models import Number
from reputation.scoring import from_days, judge, leading, reassess_at, to_days

# Saving many numbers: all columns go through COPY, all but the two that name the row are updated.
COLUMNS = [field.attname for field in Number._meta.fields]
SAVED = [name for name in COLUMNS if name not in ("id", "key")]
JSON = frozenset(f.attname for f in Number._meta.fields if isinstance(f, models.JSONField))
STAGE = "CREATE TEMP TABLE IF NOT EXISTS staged_number (LIKE reputation_number) ON COMMIT DROP"
COPY_NUMBERS = f"COPY staged_number ({', '.join(COLUMNS)}) FROM STDIN"
UPDATE_NUMBERS = f"""
UPDATE reputation_number n SET ({", ".join(SAVED)}) = (s.{", s.".join(SAVED)})
FROM staged_number s WHERE n.id = s.id
"""  # noqa: S608 -- constants


def publish(number: Number, *, now: datetime) -> None:
    """`publish_all` for one number."""
    publish_all([number], now=now)


def publish_all(numbers: Collection[Number], *, now: datetime) -> None:
    """Decides what the public is told from now on and saves the numbers: nothing else does."""
    before = {number: log.public_state(number) for number in numbers}
    campaigns.renew(numbers, now=now)
    for number in numbers:
        decide(number, now=now)
    if len(numbers) == 1:
        next(iter(numbers)).save()
    else:
        _save_all(numbers)
    log.append(before, now=now)


def _save_all(numbers: Iterable[Number]) -> None:
    """Saves locked numbers in one statement: through COPY, since there are forty columns each."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(COPY_NUMBERS) as copy:
            for number in numbers:
                copy.write_row(
                    [
                        Jsonb(getattr(number, name), _dump)
                        if name in JSON
                        else getattr(number, name)
                        for name in COLUMNS
                    ]
                )
        cursor.execute(UPDATE_NUMBERS)
        cursor.execute("TRUNCATE staged_number")


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


def decide(number: Number, *, now: datetime) -> None:
    """Sets what the public is told from now on, on the given object only."""
    if number.pinned_until is not None and number.pinned_until <= now:
        number.pinned, number.pinned_until = "", None
    at, evidence, standing = to_days(now), number.evidence, number.standing
    judgement = judge(evidence, standing, at, prior=number.prior)
    number.action = judgement.action.value
    number.score = judgement.score
    number.status = judgement.status.value
    number.category, number.category_share = leading(number.category_mix)
    due = reassess_at(evidence, standing, at, prior=number.prior)
    moments = (None if due is None else from_days(due), number.pinned_until)
    number.reassess_at = min(filter(None, moments), default=None)
