"""PhoneBlock's personal lists: a user's own list (reputation.lists), and their reports.

For its owner, a rule decides alone. A report is one voice among many for everybody else, and its
reporter's own opinion if no rule contradicts.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from api.dialects import hashes
from api.dialects.gate import NothingHere, Visit, number_of
from api.dialects.phoneinfo import LEGITIMATE, REPORTED, TOLD, UNSPECIFIC
from reputation import lists, reports
from reputation.identity import InvalidNumber, country_of, display
from reputation.lists import Rule, deciding
from reputation.models import Report, ReportQuerySet
from reputation.scoring import CATEGORIES, Action, Side

# A report's rating for its own reporter: as rated here, or as its category is published.
RATED = {**TOLD, **{category: name for name, category in reversed(REPORTED.items())}}

ACTIONS = {Side.UNWANTED: Action.BLOCK.value, Side.LEGITIMATE: Action.ALLOW.value}
SIDES = {action: side for side, action in ACTIONS.items()}


def opinions(visit: Visit, keys: Iterable[str]) -> dict[str, Side]:
    """The caller's own opinions on these numbers, by key."""
    own = _own_reports(visit).filter(number__key__in=list(keys))
    found = {key: CATEGORIES[name].side for key, name in own.values_list("number__key", "category")}
    return found | {key: SIDES[rule.action] for key, rule in ruled(visit, keys).items()}


def ruled(visit: Visit, keys: Iterable[str]) -> dict[str, Rule]:
    """The rules of the caller's own list that decide about these numbers, by key."""
    rules, name = visit.known_caller.rules, visit.caller_name
    decided = {key: deciding(rules, key, country_of(key), name) for key in keys} if rules else {}
    return {key: rule for key, rule in decided.items() if rule is not None}


def is_blocked(visit: Visit, key: str) -> bool:
    """Whether the caller's own list blocks the number; an empty key is an unknown one."""
    rule = ruled(visit, [key]).get(key)
    return rule is not None and rule.action == Action.BLOCK.value


def numbers_with(visit: Visit, prefix: str) -> list[str]:
    """Numbers in the caller's own list whose hash begins with `prefix` (hex)."""
    named = (rule.pattern for rule in visit.known_caller.rules if rule.is_number)
    wanted = prefix.lower()
    return [number for number in named if hashes.sha1(number).hex().startswith(wanted)]


def all_opinions(visit: Visit) -> tuple[list[str], list[str]]:
    """Numbers that the caller blocks or reported as unwanted, and those that the caller lets
    through or reported as legitimate: E.164 only.
    """
    found = {
        key: CATEGORIES[category].side
        for key, category in _own_reports(visit).values_list("number__key", "category")
        if key.startswith("+")
    }
    for rule in visit.known_caller.rules:
        if rule.is_number:
            found[rule.pattern] = SIDES[rule.action]
    sides: dict[Side, list[str]] = {Side.UNWANTED: [], Side.LEGITIMATE: []}
    for key, side in found.items():
        sides[side].append(key)
    return sides[Side.UNWANTED], sides[Side.LEGITIMATE]


def listed(visit: Visit, side: Side) -> list[dict[str, Any]]:
    """The caller's rules and reports on one side as PhoneBlock's entries, newest first each."""
    rules = lists.rules_of(visit.known_caller.reporter_id).filter(action=ACTIONS[side])
    own = _own_reports(visit).filter(category__in=_categories(side)).newest_first()
    return [
        {
            "phone": rule.pattern.removesuffix("*"),
            "label": rule.pattern,
            "comment": None,
            "rating": UNSPECIFIC if side is Side.UNWANTED else LEGITIMATE,
            "created": int(rule.created_at.timestamp() * 1000),
            **({"wildcard": True} if rule.pattern.endswith("*") else {}),
        }
        for rule in rules
        if rule.pattern.startswith("+")
    ] + [
        {
            "phone": key,
            "label": display(key),
            "comment": comment or None,
            "rating": RATED[category],
            "created": int(filed_at.timestamp() * 1000),
        }
        for key, comment, category, filed_at in own.values_list(
            "number__key", "comment", "category", "filed_at"
        )
    ]


def remember(visit: Visit, number: str, side: Side, *, wildcard: bool) -> None:
    """Adds a rule to the caller's own list, for a number or, with `wildcard`, all that begin with
    it.

    Raises InvalidNumber, lists.InvalidPattern, lists.TooManyRules.
    """
    identity = None if wildcard else number_of(number, visit.caller)
    if identity is not None and identity.kind == "sender":
        raise InvalidNumber("not_a_number")
    pattern = f"{number}*" if identity is None else identity.key
    lists.set_rule(reporter=visit.reporter(), action=ACTIONS[side], pattern=pattern, now=visit.now)


def forget(visit: Visit, number: str, side: Side) -> None:
    """Removes the caller's rule for a number or a beginning; without one, withdraws the report.

    Raises NothingHere, InvalidNumber.
    """
    bare = number.strip().removesuffix("*")
    plus = f"+{bare[2:]}" if bare.startswith("00") else bare
    patterns = [f"{plus}*", plus] if number.endswith("*") else [plus, f"{plus}*"]
    for pattern in patterns:
        with suppress(lists.RuleNotFound):
            lists.drop_rule(
                reporter_id=visit.known_caller.reporter_id,
                pattern=pattern,
                action=ACTIONS[side],
                region=visit.known_caller.region,
            )
            return
    key = number_of(number, visit.caller).key
    report = _own_reports(visit).filter(number__key=key, category__in=_categories(side)).first()
    if report is None:
        raise NothingHere("This number is not on your list.")
    reports.withdraw_report(reporter=visit.reporter(), public_id=report.public_id, now=visit.now)


def reported_unwarned(visit: Visit, key: str) -> bool:
    """Whether the caller reported this number without an earlier warning."""
    return _own_reports(visit).filter(number__key=key, was_warned=False).exists()


def _own_reports(visit: Visit) -> ReportQuerySet:
    return Report.objects.live().filter(reporter_id=visit.known_caller.reporter_id)


def _categories(side: Side) -> list[str]:
    return [name for name, category in CATEGORIES.items() if category.side is side]
