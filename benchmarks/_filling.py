"""Fills the benchmarks' database.

A few thousand numbers go through the production arithmetic: complaints only, a few new accounts,
mixed crowds, listed and promoted ones, official and moderated ones, of ages from today to a year.
The rest repeat their evidence under other keys; a read cannot tell them apart.
"""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from benchmarks._numbers import BLOCKS, NUMBERS, STRIDE, TEMPLATES, key_of
from reputation.counting import publishing
from reputation.identity import country_of, line_type
from reputation.models import Number
from reputation.scoring.categories import CATEGORIES
from reputation.scoring.days import from_days, to_days
from reputation.scoring.evidence import EMPTY, PRIOR, Bucket, BucketKey, Voice, fold
from reputation.scoring.mix import fold_mix

# Of number i, with its block.
KEY = f"prefix || lpad((i::int8 * {STRIDE} % (10::int8 ^ digits)::int8)::text, digits, '0')"


def fill() -> None:
    templates()
    repeat(NUMBERS)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")  # autovacuum may be at it
        cursor.execute("VACUUM (ANALYZE) reputation_number")


@transaction.atomic
def templates() -> None:
    """The first TEMPLATES numbers, through the production arithmetic."""
    chance = random.Random(2)
    now = datetime.now(UTC)
    numbers = []
    for index in range(TEMPLATES):
        key = key_of(index)
        voices = _voices(chance, to_days(now))
        evidence, buckets = EMPTY, dict[BucketKey, Bucket]()
        mix: dict[str, float] = {}
        for voice in voices:
            evidence, changed, _ = fold(evidence, buckets, voice)
            buckets.update(changed)
            mix = fold_mix(
                mix, before=voice.at, after=voice.at, voice=voice, contribution=voice.weight
            )
        complaints = sum(1 for voice in voices if voice.source)
        number = Number(
            key=key,
            country=country_of(key),
            line_type=line_type(key),
            created_at=now,
            prior=PRIOR,
            category_mix=mix,
            reports=len(voices) - complaints,
            complaints=complaints,
            first_reported_at=from_days(min(voice.at for voice in voices)),
            last_reported_at=from_days(max(voice.at for voice in voices)),
            seq=len(voices),
            **_standing(chance, now),
        )
        number.evidence = evidence
        numbers.append(number)
    Number.objects.bulk_create(numbers)
    publishing.publish_all(numbers, now=now)


def _voices(chance: random.Random, now: float) -> list[Voice]:
    last = now - min(chance.expovariate(1 / 60), 365.0)
    kind = chance.random()
    if kind < 0.35:  # an authority's file
        count, established, source = chance.randint(1, 4), 0.0, "ftc"
    elif kind < 0.7:  # one new account, or two
        count, established, source = chance.randint(1, 3), 0.1, ""
    elif kind < 0.9:
        count, established, source = chance.randint(3, 12), 0.4, ""
    else:
        count, established, source = chance.randint(8, 40), 0.5, ""
    main = chance.choice([name for name in CATEGORIES if name != "legitimate"])
    times = sorted(last - chance.random() * 3 * count for _ in range(count))
    return [
        Voice(
            side=CATEGORIES[category].side,
            at=at,
            weight=0.1 if source else chance.uniform(0.6, 1.6),
            category=category,
            network="" if source else f"network {chance.randrange(30)}",
            established=chance.random() < established,
            source=source,
        )
        for at in times
        for category in [main if chance.random() < 0.8 else chance.choice(list(CATEGORIES))]
    ]


def _standing(chance: random.Random, now: datetime) -> dict[str, object]:
    kind = chance.random()
    if kind < 0.02:
        return {"official": True, "name": "A bank's service line"}
    if kind < 0.05:
        at = now - timedelta(days=chance.uniform(0, 200))
        return {"moderated": chance.choice([1, 1, -1]), "moderated_at": at}
    if kind < 0.07:
        return {"disputed": True, "holder_verified": True}
    return {"promoted": kind < 0.6}


def repeat(numbers: int, *, instead: Mapping[str, str] | None = None, beside: str = "") -> None:
    """All further numbers: row i is template i modulo TEMPLATES under the key of i.

    `instead`: SQL for columns that are not the template's, which `beside` may join more for.
    """
    said = {"key": KEY} | dict(instead or {})
    columns = [str(field.column) for field in Number._meta.concrete_fields]
    copied = [name for name in columns if name not in ("id", *said)]
    blocks = ", ".join(f"({i}, '{prefix}', {size})" for i, (prefix, size) in enumerate(BLOCKS))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(
            f"""
            WITH block(block, prefix, digits) AS (VALUES {blocks}),
            template AS MATERIALIZED (
                SELECT row_number() OVER (ORDER BY id) - 1 AS place, * FROM reputation_number
            )
            INSERT INTO reputation_number ({", ".join([*said, *copied])})
            SELECT {", ".join([*said.values(), *(f"template.{name}" for name in copied)])}
            FROM generate_series({TEMPLATES}, {numbers - 1}) i
            JOIN template ON place = i % {TEMPLATES}
            JOIN block ON block.block = i % {TEMPLATES} % {len(BLOCKS)}
            {beside}
            """  # noqa: S608 -- constants
        )
