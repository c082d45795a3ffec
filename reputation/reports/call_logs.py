"""Reads the call log of a phone, a carrier or an app, or lines that somebody pastes.

Nobody agreed on a format, so this goes by what columns are called and by what values look like. A
row that it cannot read is handed back, and none is guessed.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from reputation.identity import Identity, InvalidNumber, identify
from reputation.models import Report
from reputation.reports.log_dates import Clock, in_figures

MOST_ROWS = 5000
MOST_CHARACTERS = 3_000_000
LINE_LENGTH = 500  # of a pasted line or a date; what is longer is none of a log
WHOLE = 10  # characters of a number that is written in one
LONGEST_LENGTH = LINE_LENGTH  # of what says how long a call was
_I = re.IGNORECASE


class LogUnreadable(Exception):
    """The text is no call log. `reason`: empty, too_long, no_rows, or no_text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FoundCall:
    identity: Identity
    at: datetime
    channel: str
    seconds: int | None


@dataclass(slots=True)
class CallLog:
    """`own`: how many calls the log's owner made; `unread`: rows without a number or a time."""

    calls: list[FoundCall] = field(default_factory=list)
    own: int = 0
    unread: list[str] = field(default_factory=list)


type Row = Mapping[str, str]

# What a column is, by its heading; the first that fits. A heading that fits none is passed over.
_COLUMNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("seconds", re.compile(r"duration|length|时长|時長|dauer|talk ?time|\b(?:min|sec)", _I)),
    ("channel", re.compile(r"service|通信类型|业务类型|信息类型|channel", _I)),
    ("place", re.compile(r"destination|call to", _I)),
    (
        "way",
        re.compile(
            r"type|direction|方式|类型|類型|方向|状态|主叫/被叫|主被叫|richtung|\bart\b|way|status"
            r"|msg_box",
            _I,
        ),
    ),
    ("number", re.compile(r"\b(?:to/from|from/to)\b", _I)),
    ("called", re.compile(r"被叫(?:号码|电话)|\b(?:called|callee|dialed|to)\b(?! time)", _I)),
    (
        "number",
        re.compile(
            r"对方|對方|主叫(?:号码|电话)|号码|號碼|电话$|number|phone|caller|\bfrom\b|address"
            r"|nummer|\btel|sender|发件人|发送方|来电$",
            _I,
        ),
    ),
    (
        "date",
        re.compile(r"date|日期|datum|timestamp|时间|時間|\btime\b|start|begin|when|uhrzeit", _I),
    ),
)
_NO_COLUMN = re.compile(
    r"name|姓名|联系人|聯絡人|contact(?! number)|readable|归属地|地点|位置|location|subject|本机"
    r"|wireless|\b(?:my|own|subscriber|account)\b|n(?:um|mu)ber.?type",
    _I,
)
# Android's codes of calls and of messages: 2 went out; messages of 3 and more never left, or wait.
_CODE = re.compile(r"(?:call.?)?type|msg_box|direction|(?:呼叫|通话)?类型", _I)
_OUTGOING = re.compile(
    r"outgoing|dialed|dialled|呼出|拨出|撥出|去电|去電|已拨|已撥|ausgehend|gewählt", _I
)
_INCOMING = re.compile(r"incom|inbound|missed|received|呼入|被叫|来电|來電|eingehend", _I)
_PERHAPS_OUTGOING = re.compile(r"out|dial|sent|made|\bto\b|主叫|发送|發送|发出|發出", _I)
_MESSAGE = re.compile(r"sms|mms|text|message|messag|短信|彩信|短消息|nachricht", _I)
_DIGITS = re.compile(r"\+?\(?\d[\d ()./\u2010-\u2014\-]*\d")

_LISTED = frozenset(["、", "，", ",", ";", "；", "&", "和", "及", "and"])
_AT_NUMBERS = re.compile(r"\s+(?=\+?\d{10,}(?!\d))")
_COUNT = re.compile(r"(?<=\d)\s*[(（]\d{1,3}[)）](?!\s*\d)")


