"""Reads the call log of a phone, a carrier or an app, or lines that somebody pastes.

There is no common format, so columns are recognised by their headings and values by their form.
Rows that cannot be read are returned, not guessed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reputation.identity import Identity
from reputation.models import Report
from reputation.reports.log_dates import Clock, length_of
from reputation.reports.log_lines import lines_of, read_lines
from reputation.reports.log_rows import Row, rows_of, text_of_tables
from reputation.reports.log_values import (
    INCOMING,
    LINE_LENGTH,
    MOST_CALLS,
    OUTGOING,
    CallLog,
    FoundCall,
    LogUnreadable,
    Numbers,
    channel_of,
    is_outgoing,
)

__all__ = ["CallLog", "FoundCall", "LogUnreadable", "decoded", "read_call_log"]

MOST_CHARACTERS = 3_000_000
MOST_LINES = 100_000  # pretty XML has twenty for a call; reading a million takes half a minute


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
    if len(text) > MOST_CHARACTERS or len(text.splitlines()) > MOST_LINES:
        raise LogUnreadable("too_long")
    text = text_of_tables(text)
    rows = rows_of(text)
    found = CallLog()
    reads = Numbers(region, allow_fictional)
    if rows is not None:
        clock = Clock(map(_date, rows), region=region, zone=zone, now=now)
        _read_rows(rows, found, clock, reads)
    else:
        lines = lines_of(text, found)
        clock = Clock(lines, region=region, zone=zone, now=now)
        read_lines(lines, found, clock, reads, about)
    if len(found.calls) > MOST_CALLS:
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


def _read_rows(rows: Sequence[Row], found: CallLog, clock: Clock, reads: Numbers) -> None:
    own = _own_number(rows)
    # A bill names the destination of calls that were made. Of the others it says: incoming.
    says_incoming = any(INCOMING.search(row.get("place", "")) for row in rows)
    for row in rows:
        if "raw" in row:
            found.unread.append(row["raw"])
            continue
        number = row.get("number", "")
        channel = channel_of(f"{row.get('channel', '')} {row.get('way', '')}")
        outgoing = is_outgoing(row.get("way", "")) or _is_code_of_own(row, channel)
        if says_incoming:
            outgoing = not INCOMING.search(row.get("place", ""))
            number = number or row.get("called", "")
        elif "called" in row and own and not _says_whose(row.get("way", "")):
            outgoing = number == own
        elif "number" not in row:
            outgoing = True
        if outgoing:
            found.own += 1
            continue
        identity, at = reads.cell(number), clock.read(_date(row))
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
                seconds=length_of(row.get("seconds", "")),
            )
        )


def _says_whose(words: str) -> bool:
    return bool(INCOMING.search(words) or OUTGOING.search(words))


def _is_code_of_own(row: Row, channel: str) -> bool:
    """Android's codes: 2 went out; messages of 3 and more never left, or wait."""
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
