"""Templates and grammars: plain text with {placeholders}, filled without evaluation."""

import re
from collections.abc import Mapping

# Placeholders of templates and grammars → their meaning.
PLACEHOLDERS = {
    "accounts": "other accounts, links and apps of the caller",
    "acts": "the acts reported, one a line, with the statute's words",
    "address": "the complainant's postal address",
    "alike": "how many people report the same caller, on how many numbers",
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
    "period": "date of the first call, and of the last if it is another",
    "statement": "the complainant's own words",
    "statutes": "what the law says, one provision a line",
    "time": "when the call or message came",
    "time_zone": "the time zone of all times",
}
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# A heading may name the time zone of the following lines.
_TIMELESS = {"time_zone"}


def unknown_placeholders(text: str) -> list[str]:
    """Names in braces that are no placeholders."""
    return sorted(set(_PLACEHOLDER.findall(text)) - PLACEHOLDERS.keys())


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders replaced, without lines whose placeholders are all empty.

    The heading right above such a line, which ends in a colon and names nothing, goes too. Values
    are not filled again: a comment with {name} stays as it is. KeyError for a placeholder without a
    value.
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
        lines.append(_PLACEHOLDER.sub(lambda match: values[match[1]], line))
        heading = line.endswith((":", "：")) and set(names) <= _TIMELESS
    # One blank line between paragraphs remains where lines were left out.
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def one_line(text: str) -> str:
    """`text` with white space and line breaks as single spaces, for messages and form fields."""
    return " ".join(text.split())
