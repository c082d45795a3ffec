"""The guide's table of settings, made from config/settings.py: names, defaults, comments.

python -m tests.given.settings_guide > docs/guide/settings.md
"""

import ast
import inspect
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config import env

SETTINGS = Path(__file__).resolve().parents[2] / "config" / "settings.py"
# Every helper of config.env reads the variable that its first argument names.
READERS = {*(name for name, _ in inspect.getmembers(env, inspect.isfunction)), "secret"}
INTRODUCTION = """\
# Settings

Made by `python -m tests.given.settings_guide > docs/guide/settings.md` out of `config/settings.py`.
Do not edit it by hand.

Settings are environment variables. The service does not start without one that it needs, or with
two that contradict each other, and says which. *Needed* means: with DATABASE_URL, or where
strangers reach the service. An empty value is none. Paths begin with /. Times are UTC, sizes are
bytes.
"""


@dataclass
class Comment:
    text: str
    alone: bool  # on its line


@dataclass
class Setting:
    name: str
    default: str
    said: str


def sections() -> Iterator[tuple[str, list[Setting]]]:
    """Headings of settings.py, and the settings below each."""
    source = SETTINGS.read_text()
    comments = _comments(source)
    heads = [
        (line, match[1])
        for line, comment in comments.items()
        if (match := re.fullmatch(r"# --- (.+) ---", comment.text))
    ]
    found: dict[str, list[Setting]] = {"General": []} | {head: [] for _, head in heads}
    seen: set[str] = set()
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            continue
        head = next((name for line, name in reversed(heads) if line < statement.lineno), "General")
        calls = [node for node in ast.walk(statement) if _reads(node)]
        for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            name = call.args[0].value
            if name not in seen:
                seen.add(name)
                found[head].append(
                    Setting(name, _default(call, statement), _said(call, statement, comments))
                )
    return ((head, settings) for head, settings in found.items() if settings)


def _reads(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in READERS
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
    )


def _default(call: ast.Call, statement: ast.stmt) -> str:
    kind = call.func.id
    if kind == "secret":  # one that is read under a condition is not needed
        optional = any(isinstance(node, ast.IfExp) for node in ast.walk(statement))
        return "a file in KEYS_DIR" if optional else "needed, or a file in KEYS_DIR"
    if kind == "required":
        usual = [_shown(each.value) for each in call.keywords if each.arg == "default"]
        return "; else ".join(["needed", *usual])
    if len(call.args) < 2:
        return "no" if kind == "flag" else ""
    return _shown(call.args[1])


def _shown(value: ast.expr) -> str:
    match value:
        case ast.Constant(value=str(words)):
            return f"`{words}`" if words else ""
        case ast.Constant(value=int(count)) if not isinstance(count, bool):
            return f"{count:,}"
        case ast.IfExp(test=ast.Name(id="IS_SERVER" | "IS_GUARDED")):
            there, here = _shown(value.body) or "none", _shown(value.orelse) or "none"
            return f"{there} on a server, else {here}"
        case ast.Name(id="IS_SERVER" | "IS_GUARDED"):
            return "yes on a server, else no"
        case ast.Call(func=ast.Name(id="str")):
            path = ast.unparse(value.args[0]).replace("BASE_DIR / ", "").replace(" / ", "/")
            return f"`{path.replace(chr(39), '')}`"
    return f"`{ast.unparse(value)}`"


def _said(call: ast.Call, statement: ast.stmt, comments: dict[int, Comment]) -> str:
    """The comment behind it, or else the lines above it, above its statement, or its purpose."""
    for line in range(call.lineno, (call.end_lineno or call.lineno) + 1):
        if line in comments and not comments[line].alone:
            return _plain([comments[line].text])
    for line in (call.lineno, statement.lineno):
        if block := _above(line, comments):
            return _plain(block)
    named = [each for each in call.args[1:] if isinstance(each, ast.Constant)]
    return _plain([f"{named[0].value}."]) if call.func.id in ("required", "secret") else ""


def _above(line: int, comments: dict[int, Comment]) -> list[str]:
    block: list[str] = []
    while (found := comments.get(line - 1)) and found.alone and "# ---" not in found.text:
        block.insert(0, found.text)
        line -= 1
    return block


def _plain(lines: list[str]) -> str:
    words = " ".join(line.lstrip("# ").strip() for line in lines).replace("|", "\\|")
    return words[:1].upper() + words[1:]


def _comments(source: str) -> dict[int, Comment]:
    reading = iter(source.splitlines(keepends=True)).__next__
    return {
        token.start[0]: Comment(token.string, not token.line[: token.start[1]].strip())
        for token in tokenize.generate_tokens(reading)
        if token.type == tokenize.COMMENT
    }


def document() -> str:
    parts = [INTRODUCTION]
    for head, settings in sections():
        rows = [f"| {each.name} | {each.default} | {each.said} |" for each in settings]
        parts.append(
            "\n".join([f"## {head}\n", "| setting | default | |", "|---|---|---|", *rows, ""])
        )
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(document())
