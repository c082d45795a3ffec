"""The last backup made and the last one verified on this machine."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings


def note_backup(*, now: datetime) -> None:
    _note(made_at=now.isoformat())


def note_verified(*, now: datetime) -> None:
    _note(verified_at=now.isoformat())


def last_backup() -> dict[str, datetime]:
    """`made_at` and `verified_at`, as far as they are known here."""
    try:
        known = json.loads(_file().read_text())
        return {name: datetime.fromisoformat(value) for name, value in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _note(**moments: str) -> None:
    known: dict[str, Any] = {name: at.isoformat() for name, at in last_backup().items()}
    file = _file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_text(json.dumps(known | moments))
    draft.replace(file)


def _file() -> Path:
    return Path(settings.DATA_DIR) / "last_backup.json"
