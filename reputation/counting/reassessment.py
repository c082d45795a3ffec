"""Judges numbers anew at the time at which decay alone changes their action, and only then."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched

from django.db import transaction

from reputation.counting import publishing
from reputation.models import Number

# Numbers locked together: so few that a report on one of them hardly waits.
BATCH = 100


@dataclass(slots=True)
class Reassessment:
    """The result: how many numbers were `judged`, and in `changes` how many of them by (action
    before, action after).

    `busy` numbers were locked by another transaction, which publishes them, or are due the next
    time.
    """

    judged: int = 0
    busy: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)


def reassess_due(*, now: datetime) -> Reassessment:
    """Judges each number that is due at `now` once. May be killed, and may run several times at
    once."""
    done = Reassessment()
    # All are listed first, so that a number that is due again at once is not judged twice in this
    # run.
    due = Number.objects.due(now).order_by("reassess_at", "id").values_list("id", flat=True)
    for ids in batched(list(due), BATCH):
        with transaction.atomic():
            numbers = Number.objects.due(now).filter(id__in=ids)
            free = numbers.select_for_update(no_key=True, skip_locked=True).order_by("id")
            found = 0
            for number in free:
                found += 1
                before = number.action
                publishing.publish(number, now=now)
                if number.action != before:
                    done.changes[before, number.action] += 1
        done.judged += found
        done.busy += len(ids) - found
    return done
