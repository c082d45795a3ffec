"""The release: of the wheel, of backups, and in the service's answers."""

import os
import subprocess
from functools import cache
from pathlib import Path

VERSION = "0.1.0"

# Written into the wheel by hatch_build.py.
_BUILT_FROM = Path(__file__).with_name("commit.txt")
_CHECKOUT = Path(__file__).resolve().parent.parent / ".git"


@cache
def commit() -> str:
    """The first twelve digits of this code's commit; "" if it is unknown."""
    if _BUILT_FROM.exists():
        return _BUILT_FROM.read_text().strip()
    if given := os.environ.get("RINGSCORE_COMMIT", "").strip():  # for a build without .git
        return given[:12]
    if not _CHECKOUT.exists():
        return ""
    line = ["git", "-C", str(_CHECKOUT.parent), "rev-parse", "--short=12", "HEAD"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):  # git is missing, or hangs
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def release() -> str:
    """`0.1.0+g059f301d7a1c`: the version, and the commit where it is known (PEP 440)."""
    known = commit()
    return f"{VERSION}+g{known}" if known else VERSION
