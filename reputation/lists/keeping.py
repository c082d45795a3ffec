"""Keeping own lists: adding, changing and removing rules."""

from collections.abc import Iterable
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
    if set_rules(reporter=reporter, action=action, patterns=[pattern], now=now):
        raise TooManyRules(
            f"The list has {MOST} rules. Remove one, or write a pattern for several."
        )
    return OwnRule.objects.get(reporter=reporter, pattern=pattern)


@transaction.atomic
def set_rules(
    *, reporter: Reporter, action: str, patterns: Iterable[str], now: datetime
) -> list[str]:
    """Does the same for many patterns that read_pattern has read. Returns those for which the list
    has no room."""
    Reporter.objects.select_for_update(no_key=True).get(pk=reporter.pk)
    known = set(OwnRule.objects.filter(reporter=reporter).values_list("pattern", flat=True))
    rules: list[OwnRule] = []
    beyond: list[str] = []
    for pattern in dict.fromkeys(patterns):
        if pattern not in known and len(known) >= MOST:
            beyond.append(pattern)
            continue
        known.add(pattern)
        rules.append(OwnRule(reporter=reporter, action=action, pattern=pattern, created_at=now))
    OwnRule.objects.bulk_create(
        rules,
        update_conflicts=True,
        unique_fields=["reporter", "pattern"],
        update_fields=["action"],
    )
    return beyond


def drop_rule(*, reporter_id: int, pattern: str, action: str = "", region: str = "") -> None:
    """Removes the rule for a pattern, written as in the list or as it was added; with `action`
    only one of that kind.

    Raises RuleNotFound.
    """
    # The list may already have more entries than may be added today.
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