def read_call_log(
    text: str,
    *,
    region: str,
    zone: ZoneInfo,
    now: datetime,
    about: Identity | None = None,
    allow_fictional: bool = False,
) -> CallLog:
    """The calls and messages that came in, oldest first.

    `region` and `zone` say how to read national numbers and times without an offset; `about` is
    the caller of pasted lines that name none. Raises LogUnreadable.
    """
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise LogUnreadable("empty")
    if len(text) > MOST_CHARACTERS:
        raise LogUnreadable("too_long")
    text = _of_a_page(text)
    rows = _tagged(text) or _cards(text) or _objects(text) or _table(text)
    found = CallLog()
    reads = _Numbers(region, allow_fictional)
    if rows is not None:
        clock = Clock(map(_date, rows), region=region, zone=zone, now=now)
        _read_rows(rows, found, clock, reads)
    else:
        lines = _lines(text, found)
        clock = Clock(lines, region=region, zone=zone, now=now)
        _read_lines(lines, found, clock, reads, about)
    if len(found.calls) > MOST_ROWS:
        raise LogUnreadable("too_long")
    if not found.calls and not found.own:
        raise LogUnreadable("no_rows")
    distinct = {(call.identity.key, call.at, call.channel): call for call in found.calls}
    found.calls = sorted(distinct.values(), key=lambda call: (call.at, call.identity.key))
    return found


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or what Chinese Windows writes.

    Raises LogUnreadable for spreadsheets, PDF, pictures and archives.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content or content.startswith(b"%PDF"):
        raise LogUnreadable("no_text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


# --- From a file to rows of named values ---


def _of_a_page(text: str) -> str:
    """The rows of the tables of a web page, with tabs between cells; any other text as it is."""
    if not text.startswith("<") or not re.search(r"<tr\b", text, _I):
        return text
    page = _Page()
    page.feed(text)
    page.close()
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in page.rows if row)


