"""Finds the time of a call, as people write it: Chinese, English, ISO; absolute, relative,
partial."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

# A clock may run slightly ahead, as in reputation.reports.
AHEAD = timedelta(minutes=10)

_DIGITS = {
    char: value
    for value, chars in enumerate(["〇零", "一", "二两", "三", "四", "五", "六", "七", "八", "九"])
    for char in chars
}
_N = r"(?:\d{1,2}|[〇零一二两三四五六七八九十]{1,3})"  # a number below 100
_YEAR = r"(?:20\d\d|二[〇零][〇零一二三四五六七八九]{2})"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_CHINESE_WEEKDAYS = "一二三四五六日"
_RELATIVE = {
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "今晨": 0, "昨天": 1, "昨日": 1, "昨晚": 1,
    "昨夜": 1, "前天": 2, "前晚": 2, "大前天": 3, "today": 0, "tonight": 0, "this morning": 0,
    "this afternoon": 0, "this evening": 0, "yesterday": 1, "last night": 1,
    "the day before yesterday": 2, "aujourd'hui": 0, "hier": 1,
}  # fmt: skip
_EVENING = ("今晚", "昨晚", "前晚", "昨夜", "tonight", "last night", "evening", "afternoon")
_UNITS = {"分": "minutes", "小": "hours", "个": "hours", "天": "days", "m": "minutes", "h": "hours",
          "d": "days"}  # fmt: skip

_I = re.IGNORECASE | re.ASCII

_DATES = [
    # 2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日, 二〇二六年三月五日
    re.compile(rf"(?<!\d)(?P<y>{_YEAR})(?:年|[-/.])\s?(?P<m>{_N})(?:月|[-/.])\s?(?P<d>{_N})"
               r"(?:[日号]|(?![\d.]\d))"),
    re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?=\D|$|\d{4}(?:\d\d)?(?!\d))"),
    re.compile(rf"(?<!\d)(?P<m>{_N})月(?P<d>{_N})[日号]?"),
    re.compile(rf"(?<![\d\w])(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?(?:\s+of)?[\s/-]+{_MONTH}"
               rf"(?:,?[\s/-]+(?P<y>20\d\d))?(?!\w)", _I),
    re.compile(rf"(?<!\w){_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y>20\d\d))?"
               r"(?!\w|:\d)", _I),
    re.compile(r"(?<![\d/.+-])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<y>20\d\d)"
               r"(?![\d/-])"),
    re.compile(r"(?<![\d/.+-])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?:/(?P<yy>\d\d))?(?![\d/])"),
    # 11-20 09:31, as telephones list calls.
    re.compile(r"(?<![\w/.+-])(?P<m>0\d|1[0-2])-(?P<d>[0-3]\d)(?= [0-2]?\d:[0-5]\d)"),
    re.compile(rf"(?<!\d)(?P<d>{_N})[日号](?=\s?(?:凌晨|早|上午|中午|下午|傍晚|晚|夜"
               rf"|{_N}[点时:]))"),
    re.compile("|".join(sorted((rf"(?<![a-z]){w}(?![a-z])" if w.isascii() else w
                                for w in _RELATIVE), key=len, reverse=True)), _I),
    # Friday is 周五, and "five times a week" is 一周五次.
    re.compile(r"(?<![每一二两兩三四五六七八九十半\d])(?P<lastweek>上)?[个個]?(?:周|週|星期|礼拜|禮拜)"
               r"(?P<cw>[一二三四五六日天])(?!\s?[一二三四五六七八九十两兩几幾多]?[次遍回趟通])"),
    re.compile(r"(?<![a-z])(?:last |on )?(?P<ew>mon|tue|wed|thu|fri|sat|sun)"
               r"(?:day|sday|nesday|rsday|urday)(?![a-z]),?", _I),
]  # fmt: skip
_AGO = re.compile(
    r"刚才|刚刚|(?<![a-z])just now(?![a-z])"
    rf"|(?P<n>{_N}|半)\s?(?P<u>分钟|小时|个小时|个钟头|天)(?:以|之)?前"
    r"|(?<!\w)(?P<en>\d{1,2}|an?|one|two|three|half an)\s+(?P<eu>min(?:ute)?|hour|day)s?\s+ago",
    _I,
)
_PERIOD = r"(?P<p>凌晨|清晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚|夜里|深夜|半夜)"
_TIMES = [
    # 下午2点半, 14时30分, 两点一刻
    re.compile(rf"{_PERIOD}?\s?(?<!\d)(?P<h>{_N})[点时點時](?:钟|整)?"
               rf"(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<m>{_N})(?:分(?!钟)|(?!\d)))?"
               rf"(?:(?P<s>{_N})秒)?(?!前|以前|内|后|间)"),
    re.compile(rf"{_PERIOD}?\s?(?<![\d:])(?P<h>\d{{1,2}}):(?P<m>\d\d)(?::(?P<s>\d\d)(?:\.\d+)?)?"
               r"(?=\D|$|1[3-9]\d{9}(?!\d))\s?(?P<ap>[ap]\.?m(?![a-z])\.?)?"
               r"(?:\s?(?P<offset>(?<=\d)Z(?![a-z])|[+-]\d\d:?\d\d(?![\d])))?", _I),
    re.compile(r"(?<![\d:.])(?P<h>\d{1,2})\.(?P<m>\d\d)\s?(?P<ap>[ap]\.?m(?![a-z])\.?)", _I),
    re.compile(r"(?<![\d:.])(?P<h>\d{1,2})\s?(?P<ap>[ap]\.?m(?![a-z])\.?)", _I),
    re.compile(r"(?<![\d:])(?P<h>\d{1,2})h(?P<m>\d\d)?(?!\w)", _I),
    re.compile(r"(?<!\d)(?P<h>\d\d)(?P<m>\d\d)(?=\s?(?:hrs|hours)(?![a-z]))(?:\s?(?:hrs|hours))",
               _I),
    re.compile(r"(?<![a-z])(?:(?P<noon>noon|midday)|(?P<midnight>midnight))(?![a-z])", _I),
]  # fmt: skip
# 1430 or 143005 directly after 20260305: after no other date are bare digits a time.
_BARE_TIME = re.compile(r"[ T]?(?P<h>\d\d)(?P<m>\d\d)(?P<s>\d\d)?(?!\d)")
_DOTTED_TIME = re.compile(
    r"[ ,]{1,2}(?:at )?(?P<h>\d{1,2})\.(?P<m>\d\d)(?![\d.])"
    r"(?:\s?(?P<ap>[ap]\.?m(?![a-z])\.?))?",
    _I,
)
_BETWEEN = re.compile(r"[\sT,、的在-]{0,3}(?:at|on|around|about|à|大?约)?\s?", _I)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, and the stretches of the text that state it. Without `has_time`, noon of that
    day."""

    at: datetime
    has_time: bool
    spans: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        return min(start for start, _ in self.spans)

    @property
    def end(self) -> int:
        return max(end for _, end in self.spans)


