"""The types of sdk-js are made of docs/openapi.yaml by `make client-types`, which needs npm.

This tells without npm that the document has changed since; `make clients` compares every line.
"""

import re
from collections.abc import Iterator

import yaml

from tests.given.sdk_server import ROOT

DOCUMENT = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text("utf-8"))
TYPES = (ROOT / "sdk-js" / "types" / "api.d.ts").read_text("utf-8")


def test_the_types_say_of_each_operation_what_the_document_says() -> None:
    types = _flat(TYPES)
    assert [each for each in _said() if _flat(each) not in types] == []


def test_the_types_know_each_path_and_each_schema() -> None:
    named = {f'"{path}": {{' for path in DOCUMENT["paths"]}
    named |= {f"        {schema}: " for schema in DOCUMENT["components"]["schemas"]}
    assert {each for each in named if each not in TYPES} == set()


def _said() -> Iterator[str]:
    for operations in DOCUMENT["paths"].values():
        for operation in operations.values():
            yield operation["summary"]
            yield operation["description"]


def _flat(text: str) -> str:
    """One line, without what a comment has before each of its lines, and before a slash."""
    return " ".join(re.sub(r"^\s*\*(?= |$)", "", text, flags=re.M).replace("*\\/", "*/").split())
