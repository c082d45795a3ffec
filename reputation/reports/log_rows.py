"""From the text of a call log to rows of named values: XML, vCall, JSON, tables, and what
telephone systems write.

What a column is, its heading says. A row without a number or a date is kept as it stands ("raw").
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser

from reputation.reports.log_machines import rows_of_machines

_I = re.IGNORECASE

type Row = Mapping[str, str]

# What a column is, by its heading; the first that fits. A heading that fits none is passed over.
_COLUMNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "seconds",
        re.compile(r"duration|length|时长|時長|dauer|talk(?:ing| ?time)|\b(?:min|sec)", _I),
    ),
    ("channel", re.compile(r"service|通信类型|业务类型|信息类型|channel", _I)),
    ("place", re.compile(r"destination|call to", _I)),
    (
        "way",
        re.compile(
            r"typ|direction|方式|类型|類型|方向|状态|主叫/被叫|主被叫|richtung|\bart\b|way|status"
            r"|msg_box",
            _I,
        ),
    ),
    ("number", re.compile(r"\b(?:to/from|from/to)\b", _I)),
    (
        "called",
        re.compile(
            r"被叫(?:号码|电话)|\b(?:called(?:number)?|callee|dialed|to)\b(?! time)|^nach$"
            r"|angerufen",
            _I,
        ),
    ),
    (
        "number",
        re.compile(
            r"对方|對方|主叫(?:号码|电话)|号码|號碼|电话$|number|phone|caller|\bfrom\b|address"
            r"|nummer|^von$|anrufer|gegenstelle|\btel|sender|发件人|发送方|来电$",
            _I,
        ),
    ),
    (
        "date",
        re.compile(
            r"date|日期|datum|timestamp|时间|時間|\btime\b|start|begin|when|uhrzeit|created", _I
        ),
    ),
)
_NO_COLUMN = re.compile(
    r"name|姓名|联系人|聯絡人|contact(?! number)|readable|归属地|地点|位置|location|subject|本机"
    r"|wireless|\b(?:my|own|eigene|subscriber|account)\b|n(?:um|mu)ber.?type",
    _I,
)
# Of two numbers, that of the other party; and of two lengths, that without the ringing.
_PREFERRED = re.compile(r"gegenstelle|remote|other (?:party|number)|对方|對方|talk", _I)
# Columns in which Android keeps a code of the way.
_CODE = re.compile(r"(?:call.?)?type|msg_box|direction|(?:呼叫|通话)?类型", _I)


def rows_of(text: str) -> list[Row] | None:
    """The rows of a log that has any of these forms; None for other text."""
    return _tagged(text) or _cards(text) or _objects(text) or _records(text) or _table(text)


def text_of_tables(text: str) -> str:
    """The rows of the tables of a web page, with tabs between cells; any other text as it is."""
    if not text.startswith("<") or not re.search(r"<tr\b", text, _I):
        return text
    page = _Page()
    page.feed(text)
    page.close()
    rows = [["".join(parts).split() for parts in row] for row in page.rows if row]
    return "\n".join("\t".join(map(" ".join, row)) for row in rows)


class _Page(HTMLParser):
    """`rows`: the cells of each row, each as the parts of its text."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[list[str]]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append([])
            self._in_cell = True
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th", "tr", "table")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1].append(data)


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
    if not text.startswith(("[", "{")):
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


def _records(text: str) -> list[Row] | None:
    """The calls that telephone systems and modems note. None for anything else."""
    named = [_named(each) for each in rows_of_machines(text) or ()]
    return [row for row in named if row] or None


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
            named = _of_fritzbox(headings, cells) or [
                dict(zip(headings, each, strict=False)) for each in cells
            ]
            return [row for row in map(_named, named) if row]
    return None


def _of_fritzbox(headings: list[str], cells: list[list[str]]) -> list[dict[str, str]]:
    """The rows of a Fritz!Box's call list (Typ;Datum;Name;Rufnummer;Nebenstelle;Eigene
    Rufnummer;Dauer) in words; none of another table.

    It numbers the ways of calls otherwise than Android: 4 went out, in old lists 3, and of a call
    without a number the own number is the only one. It counts hours and minutes.
    """
    heads = [heading.strip().lower() for heading in headings]
    inner = {"nebenstelle", "extension"}.intersection(heads)
    if not inner or heads[0] not in ("typ", "type"):
        return []
    about_caller = headings[1 : heads.index(inner.pop())]
    own = "4" if any(each[:1] == ["4"] for each in cells) else "3"
    rows = []
    for each in cells:
        if len(each) != len(headings):
            rows.append({"date": ";".join(each)})  # is handed back, for want of a number
            continue
        row = dict(zip(about_caller, each[1:], strict=False))
        row["way"] = each[0] if not each[0].isdecimal() else "outgoing" * (each[0] == own)
        row["duration"] = f"{each[-1]}:00" if each[-1].count(":") == 1 else each[-1]
        rows.append(row)
    return rows


def _role(heading: str) -> str:
    if _NO_COLUMN.search(heading):
        return ""
    return next((role for role, pattern in _COLUMNS if pattern.search(heading)), "")


def _named(values: Mapping[str, str]) -> dict[str, str]:
    """The values by what they are; date and time of day in one, as they stand."""
    row: dict[str, str] = {}
    for heading, value in values.items():
        role, value = _role(heading), value.strip().strip("'")
        preferred = _PREFERRED.search(heading)
        if not role or not value or value.lower() in ("null", "none"):
            continue
        if role == "date" and "date" in row:
            # A moment in full stands by itself; what follows is the same in other words.
            if not re.search(r"\d{10}|\d:\d", row["date"]):
                row["date"] = f"{row['date']} {value}"
        elif role == "seconds":
            minutes = re.search(r"min|分", heading, _I) and value.isdecimal()
            value = f"{value} min" if minutes else value
            row["seconds"] = value if preferred else row.get("seconds", value)
        elif role == "way" and value.isdecimal():
            if _CODE.fullmatch(heading):
                row.setdefault("code", value)
        elif role == "way":  # one column says that the call is local, another whose it was
            row["way"] = f"{row.get('way', '')} {value}".strip()
        else:
            row[role] = value if preferred else row.get(role, value)
    if not {"number", "called"} & row.keys() or "date" not in row:
        return {"raw": ", ".join(values.values())} if row else {}
    return row
