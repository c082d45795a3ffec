"""Digits as people say and type them: "oh seven seven, double oh nine", 幺三八, "O77OO".

Tokens and their figures: digits.py decides whether they are a number.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

_LONGEST = 18  # digits: 00, calling code and number
_SHORTEST = 5  # digits: 九五五三三
_SHORTEST_GROUP, _LONGEST_GROUP = 3, 6  # digits between commas
# Where groups end in most countries, by digits: figures with commas or a line's end between are one
# number if they end there, or begin with 0 or a plus.
_GROUPED = {9: frozenset({3, 6}), 10: frozenset({3, 6}), 11: frozenset({3, 7})}

# fmt: off
_ONES = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1",
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "niner": "9",
}
_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14",
    "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}
# fmt: on
_TIMES = {"double": 2, "treble": 3, "triple": 3, "quadruple": 4, "两": 2, "兩": 2, "三": 3}
_SCALES = {"hundred": "00", "thousand": "000"}
# With formal numerals in both writings, and what is read aloud: 洞 0, 幺 1, 两 2, 拐 7, 勾 9.
_HAN = "零〇○洞一壹幺二贰貳两兩三叁叄參参四肆五伍六陆陸七柒拐八捌九玖勾"
_CHINESE = dict(zip(_HAN, "00001112222233333445566677788999", strict=True))
_ONE = "|".join(_ONES)
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_'])(?<![0-9]:)(?:"
    rf"(?P<times>double|treble|triple|quadruple)[ -]{{1,2}}(?P<again>{_ONE}|[0-9])"
    rf"|(?P<one>{_ONE})(?:[ -](?P<scale>hundred|thousand))?"
    rf"|(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<unit>{_ONE}))?"
    rf"|(?P<teen>{'|'.join(_TEENS)})"
    r"|(?P<figures>(?=[oil]{0,9}[0-9])[0-9oil]+|o{2,4})"
    r")(?![A-Za-z0-9_'])(?!:[0-9])"
    rf"|(?:(?P<fold>[两兩三])[个個])?(?P<han>[{_HAN}])",
    re.IGNORECASE,
)
_LETTERS = str.maketrans("oilOIL", "011011")
_BETWEEN = re.compile(
    r"[ \t.()\-·]{0,4}(?:(?P<line>[,、]?\r?\n[ \t(]{0,3})|(?P<comma>[,、，][ \t(\-]{0,3})"
    r"|(?:dot|dash|hyphen|space|point|minus|杠|横杠|空格)[ \t,.\-]{0,3})?",
    re.IGNORECASE,
)
_PLUS = re.compile(r"(?:\+|(?<![A-Za-z0-9])plus)[ (]{0,2}\Z", re.IGNORECASE)
_PART_OF_MORE = re.compile(r"(?:[@/=_]|[A-Za-z0-9][.-])\Z")  # an address, a link, a code
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
# In "138… three times" and 138…两次 the last is a count, in 第二138… the first counts numbers.
_COUNTED = re.compile(
    r" (?:times?|calls?|texts?|messages?|voicemails?|people|persons?|m[ae]n|wom[ae]n|guys?|numbers?"
    r"|days?|nights?|hours?|minutes?|mins|seconds?|weeks?|months?|years?|more|others?|different|of"
    r"|or|to|o'?clock|am|pm|dollars?|pounds?|euros?|quid|bucks|percent|rings?|missed)\b",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"[两兩二三四五六七八九]?(?:[个個次条條通遍回声聲点點年月日分小周星位名句番话話更处處手百千万萬亿億十块塊元毛岁歲期笔筆度倍家人]"
    rf"|天(?!天))|(?<=一)[^\W\d_A-Za-z{_HAN}是的]"
)
_BEHIND_A_WORD = re.compile(r"[A-Za-z] \Z|[第码碼号號话話之]\Z")
_BEFORE_A_WORD = re.compile(r" [A-Za-z]|(?<= o)[,.!]", re.IGNORECASE)  # "it is not a scam o!"


@dataclass(frozen=True, slots=True)
class Token:
    """Some digits as they stand in a text. `gap` is what parts it from the one before: nothing (0),
    a comma (1), the end of a line (2). `said`: not in figures. `singly`: said digit by digit.
    `counts`: what stands behind can be counted by it; `word`: it is an English one, with `apart`
    it may be said of something else."""

    start: int
    end: int
    digits: str
    gap: int
    said: bool
    singly: bool
    counts: bool
    word: bool
    apart: bool


def stretches(text: str) -> Iterator[list[Token]]:
    """Digits that stand together: between them is only what people put into a number."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        if tokens and (gap := _BETWEEN.fullmatch(text, tokens[-1].end, match.start())):
            tokens.append(_token(match, 2 if gap["line"] else 1 if gap["comma"] else 0))
            continue
        if tokens:
            yield tokens
        before = text[max(match.start() - 8, 0) : match.start()]
        tokens = [] if _PART_OF_MORE.search(before) else [_token(match, 0, before)]
    if tokens:
        yield tokens