class _Page(HTMLParser):
    """`rows`: the cells of each row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._in_cell = True
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th", "tr", "table")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data


def _tagged(text: str) -> list[Row] | None:
    """XML elements, as backup apps write them: their attributes, or the elements within them.

    None for anything else.
    """
    # Entities could blow a small file up, and no call log has any.
    if not text.startswith("<") or "<!ENTITY" in text or "<!DOCTYPE" in text:
        return None
    try:
        tree = ET.fromstring(text)  # noqa: S314 -- has no entities, see above
    except ET.ParseError:
        return None
    rows: list[Row] = []
    for each in tree.iter():
        values = {_local(name): value for name, value in each.attrib.items()}
        values |= {_local(part.tag): part.text for part in each if part.text and not len(part)}
        if _is_headed(map(_role, values)) and (row := _named(values)):
            rows.append({**row, "channel": row.get("channel") or _local(each.tag)})
    return rows or None


def _cards(text: str) -> list[Row] | None:
    """BEGIN:VCALL … END:VCALL, as phones with chips of MediaTek write. None for anything else."""
    if not text.upper().startswith("BEGIN:"):
        return None
    rows: list[Row] = []
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        match name.strip().upper():
            case "BEGIN":
                values = {}
            case "END":
                rows.append(_named(values))
            case _:
                values[name.partition(";")[0].strip()] = value
    return [row for row in rows if row] or None


def _is_headed(roles: Iterable[str]) -> bool:
    """Whether headings of these roles are those of a log of calls."""
    has = set(roles)
    return "date" in has and bool({"number", "called"} & has)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _objects(text: str) -> list[Row] | None:
    """A list of objects in JSON, or in an object of JSON."""
    if text[0] not in "[{":
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    lists = [content] if isinstance(content, list) else list(content.values())
    rows = [
        _named({str(name): str(value) for name, value in each.items()})
        for items in lists
        if isinstance(items, list)
        for each in items
        if isinstance(each, dict)
    ]
    return [row for row in rows if row] or None


def _table(text: str) -> list[Row] | None:
    """Rows under a line of headings. Carriers write some lines about the customer before it."""
    lines = text.splitlines()
    for place, line in enumerate(lines[:40]):
        for delimiter in ",\t;|":
            if delimiter not in line:
                continue
            try:
                headings = next(csv.reader([line], delimiter=delimiter))
            except csv.Error:
                continue
            roles = [_role(heading) for heading in headings]
            if not _is_headed(roles):
                continue
            rest = io.StringIO("\n".join(lines[place + 1 :]))
            try:
                cells = list(csv.reader(rest, delimiter=delimiter))
            except csv.Error:
                return None
            rows = [_named(dict(zip(headings, each, strict=False))) for each in cells]
            return [row for row in rows if row]
    return None


def _role(heading: str) -> str:
    if _NO_COLUMN.search(heading):
        return ""
    return next((role for role, pattern in _COLUMNS if pattern.search(heading)), "")


def _named(values: Mapping[str, str]) -> dict[str, str]:
    """The values by what they are; date and time of day in one, as they stand."""
    row: dict[str, str] = {}
    for heading, value in values.items():
        role, value = _role(heading), value.strip().strip("'")
        if not role or not value or value.lower() in ("null", "none"):
            continue
        if role == "date" and "date" in row:
            # A moment in full stands by itself; what follows is the same in other words.
            if not re.search(r"\d{10}|\d:\d", row["date"]):
                row["date"] = f"{row['date']} {value}"
        elif role == "seconds":
            minutes = re.search(r"min|分", heading, _I) and value.isdecimal()
            row.setdefault("seconds", f"{value} min" if minutes else value)
        elif role == "way" and value.isdecimal():
            if _CODE.fullmatch(heading):
                row.setdefault("code", value)
        elif role == "way":  # one column says that the call is local, another whose it was
            row["way"] = f"{row.get('way', '')} {value}".strip()
        else:
            row.setdefault(role, value)
    if not {"number", "called"} & row.keys() or "date" not in row:
        return {"raw": ", ".join(values.values())} if row else {}
    return row


# --- From rows to calls ---


class _Numbers:
    """Reads the numbers of one log, of which most come again and again."""

    def __init__(self, region: str, allow_fictional: bool) -> None:
        self._options: dict[str, Any] = {"region": region, "allow_fictional": allow_fictional}
        self._known: dict[str, Identity | None] = {}

    def one(self, raw: str) -> Identity | None:
        if raw not in self._known:
            try:
                self._known[raw] = identify(raw, **self._options)
            except InvalidNumber:
                self._known[raw] = None
        return self._known[raw]

    def within(self, line: str) -> Identity | None:
        """The telephone number in a line: of several, the longest."""
        candidates = sorted(_digits(line), key=lambda each: -sum(map(str.isdigit, each)))
        digits = [each for each in candidates if sum(map(str.isdigit, each)) >= 5]
        # A number without a gap stands by itself: before it its row is counted, or seconds follow.
        whole = [part for each in digits for part in each.split() if len(part) >= WHOLE]
        return next((found for each in (*digits, *whole) if (found := self.one(each))), None)


def _read_rows(rows: Sequence[Row], found: CallLog, clock: Clock, reads: _Numbers) -> None:
    own = _own_number(rows)
    # A bill names the destination of calls that were made. Of the others it says: incoming.
    says_incoming = any(_INCOMING.search(row.get("place", "")) for row in rows)
    for row in rows:
        if "raw" in row:
            found.unread.append(row["raw"])
            continue
        number = row.get("number", "")
        channel = _channel(f"{row.get('channel', '')} {row.get('way', '')}")
        outgoing = _is_outgoing(row.get("way", "")) or _is_code_of_own(row, channel)
        if says_incoming:
            outgoing = not _INCOMING.search(row.get("place", ""))
            number = number or row.get("called", "")
        elif "called" in row and own:
            outgoing = number == own
        elif "number" not in row:
            outgoing = True
        if outgoing:
            found.own += 1
            continue
        identity, at = reads.one(number), clock.read(_date(row))
        # A name can send messages. In front of a call it is a contact's, not a number.
        named = identity is not None and identity.kind == "sender"
        if identity is None or at is None or (named and channel == Report.Channel.CALL):
            found.unread.append(", ".join(row.values()))
            continue
        found.calls.append(
            FoundCall(
                identity=identity,
                at=at,
                channel=channel,
                seconds=_seconds(row.get("seconds", "")),
            )
        )


def _is_outgoing(words: str) -> bool:
    """Whether words beside a call say that the log's owner made it."""
    if _OUTGOING.search(words):
        return True
    return bool(_PERHAPS_OUTGOING.search(words)) and not _INCOMING.search(words)


def _is_code_of_own(row: Row, channel: str) -> bool:
    code = row.get("code", "")
    return code == "2" or (channel == Report.Channel.SMS and code in ("3", "4", "5", "6"))


def _date(row: Row) -> str:
    return row.get("date", "")[:LINE_LENGTH]


def _own_number(rows: Iterable[Row]) -> str:
    """The log's owner, where each row names caller and called: the number that is in most rows; of
    two that are in all rows, the one that was called more."""
    both = [(row["number"], row["called"]) for row in rows if "number" in row and "called" in row]
    met = Counter(number for pair in both for number in pair)
    called = Counter(callee for _, callee in both)
    return max(met, key=lambda number: (met[number], called[number]), default="")


