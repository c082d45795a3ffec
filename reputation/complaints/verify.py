"""Verifies a complaint pack, with nothing but Python (3.8 or newer): python -I verify.py [FOLDER]

It names every file that is missing or was changed, and checks the log of evidence: each entry's
digest covers the entry before it, so that no entry can be changed or inserted later.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

MANIFEST, LOG = "manifest.json", "evidence/log.json"


def canonical(value: Any) -> bytes:
    """JSON in the form that is hashed: keys sorted, no spaces, ASCII with \\u escapes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def hash_of(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(folder: str) -> Any:
    """The manifest, or None if its digest shows a change."""
    try:
        with open(os.path.join(folder, MANIFEST), "rb") as file:
            raw = file.read()
        manifest = json.loads(raw)
        rest = {name: value for name, value in manifest.items() if name != "digest"}
        whole = json.dumps(manifest, sort_keys=True, indent=1).encode() + b"\n"
        sound = raw == whole and hashlib.sha256(canonical(rest)).hexdigest() == manifest["digest"]
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    return manifest if sound else None


def broken_files(folder: str, manifest: Any) -> Iterator[tuple[str, str]]:
    """(name, fault) of each damaged file in the manifest."""
    for each in manifest["files"]:
        path = os.path.join(folder, *each["path"].split("/"))
        try:
            if hash_of(path) != each["sha256"]:
                yield each["path"], "was changed"
        except OSError:
            yield each["path"], "is missing"


def broken_log(folder: str, manifest: Any) -> Iterator[str]:
    """The faults of the log of evidence, a sentence each. `broken_files` checks its files."""
    hashes = {each["path"]: each["sha256"] for each in manifest["files"]}
    with open(os.path.join(folder, *LOG.split("/")), "rb") as file:
        log = json.load(file)
    for report in log["reports"]:
        previous = "0" * 64
        for place, entry in enumerate(report["results"], 1):
            rest = {name: value for name, value in entry.items() if name != "digest"}
            where = f"report {report['report']}, entry {place}"
            if entry["previous"] != previous or entry["position"] != place:
                yield where + " does not follow the entry before it"
            previous = entry["digest"]
            if "erased_at" in entry:  # with its name, so that the digest cannot be worked out
                continue
            if hashlib.sha256(canonical(rest)).hexdigest() != entry["digest"]:
                yield where + " was changed"
            if hashes.get(log["files"][entry["sha256"]]) != entry["sha256"]:
                yield where + " is of another file than the one in the pack"


def check(folder: str) -> list[str]:
    """All faults, a line each."""
    manifest = read_manifest(folder)
    if manifest is None:
        return [MANIFEST + " is missing or was changed, so nothing else can be judged by it"]
    broken = dict(broken_files(folder, manifest))
    faults = [name + " " + what for name, what in broken.items()]
    if LOG not in broken:
        faults += broken_log(folder, manifest)
    return faults


def main() -> int:
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    faults = check(folder)
    for fault in faults:
        say(f"WRONG: {fault}")
    if faults:
        return 1
    manifest = read_manifest(folder)
    say(f"All {len(manifest['files'])} files are as they were on {manifest['made_at']}.")
    say(f"SHA-256 of manifest.json: {hash_of(os.path.join(folder, MANIFEST))}")
    say("Compare it with the packs that the complaint's page at the service lists.")
    return 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
