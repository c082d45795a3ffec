"""A person's own list: what their phones block and let through, whatever others say."""

from reputation.lists import files
from reputation.lists.keeping import (
    MOST,
    RuleNotFound,
    TooManyRules,
    drop_all,
    drop_rule,
    rules_of,
    set_rule,
    set_rules,
)
from reputation.lists.patterns import (
    EVERYBODY,
    LONGEST,
    NAME,
    NAME_LENGTH,
    InvalidName,
    InvalidPattern,
    Rule,
    deciding,
    fold,
    name_in,
    name_pattern,
    prefix_of,
    read_pattern,
)
