"""Keeping own lists: adding, changing and removing rules."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from reputation.identity import InvalidNumber
from reputation.lists.patterns import InvalidPattern, read_pattern
from reputation.models import OwnRule, Reporter

# Each lookup with a key reads all rules of its reporter.
MOST = 500


class TooManyRules(Exception):
    """The list has MOST rules. Remove one, or write a pattern for several."""


class RuleNotFound(LookupError):
    """The list has no rule for this pattern."""


def rules_of(reporter_id: int) -> QuerySet[OwnRule]:
    """The rules of a reporter, newest first."""
    return OwnRule.objects.filter(reporter=reporter_id).order_by("-created_at", "-pk")


@transaction.atomic
def set_rule(
    *,
    reporter: Reporter,
    action: str,
    pattern: str,
    region: str = "",
    now: datetime,
) -> OwnRule:
    """Blocks or allows what a pattern means, in place of what the list said of that pattern.

    `action`: allow or block. Raises InvalidPattern, identity.InvalidNumber, TooManyRules.
    """
    pattern = read_pattern(pattern, region=region)
    Reporter.objects.select_for_update(no_key=True).get(pk=reporter.pk)
    others = OwnRule.objects.filter(reporter=reporter).exclude(pattern=pattern)
    if others.count() >= MOST:
        raise TooManyRules(
            f"The list has {MOST} rules. Remove one, or write a pattern for several."
        )
    rule, _created = OwnRule.objects.update_or_create(
        reporter=reporter,
        pattern=pattern,
        defaults={"action": action},
        create_defaults={"action": action, "created_at": now},
    )
    return rule


def drop_rule(*, reporter_id: int, pattern: str, action: str = "", region: str = "") -> None:
    """Removes the rule for a pattern, written as in the list or as it was added; with `action`
    only one of that kind.

    Raises RuleNotFound.
    """
    # What is on the list may be more than can be added today.
    with suppress(InvalidPattern, InvalidNumber):
        pattern = read_pattern(pattern, region=region)
    if "\0" in pattern:  # PostgreSQL refuses it in every text
        raise RuleNotFound("Your list has no such rule.")
    found = OwnRule.objects.filter(reporter=reporter_id, pattern=pattern)
    if not (found.filter(action=action) if action else found).delete()[0]:
        raise RuleNotFound("Your list has no such rule.")


def drop_all(*, reporter_id: int) -> None:
    """Removes the whole list."""
    OwnRule.objects.filter(reporter=reporter_id).delete()
