"""The effect of a decision on the public answers: takes the decision, reads, and rolls back.

A preview runs the code of the decision itself, so it cannot differ from it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction

from reputation import counting
from reputation.models import AuditEntry, Number
from reputation.moderation import restating

# The most numbers whose effects a preview of numbers or reports computes; it counts the others. So
# does one of reporters with very many: else it computes all, since reporters act together.
PREVIEWED: Final = 50


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """The public part of a number that a decision changes."""

    action: str
    status: str
    score: int


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect on one number of a decision about `rows` of its reports, or about the number
    itself.

    `error`: the reason why it cannot be decided.
    """

    number: Number
    rows: int
    before: PublicAnswer
    after: PublicAnswer
    error: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """`effects` on numbers, those whose action changes first; `left`: further numbers, which are
    only counted; `refused`: decisions that cannot be taken back, each with the reason."""

    effects: list[Effect]
    left: int = 0
    refused: list[tuple[AuditEntry, str]] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many numbers of `effects` get another action."""
        return sum(effect.before.action != effect.after.action for effect in self.effects)


def some(rows: Mapping[int, int]) -> Mapping[int, int]:
    """The numbers whose effects are computed, of those that decisions about reporters concern."""
    if len(rows) <= restating.AT_ONCE:
        return rows
    return dict(islice(sorted(rows.items()), PREVIEWED))


def effects(
    rows: Mapping[int, int],
    decide: Callable[[Collection[Number]], Mapping[int, str]],
    *,
    locks: Collection[int] = (),
    reporters: Collection[int] = (),
    now: datetime,
) -> list[Effect]:
    """The effects of `decide` on numbers, with what it leaves for later. `rows`: how many rows
    concern each number, by the number's id. `locks`: the numbers that it locks besides, whose
    effects are not shown. `reporters`: those whom it is about. Their voices must be held, since
    voices are held before numbers are locked.

    `decide` gets the locked numbers; it returns errors by the numbers' ids. What it raises is
    raised.
    """
    with transaction.atomic():
        # All are locked at once, in the order that all code uses, so the decision finds them
        # locked.
        chosen = Number.objects.filter(pk__in={*rows, *locks}).order_by("key")
        locked = list(chosen.select_for_update(no_key=True))
        if reporters:
            counting.lock_reporters(*locked, others=reporters)
        numbers = [number for number in locked if number.pk in rows]
        newest = restating.newest(reporters)
        errors = decide(numbers)
        restating.carry_out_about(numbers, reporters=reporters, after=newest, now=now)
        after = Number.objects.in_bulk(rows)
        transaction.set_rollback(True)
    found = [
        Effect(
            each,
            rows[each.pk],
            _public_answer(each),
            _public_answer(after[each.pk]),
            errors.get(each.pk, ""),
        )
        for each in numbers
    ]
    return sorted(
        found, key=lambda each: (each.before.action == each.after.action, each.number.key)
    )


def _public_answer(number: Number) -> PublicAnswer:
    return PublicAnswer(number.action, number.status, number.score)
