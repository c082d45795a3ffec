"""What several test files share is in a module that tests nothing, in tests/given/ as a rule."""

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_no_test_file_and_no_conftest_is_imported():
    imported = [
        f"{file.relative_to(TESTS)}: {node.module}"
        for file in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests.")
        if node.module.rpartition(".")[2].startswith(("test_", "conftest"))
    ]
    assert imported == []