def find_moment(
    text: str, *, now: datetime, zone: tzinfo, month_first: bool = False, start: int = 0,
    end: int | None = None,
) -> Moment | None:  # fmt: skip
    """The first moment named between `start` and `end`; None if there is none, or none before
    `now`. `month_first`: 3/5 is March 5th, as in the US. A missing year is the latest that fits."""
    end = len(text) if end is None else end
    local = now.astimezone(zone)
    if ago := _AGO.search(text, start, end):
        at = _ago(ago, local)
        return Moment(at, "天" not in ago[0] and "day" not in ago[0].lower(), (ago.span(),))
    days = _days(text, start, end, local, month_first)
    for day, period, first, last in days:
        clock = _clock_near(text, first, last, start, end)
        if clock is None:
            at = datetime.combine(day, time(12), zone)
            if at.date() == local.date():
                at = min(at, local)
            if at <= local + AHEAD:
                return Moment(at, False, ((first, last),))
            continue
        hour, offset, place = clock
        if period and hour.hour < 12:
            hour = hour.replace(hour=hour.hour + 12)
        at = datetime.combine(day, hour, offset or zone)
        if at <= local + AHEAD:
            return Moment(at, True, _spans(text, (first, last), place))
    if days:
        return None
    for hour, offset, place in _clocks(text, start, end):
        at = datetime.combine(local.date(), hour, offset or zone)
        if at > local + AHEAD:
            at -= timedelta(days=1)
        return Moment(at, True, (place,))
    return None


