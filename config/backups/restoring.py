"""Restores a backup completely or not at all, into an empty database and an empty folder of
files."""

import json
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

from config import known_keys
from config.backups import archive, database, facts
from config.backups.making import DRAFTS, evidence_folder
from reputation.rights import FOLDER as ERASURES

CHUNK = 1 << 20


class NotRestored(Exception):
    """This backup cannot be restored here. The message says why, and what to do."""


def restore(
    source: IO[bytes], *, lost_keys: bool, now: datetime, progress: Callable[[int], object]
) -> facts.Facts:
    """Restores database and files. Calls `progress` with the bytes of each piece.

    The database is filled in one transaction, which commits after every hash was checked and the
    files are in place: if the process is killed before, the database stays empty.

    `lost_keys`: continue without the keys that sealed or hashed the backup's contents. Raises
    NotRestored if this machine or its settings do not fit; archive.BackupBroken,
    database.DatabaseRefused, OSError. After each of them the database is empty as before.
    """
    folder = evidence_folder()
    _refuse_filled_database()
    draft = None
    found: facts.Facts | None = None
    with closing(database.Loading()) as loading:
        try:
            for name, content in archive.members(source):
                if found is None:
                    found = _first(name, content, lost_keys=lost_keys)
                    if found.files and folder is not None:
                        _refuse_filled_folder(folder)
                        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                        draft = Path(tempfile.mkdtemp(prefix="restoring-", dir=folder.parent))
                elif name.startswith(f"{archive.DATABASE}/"):
                    while piece := content.read(CHUNK):
                        loading.write(piece)
                        progress(len(piece))
                else:
                    loading.end()
                    _extract(name, content, draft, progress)
            if found is None:
                raise archive.BackupBroken("It is empty.")
            loading.end()
            if draft is not None and folder is not None:
                _put(draft, folder)
            loading.commit()
        finally:
            if draft is not None:
                shutil.rmtree(draft, ignore_errors=True)
    differences = found.differences(facts.gather(files=found.files, now=now))
    if differences:
        raise NotRestored(
            "The database differs from what was backed up: " + " ".join(differences[:5])
        )
    return found


def _refuse_filled_database() -> None:
    tables = connection.introspection.table_names()
    if tables:
        raise NotRestored(
            f"The database {connection.settings_dict['NAME']} has {len(tables)} tables, and only "
            "an empty one is restored into. Make another one (createdb), and name it in "
            "DATABASE_URL; without DATABASE_URL, name another --data folder."
        )


def _refuse_filled_folder(folder: Path) -> None:
    there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if there - {ERASURES, DRAFTS}:
        raise NotRestored(
            f"EVIDENCE_DIR, {folder}, has files already. Set it to another folder, or move away "
            f"all but its folder {ERASURES}, which names who was erased since the backup."
        )


def _first(name: str, content: archive.Hashed, *, lost_keys: bool) -> facts.Facts:
    """The facts, which are the first member. Raises NotRestored for faults that they show."""
    if name != archive.FACTS:
        raise archive.BackupBroken("It is no backup of Ringscore.")
    found = facts.read(json.loads(content.read()))
    # The release that made the backup ran on these tables too, without knowing them.
    newer = [name for name in facts.unknown(found.migrations) if name not in found.beyond]
    if newer:
        raise NotRestored(
            f"It is of Ringscore {found.version}, whose tables this release does not know "
            f"({newer[0]}). Install that release or a later one, and restore with it."
        )
    missing = known_keys.missing({(purpose, mark) for purpose, mark in found.keys})
    if missing and not lost_keys:
        raise NotRestored(
            f"{' '.join(missing)} The database has to be restored before that: where the keys are "
            f"lost, run `{settings.PROGRAM} restore --lost-keys` first."
        )
    return found


def _extract(
    name: str, content: archive.Hashed, draft: Path | None, progress: Callable[[int], object]
) -> None:
    if draft is None:
        raise NotRestored("It has files, but EVIDENCE_DIR is no folder of this machine.")
    target = draft.joinpath(*Path(name).parts[1:])
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as file:
        target.chmod(0o600)
        while piece := content.read(CHUNK):
            file.write(piece)
            progress(len(piece))


def _put(draft: Path, folder: Path) -> None:
    """Moves the files to their place; adds the list of erasures to the existing one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in draft.iterdir():
        if path.name != ERASURES or not (folder / ERASURES).exists():
            path.rename(folder / path.name)
            continue
        for erasure in path.iterdir():
            if not (folder / ERASURES / erasure.name).exists():
                erasure.rename(folder / ERASURES / erasure.name)
