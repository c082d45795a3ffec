"""Random draws: numbers that moderators decide so that percentages can be checked against truth.

Moderators otherwise look at numbers that seem bad, which says little about the rest. So a few of
the audits are drawn at random: every undecided number with evidence has the same chance, however
often it calls. (A chance in proportion to calls would be nearer to what people experience, but
calls are only known from lookups, which cost an attacker nothing. A chance by account, one number
each, fits worse: benchmarks.attacks.calibration prints both.) Of the numbers that one account
reported first, few are drawn, so that nobody can fill the sample.

`draw` keeps WAITING draws open; `take_answers` notes decisions about them, and which are missing.
"""

import random
from collections import Counter
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection, transaction

from reputation.counting import canaries
from reputation.models import WAITS, AuditEntry, CalibrationDraw, Number, take_turn
from reputation.scoring import Sample, fitting, is_alone, logit, to_days

# Open draws: about one in ten of the audits that the trust pass offers.
WAITING: Final = 10
# Candidates read for each draw, since the accounts of some already have their share.
TRIED: Final = 20

_FIRST = """
LEFT JOIN LATERAL (
    SELECT coalesce(p.cluster, p.id) AS who
    FROM reputation_report r JOIN reputation_reporter p ON p.id = r.reporter_id
    WHERE r.number_id = n.id AND r.status = 'live' ORDER BY r.counted_at, r.id LIMIT 1
) first ON true
"""
# Numbers whose percentage depends on the curves alone.
_CANDIDATES = f"""
SELECT n.id, first.who FROM (
    SELECT id FROM reputation_number
    WHERE moderated = 0 AND pinned = '' AND NOT (official OR disputed OR spoofed OR never_calls
            OR holder_verified)
        AND immune_until IS NULL AND (gathered > 0 OR supporters > 0)
        AND NOT EXISTS (SELECT FROM reputation_calibrationdraw d
            WHERE d.number_id = reputation_number.id)
    ORDER BY random() LIMIT %s
) n {_FIRST}
"""  # noqa: S608 -- constants
_TAKEN = f"""
SELECT first.who, count(*) FROM reputation_calibrationdraw n0
JOIN reputation_number n ON n.id = n0.number_id {_FIRST}
WHERE n0.id = ANY(%s) AND first.who IS NOT NULL GROUP BY 1
"""  # noqa: S608 -- constants


@transaction.atomic
def draw(*, now: datetime) -> int:
    """Draws numbers until WAITING are open or no candidate is left; returns how many are new.

    May run several times at once, and may be killed.
    """
    take_turn("draws")
    with connection.cursor() as cursor:
        needed = WAITING - CalibrationDraw.objects.waiting().count()
        if needed <= 0:
            return 0
        lately = list(CalibrationDraw.objects.lately(now).values_list("pk", flat=True))
        cursor.execute(_TAKEN, [lately])
        taken: Counter[int] = Counter(dict(cursor.fetchall()))
        cursor.execute(_CANDIDATES, [needed * TRIED])
        chosen: list[int] = []
        for number, who in cursor.fetchall():
            if len(chosen) < needed and (who is None or taken[who] < fitting.OF_ONE):
                taken[who] += 1
                chosen.append(number)
    found = Number.objects.filter(pk__in=chosen).order_by("pk")
    CalibrationDraw.objects.bulk_create([_drawn(number, now) for number in found])
    return len(chosen)


def _drawn(number: Number, now: datetime) -> CalibrationDraw:
    evidence, at = number.evidence, to_days(now)
    return CalibrationDraw(
        number=number,
        drawn_at=now,
        raw=logit(evidence, at, number.prior),
        alone=is_alone(evidence) and not number.standing.link(at),
        place=random.random(),  # noqa: S311 -- where it stands, not whether it is drawn
    )


@transaction.atomic
def take_answers(*, now: datetime) -> int:
    """Notes which draws were decided in time and which are missing; returns how many it noted.

    Any decision that the number is unwanted or legitimate answers a draw, wherever it was made.
    """
    noted = 0
    for each in CalibrationDraw.objects.waiting().select_for_update().order_by("pk"):
        entries = AuditEntry.objects.filter(
            number=each.number_id, at__gte=each.drawn_at, at__lt=each.drawn_at + WAITS
        )
        standing = entries.filter(undone_by=None, after__moderated__in=(-1, 1))
        each.entry = standing.order_by("at", "pk").first()
        if each.entry is None and each.drawn_at + WAITS > now:
            continue
        each.missing_at = now if each.entry is None else None
        each.save(update_fields=["entry", "missing_at"])
        noted += 1
    return noted


def samples(*, now: datetime) -> list[Sample]:
    """The answered draws of the last LASTS, without canaries, which call nobody."""
    answered = CalibrationDraw.objects.lately(now).answered().order_by("pk")
    rows: list[Any] = list(answered.values_list("number", "raw", "number__moderated", "alone"))
    canary = canaries.among(np.array([pk for pk, *_ in rows], np.int64))
    return [
        Sample(raw, moderated > 0, alone=alone)
        for (_pk, raw, moderated, alone), left_out in zip(rows, canary.tolist(), strict=True)
        if not left_out
    ]


def unanswered(*, now: datetime) -> int:
    """How many draws of the last LASTS are open, missing, or decided with the decision taken
    back."""
    every = CalibrationDraw.objects.lately(now)
    return every.count() - every.answered().count()
