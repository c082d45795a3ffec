"""Finds numbers of callers in a text, as opposed to money, cards and other digits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reputation.identity import (
    EMERGENCY_EVERYWHERE,
    Identity,
    InvalidNumber,
    identify,
    is_valid,
)
from reputation.intake.grammar.figures import FILLER, in_figures

# Digits with the separators that people use. Longer runs are split into numbers.
_RUN = re.compile(
    r"(?<![A-Za-z0-9_@/=])(?<!(?<!\.)\.)(?<![^-\s]-)\+?\(?[0-9](?:[ ().\-/·]{0,3}[0-9]){2,60}\0*+"
    r"(?![A-Za-z0-9_.\0]*@)"
)
# A date that no other grammar recognised, such as a future one.
_DAY = re.compile(
    r"20\d\d([-/.])\d{1,2}\1\d{1,2}(?: \d{1,2})?"
    r"|20\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?: ?\d{4}(?:\d\d)?)?"
    r"|\d{1,2}([-/.])\d{1,2}\2(?:20)?\d\d(?: \d{1,2})?"
)
# Candidates judged in one text. A list of a hundred numbers has fewer; single digits with blanks
# between have tens of thousands, which would take seconds.
_MOST_JUDGED = 2_000
_SHORTEST_IN_TEXT = 7  # digits; below that a number must be a known service code
_SHORT_CODE = 5  # digits; from here on, where the text says that it is a number
_NO_AMOUNT = 10  # digits; no amount of money is this long
_PIECE = re.compile(r"[^ /]+")
_HOUR, _MINUTES = re.compile(r"\d\d?"), re.compile(r":\d\d(?!\d)")  # of a time behind a number
_NAMED = re.compile(
    r"(?:(?<![a-z])(?:from|by|number|code)|来自|号码|短号|号|自)[\s::是为]*$", re.IGNORECASE
)
# Where people write mainland mobiles as these are written there, and such mobiles: without a
# country, their digits are also those of a number of North America.
_BESIDE_THE_MAINLAND = frozenset({"HK", "MO", "TW"})
_MAINLAND_MOBILE = re.compile(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}", re.ASCII)
_SERVICE = re.compile(r"1(?:0\d{3,}|2\d{3,})|9[56]\d{3,}")
_NO = r"(?:number|num|no\.?|code|id|#)"
# Words before digits that are not a caller's number.
_NOT_BEFORE = re.compile(
    r"(?:[¥$€£]|尾号|末尾|卡号|账号|帐号|账户"
    r"|身份证号?|订单号?|单号|案号|合同号?|编号|qq群?|微信号?|工号|警号|流水号|借据号?|会员号|回执号?"
    # Whole words: "I paid 0770…" and "in any case 0770…" name numbers.
    r"|(?<![a-z])(?:rmb|usd|eur|code|otp|pin|wechat|weixin|vx|whatsapp|telegram|ending(?: in)?"
    r"|(?:(?<!caller )id|licen[cs]e|customer|contract|order|ref(?:erence)?|(?<!in )(?<!any )case"
    r"|invoice|account|acct|a/c|card|tracking|booking|policy|serial|ticket|bill|passport"
    rf"|member(?:ship)?|social security|ssn|badge)(?: ?{_NO})?)"
    rf"|(?<![a-z])(?:claim|loan|file|docket|confirmation|warrant) ?{_NO})"
    # "Account number they quoted was".
    r"(?: (?:they|he|she|it) \w+(?: me| us)? (?:is|was)| is| was)?[\s::#是为]*$",
    re.IGNORECASE,
)
# Words before a code. No code is as long as a telephone number with its area.
_CODE = re.compile(r"(?:验证码|校验码)[\s::#是为]*$")
_LONGEST_CODE = 8  # digits
_NOT_BEHIND = re.compile(
    r"\s?(?:元|块|万|亿|%|usd|eur|yuan|rmb|dollars?|euros?|pounds?|人民币|期|笔|岁|年|月"
    r"|days?|hours?|次"
    r"|times\b|天(?!天)|分钟|小时)",
    re.IGNORECASE,
)
# Words before a number that the text asks to call.
_CALLBACK = re.compile(
    r"(?:(?:(?<![a-z] )|(?<=to )|(?<=please )|(?<=pls )|(?<=or )|(?<=and )|(?<=can )|(?<=you )"
    r"|(?<=just )|(?<=then )|(?<=must )|(?<=should )|(?<=now ))"  # to call, and not "a call"
    r"call(?: (?:us|me|him|them|back|on|at|now))*|ring(?: (?:us|back|on|at|now))*"
    r"|(?:call|ring) (?:\w+ ){1,2}(?:on|at)|(?<!\bmy )(?<!\b(?:our|his|her|the) )"
    r"(?<!\btheir )phone|dial|text|contact"
    r"|reach us(?: at| on)?|reply to"
    r"|call ?back(?: number)?|致电|拨打|拨|回电|回拨|电联|联系|咨询|客服(?:热线|电话)?|热线"
    r"|联系电话|(?<!这个)(?<!那个)(?<!该)(?<!骚扰)(?<!诈骗)(?<!推销)"
    r"(?<!催收)(?<!垃圾)(?<!打)(?<!我的)(?:来电|电话))"
    r"[\s::,是为请]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    identity: Identity
    start: int
    end: int
    callback: bool  # the text asks to call it
    own: bool = False  # it is the sender's


@dataclass(frozen=True, slots=True)
class Country:
    """How numbers are read: the sender's country, and the sender's own numbers, which they cannot
    report."""

    region: str
    own: frozenset[str] = frozenset()
    allow_fictional: bool = False

    def identify(self, raw: str) -> Identity | None:
        """The identity of a text that is a number and nothing else; None for the sender's own
        number."""
        found = self._identity(raw)
        return None if found and found.key in self.own else found

    def _identity(self, raw: str) -> Identity | None:
        raw = raw.strip(" \t\n,;.!?、。\"'<>[]【】" + FILLER)
        if not raw:
            return None
        mainland = self.region in _BESIDE_THE_MAINLAND and _MAINLAND_MOBILE.fullmatch(raw)
        for region in ("CN",) if mainland else {self.region: 0, "": 0}:
            try:
                return identify(raw, region=region, allow_fictional=self.allow_fictional)
            except InvalidNumber:
                continue
        return None

    def in_figures(self, text: str) -> str:
        """The text with spoken numbers in digits, of the same length."""
        return in_figures(text, self._is_number)

    def _is_number(self, digits: str) -> bool:
        found = self.number(digits, mine=True)
        # Without a country, national numbers are ambiguous.
        return is_valid(found) if found else not self.region

    def is_emergency(self, raw: str) -> bool:
        try:
            identify(raw.strip(), region=self.region, allow_fictional=self.allow_fictional)
        except InvalidNumber as error:
            return error.code == "emergency"
        return False

    def number(self, raw: str, *, mine: bool = False) -> Identity | None:
        """As `identify`, for digits only, not for names of senders. `mine`: also the sender's own
        number."""
        found = self._identity(raw) if mine else self.identify(raw)
        return found if found and found.kind != "sender" else None


def find_numbers(
    text: str,
    country: Country,
    *,
    taken: list[tuple[int, int]],
    start: int = 0,
    mine: bool = False,
) -> list[Found]:
    """The numbers in running text, in order, outside of the stretches in `taken`; with `mine`, also
    the sender's own."""
    return [each for each in _find(text, country, taken, start) if mine or not each.own]


