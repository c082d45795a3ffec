"""The effect of a batch on the public answers."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation import counting
from reputation.models import Number
from reputation.moderation import rollback
from reputation.moderation.batches.rows import (
    QUERYSETS,
    Subject,
    grouped,
    held_by_others,
    rows_by_number,
)
from reputation.moderation.batches.verbs import VERBS
from reputation.moderation.previews import PREVIEWED, Preview, effects, some
from reputation.moderation.recording import DecisionError
from reputation.reports import hold_with_linked


def preview(
    *, actor: User, subject: str, verb: str, targets: Iterable[int], now: datetime
) -> Preview:
    """The effect on each number's public answer: takes every decision, reads, and rolls back.

    For reporters: the effect of all of them together on the numbers that they reported.
    """
    if subject == Subject.ENTRY:
        chosen = list(targets)
        return rollback.preview(actor=actor, targets=chosen, now=now, most=PREVIEWED)
    rows = QUERYSETS[subject].filter(pk__in=set(targets)).values_list("pk", flat=True)
    groups = grouped(subject, list(rows))
    left = 0
    if subject != Subject.REPORTER:
        groups, left = groups[:PREVIEWED], max(0, len(groups) - PREVIEWED)

    def decide(numbers: Collection[Number]) -> dict[int, str]:
        # Reporters, a single group, are locked with it.
        if subject != Subject.REPORTER:
            counting.lock_reporters(*numbers)
        errors: dict[int, str] = {}
        for group in groups:
            held = held_by_others(verb, group, actors=(actor,), now=now)
            own = [row for row in group if row.pk not in held]
            if not own:
                taken = _("Another moderator has this.")
                errors |= dict.fromkeys(rows_by_number(subject, [group]), taken)
                continue
            try:
                with transaction.atomic():
                    VERBS[subject, verb](own, actor=actor, reason="preview", now=now)
            except DecisionError as error:
                errors |= dict.fromkeys(rows_by_number(subject, [group]), str(error))
        return errors

    is_about = subject == Subject.REPORTER
    reporters = {row.pk for group in groups for row in group} if is_about else set()
    with transaction.atomic():
        hold_with_linked(reporters)  # before their numbers, as by the decisions
        concerned = rows_by_number(subject, groups)
        shown = some(concerned)
        found = effects(shown, decide, reporters=reporters, now=now)
        return Preview(found, left + len(concerned) - len(shown))
