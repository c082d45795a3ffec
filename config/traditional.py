"""Derives Traditional Chinese from Simplified when catalogues are compiled.

OpenCC's `s2twp` writes the characters and words of Taiwan, which the tag zh-Hant without a place
stands for (CLDR, likely subtags). Readers in Hong Kong and Macao read these characters too.
locale/traditional/terms.txt lists exceptions.

Texts of data files (advice, authorities, service numbers) are in a catalogue of their own, under
their wording in Simplified Chinese: `reputation.languages.choose` looks them up.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog

ROOT = Path(__file__).resolve().parent.parent
AREA = ROOT / "locale" / "traditional"
TERMS = AREA / "terms.txt"
HONG_KONG = "zh-hk"  # for letters in its own words, from which nothing is derived
_CHINESE = re.compile(r"[一-鿿]")


def converter() -> Callable[[str], str]:
    """A function from Simplified to Traditional Chinese. Reading its tables takes a second."""
    # Imported here, since only compiling needs it.
    from opencc import OpenCC

    terms = dict(_terms())
    written = re.compile("|".join(sorted(map(re.escape, terms), key=len, reverse=True)))
    convert = OpenCC("s2twp").convert

    def traditional(text: str) -> str:
        pieces, end = [], 0
        for term in written.finditer(text):
            pieces += [convert(text[end : term.start()]), terms[term[0]]]
            end = term.end()
        return "".join([*pieces, convert(text[end:])])

    return traditional


def derive(catalogue: Catalog, convert: Callable[[str], str]) -> Catalog:
    """The catalogue in Traditional Chinese."""
    derived = Catalog(locale="zh_Hant")
    for message in catalogue:
        if message.id:
            text = message.string or ""
            forms = convert(text) if isinstance(text, str) else tuple(map(convert, text))
            derived.add(message.id, forms, context=message.context, flags=message.flags)
    return derived


def data_files() -> list[Path]:
    """The data files with texts for people."""
    return sorted(ROOT.glob("reputation/*/data/**/*.json"))


def of_data(convert: Callable[[str], str]) -> Catalog:
    """Every Chinese text of the data files, under its wording in Simplified Chinese."""
    texts = {text for path in data_files() for text in _texts(json.loads(path.read_text()))}
    catalogue = Catalog(locale="zh_Hant")
    for text in sorted(texts):
        catalogue.add(text, convert(text))
    return catalogue


def _texts(content: Any) -> Iterator[str]:
    match content:
        case str() if _CHINESE.search(content):
            yield content
        case dict():
            for name, value in content.items():
                if HONG_KONG not in (name, content.get("language")):
                    yield from _texts(value)
        case list():
            for value in content:
                yield from _texts(value)


def _terms() -> Iterator[tuple[str, str]]:
    for line in TERMS.read_text().splitlines():
        if line and not line.startswith("#"):
            simplified, _, traditional = line.partition("\t")
            yield simplified, traditional