def _find(text: str, country: Country, taken: list[tuple[int, int]], start: int) -> Iterator[Found]:
    bounds = sorted(taken)
    turns = iter(range(_MOST_JUDGED))
    for first, last in _free(bounds, start, len(text)):
        text = text[:first] + country.in_figures(text[first:last]) + text[last:]
        for run in _RUN.finditer(text, first, last):
            yield from _judged(text, country, run.start(), run.end(), turns)


def _free(bounds: list[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for first, last in bounds:
        if first > at:
            yield at, first
        at = max(at, last)
    if end > at:
        yield at, end


def _judged(
    text: str, country: Country, first: int, last: int, turns: Iterator[int]
) -> Iterator[Found]:
    """The numbers in a run of digits: one, or several with other digits, separated by spaces. Each
    candidate uses one of the text's `turns`."""
    pieces = [(m.start() + first, m.end() + first) for m in _PIECE.finditer(text[first:last])]
    if len(pieces) > 1 and _HOUR.fullmatch(text, *pieces[-1]) and _MINUTES.match(text, last):
        pieces.pop()
    place = 0
    while place < len(pieces):
        start = pieces[place][0]
        # The longest that makes sense.
        for last_piece, _turn in zip(range(len(pieces) - 1, place - 1, -1), turns, strict=False):
            end = pieces[last_piece][1]
            if found := _number_at(text, country, start, end):
                yield found
                place = last_piece
                break
        place += 1


def _number_at(text: str, country: Country, start: int, end: int) -> Found | None:
    before, raw = text[max(start - 40, 0) : start], text[start:end].rstrip(FILLER)
    digits = "".join(filter(str.isdecimal, raw))
    if len(digits) < _NO_AMOUNT and _NOT_BEHIND.match(text, end):
        return None
    if _NOT_BEFORE.search(before) or (len(digits) <= _LONGEST_CODE and _CODE.search(before)):
        return None
    if digits in EMERGENCY_EVERYWHERE or is_day(raw):
        return None
    if len(digits) < _SHORTEST_IN_TEXT and not (
        _SERVICE.fullmatch(digits) or (len(digits) >= _SHORT_CODE and _NAMED.search(before))
    ):
        return None
    found = country.number(raw, mine=True)
    if found and found.kind == "national" and len(digits) >= _SHORTEST_IN_TEXT:
        # Digits of this length are a service number only if the country's table has them.
        found = found if _SERVICE.fullmatch(found.key[3:]) else None
    if not found:
        return None
    return Found(found, start, end, bool(_CALLBACK.search(before)), found.key in country.own)


def is_day(raw: str) -> bool:
    return bool(_DAY.fullmatch(raw.strip()))
