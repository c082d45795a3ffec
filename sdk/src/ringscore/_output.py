"""What the command `ringscore` prints: JSON, warnings, a progress bar."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from enum import Enum
from typing import Any


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value.value) if isinstance(value, Enum) else str(value)


def warn(message: str) -> None:
    print(f"ringscore: {message}", file=sys.stderr)


class Bar:
    """A progress bar on standard error, when that is a terminal."""

    WIDTH = 30

    def __init__(self, unit: str) -> None:
        self.unit, self.shown = unit, False

    def show(self, done: int, total: int) -> None:
        """Shows `done` of `total`; a total of 0 is unknown."""
        if not sys.stderr.isatty():
            return
        self.shown = True
        if total:
            full = self.WIDTH * min(done, total) // total
            line = f"[{'#' * full}{'.' * (self.WIDTH - full)}] {done:,}/{total:,} {self.unit}"
        else:
            line = f"{done:,} {self.unit}"
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Clears the line of the bar."""
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
