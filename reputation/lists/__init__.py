"""A person's own list: what their phones block and let through, whatever others say."""

from reputation.lists.keeping import (
    MOST,
    RuleNotFound,
    TooManyRules,
    drop_all,
    drop_rule,
    rules_of,
    set_rule,
)
from reputation.lists.patterns import (
    EVERYBODY,
    InvalidPattern,
    Rule,
    deciding,
    prefix_of,
    read_pattern,
)

__all__ = [
    "EVERYBODY",
    "MOST",
    "InvalidPattern",
    "Rule",
    "RuleNotFound",
    "TooManyRules",
    "deciding",
    "drop_all",
    "drop_rule",
    "prefix_of",
    "read_pattern",
    "rules_of",
    "set_rule",
]
