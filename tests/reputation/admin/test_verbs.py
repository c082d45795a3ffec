"""The record is shown in words: no page prints the name of a verb as the code has it."""

import ast

from django.conf import settings

from reputation.admin.words import VERBS
from reputation.models import Sourced

SOURCED = Sourced.__subclasses__()


def _verbs(module: ast.Module) -> set[str]:
    """What a module passes as `verb`, by name or by place, where the place is an own function's."""
    places = {
        node.name: [each.arg for each in node.args.args].index("verb")
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef) and "verb" in [each.arg for each in node.args.args]
    }
    passed: list[ast.expr] = []
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg == "verb":
            passed.append(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = places.get(node.func.id)
            passed += node.args[place : place + 1] if place is not None else []
    return {
        leaf.value
        for each in passed
        for leaf in ast.walk(each)
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
    }


def test_every_verb_of_the_record_has_a_name():
    """Verbs are written as literals, but those of edits: add_ and edit_ with the model's name."""
    written = set()
    for path in (settings.BASE_DIR / "reputation").rglob("*.py"):
        source = path.read_text()
        if "verb" in source:
            written |= _verbs(ast.parse(source))
    written -= {"edit", "add", "_"}
    edited = {f"{verb}_{model._meta.model_name}" for verb in ("add", "edit") for model in SOURCED}
    assert {"leave", "undo", "read_message", "open_evidence"} < written
    assert (written | edited) - set(VERBS) == set()
