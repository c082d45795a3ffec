"""Reads the moments in a call log and how long calls were, in the notations of phones, carriers and
people."""

import re
from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from reputation.reports.diary import FIRST_CALL

_I = re.IGNORECASE
# Countries that write the month before the day: 11/27/2026.
MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "VI", "FM", "MH", "PW", "CA"})
# Those that write the year first, and without it the month: 11/27.
YEAR_FIRST = frozenset({"CN", "TW", "JP", "KR", "MN", "HU", "LT"})
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<word>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
# No space that may be there stands beside other space that may: blanks can be divided among them in
# so many ways that a line of 500 characters would take minutes.
# Behind a minute alone, a minus leads to the end of the call: 20:15-20:20.
_OFFSET = (
    r"(?:(?:UTC|GMT)[+-]|\+|(?:(?<=:\d\d:\d\d)|(?<=:\d\d:\d\d\s)|(?<=T\d\d:\d\d)|(?<=\.\d{3})"
    r"|(?<=\.\d{6}))-)\d{2}:?\d{2}(?!\d)"
)
_BEFORE = r"(?:上午|下午|晚上|晚|凌晨|清晨|早上|早|中午|傍晚|夜里|夜裡|夜)\s*"
_TIME = (
    rf"(?P<before>{_BEFORE})?"
    r"(?P<hour>\d{1,2})(?:\s*[:：时時点點]\s*(?P<minute>\d{2}|\d(?=分))"
    r"(?:\s*[:：分]\s*(?P<second>\d{2})(?:[.,]\d+)?(?:\s*秒)?)?(?:\s*分)?"
    r"|\s*[点點时時](?P<part>半|[13]刻)?|(?=\s*[ap]\.?m))"
    rf"(?:\s*(?P<after>[ap]\.?m\b\.?))?(?:\s*(?P<offset>Z\b|{_OFFSET}))?"
)
_GAP = (
    r"(?:\s*(?:,\s*)?(?:(?:at|um)\s*)?|T\s*|\s*\([^)]{1,6}\)\s*"
    r"|\s*(?:星期|礼拜|禮拜|周|週)[一二三四五六日天]\s*)"
)
_DAYS_BACK = {
    **dict.fromkeys(("今天", "今日", "今早", "今晚", "today", "this morning", "tonight"), 0),
    "heute": 0,
    **dict.fromkeys(("昨天", "昨日", "昨晚", "昨夜", "yesterday", "last night", "gestern"), 1),
    **dict.fromkeys(("前天", "前晚", "vorgestern"), 2),
}  # fmt: skip
# What says the evening with the day. Hours after midnight are then of the next day.
_NIGHTS = ("今晚", "昨晚", "昨夜", "前晚", "tonight", "last night")
_WEEKDAYS = {
    name: place
    for place, names in enumerate(
        (("一", "mon"), ("二", "tue"), ("三", "wed"), ("四", "thu"), ("五", "fri"), ("六", "sat"),
         ("日", "天", "sun"))
    )
    for name in names
}  # fmt: skip
_DAYS = (
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?:\s*日)?",
    r"(?P<one>\d{1,2})[/.\-](?P<two>\d{1,2})[/.\-](?P<late>\d{4}|\d{2})(?!\d)",
    rf"{_MONTH}\s*(?P<day>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?",
    rf"(?P<day>\d{{1,2}})(?:\.?\s*|[-/]){_MONTH}"
    r"(?:(?:,?\s+|[-/])(?P<year>\d{4}|(?<=[-/])\d{2}(?!\d)))?",
    r"(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})(?:\s*日)?",
    rf"(?P<back>{'|'.join(_DAYS_BACK)})",
    r"(?P<one>\d{1,2})[/.\-](?P<two>\d{1,2})\.?",
    # What follows says less than a date. It is read only in a line without one.
    r"(?P<day>\d{1,2})[日号號]",
    r"(?<![上下个個])(?:星期|礼拜|禮拜|周|週)(?P<weekday>[一二三四五六日天])",
    r"(?<![a-z])(?P<weekday>mon|tue|wed|thu|fri|sat|sun)(?:s|sday|nes|nesday|rs|rsday|ur|urday|day)?"
    r"\.?(?![a-z])",
)
_DATES = len(_DAYS) - 3  # of _DAYS
_MOMENTS = tuple(re.compile(rf"(?<![\d/.\-:])(?:{day}){_GAP}{_TIME}(?![\d:])", _I) for day in _DAYS)
# A comma also stands before the length of a call.
_FURTHER = re.compile(
    rf"\s*(?:[、;；&和及]|and\b|[,，](?=\s*(?:{_BEFORE}|\d{{1,2}}(?:[:：]\d\d)?\s*(?:[ap]\.?m|[点點时時]))))"
    rf"\s*(?P<clock>{_TIME})(?![\d:])",
    _I,
)
# What stands between the moments when a call began and ended.
_UNTIL = re.compile(
    rf"\s*(?:[-\u2013\u2014~～至到]|(?:to|till|until|bis)\b)\s*(?:(?P<clock>{_TIME})(?![\d:]))?", _I
)
LONGEST_CALL = timedelta(hours=4)
LONGEST_LENGTH = 500  # characters of the text for a call's length
_EPOCH = re.compile(r"(?<!\d)(1\d{9}|1\d{12})(?!\d)")
_COMPACT = re.compile(
    r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?:[ T]?(\d{2}):?(\d{2}):?(\d{2})|[ T](\d{2}):(\d{2}))(?![\d:])"
)
_PAIR = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](?:\d{4}|\d{2})(?!\d)")
_SHORT_PAIR = re.compile(r"(?<![\d/.\-])(\d{1,2})[/.](\d{1,2})\.?(?=,?\s+\d{1,2}:)")
_WRITTEN = re.compile(
    r"(?<![周週期拜])(?:([二三四五])?(十))?([〇零一二两兩三四五六七八九])?(?=[月日号號点點时時分刻])"
)
_FIGURES = {
    char: value
    for value, chars in enumerate(
        ["〇零", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九"]
    )
    for char in chars
}


def in_figures(line: str) -> str:
    """The line, with the figures of Chinese dates and times for what is written out: 八点半."""
    return _WRITTEN.sub(_figure, line)


def _figure(match: re.Match[str]) -> str:
    tens, ten, ones = match.groups()
    if not (ten or ones):
        return ""
    return str((_FIGURES[tens] if tens else 1) * 10 * bool(ten) + (_FIGURES[ones] if ones else 0))


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment and the place in its line where it stands. `day`: its words before the hour."""

    at: datetime
    start: int
    end: int
    day: str = ""


class Clock:
    """Reads the moments of one log. `values` are all of them: 13/11 in one row explains 11/12."""

    def __init__(
        self, values: Iterable[str], *, region: str, zone: ZoneInfo, now: datetime
    ) -> None:
        self.zone, self.now = zone, now
        values = list(values)
        self.month_first = _month_first(_PAIR, values, region in MONTH_FIRST)
        # Of a day and a month without a year.
        self.month_leads = _month_first(_SHORT_PAIR, values, region in MONTH_FIRST | YEAR_FIRST)

    def read(self, text: str) -> datetime | None:
        found = self.find(in_figures(text))
        return found.at if found else None

    def find(self, line: str) -> Moment | None:
        """The first moment in a line, from FIRST_CALL to today; None if there is none.

        The line has its figures as `in_figures` writes them.
        """
        if match := _EPOCH.search(line):
            at = datetime.fromtimestamp(int(match[1][:10]), UTC)
            return self._sound(at, match)
        if match := _COMPACT.search(line):
            year, month, day, hour, minute, second = (*map(int, filter(None, match.groups())), 0)[
                :6
            ]
            return self._at(match, (year, month, day), hour, minute, second)
        dated = False
        for place, pattern in enumerate(_MOMENTS):
            if dated and place >= _DATES:
                return None
            for match in pattern.finditer(line):
                dated = True
                if found := self._found(match):
                    return found
        return None

    def another(self, line: str, moment: Moment) -> tuple[str, int] | None:
        """A further time of the same day, written with its day, and where it ends in the line:
        20:30 in 11月27日 20:15、20:30."""
        match = _FURTHER.match(line, moment.end)
        if not moment.day or match is None:
            return None
        known = "" if match["before"] else moment.day
        return f"{known or re.sub(_BEFORE + '$', '', moment.day)}{match['clock']}", match.end()

    def ended(self, line: str, begun: Moment) -> Moment | None:
        """When the call ended that began at a moment of the line, if the line says it.

        11月27日 20:15-20:20.
        """
        match = _UNTIL.match(line, begun.end)
        if match is None:
            return None
        if match["clock"]:
            found = self.find(f"{begun.day}{match['clock']}") if begun.day else None
            place = match.end("clock")
        else:
            found = self.find(line[match.end() :])
            found = None if found is None or found.start else found
            place = match.end() + (found.end if found else 0)
        if found is None:
            return None
        midnight = timedelta(days=bool(match["clock"]) and found.at < begun.at)
        # In UTC, so that a call through a change of the clocks is as long as it was.
        at = (found.at + midnight).astimezone(UTC)
        ended = replace(found, at=at, start=match.start(), end=place)
        return ended if timedelta(0) <= ended.at - begun.at <= LONGEST_CALL else None

    def _found(self, match: re.Match[str]) -> Moment | None:
        parts = match.groupdict()
        night = (parts.get("back") or "").casefold() in _NIGHTS
        before = (parts["before"] or "").strip() or ("晚" if night else "")
        read = _hour(int(parts["hour"]), before, (parts["after"] or "").lower(), night=night)
        if read is None:
            return None
        days, hour = read
        minute = {"半": 30, "1刻": 15, "3刻": 45}.get(
            parts["part"] or "", int(parts["minute"] or 0)
        )
        second, offset = int(parts["second"] or 0), parts["offset"] or ""
        found = self._at(match, self._day(parts), hour, minute, second, offset, days)
        return found and replace(found, day=match.string[match.start() : match.start("hour")])

    def _day(self, parts: dict[str, str | None]) -> tuple[int, int, int]:
        """Year, month, day; the year is 0 where the line does not say it."""
        today = self.now.astimezone(self.zone).date()
        if back := parts.get("back"):
            return _parts(today - timedelta(days=_DAYS_BACK[back.casefold()]))
        if weekday := parts.get("weekday"):
            ago = (today.weekday() - _WEEKDAYS[weekday.casefold()]) % 7
            return _parts(today - timedelta(days=ago or 7))  # a list says today as the hour alone
        if one := parts.get("one"):
            two, late = int(parts["two"] or 0), int(parts.get("late") or 0)
            month_first = self.month_first if late else self.month_leads
            month, day = (int(one), two) if month_first else (two, int(one))
            if month > 12 and not late:
                month, day = day, month
            return _year(parts.get("late")), month, day
        word = parts.get("word")
        if not word and "month" not in parts:  # 26号: the last one
            day = int(parts["day"] or 0)
            last = today if day <= today.day else today.replace(day=1) - timedelta(days=1)
            return last.year, last.month, day
        month = _MONTHS.index(word[:3].casefold()) + 1 if word else int(parts["month"] or 0)
        return _year(parts.get("year")), month, int(parts["day"] or 0)

    def _at(
        self,
        match: re.Match[str],
        day: tuple[int, int, int],
        hour: int,
        minute: int,
        second: int,
        offset: str = "",
        later: int = 0,
    ) -> Moment | None:
        year, month, number = day
        today = self.now.astimezone(self.zone).date()
        try:
            if not year:
                year = _latest(month, number, today)
            at = datetime(year, month, number, hour, minute, second, tzinfo=self.zone)
            at += timedelta(days=later)
            if offset:
                ahead = offset.upper().removeprefix("UTC").removeprefix("GMT")
                ahead = ahead.replace("Z", "+00:00")
                at = datetime.fromisoformat(f"{at:%Y-%m-%dT%H:%M:%S}{ahead}")
        except (ValueError, OverflowError):
            return None
        return self._sound(at, match)

    def _sound(self, at: datetime, match: re.Match[str]) -> Moment | None:
        if not FIRST_CALL <= at <= self.now + timedelta(days=1):
            return None
        return Moment(at, match.start(), match.end())


def _month_first(pattern: re.Pattern[str], values: Iterable[str], usual: bool) -> bool:
    pairs = [(int(one), int(two)) for value in values for one, two in pattern.findall(value)]
    if any(one > 12 for one, _ in pairs):
        return False
    return usual or any(two > 12 for _, two in pairs)


def _year(said: str | None) -> int:
    """26 is 2026; 0 where the year is not said."""
    return int(said or 0) + (2000 if said and len(said) == 2 else 0)


def _latest(month: int, day: int, today: date) -> int:
    """The year in which this day was last. Raises ValueError."""
    year = today.year
    while (month, day) == (2, 29) and not isleap(year):
        year -= 1
    if date(year, month, day) <= today:
        return year
    return _latest(month, day, date(year - 1, 12, 31))


def _parts(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _hour(hour: int, before: str, after: str, *, night: bool) -> tuple[int, int] | None:
    """How many days later, and the hour. `night`: the day was named as a night, such as 昨晚.

    None: 27日晚上2点 may be the night before or after that day.
    """
    if before in ("晚上", "晚", "夜里", "夜裡", "夜"):
        if hour == 12 or (night and hour < 5):
            return 1, hour % 12
        if hour < 5:
            return None
    if after.startswith("p") or before in ("下午", "傍晚", "晚上", "晚", "夜里", "夜裡", "夜"):
        return 0, (hour + 12 if hour < 12 else hour)
    if before == "中午":
        return 0, (hour + 12 if hour < 3 else hour)
    if (after.startswith("a") or before == "凌晨") and hour == 12:
        return 0, 0
    return 0, hour


_CLOCK = re.compile(r"(?<![\d:.])(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?![\d:])")
_PARTS = re.compile(
    r"(\d+)\s*(h|hours?|hrs?|小时|小時|时|std)?\s*(?:(?<=[a-z时])\s*)?"
    r"(m|min|mins|minutes?|分钟?|分鐘?)?\s*(s|sec|secs|seconds?|秒)?(?![a-z])",
    _I,
)


def length_of(text: str) -> int | None:
    """A call's seconds, None where there is no length: 65, 1:05, 00:01:05, 1分5秒, 1 min 5 s."""
    text = text.strip()[:LONGEST_LENGTH]
    if text.isdecimal():
        return min(int(text), 86_400)
    if match := _CLOCK.search(text):
        hours, minutes, seconds = (int(each or 0) for each in match.groups())
        return min(hours * 3600 + minutes * 60 + seconds, 86_400)
    total, any_unit = 0, False
    for match in _PARTS.finditer(text):
        value = int(match[1])
        for unit, worth in ((match[2], 3600), (match[3], 60), (match[4], 1)):
            if unit:
                total, any_unit = total + value * worth, True
                break
    return min(total, 86_400) if any_unit else None
