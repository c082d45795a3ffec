"""The FTC's published Do Not Call complaints: each row of a file is a complaint, or says why not.

Format: FTC, "Do Not Call (DNC) Reported Calls Data", daily CSV files; nobody verified what is in
them. The choices made here:

- *Times* carry no zone, and the FTC's documentation names none. `Created_Date` is read as US
  Eastern time, the FTC's own clock: in the file of 2021-07-08 complaints from New York set in at 9
  and those from California at 12. `Violation_Date` is what the consumer typed, so on the consumer's
  clock. It is read as Eastern too (six hours off for Hawaii) and left out when that puts the call
  after the complaint about it. Nothing leans on it: complaints count from the day they were filed.
- *Categories*: a subject is a topic that a consumer chose from a list, not an accusation. Only
  "pretending to be" says deceit; what was offered for sale is telemarketing, or a robocall when it
  was recorded; no subject says no more than that the call was unwanted.
- *One line is one row*: the FTC writes no line breaks inside fields, and so a quotation mark that
  is never closed costs one row, not the rest of the file.
- *Numbers* are read as in the US. Fictional ones are refused even where the demo allows them.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from reputation.identity import Identity, InvalidNumber, identify
from reputation.reports.filing import CLOCK_SKEW
from reputation.reports.imports import PublishedComplaint

SOURCE = "ftc"
COLUMNS = (
    "Company_Phone_Number",
    "Created_Date",
    "Violation_Date",
    "Consumer_City",
    "Consumer_State",
    "Consumer_Area_Code",
    "Subject",
    "Recorded_Message_Or_Robocall",
)
EASTERN = ZoneInfo("America/New_York")
# The registry opened on 2003-06-27: no complaint to it can be older.
OPENED = datetime(2003, 6, 27, tzinfo=EASTERN)
MAX_LINE = 10_000  # bytes; real rows have about 100

# Subjects are compared without case and with single spaces: the FTC itself writes "&" both ways.
_SPEAKS_FOR_ITSELF = {
    "calls pretending to be government, businesses, or family and friends": "impersonation",
    "dropped call or no message": "silent_call",
}
_SALES = {
    "reducing your debt (credit cards, mortgage, student loans)",
    "warranties & protection plans",
    "medical & prescriptions",
    "energy, solar, & utilities",
    "computer & technical support",
    "vacation & timeshares",
    "charities",
    "lotteries, prizes & sweepstakes",
    "home improvement & cleaning",
    "home security & alarms",
    "work from home & other ways to make money",
}

# Why a row was not imported: what the rejects file says, and what it means. Those of a number that
# cannot be are identity's own codes.
REASONS = {
    "empty": "no number",
    "withheld": "the number was withheld",
    "not_a_number": "not a number",
    "too_long": "too long for a number",
    "impossible": "no number can look like this in its country",
    "emergency": "an emergency number, which can never be listed",
    "fictional": "a number reserved for fiction",
    "bad_date": "Created_Date is no time since 2003, or lies in the future",
    "malformed": "not a CSV row of as many fields as the header",
    "not_utf8": "not UTF-8",
    "cut_off": "the file ends inside this row, or lacks its last line break",
}


class NotFtcFile(ValueError):
    """This is no file of FTC complaints. The message says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be imported. `line` counts from 1, `reason` is a key of REASONS.

    `row` is the line as it came, without its line break; bytes that are no UTF-8 are kept as
    surrogates (errors="surrogateescape").
    """

    line: int
    reason: str
    row: str


def read_complaints(file: BinaryIO, *, now: datetime) -> Iterator[PublishedComplaint | Rejected]:
    """The rows of an FTC file, in one pass that holds one line at a time.

    Raises NotFtcFile, before the first row, when the header is not the FTC's.
    """
    places, width = _header(file.readline(MAX_LINE))
    return _rows(file, places, width, now)


def category_of(subject: str, robocall: str) -> str:
    """The category for a complaint's subject and its Y, N or empty flag."""
    topic = " ".join(subject.split()).casefold()
    if topic in _SPEAKS_FOR_ITSELF:
        return _SPEAKS_FOR_ITSELF[topic]
    if robocall.strip().upper() == "Y":
        return "robocall"
    return "telemarketing" if topic in _SALES else "other"


class _Reject(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _header(line: bytes) -> tuple[dict[str, int], int]:
    """Where each column stands, and how many there are."""
    if not line.strip():
        raise NotFtcFile("The file is empty.")
    if line.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise NotFtcFile("The file is compressed. Unpack it first.")
    if line.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in line:
        raise NotFtcFile("This is not UTF-8 text (UTF-16, or no text). Save it as CSV in UTF-8.")
    names = [name.strip() for name in line.decode("utf-8-sig", "replace").split(",")]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise NotFtcFile(
            f"The first line is not the header of an FTC Do Not Call file: it lacks "
            f"{', '.join(missing)}. It should read {','.join(COLUMNS)}."
        )
    return {name: names.index(name) for name in COLUMNS}, len(names)


def _rows(
    file: BinaryIO, places: dict[str, int], width: int, now: datetime
) -> Iterator[PublishedComplaint | Rejected]:
    for number, (line, whole) in enumerate(_lines(file), start=2):
        if not line.strip():
            continue
        try:
            if not whole:
                raise _Reject("malformed" if len(line) == MAX_LINE else "cut_off")
            yield _complaint(line, places, width, now)
        except _Reject as rejection:
            row = line.decode(errors="surrogateescape").rstrip("\r\n")
            yield Rejected(number, rejection.reason, row)


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Lines and whether they are whole. A line too long for a row is cut and the rest skipped."""
    while line := file.readline(MAX_LINE):
        whole = line.endswith(b"\n")
        if not whole and len(line) == MAX_LINE:
            while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
        yield line, whole


def _complaint(
    line: bytes, places: dict[str, int], width: int, now: datetime
) -> PublishedComplaint:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise _Reject("not_utf8") from None
    try:
        (fields,) = csv.reader([text], strict=True)
    except csv.Error:
        raise _Reject("malformed") from None
    if len(fields) != width or "\0" in text:
        raise _Reject("malformed")
    values = [fields[places[name]] for name in COLUMNS]
    number, created, violated, _, _, _, subject, robocall = values
    filed_at = _eastern(created)
    if filed_at is None or not OPENED <= filed_at <= now + CLOCK_SKEW:
        raise _Reject("bad_date")
    occurred_at = _eastern(violated)
    return PublishedComplaint(
        identity=_identity(number),
        category=category_of(subject, robocall),
        subject=subject.strip(),
        occurred_at=occurred_at if occurred_at and occurred_at <= filed_at else None,
        filed_at=filed_at,
        digest=_digest(values),
    )


def _identity(number: str) -> Identity:
    try:
        identity = identify(number, region="US")
    except InvalidNumber as error:
        raise _Reject(error.code) from None
    if identity.kind == "sender":  # "saidpress1": words typed where a number belongs
        raise _Reject("not_a_number")
    return identity


def _digest(values: Sequence[str]) -> bytes:
    """SHA-256 of the published values: the same row, however quoted, and in whichever file."""
    return hashlib.sha256("\x1f".join(values).encode()).digest()


def _eastern(text: str) -> datetime | None:
    """In the hour that comes twice a year, the first is meant; None when this is no time."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 -- the zone follows
        return moment.replace(tzinfo=EASTERN).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
