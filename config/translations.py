"""Compiles translations from the catalogues of settings.LOCALE_PATHS, without the system's gettext.

The compiled files (.mo) follow from the catalogues (.po), so they are generated, not committed.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config import traditional

TRADITIONAL = "zh_Hant"


def compile_stale(folders: Iterable[str | Path]) -> list[Path]:
    """Compiles each catalogue that has changed since its compilation; returns the compiled ones.

    Traditional Chinese has no catalogues of its own: its compiled files are derived from Simplified
    (config.traditional). Two processes may run this at once: each writes a file of its own and
    renames it into place.
    """
    convert = cache(traditional.converter)
    compiled: list[Path] = []
    areas = [Path(folder) for folder in folders]
    if not any(source for area in areas for source in _catalogues(area)):
        return compiled  # an installed release, which has the compiled files alone
    for folder in areas:
        derived = folder / TRADITIONAL / "LC_MESSAGES" / "django.mo"
        for source in _catalogues(folder):
            if _make(source.with_suffix(".mo"), [source], partial(_read, source)):
                compiled.append(source)
            _make(derived, [source, traditional.TERMS], partial(_derive, source, convert))
        if folder == traditional.AREA:
            sources = [traditional.TERMS, *traditional.data_files()]
            _make(derived, sources, lambda: traditional.of_data(convert()))
    return compiled


def _catalogues(folder: str | Path) -> Iterator[Path]:
    """The catalogues of a folder; none if it does not exist, since an area may have no texts
    yet."""
    return iter(sorted(Path(folder).glob("*/LC_MESSAGES/*.po")))


def _read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file, locale=source.parent.parent.name, abort_invalid=True)


def _derive(source: Path, convert: Callable[[], Callable[[str], str]]) -> Catalog:
    return traditional.derive(_read(source), convert())


def _make(target: Path, sources: Sequence[Path], read: Callable[[], Catalog]) -> bool:
    """Writes the result of `read`, unless the file exists and no source has changed since."""
    # Dated as the mean of its sources, so that a restored older source makes it stale too.
    written = sum(source.stat().st_mtime_ns for source in sources) // len(sources)
    if target.exists() and target.stat().st_mtime_ns == written:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as whole:
        write_mo(whole, read())
    os.utime(whole.name, ns=(written, written))
    os.chmod(whole.name, 0o644)
    os.replace(whole.name, target)
    return True


# --- What there is to translate ---

# Names of gettext's functions in Python → their message arguments, in Babel's notation.
KEYWORDS = {
    "_": None,
    "N": None,
    "NN": (1, 2),
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
type Key = tuple[str | None, str]


def messages(folders: Iterable[Path]) -> dict[Key, str]:
    """(context, msgid) of every translated text in code and templates of these folders, with one
    place of it as path:line.
    """
    places: dict[Key, str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                source = path.read_bytes()
            elif path.suffix in (".html", ".txt") and "templates" in path.parts:
                source = _as_python(path)
            else:
                continue
            for line, key in _extract(source):
                places.setdefault(key, f"{path}:{line}")
    return places


def translated(folders: Iterable[str | Path]) -> dict[Key, list[str]]:
    """(context, msgid) → translated forms, of each complete entry in the catalogues."""
    translations: dict[Key, list[str]] = {}
    for folder in folders:
        for source in _catalogues(folder):
            for message in _read(source):
                forms = message.string if isinstance(message.string, tuple) else (message.string,)
                if message.id and all(forms) and not message.fuzzy:
                    translations[(message.context, _first(message.id))] = [
                        str(form) for form in forms
                    ]
    return translations


def _as_python(path: Path) -> bytes:
    """A template as Python with the same calls of gettext. Indentation has no meaning there."""
    # Imported here, since the wheel is built without Django.
    from django.utils.translation.template import templatize

    code = templatize(path.read_text(), origin=str(path))
    return "\n".join(line.lstrip() for line in code.splitlines()).encode()


def _extract(source: bytes) -> Iterator[tuple[int, Key]]:
    calls = extract("python", BytesIO(source), keywords=KEYWORDS, options={"encoding": "utf-8"})
    for line, text, _comments, context in calls:
        if message := _first(text):
            yield line, (context, message)


def _first(message: str | tuple[str, ...] | list[str]) -> str:
    """The msgid; the singular if there is a plural."""
    return message if isinstance(message, str) else message[0]
