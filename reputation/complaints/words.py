"""What letters, logs and charts say besides their templates, in the languages that we write."""

import json
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "data" / "words.json"
# Country → language in which its authorities are written to; English elsewhere.
LANGUAGE_OF = {"CN": "zh-hans", "DE": "de", "AT": "de"}
LANGUAGES = ("en", "zh-hans", "de")
# Country → zone in which its incidents are dated unless somebody says otherwise. One that has
# several is dated in that of most people; letters name the zone.
ZONE_OF = {"CN": "Asia/Shanghai", "DE": "Europe/Berlin", "US": "America/New_York"}


def words(language: str) -> dict[str, Any]:
    """The vocabulary of a language of LANGUAGES. KeyError for any other."""
    return _all()[language]


def zone_name(key: str, language: str) -> str:
    """A time zone as readers of a language know it; else its IANA name."""
    name: str = words(language)["zones"].get(key, key)
    return name


@cache
def _all() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = json.loads(PATH.read_text())
    return content
