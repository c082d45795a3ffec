"""The locks hold what the requirements pin, each file by its hash."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]+\])?==(\S+)", re.MULTILINE)


def pins(path: Path) -> set[tuple[str, str]]:
    found = PIN.findall(path.read_text())
    return {(re.sub(r"[._-]+", "-", name).lower(), version) for name, version in found}


@pytest.mark.parametrize("name", ["", "-dev", "-supply", "-clients", "-redis"])
def test_a_lock_is_of_its_requirements(name: str):
    lock = ROOT / f"requirements{name}.lock"
    missing = pins(ROOT / f"requirements{name}.txt") - pins(lock)
    assert not missing, "run make lock"
    blocks = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
