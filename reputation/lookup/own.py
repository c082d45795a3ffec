"""Applies a person's own list to an answer, for that person's keys and pages alone."""

from collections.abc import Sequence

from reputation.lists import Rule, deciding
from reputation.lookup.advice import advise
from reputation.lookup.single import Answer
from reputation.scoring import Action

SAYS = {
    Action.BLOCK.value: "Your own list blocks {}.",
    Action.ALLOW.value: "Your own list lets {} through.",
}


def with_own(answer: Answer, rules: Sequence[Rule], name: str = "") -> Answer:
    """The answer with the action of the rule that decides, if one does. The score stays.

    `name`: the name that the caller shows.
    """
    rule = deciding(rules, answer.number, answer.country, name)
    if rule is None:
        return answer
    return answer._replace(
        action=rule.action,
        reasons=[SAYS[rule.action].format(rule.pattern), *answer.reasons],
        advice=advise(rule.action, answer.category),
        own_rule=rule.pattern,
    )
