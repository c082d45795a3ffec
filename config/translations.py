"""Translations, compiled from the catalogues of settings.LOCALE_PATHS without a system's gettext.

What gettext reads (.mo) follows from what people write (.po), so it is made, not committed.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_stale(folders: Iterable[str | Path]) -> list[Path]:
    """Compiles each catalogue that is newer than its compiled form, or has none; says which.

    Two processes may do so at once: each writes a file of its own and puts it in place whole.
    """
    return [source for folder in folders for source in _catalogues(folder) if _compile(source)]


def _catalogues(folder: str | Path) -> Iterator[Path]:
    """A folder that is not there has none: every area brings its own when it has words."""
    return iter(sorted(Path(folder).glob("*/LC_MESSAGES/*.po")))


def _compile(source: Path) -> bool:
    target = source.with_suffix(".mo")
    written = source.stat().st_mtime_ns
    if target.exists() and target.stat().st_mtime_ns == written:
        return False
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as whole:
        write_mo(whole, catalogue)
    # Not younger than its source but as old: a source brought back from last week is stale too.
    os.utime(whole.name, ns=(written, written))
    os.chmod(whole.name, 0o644)
    os.replace(whole.name, target)
    return True
