"""The last backup made and the last one verified on this machine."""

import json
import logging
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)


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
    """Notes the moments. If the disk is full it only warns: the backup itself lies elsewhere."""
    known: dict[str, Any] = {name: at.isoformat() for name, at in last_backup().items()}
    file = _file()
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_text(json.dumps(known | moments))
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        logger.warning("the backup is whole, but doctor and alarms do not know of it: %s", error)


def _file() -> Path:
    return Path(settings.DATA_DIR) / "last_backup.json"
