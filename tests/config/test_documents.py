"""Documents that name what is in the repository name all of it."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from procrastinate.contrib.django import app

from config import checks
from config.command_line import COMMANDS, KEY_COMMANDS
from reputation import demo
from reputation.feeds.formats import FORMATS
from reputation.health import looking as health
from reputation.identity import identify, is_valid

ROOT = Path(__file__).resolve().parents[2]


def test_the_map_of_the_readme_has_every_package() -> None:
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"^\| `([\w/.-]+)/`", text, re.MULTILINE))
    packages = {
        str(init.parent.relative_to(ROOT))
        for top in ("*", "reputation/*")
        for init in ROOT.glob(f"{top}/__init__.py")
    }
    unlisted = {"reputation/management", "reputation/migrations"}  # Django's own places
    assert packages - unlisted - named == set()
    assert [path for path in named if not (ROOT / path).is_dir()] == []


def test_the_readme_has_the_example_that_the_demo_prints() -> None:
    readme = (ROOT / "README.md").read_text()
    assert re.findall(r"-d '(.*?)'", readme) == [demo.EXAMPLE]
    assert set(re.findall(r"/v1/numbers/(\S+)", readme)) == {demo.EDGE}
    assert json.loads(demo.EXAMPLE)["number"] == demo.EDGE


def test_the_guide_has_every_job_of_the_worker() -> None:
    guide = (ROOT / "docs" / "guide" / "worker.md").read_text()
    app.perform_import_paths()
    jobs = {each.task.name for each in app.periodic_registry.periodic_tasks.values()}
    assert jobs == set(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE))


def test_the_guide_has_every_part_that_doctor_looks_at() -> None:
    text = (ROOT / "docs" / "guide" / "installing.md").read_text()
    rows = re.findall(r"^\| ([^|]+?) \| [^|]+\|$", text, re.MULTILINE)
    told = {part for row in rows for part in row.split(", ")} - {"part"}
    assert told == {each.name for each in (*health.CHECKS, *checks.CHECKS)}


def test_the_guide_has_every_format_of_a_feed() -> None:
    text = (ROOT / "docs" / "guide" / "feeds.md").read_text()
    table = text.partition("| format |")[2].partition("\n\n")[0]
    told = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
    assert {name for cell in told for name in re.findall(r"`(\w+)`", cell)} == set(FORMATS)


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sdk*/README.md")]


def anchors_of(document: Path) -> set[str]:
    """What links lead to within it: its headings, as GitHub names them."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for document in documents():
        for target in re.findall(r"\]\(([^)]+)\)", document.read_text()):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, anchor = target.partition("#")
            there = document.parent / path if path else document
            if not there.exists() or (anchor and anchor not in anchors_of(there)):
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert broken == []


def test_files_that_documents_name_exist() -> None:
    """But in decisions, which tell also of what was removed."""
    folders = "|".join(path.name for path in ROOT.iterdir() if (path / "__init__.py").exists())
    path_of = re.compile(rf"`((?:tests|docs|ops|sdk|{folders})/[\w./-]+\.\w+)`")
    missing = [
        f"{document.relative_to(ROOT)}: {path}"
        for document in documents()
        if document.parent.name != "adr" and document.name != "CHANGELOG.md"
        for path in path_of.findall(document.read_text())
        if not (ROOT / path).exists()
    ]
    assert missing == []


def test_lines_keep_within_120_columns_and_have_no_surplus_blanks() -> None:
    """But for tables, and what is typed or printed."""
    surplus, found = re.compile(r"\S  +\S"), []
    for document in documents():
        text = re.sub(r"^ *```.*?^ *```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
        lines = [line for line in text.splitlines() if not line.startswith(("|", "    "))]
        wrong = [line for line in lines if len(line) > 120 or surplus.search(line)]
        found += [f"{document.name}: {line[:60]}" for line in wrong]
    assert found == []


@pytest.mark.parametrize("folder", ["guide", "integrations", "adr"])
def test_the_index_of_a_folder_leads_to_every_document(folder: str) -> None:
    index = (ROOT / "docs" / folder / "README.md").read_text()
    documents = {path.name for path in (ROOT / "docs" / folder).glob("*.md")} - {"README.md"}
    assert {name for name in documents if f"]({name}" not in index} == set()


def test_commands_that_documents_name_exist_with_their_options() -> None:
    named = re.compile(
        r"(?:ringscore-server|manage\.py) (?:--data \S+ )?(key \w+|[a-z_]+)([^`|;#\n]*)"
    )
    missing = [
        f"{document.relative_to(ROOT)}: {command} {option}".rstrip()
        for document in documents()
        if document.name != "CHANGELOG.md"
        for command, rest in named.findall(document.read_text())
        for option in _unknown(command, set(re.findall(r"(?<![\w-])--[a-z-]+", rest)))
    ]
    assert missing == []


def _unknown(command: str, options: set[str]) -> set[str]:
    """The options that a command lacks; {""} if there is no such command."""
    other = {"demo": "run"} | {f"key {word}": its for word, its in KEY_COMMANDS.items()}
    name = other.get(command, command)
    if name not in get_commands():
        return set() if name in COMMANDS else {""}
    parser = load_command_class(get_commands()[name], name).create_parser("", name)
    return options - {option for action in parser._actions for option in action.option_strings}


def test_what_administering_names_like_a_command_is_one() -> None:
    text = (ROOT / "docs/guide/administering.md").read_text()
    postgresql = {"max_connections", "shared_buffers"}
    named = set(re.findall(r"`([a-z]+_[a-z_]+)\b(?!\.)", text)) - postgresql
    assert named - set(get_commands()) == set()


def test_no_chinese_number_that_is_shown_to_people_can_be_anybodys() -> None:
    """China sets no numbers aside for fiction, so examples have a prefix that nobody was given."""
    texts = ("docs/**/*.md", "docs/openapi.yaml", "locale/**/*.po", "README.md", "sdk*/README.md")
    mobile = re.compile(r"(?:\+86[ -]?|(?<![\w.+/-]))(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
    shown = {
        number
        for pattern in texts
        for path in ROOT.glob(pattern)
        for number in mobile.findall(path.read_text())
    }
    assert "154 0000 1234" in shown
    assert [number for number in shown if is_valid(identify(number, region="CN"))] == []
