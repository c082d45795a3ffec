"""What translations may not change."""

import re

# {placeholders} is a word in a help text.
PLACEHOLDER = re.compile(r"%\(\w+\)[\d.]*[sdf]|%[sd]|\{(?!placeholders)[a-z_]*\}")