def _read_lines(
    lines: Sequence[str],
    found: CallLog,
    clock: Clock,
    reads: _Numbers,
    above: Identity | None,
) -> None:
    """A line names number and time; or a number stands above the times of its calls, or below."""
    waiting: list[tuple[datetime, str]] = []
    alone = ""  # the line of the number above, as long as no time stood at it
    for plain in (part for line in lines for part in _calls_of(in_figures(line), clock, reads)):
        if len(found.calls) + len(waiting) + found.own > MOST_ROWS:
            raise LogUnreadable("too_long")
        line = plain.strip()
        moment = clock.find(plain)
        # What stood on both sides of the moment is not one number: +1 202 555 0104 … 65 s.
        rest = f"{plain[: moment.start]} | {plain[moment.end :]}" if moment else plain
        identity = reads.within(rest)
        if identity is None and _numbered(rest):  # another caller's line: not of the one above
            found.unread.append(line)
            continue
        if moment is None:
            if identity is None:
                found.unread.append(line)
                continue
            if alone:
                found.unread.append(alone)
            alone = "" if waiting else line
            found.calls += [FoundCall(identity, at, kind, None) for at, kind in waiting]
            waiting, above = [], identity
            continue
        if identity is None:
            alone = ""
        if _is_outgoing(re.sub(r"[\d\W]+", " ", rest)):
            found.own += 1
        elif (caller := identity or above) is not None:
            found.calls.append(FoundCall(caller, moment.at, _channel(rest), _seconds(rest)))
        else:
            waiting.append((moment.at, _channel(rest)))
    if alone:
        found.unread.append(alone)
    found.unread += [f"{at:%Y-%m-%d %H:%M}" for at, _ in waiting]


def _lines(text: str, found: CallLog) -> list[str]:
    """The lines. One that is too long, as of a list without its line breaks, is cut at numbers."""
    lines: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        for part in _AT_NUMBERS.split(line) if len(line) > LINE_LENGTH else [line]:
            lines.append(part[:LINE_LENGTH])
            found.unread += filter(None, [part[LINE_LENGTH : 2 * LINE_LENGTH].strip()])
    return lines


def _calls_of(line: str, clock: Clock, reads: _Numbers) -> Iterator[str]:
    """The line, or a line for each call that it tells of."""
    moment = clock.find(line)
    following = None if moment is None else clock.find(line[moment.end :])
    if moment is None:
        yield line
        return
    head, told, tail = line[: moment.start], line[: moment.end], line[moment.end :]
    if further := clock.another(line, moment):
        full, end = further
        yield told
        yield from _calls_of(f"{head}{full}{line[end:]}", clock, reads)
    elif following is None:
        yield line
    elif number := _first_number(between := tail[: following.start], reads):
        # The number of the second call, or of the first where numbers stand behind times.
        cut = number if reads.within(head) else following.start
        yield f"{told}{tail[:cut]}"
        yield from _calls_of(tail[cut:], clock, reads)
    elif between.strip() in _LISTED:
        yield told
        yield from _calls_of(f"{head}{tail[following.start :]}", clock, reads)
    else:  # when the call ended
        yield line


def _first_number(text: str, reads: _Numbers) -> int:
    """Where the first telephone number begins; 0 if there is none, since a blank is before it."""
    numbers = (each.start() for each in _DIGITS.finditer(text) if reads.within(each[0]))
    return next(numbers, 0)


def _numbered(line: str) -> bool:
    """Whether a line has what is written like a telephone number, if none that can be."""
    return any(sum(map(str.isdigit, each)) >= 7 for each in _digits(line))


def _digits(line: str) -> list[str]:
    """What is written like a number, without the count of calls behind it: 138 1234 5678 (5)."""
    return _DIGITS.findall(_COUNT.sub(" ", line))


def _channel(words: str) -> str:
    return Report.Channel.SMS.value if _MESSAGE.search(words) else Report.Channel.CALL.value


_CLOCK = re.compile(r"(?<![\d:.])(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?![\d:])")
_PARTS = re.compile(
    r"(\d+)\s*(h|hours?|hrs?|小时|小時|时|std)?\s*(?:(?<=[a-z时])\s*)?"
    r"(m|min|mins|minutes?|分钟?|分鐘?)?\s*(s|sec|secs|seconds?|秒)?(?![a-z])",
    _I,
)


def _seconds(text: str) -> int | None:
    """A call's length: 65, 1:05, 00:01:05, 1分5秒, 1 min 5 s. None where there is none."""
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
