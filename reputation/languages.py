"""The languages that people read here, and which Chinese.

Catalogues and data files are written in English and in Simplified Chinese. Traditional Chinese is
derived from that when translations are compiled (config.traditional), also of data: looked up by
what it says in Simplified Chinese. What moderators enter later is shown as they wrote it.
"""

from collections.abc import Iterable
from typing import Final

from django.utils import translation
from django.utils.translation import gettext_noop

ENGLISH: Final = "en"
SIMPLIFIED: Final = "zh-hans"
TRADITIONAL: Final = "zh-hant"
LANGUAGES: Final = (ENGLISH, SIMPLIFIED, TRADITIONAL)
# Where Chinese is written, and how.
_CHINESE: Final = {"CN": SIMPLIFIED, **dict.fromkeys(("TW", "HK", "MO"), TRADITIONAL)}
_TRADITIONAL_TAGS: Final = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def of_country(country: str) -> str:
    """The language of LANGUAGES in which to write to people there (ISO 3166, or empty)."""
    return _CHINESE.get(country, ENGLISH)


def is_chinese(tag: str) -> bool:
    return tag.lower().startswith("zh")


def gap() -> str:
    """What stands between two sentences, and after a colon. Chinese has no blank there: its full
    stop and colon are as wide as a word."""
    return "" if is_chinese(translation.get_language() or "") else " "


def sentences(*texts: str) -> str:
    """The sentences in a row; empty ones are left out."""
    return gap().join(filter(None, texts))


# Django puts this behind the labels of its forms. Its own Simplified Chinese has the English sign.
gettext_noop(":")


def colon(term: object = "") -> str:
    """The sign between a term and a statement about it. A question has its own."""
    if str(term).endswith(("?", "？")):
        return gap()
    return "：" if is_chinese(translation.get_language() or "") else ": "


def comma() -> str:
    """The sign between items of a list, or before an addition."""
    return "，" if is_chinese(translation.get_language() or "") else ", "


def in_a_row(things: Iterable[object]) -> str:
    """The items of a list, with commas between them."""
    return comma().join(map(str, things))


def semicolon() -> str:
    """The sign between items of a list that may contain commas."""
    return "；" if is_chinese(translation.get_language() or "") else "; "


def full_stop() -> str:
    """The sign at the end of a sentence."""
    return "。" if is_chinese(translation.get_language() or "") else "."


def nearest(tag: str) -> str:
    """The language of LANGUAGES for a reader with this tag, such as zh-TW or de."""
    if not is_chinese(tag):
        return ENGLISH
    return TRADITIONAL if tag.lower().startswith(_TRADITIONAL_TAGS) else SIMPLIFIED


def choose(tag: str, *, english: str, chinese: str) -> str:
    """The text in the language of a reader with this tag, of English and Simplified Chinese."""
    if not is_chinese(tag):
        return english
    if chinese and nearest(tag) == TRADITIONAL:
        with translation.override(TRADITIONAL):
            return translation.gettext(chinese)
    return chinese
