"""The commands of a page of the guide, as they stand there."""

import textwrap
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"


def blocks(page: str, heading: str) -> list[str]:
    """The indented blocks under a heading of a page, in order, without their indent.

    Raises LookupError: the page has no such heading.
    """
    lines = iter((GUIDE / page).read_text().splitlines())
    if not any(line.lstrip("#") == f" {heading}" for line in lines):
        raise LookupError(f"docs/guide/{page} has no heading {heading!r}")
    found: list[list[str]] = []
    within = False
    for line in lines:
        if line.startswith("#"):
            break
        if line.startswith("    "):
            if not within:
                found.append([])
            found[-1].append(line)
        within = line.startswith("    ")
    return [textwrap.dedent("\n".join(block)) for block in found]
