"""Templates and grammars: plain text with {placeholders}, filled without any evaluation."""

import re
from collections.abc import Mapping

# What a template or a grammar may name → what it stands for.
PLACEHOLDERS = {
    "acts": "the acts reported, one a line, with the statute's words",
    "address": "the complainant's postal address",
    "authority": "the addressee",
    "callback": "the number one was told to call",
    "calls": "how many calls and messages there were",
    "category": "what was reported, in words",
    "claimed_name": "who the caller claimed to be",
    "content": "what the message or caller said, as reported",
    "date": "today's date",
    "email": "the complainant's e-mail address",
    "enclosures": "what is enclosed, one a line",
    "first": "date of the first call",
    "identity": "number of the complainant's identity document",
    "incidents": "the calls, one a line",
    "last": "date of the last call",
    "name": "the complainant's name",
    "number": "the number as dialled in the authority's country",
    "numbers": "all numbers complained about",
    "own_number": "the complainant's phone number",
    "statement": "the complainant's own words",
    "statutes": "what the law says, one provision a line",
    "time": "when the call or message came",
    "time_zone": "the time zone of all times",
}
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# A heading may say the time zone of what follows and is a heading still.
_TIMELESS = {"time_zone"}


def unknown_placeholders(text: str) -> list[str]:
    """Names in braces that stand for nothing."""
    return sorted(set(_PLACEHOLDER.findall(text)) - PLACEHOLDERS.keys())


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders replaced; a line of which all turn out empty is left out.

    So is the heading right above such a line: one that ends in a colon and names nothing. What is
    put in is never read again: a comment that says {name} stays as it is. KeyError for a
    placeholder without a value.
    """
    lines: list[str] = []
    heading = False
    for line in text.splitlines():
        names = _PLACEHOLDER.findall(line)
        if names and not any(values[name] for name in names):
            if heading:
                lines.pop()
            heading = False
            continue
        lines.append(_PLACEHOLDER.sub(lambda found: values[found[1]], line))
        heading = line.endswith((":", "：")) and set(names) <= _TIMELESS
    # Where lines were left out, one blank line between paragraphs is enough.
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def one_line(text: str) -> str:
    """White space of any kind, and line breaks, as single spaces: for messages and form fields."""
    return " ".join(text.split())
