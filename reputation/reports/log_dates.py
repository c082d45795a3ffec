"""Reads the moments in a call log, in the notations of phones, carriers and people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from reputation.reports.diary import FIRST_CALL

_I = re.IGNORECASE
# Countries that write the month before the day: 11/27/2026.
MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "VI", "FM", "MH", "PW", "CA"})
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<word>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
# No space that may be there stands beside other space that may: blanks can be divided among them in
# so many ways that a line of 500 characters would take minutes.
_TIME = (
    r"(?:(?P<before>上午|下午|晚上|晚|凌晨|早上|早|中午|傍晚|夜里)\s*)?"
    r"(?P<hour>\d{1,2})(?:\s*[:：时時点點]\s*(?P<minute>\d{2})(?:\s*[:：分]\s*(?P<second>\d{2})"
    r"(?:[.,]\d+)?(?:\s*秒)?)?(?:\s*分)?|(?=\s*[ap]\.?m))"
    r"(?:\s*(?P<after>[ap]\.?m\b\.?))?(?:\s*(?P<offset>Z\b|(?:UTC|GMT)?[+-]\d{2}:?\d{2}(?!\d)))?"
)
_GAP = (
    r"(?:\s*(?:,\s*)?(?:(?:at|um)\s*)?|T\s*|\s*\([^)]{1,6}\)\s*"
    r"|\s*(?:星期|周)[一二三四五六日天]\s*)"
)
_DAYS = (
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?:\s*日)?",
    r"(?P<one>\d{1,2})[/.\-](?P<two>\d{1,2})[/.\-](?P<late>\d{4}|\d{2})(?!\d)",
    rf"{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?",
    rf"(?P<day>\d{{1,2}})\.?\s*{_MONTH}(?:,?\s+(?P<year>\d{{4}}))?",
    r"(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})(?:\s*日)?",
    r"(?P<back>今天|昨天|前天|today|yesterday|heute|gestern)",
    r"(?P<one>\d{1,2})[/.\-](?P<two>\d{1,2})\.?",
)
_MOMENTS = tuple(re.compile(rf"(?<![\d/.\-:])(?:{day}){_GAP}{_TIME}(?![\d:])", _I) for day in _DAYS)
_EPOCH = re.compile(r"(?<!\d)(1\d{9}|1\d{12})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})[ T]?(\d{2}):?(\d{2}):?(\d{2})(?!\d)")
_BACK = {"今天": 0, "today": 0, "heute": 0, "昨天": 1, "yesterday": 1, "gestern": 1, "前天": 2}
_PAIR = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](?:\d{4}|\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment and the place in its line where it stands."""

    at: datetime
    start: int
    end: int


class Clock:
    """Reads the moments of one log. `values` are all of them: 13/11 in one row explains 11/12."""

    def __init__(
        self, values: Iterable[str], *, region: str, zone: ZoneInfo, now: datetime
    ) -> None:
        self.zone, self.now = zone, now
        self.month_first = region in MONTH_FIRST
        pairs = [(int(one), int(two)) for value in values for one, two in _PAIR.findall(value)]
        if any(one > 12 for one, _ in pairs):
            self.month_first = False
        elif any(two > 12 for _, two in pairs):
            self.month_first = True

    def read(self, text: str) -> datetime | None:
        found = self.find(text)
        return found.at if found else None

    def find(self, line: str) -> Moment | None:
        """The first moment in a line, from FIRST_CALL to today; None if there is none."""
        if match := _EPOCH.search(line):
            at = datetime.fromtimestamp(int(match[1][:10]), UTC)
            return self._sound(at, match)
        if match := _COMPACT.search(line):
            year, month, day, hour, minute, second = map(int, match.groups())
            return self._at(match, (year, month, day), hour, minute, second)
        for pattern in _MOMENTS:
            for match in pattern.finditer(line):
                if found := self._found(match):
                    return found
        return None

    def _found(self, match: re.Match[str]) -> Moment | None:
        parts = match.groupdict()
        hour = _hour(int(parts["hour"]), parts["before"] or "", (parts["after"] or "").lower())
        minute, second = int(parts["minute"] or 0), int(parts["second"] or 0)
        return self._at(match, self._day(parts), hour, minute, second, parts["offset"] or "")

    def _day(self, parts: dict[str, str | None]) -> tuple[int, int, int]:
        """Year, month, day; the year is 0 where the line does not say it."""
        if back := parts.get("back"):
            then = self.now.astimezone(self.zone).date() - timedelta(days=_BACK[back.casefold()])
            return then.year, then.month, then.day
        if one := parts.get("one"):
            two, late = int(parts["two"] or 0), int(parts.get("late") or 0)
            # Without a year, month and day stand in that order in every notation but the German.
            month_first = self.month_first if late else "." not in str(one)
            month, day = (int(one), two) if month_first else (two, int(one))
            return (late + 2000 if 0 < late < 100 else late), month, day
        word = parts.get("word")
        month = _MONTHS.index(word[:3].casefold()) + 1 if word else int(parts["month"] or 0)
        return int(parts.get("year") or 0), month, int(parts["day"] or 0)

    def _at(
        self,
        match: re.Match[str],
        day: tuple[int, int, int],
        hour: int,
        minute: int,
        second: int,
        offset: str = "",
    ) -> Moment | None:
        year, month, number = day
        today = self.now.astimezone(self.zone).date()
        try:
            if not year:
                year = today.year
                if date(year, month, number) > today:
                    year -= 1
            at = datetime(year, month, number, hour, minute, second, tzinfo=self.zone)
            if offset:
                ahead = offset.upper().removeprefix("UTC").removeprefix("GMT")
                ahead = ahead.replace("Z", "+00:00")
                at = datetime.fromisoformat(f"{at:%Y-%m-%dT%H:%M:%S}{ahead}")
        except ValueError:
            return None
        return self._sound(at, match)

    def _sound(self, at: datetime, match: re.Match[str]) -> Moment | None:
        if not FIRST_CALL <= at <= self.now + timedelta(days=1):
            return None
        return Moment(at, match.start(), match.end())


def _hour(hour: int, before: str, after: str) -> int:
    if after.startswith("p") or before in ("下午", "晚上", "晚", "傍晚", "夜里"):
        # 晚上12点 is midnight, and of the day that ends: a log writes 0:00 for it.
        return hour + 12 if hour < 12 else hour
    if before == "中午":
        return hour + 12 if hour < 3 else hour
    if (after.startswith("a") or before == "凌晨") and hour == 12:
        return 0
    return hour
