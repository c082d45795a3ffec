"""The fixed words of letters, logs and charts, in the languages of letters."""

import json
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "data" / "words.json"
# Country → the language of letters to its authorities; English elsewhere.
LANGUAGE_OF = {
    "CN": "zh-hans",
    "TW": "zh-hant",
    **dict.fromkeys(("HK", "MO"), "zh-hk"),
    **dict.fromkeys(("DE", "AT"), "de"),
    **dict.fromkeys(
        (
            *("AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "ES", "GQ"),
            *("GT", "HN", "MX", "NI", "PA", "PE", "PY", "SV", "UY", "VE"),
        ),
        "es",
    ),
    "ID": "id",
}
LANGUAGES = ("en", "zh-hans", "zh-hant", "zh-hk", "de", "es", "id")


def words(language: str) -> dict[str, Any]:
    """The vocabulary of a language of LANGUAGES. KeyError for any other."""
    return _all()[language]


def counted(forms: str | list[str], count: int) -> str:
    """A count in words, of which there is one form, or one for a single thing and one for more."""
    if isinstance(forms, list):
        forms = forms[0 if count == 1 else 1]
    return forms.format(count)


@cache
def _all() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = json.loads(PATH.read_text())
    return content