def _spans(text: str, day: tuple[int, int], clock: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """The stretches of day and time: one, including the word between them, or two."""
    one, two = sorted((day, clock))
    if _BETWEEN.fullmatch(text, one[1], two[0]):
        return ((one[0], two[1]),)
    return one, two


type _Day = tuple[date, bool, int, int]
type _Clock = tuple[time, tzinfo | None, tuple[int, int]]


def _days(text: str, start: int, end: int, local: datetime, month_first: bool) -> list[_Day]:
    found: list[_Day] = []
    for pattern in _DATES:
        for match in pattern.finditer(text, start, end):
            try:
                day = _day(match, local, month_first)
            except (ValueError, OverflowError):
                continue  # the 30th of February
            if day and not any(a < match.end() and match.start() < b for _, _, a, b in found):
                word = match[0].lower()
                found.append((day, word.endswith(_EVENING), *match.span()))
    return sorted(found, key=lambda each: each[2])


def _day(match: re.Match[str], local: datetime, month_first: bool) -> date | None:
    groups = match.groupdict()
    today = local.date()
    if not groups.get("d") and not groups.get("a"):
        if groups.get("cw") or groups.get("ew"):
            name = groups.get("cw") or ""
            index = (
                _CHINESE_WEEKDAYS.index(name.replace("天", "日"))
                if name
                else _WEEKDAYS.index(str(groups["ew"]).lower())
            )
            back = (today.weekday() - index) % 7
            if groups.get("lastweek"):
                back = today.weekday() + 7 - index
            return today - timedelta(days=back)
        return today - timedelta(days=_RELATIVE[match[0].lower()])
    year = groups.get("y") or (f"20{groups['yy']}" if groups.get("yy") else "")
    if groups.get("a"):
        one, two = int(groups["a"] or 0), int(groups["b"] or 0)
        month, day = (one, two) if month_first and groups.get("sep") != "." else (two, one)
        if month > 12 >= day:
            month, day = day, month
    else:
        day = _value(groups["d"] or "")
        if groups.get("month"):
            month = _MONTHS.index(str(groups["month"])[:3].lower()) + 1
        elif groups.get("m"):
            month = _value(groups["m"] or "")
        else:  # 5日下午: of this month, or the one before
            month = today.month if day <= today.day else (today.month - 2) % 12 + 1
            year = str(today.year - (day > today.day and today.month == 1))
    if year:
        return date(_year(year), month, day)
    this = date(today.year, month, day) if (month, day) != (2, 29) else _leap(today)
    return this if this <= today else date(today.year - 1, month, day)


def _leap(today: date) -> date:
    """The latest 29th of February."""
    year = today.year
    while True:
        if year % 4 == 0 and (year % 100 or year % 400 == 0) and date(year, 2, 29) <= today:
            return date(year, 2, 29)
        year -= 1


def _year(digits: str) -> int:
    return int("".join(str(_DIGITS.get(char, char)) for char in digits))


def _value(digits: str) -> int:
    """The value of 12, 十二, 三十, 二十五."""
    if digits.isdecimal():
        return int(digits)
    tens, ten, ones = digits.partition("十")
    if not ten:
        return int("".join(str(_DIGITS[char]) for char in digits))
    return 10 * (_DIGITS.get(tens, 1) if tens else 1) + (_DIGITS.get(ones, 0) if ones else 0)


def _ago(match: re.Match[str], local: datetime) -> datetime:
    amount, unit = match["n"] or match["en"], match["u"] or match["eu"]
    if not unit:
        return local
    words = {"半": 0.5, "half an": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
    count = words.get(str(amount).lower())
    if count is None:
        count = _value(str(amount))
    name = _UNITS[unit[0].lower()]
    ago = timedelta(**{name: count})
    if name == "days":
        return local - ago
    # In UTC: the clocks may have been changed since.
    return (local.astimezone(UTC) - ago).astimezone(local.tzinfo)


def _clock_near(text: str, first: int, last: int, start: int, end: int) -> _Clock | None:
    """The time directly after or before a date; else the first time anywhere."""
    short = _BARE_TIME if text[first:last].isdecimal() else _DOTTED_TIME
    behind = short.match(text, last, end)
    if behind and (clock := _clock(behind)):
        return clock
    anywhere = _clocks(text, last, end) + _clocks(text, start, first)
    for clock in anywhere:
        if _BETWEEN.fullmatch(text, last, clock[2][0]) or _BETWEEN.fullmatch(
            text, clock[2][1], first
        ):
            return clock
    return anywhere[0] if anywhere else None


def _clocks(text: str, start: int, end: int) -> list[_Clock]:
    found: list[_Clock] = []
    for pattern in _TIMES:
        for match in pattern.finditer(text, start, end):
            clock = _clock(match)
            if clock and not any(a < match.end() and match.start() < b for _, _, (a, b) in found):
                found.append(clock)
    return sorted(found, key=lambda each: each[2])


def _clock(match: re.Match[str]) -> _Clock | None:
    groups = match.groupdict()
    if groups.get("noon") or groups.get("midnight"):
        return time(12 if groups.get("noon") else 0), None, match.span()
    hour = _value(groups["h"] or "")
    minute = _value(groups.get("m") or "0")
    if groups.get("half"):
        minute = 30
    if groups.get("quarter"):
        minute = 15 if groups["quarter"] == "一" else 45
    if period := groups.get("p"):
        if period[0] in "下傍晚" or (period in ("夜里", "深夜") and hour > 6):
            hour += 12 * (hour < 12)
        elif period == "中午":
            hour += 12 * (hour < 3)
        elif hour == 12:  # 凌晨12点
            hour = 0 if period in ("凌晨", "半夜") else 12
    if half := groups.get("ap"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half[0].lower() == "p")
    try:
        clock = time(hour, minute, _value(groups.get("s") or "0"))
    except ValueError:
        return None
    # A following space belongs to the next stretch.
    stop = match.end() - (len(match[0]) - len(match[0].rstrip()))
    return clock, _offset(groups.get("offset")), (match.start(), stop)


def _offset(offset: str | None) -> tzinfo | None:
    if not offset:
        return None
    if offset in "Zz":
        return timezone.utc  # noqa: UP017 -- a tzinfo, as the others are
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 14 or minutes > 59:
        return None
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=hours, minutes=minutes))
