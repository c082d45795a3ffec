"""How many calls a text mentions: 20次, 三通电话, twice, 5 calls, x10. A vague number counts as the
least that it can be."""

# ruff: noqa: E501 -- a class of words reads better in long lines

import re

MOST = 1000  # calls; a larger number is no count
# 多次 in Chinese law means three times or more (Supreme People's Court, on 多次盗窃).
REPEATED = 3

_ONES = {c: n for n, cs in enumerate(["〇零", "一", "二两俩", "三仨", "四", "五", "六", "七", "八", "九"]) for c in cs}  # fmt: skip
_ZH = r"(?:\d{1,4}|[一二两三四五六七八九十百几数好上]{1,5})"
_CALLS = r"(?:个|通|条|起|次)?(?:未接(?:电话|来电)?|电话|来电|短信|信息|语音)"
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "hundred": 100, "dozen": 12, "couple": 2, "several": 3,
    "dozens": 24, "hundreds": 100, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6,
    "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_EN = (
    r"(?:\d{1,4}\+?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty"
    r"|(?:a |one |two )?(?:hundred|dozens?|couple|hundreds)(?: of)?|several)"
)
_PATTERNS = [
    re.compile(
        rf"(?<![第\d.:/-])(?P<n>{_ZH})(?:多|来|余|几)?\s?(?:次(?!元|序|日|要|贷)|遍|回(?!复|电|家|拨|来|访|答)|趟|通(?!话|过|知|讯|信|缉)|{_CALLS})"
    ),
    re.compile(rf"(?:打|拨|来|响|接)(?:来|了|过|给我)*(?P<n>{_ZH})多?(?:个|下)(?!人|月|小时|钟|星期|字)"),
    re.compile(
        rf"(?<![\w.:/-])(?P<n>{_EN})\s?(?:(?:missed|phone|nuisance|spam|silent|robo|more|separate|different|abusive|threatening|voice|scam|unwanted)[ -]?)*"
        r"(?:calls?|times?|texts?|messages?|voicemails?|rings|hang-?ups?)(?![\w])"
    ),
    re.compile(r"(?<![\w.])(?P<n>second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,3}(?:st|nd|rd|th)) (?:call|time|text|ring)(?!\w)"),
    re.compile(r"第(?P<n>\d{1,3}|[二两三四五六七八九十百]{1,4})(?:次|个(?:电话|来电)|通|遍|回)(?:了|打|来|骚|推|催|响|$)"),
    re.compile(r"(?<![\w])[x×*]\s?(?P<n>\d{1,3})(?![\w.])|(?<=\S)[×]\s?(?P<m>\d{1,3})(?!\d)"),
    re.compile(r"(?<![\w.:/-])(?P<n>\d{1,3})x(?!\w)"),
    re.compile(r"(?<!\w)(?P<twice>twice|thrice)(?!\w)"),
]  # fmt: skip


# What the sender did so many times is no count of calls: "I told them ten times".
_OF_THE_SENDER = re.compile(
    r"(?:\b(?:i|we|i've|we've|i have|we have|(?:been|were|was) ?)(?: (?:have|had|already|now|also))? ?"
    r"(?:told|asked|said|say|pressed|complained|paid|written|wrote|warned)\b[^.,;!?\n№]{0,30}"
    r"|我(?:都|已经?|也|们)*(?:跟他|跟她|和他|对他)?(?:说|拒绝|投诉|解释|警告)[^,。;!?\n№]{0,6})$",
    re.ASCII,
)
_AHEAD = 60  # characters


def find_count(view: str) -> int:
    """The largest number of calls that the text mentions; 1 if it mentions none."""
    return max(
        (
            n
            for pattern in _PATTERNS
            for m in pattern.finditer(view)
            if (n := _count(m))
            and not _OF_THE_SENDER.search(view, max(m.start() - _AHEAD, 0), m.start())
        ),
        default=1,
    )


def _count(match: re.Match[str]) -> int:
    groups = match.groupdict()
    if groups.get("twice"):
        return 2 if groups["twice"] == "twice" else 3
    raw = groups.get("n") or groups.get("m") or ""
    if match[0].startswith("24") and "小时" in match[0]:
        return 0
    number = _english(raw) if raw.isascii() else _chinese(raw)
    return number if 1 <= number <= MOST else 0


def _english(raw: str) -> int:
    digits = re.match(r"\d+", raw)
    if digits:
        return int(digits[0])
    total = 0
    for word in raw.split():
        if word in ("a", "of"):
            continue
        value = _WORDS.get(word, 0)
        total = total * value if total and value >= 12 else total or value
    return total


def _chinese(raw: str) -> int:
    """The value of 三, 十二, 二十, 一百; 十几 is at least ten, 几十 twenty, 上百 a hundred, 好几 three."""
    if raw.isdecimal():
        return int(raw)
    if raw in ("几", "数", "好几", "好"):
        return REPEATED if raw != "好" else 0
    raw = raw.removeprefix("好").removeprefix("上").removesuffix("好")
    hundreds, hundred, rest = raw.rpartition("百")
    total = 100 * (_ONES.get(hundreds, 2 if hundreds in ("几", "数") else 1) if hundred else 0)
    tens, ten, ones = rest.rpartition("十")
    total += 10 * (_ONES.get(tens, 2 if tens in ("几", "数") else 1) if ten else 0)
    return total + (_ONES.get(ones, 0) if len(ones) == 1 else 0)
