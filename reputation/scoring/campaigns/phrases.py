"""Finds phrases that show what a campaign says, without showing who reported it.

A phrase is shown only if several reporters used it, so that nobody is recognised by a turn of
phrase. Figures, links, addresses and announced names of people are masked.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Final

from reputation.scoring.campaigns.index import Statement
from reputation.scoring.campaigns.words import LINK, MAX_CHARACTERS, UNSPACED

MASK: Final = "▇▇▇"
REPORTERS: Final = 3  # distinct reporters that must have used a phrase
PHRASES: Final = 5  # at most
LONGEST: Final = 16  # words of a phrase; characters count half
SHORTEST: Final = 2

_DIGITS = re.compile(r"[^\W\d_]*\d(?:[\d\s().,:/\-‐-―]*\d)?[^\W\d_]*")
_SPELT = re.compile(r"[〇零一二三四五六七八九幺]{4,}")
_HANDLE = re.compile(
    r"(?<!\w)@\w{3,}|(?:微信|qq|wechat|telegram|whatsapp)号?\s*[是为::]+\s*[\w-]+", re.I
)
# A name after a title or an introduction; and a Chinese surname before a title.
_NAME = re.compile(
    r"\b(?P<before>(?:[Mm]y name(?: is|'s)|[Tt]his is|[Ii] am|[Ii]'m|"
    r"[Ss]peak(?:ing)? (?:to|with)|"
    r"[Oo]fficer|[Aa]gent|[Dd]etective|[Ss]ergeant|[Dd]octor|Dr\.?|Mr\.?|Mrs\.?|Ms\.?|Miss|"
    r"[Hh]err|[Ff]rau|[Ss]eñora?|[Mm]onsieur|[Mm]adame)\s+)"
    r"(?:[A-ZÀ-ÞΑ-Ω][\w'’-]*)(?:\s+[A-ZÀ-ÞΑ-Ω][\w'’-]*){0,2}"
)
_HAN_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{1,3}(?=先生|女士|小姐|同学|老师|警官|律师|经理|某)"
    r"|(?<=我叫)[\u4e00-\u9fff]{2,3}|(?<=姓名)[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff]某某?"
)
_STREET = re.compile(
    r"\b[A-Z][\w'-]{0,24}(?:\s+[A-Z][\w'-]{0,24}){0,3}"
    r"\s+(?:Street|St|Avenue|Ave|Road|Rd|Drive|Lane|Boulevard|Blvd)\b\.?"
    r"|[\u4e00-\u9fff]{2,6}(?:路|街|大道|小区|弄|巷)(?:▇▇▇)?[号栋室]?"
)
_TOKEN = re.compile(rf"{MASK}|[{UNSPACED}]|[^\W_{UNSPACED}]+(?:['’-][^\W_{UNSPACED}]+)*|[^\w\s]")


def phrases(statements: Iterable[Statement]) -> list[str]:
    """The longest phrases that at least REPORTERS of the statements' reporters used, masked.

    At most PHRASES, the most used first and the longer before the shorter; none is part of another.
    A statement without a reporter counts as one. Names of people are found only where a title or
    an introduction announces them; a name that one reporter alone used is never shown.
    """
    spans: dict[tuple[str, ...], set[Hashable]] = defaultdict(set)
    for place, statement in enumerate(statements):
        reporter = statement.get("reporter")
        voice = ("row", place) if reporter is None else reporter
        said = _TOKEN.findall(mask(statement.get("text") or ""))
        folded = [token.casefold() for token in said]
        for start in range(len(said)):
            for end in range(start + 1, min(start + 2 * LONGEST, len(said)) + 1):
                if not SHORTEST <= (size := _size(folded[start:end])) <= LONGEST:
                    if size > LONGEST:
                        break
                    continue
                if _is_word(said[start]) and _is_word(said[end - 1]):
                    spans[tuple(folded[start:end])].add(voice)
    used = [(len(voices), span) for span, voices in spans.items() if len(voices) >= REPORTERS]
    used.sort(key=lambda pair: (-pair[0] * _size(pair[1]), pair[1]))
    chosen: list[tuple[str, ...]] = []
    for _, span in used:
        if len(chosen) == PHRASES:
            break
        if not any(_overlap(span, other) for other in chosen):
            chosen.append(span)
    return [_spelt(span) for span in chosen]


def mask(text: str) -> str:
    """`text` with figures, links, addresses, handles and announced names replaced by MASK."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    text = LINK.sub(MASK, text)
    text = _HANDLE.sub(MASK, text)
    text = _NAME.sub(rf"\g<before>{MASK}", text)
    text = _HAN_NAME.sub(MASK, text)
    text = _SPELT.sub(MASK, _DIGITS.sub(MASK, text))
    return _STREET.sub(MASK, text)


def _size(span: Iterable[str]) -> float:
    return sum((0.5 if _IS_UNSPACED(token) else 1.0) for token in span if _is_word(token))


def _is_word(token: str) -> bool:
    return token[0].isalnum()


def _overlap(span: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the longer phrase contains more than half of the shorter one's words."""
    shorter, longer = sorted((set(span), set(other)), key=len)
    return 2 * len(shorter & longer) > len(shorter)


def _spelt(span: tuple[str, ...]) -> str:
    text = ""
    for token in span:
        apart = token == MASK or (_is_word(token) and not _IS_UNSPACED(token))
        if text and apart and not _IS_UNSPACED(text[-1]):
            text += " "
        text += token
    return text


_IS_UNSPACED = re.compile(rf"[{UNSPACED}]").match
