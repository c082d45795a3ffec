"""Rows of the logs that telephone systems write for themselves: Asterisk, FreeSWITCH, and the modem
programs NCID and jcblock. They name columns unlike people, or not at all."""

import csv
import io
import re

_STARRED = re.compile(r"\*DATE\*(\d{4,8})\*TIME\*(\d\d):?(\d\d)\*")
_STARRED_KIND = re.compile(r"\s*(\w+?)(?:LOG)?:")
_STARRED_NUMBER = re.compile(r"\*NMBR\*(.*?)\*[A-Z]+\*")
_OWN_KINDS = frozenset(("OUT", "PUT"))
# The end of a call that has a line already, messages, notices, rings.
_NO_CALLS = frozenset(("END", "MSG", "NOT", "MWI", "CIDINFO"))
_DASHED = re.compile(r"[BW-]?-DATE = (\d{6})--.*?TIME = (\d\d)(\d\d)--.*")
_DASHED_NUMBER = re.compile(r"--NMBR = (.*?)(?:--|$)")

# What is written without a heading, by Asterisk's modules cdr_csv and cdr_custom and by FreeSWITCH.
_OF_CHANNELS = ("channel", "dstchannel", "lastapp", "lastdata")
_OF_TIME = ("start", "answer", "end", "duration", "billsec", "disposition")
_LAYOUTS = (
    ("accountcode", "src", "dst", "dcontext", "clid", *_OF_CHANNELS, *_OF_TIME, "", "uniqueid"),
    ("clid", "src", "dst", "dcontext", *_OF_CHANNELS, *_OF_TIME, "", "", "uniqueid"),
    ("clid", "src", "dst", "dcontext", *_OF_TIME),
)
_DISPOSITION = re.compile(r"ANSWERED|NO ANSWER|BUSY|FAILED|CONGESTION|[A-Z]+(?:_[A-Z]+)+")
# A telephone of the house by its channel: PJSIP/100-0000001a. A trunk has a name, or more digits.
_EXTENSION = re.compile(r"(?:PJSIP|SIP|IAX2|SCCP)/\d{2,5}-")
_SHORT = re.compile(r"\d{2,4}")


def rows_of_machines(text: str) -> list[dict[str, str]] | None:
    """Rows by headings that people use; None for any other text. A line that is not understood is
    a row without a number."""
    return _of_ncid(text) or _of_jcblock(text) or _of_asterisk(text)


def _of_ncid(text: str) -> list[dict[str, str]] | None:
    """CID: *DATE*11272026*TIME*2015*LINE*1*NMBR*2025550143*MESG*NONE*NAME*ACME*"""
    if not _STARRED.search(text):
        return None
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        kind = match[1] if (match := _STARRED_KIND.match(line)) else ""
        moment, number = _STARRED.search(line), _STARRED_NUMBER.search(line)
        if kind in _NO_CALLS:
            continue
        if moment is None or number is None:
            rows.append({"date": line})
            continue
        way = "outgoing" if kind in _OWN_KINDS else "incoming"
        rows.append({"number": number[1], "date": _moment(*moment.groups()), "type": way})
    return rows


def _of_jcblock(text: str) -> list[dict[str, str]] | None:
    """B-DATE = 112726--TIME = 2015--NMBR = 2025550143--NAME = ACME--"""
    if not _DASHED.match(text):
        return None
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        moment, number = _DASHED.match(line), _DASHED_NUMBER.search(line)
        if moment is None or number is None:
            rows.append({"date": line})
            continue
        rows.append({"number": number[1], "date": _moment(*moment.groups()), "type": "incoming"})
    return rows


def _moment(day: str, hour: str, minute: str) -> str:
    """11272026 or 112726 as a date that a table may have: some programs write the day first."""
    return f"{'/'.join(filter(None, (day[:2], day[2:4], day[4:])))} {hour}:{minute}"


def _of_asterisk(text: str) -> list[dict[str, str]] | None:
    """Call detail records: Master.csv of Asterisk or FreeSWITCH, or a table with Asterisk's
    headings, as FreePBX exports."""
    reader = csv.reader(io.StringIO(text))
    try:
        first = next(reader, [])
        headings = tuple(cell.strip().lower() for cell in first)
        if not ({"src", "dst"} <= {*headings} and {"start", "calldate"} & {*headings}):
            headings = next((each for each in _LAYOUTS if _fits(each, first)), ())
            reader = csv.reader(io.StringIO(text))
        lines = [cells for cells in reader if cells] if headings else []
    except csv.Error:
        return None
    calls: dict[str, dict[str, str]] = {}
    for place, cells in enumerate(lines):
        record = dict(zip(headings, cells, strict=False))
        if "src" not in record or not (record.get("start") or record.get("calldate")):
            record = {"start": ",".join(cells)}
        # Each telephone that rang has a record of the same call.
        call = record.get("uniqueid") or f"#{place}"
        if call not in calls or _talked(record) > _talked(calls[call]):
            calls[call] = record
    return [_of_record(each) for each in calls.values()]


def _fits(layout: tuple[str, ...], cells: list[str]) -> bool:
    place = layout.index("disposition")
    return len(cells) > place and _DISPOSITION.fullmatch(cells[place]) is not None


def _talked(record: dict[str, str]) -> int:
    seconds = record.get("billsec", "")
    return int(seconds) if seconds.isdecimal() and len(seconds) < 10 else 0


def _of_record(record: dict[str, str]) -> dict[str, str]:
    if "src" not in record:
        return {"date": record["start"]}
    return {
        "number": record.get("src", ""),
        "date": record.get("start") or record.get("calldate", ""),
        "duration": record.get("billsec") or record.get("duration", ""),
        "type": "outgoing" if _is_from_house(record) else "incoming",
    }


def _is_from_house(record: dict[str, str]) -> bool:
    if "channel" in record:
        return _EXTENSION.match(record["channel"]) is not None
    return _SHORT.fullmatch(record.get("src", "")) is not None
