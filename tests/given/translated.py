"""What translations keep, and in which characters they are written."""

import re

# {placeholders} is a word in a help text.
PLACEHOLDER = re.compile(r"%\(\w+\)[\d.]*[sdf]|%[sd]|\{(?!placeholders)[a-z_]*\}")


def is_simplified(char: str) -> bool:
    """Whether only the mainland's old character set has it."""
    return bool(char.encode("gb2312", "ignore")) and not char.encode("big5hkscs", "ignore")