def _token(match: re.Match[str], gap: int, before: str = "") -> Token:
    text, start, end = match.string, match.start(), match.end()
    digits = _digits(match)
    plus = _PLUS.search(before)
    figures = match["figures"]
    counts = bool((_MEASURED if match["han"] else _COUNTED).match(text, end))
    small = len(digits) == 1 and digits != "0" and not figures
    word = not (figures or match["han"])
    return Token(
        start - len(plus[0]) if plus else start,
        end,
        f"+{digits}" if plus else digits,
        gap,
        said=not (figures and figures.isdecimal()),
        singly=not (match["scale"] or match["tens"] or match["teen"]),
        counts=small and counts,
        word=word,
        apart=(word and bool(_BEFORE_A_WORD.match(text, end)))
        or ((small or word) and bool(_BEHIND_A_WORD.search(text, max(start - 2, 0), start)))
        or (small and counts),
    )


def _digits(match: re.Match[str]) -> str:
    if figures := match["figures"]:
        return figures.translate(_LETTERS)
    if match["han"]:
        return _CHINESE[match["han"]] * _TIMES.get(match["fold"], 1)
    if match["times"]:
        again = match["again"].lower()
        return _ONES.get(again, again) * _TIMES[match["times"].lower()]
    if match["tens"]:
        unit = match["unit"]
        return _TENS[match["tens"].lower()] + (_ONES[unit.lower()] if unit else "0")
    if match["one"]:
        scale = match["scale"]
        return _ONES[match["one"].lower()] + (_SCALES[scale.lower()] if scale else "")
    return _TEENS[match[0].lower()]


def figures(tokens: Sequence[Token]) -> str:
    """The number of these tokens in figures, with its plus; empty where nobody means one by them:
    they are few, count up, are amounts, or the first of them numbers the others."""
    written = "".join(token.digits for token in tokens)
    digits = len(written.removeprefix("+"))
    if not _SHORTEST <= digits <= _LONGEST:
        return ""
    if said := [token for token in tokens if token.said]:
        singly = sum(token.singly for token in tokens) * 2 >= len(tokens)
        numbered = tokens[0].apart and len(said) == 1 and said[0] is tokens[0]
        return written if singly and not numbered and not _is_a_row(tokens) else ""
    return written if _are_groups(tokens, written) else ""


def _is_a_row(tokens: Sequence[Token]) -> bool:
    """Whether each is as much more than the one before: one two three, twenty thirty forty."""
    steps = {(int(b.digits) - int(a.digits)) % 10 for a, b in pairwise(tokens)}
    return len(steps) == 1 and all(len(token.digits) < 3 for token in tokens)


def _are_groups(tokens: Sequence[Token], written: str) -> bool:
    """Whether figures may be one number in groups: no list of small ones, no 1,380,000."""
    ends = list(accumulate(len(token.digits) for token in tokens[:-1]))
    gaps = [token.gap for token in tokens[1:]]
    if not any(gaps):
        return True
    cuts = [end for end, gap in zip(ends, gaps, strict=True) if gap]
    groups = [written[start:end] for start, end in pairwise([0, *cuts, len(written)])]
    commas = 1 in gaps and (
        min(map(len, groups[1:])) < _SHORTEST_GROUP
        or len(max(groups, key=len).removeprefix("+")) > _LONGEST_GROUP
        or _THOUSANDS.fullmatch(",".join(groups))
    )
    if commas or gaps.count(2) > 1:
        return False
    return written[0] in "+0" or _GROUPED.get(len(written), frozenset()).issuperset(ends)


def said(text: str) -> str:
    """The figures of a text that is nothing but digits in names or letters, or in groups."""
    found = list(stretches(text))
    if len(found) != 1 or (found[0][0].start, found[0][-1].end) != (0, len(text)):
        return ""
    return figures(found[0]) if any(token.said or token.gap for token in found[0]) else ""
