"""Wheels of this repository, built and installed as a stranger installs them."""

import subprocess
import sys
import venv
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def build(source: Path, folder: Path) -> Path:
    """The wheel of the project in `source`, in `folder`, which is empty."""
    subprocess.run([*PIP, "wheel", "--no-deps", "--wheel-dir", folder, source], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """The `bin` of a new environment in `folder` with the wheel and what it requires."""
    venv.create(folder)
    subprocess.run([*PIP, "--python", folder / "bin" / "python", "install", wheel], check=True)
    return folder / "bin"
