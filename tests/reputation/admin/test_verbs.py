"""The record is shown in words: no page prints the name of a verb as the code has it."""

import ast

from django.conf import settings

from reputation.admin.words import VERBS
from reputation.models import Sourced

SOURCED = Sourced.__subclasses__()


def test_every_verb_of_the_record_has_a_name():
    """Verbs are written as literals, but those of edits: add_ and edit_ with the model's name."""
    written = set()
    for path in (settings.BASE_DIR / "reputation").rglob("*.py"):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)) if "verb=" in source else ():
            if isinstance(node, ast.keyword) and node.arg == "verb":
                written |= {
                    leaf.value
                    for leaf in ast.walk(node.value)
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
                }
    written -= {"edit", "add", "_"}
    edited = {f"{verb}_{model._meta.model_name}" for verb in ("add", "edit") for model in SOURCED}
    assert {"leave", "undo", "read_message", "open_evidence"} < written
    assert (written | edited) - set(VERBS) == set()
