import io
from datetime import UTC, datetime

import pytest

from reputation.identity import Identity
from reputation.reports import ftc
from reputation.reports.ftc import NotFtcFile, Rejected, category_of, read_complaints
from reputation.reports.imports import PublishedComplaint
from tests.given.reporters import NOW

HEADER = (
    "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,"
    "Consumer_Area_Code,Subject,Recorded_Message_Or_Robocall"
)
ROW = "4703352559,2021-07-07 00:01:15,2021-07-06 11:48:00,,California,510,No Subject Provided,"
PRETENDING = "Calls pretending to be government, businesses, or family and friends"
DEBT = "Reducing your debt (credit cards, mortgage, student loans)"


def read(*lines: str | bytes, header: str | bytes = HEADER, end: bytes = b"\r\n"):
    text = [line.encode() if isinstance(line, str) else line for line in (header, *lines)]
    return list(read_complaints(io.BytesIO(end.join(text) + end), now=NOW))


def one(row: str) -> PublishedComplaint:
    (complaint,) = read(row)
    assert isinstance(complaint, PublishedComplaint)
    return complaint


def test_a_row_becomes_a_complaint():
    complaint = one(
        f'5205269536,2021-07-07 00:01:46,2021-07-06 15:25:00,Riverside,California,951,"{DEBT}",Y'
    )
    assert complaint == PublishedComplaint(
        identity=Identity("+15205269536", "US", "e164"),
        category="robocall",
        subject=DEBT,
        occurred_at=datetime(2021, 7, 6, 19, 25, tzinfo=UTC),
        filed_at=datetime(2021, 7, 7, 4, 1, 46, tzinfo=UTC),
        digest=complaint.digest,
    )
    assert len(complaint.digest) == 32


@pytest.mark.parametrize(
    ("subject", "robocall", "category"),
    [
        (PRETENDING, "Y", "impersonation"),
        (PRETENDING, "", "impersonation"),
        ("Dropped call or no message", "Y", "silent_call"),
        (DEBT, "Y", "robocall"),
        (DEBT, "N", "telemarketing"),
        ("Warranties  & protection plans", "N", "telemarketing"),
        ("Warranties & protection plans", "", "telemarketing"),
        ("Medical  & prescriptions", "N", "telemarketing"),
        ("Energy, solar,  & utilities", "N", "telemarketing"),
        ("Computer  & technical support", "N", "telemarketing"),
        ("Vacation  & timeshares", "N", "telemarketing"),
        ("Charities", "N", "telemarketing"),
        ("Lotteries, prizes  & sweepstakes", "N", "telemarketing"),
        ("Home improvement  & cleaning", "N", "telemarketing"),
        ("Home security  & alarms", "N", "telemarketing"),
        ("Work from home  & other ways to make money", "N", "telemarketing"),
        ("Other", "N", "other"),
        ("Other", "Y", "robocall"),
        ("No Subject Provided", "", "other"),
        ("No Subject Provided", "y ", "robocall"),
        ("", "", "other"),
        ("A subject of next year", "N", "other"),
    ],
)
def test_subjects_of_the_ftc_have_our_categories(subject: str, robocall: str, category: str):
    assert category_of(subject, robocall) == category


@pytest.mark.parametrize(
    ("created", "violated", "filed_at", "occurred_at"),
    [
        # Daylight saving time, then standard time.
        ("2021-07-07 09:00:00", "2021-07-07 08:00:00", (2021, 7, 7, 13), (2021, 7, 7, 12)),
        ("2021-12-07 09:00:00", "2021-12-06 23:00:00", (2021, 12, 7, 14), (2021, 12, 7, 4)),
        # The hour that comes twice, and the one that never comes.
        ("2021-11-07 01:00:00", "", (2021, 11, 7, 5), None),
        ("2021-03-14 02:00:00", "", (2021, 3, 14, 7), None),
        # No call comes after the complaint about it; nor is a typing error a call.
        ("2021-07-07 09:00:00", "2021-07-07 09:00:01", (2021, 7, 7, 13), None),
        ("2021-07-07 09:00:00", "yesterday", (2021, 7, 7, 13), None),
        ("2021-07-07 09:00:00", "0001-01-01 00:00:00", (2021, 7, 7, 13), (1, 1, 1, 4, 56, 2)),
    ],
)
def test_times_are_eastern(created, violated, filed_at, occurred_at):
    complaint = one(f"4703352559,{created},{violated},,,,Other,N")
    assert complaint.filed_at == datetime(*filed_at, tzinfo=UTC)
    expected = occurred_at and datetime(*occurred_at, tzinfo=UTC)
    assert complaint.occurred_at == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW.replace("4703352559", ""), "empty"),
        (ROW.replace("4703352559", "n/a"), "empty"),
        (ROW.replace("4703352559", "Unknown"), "withheld"),
        (ROW.replace("4703352559", "951677xxxx"), "not_a_number"),
        (ROW.replace("4703352559", "8005078317;222"), None),
        (ROW.replace("4703352559", "saidpress1"), "not_a_number"),
        (ROW.replace("4703352559", "70611454600144"), "impossible"),
        (ROW.replace("4703352559", "0000000000"), "impossible"),
        (ROW.replace("4703352559", "9" * 30), "too_long"),
        (ROW.replace("4703352559", "911"), "emergency"),
        (ROW.replace("4703352559", "6025550141"), "fictional"),
        (ROW.replace("4703352559", "862083116688"), None),
        (ROW.replace("2021-07-07 00:01:15", ""), "bad_date"),
        (ROW.replace("2021-07-07 00:01:15", "7/7/2021"), "bad_date"),
        (ROW.replace("2021-07-07 00:01:15", "2003-06-26 23:59:59"), "bad_date"),
        (ROW.replace("2021-07-07 00:01:15", "2003-06-27 00:00:00"), None),
        (ROW.replace("2021-07-07 00:01:15", "2026-11-25 00:00:00"), "bad_date"),
        (ROW.replace("2021-07-07 00:01:15", "9999-12-31 23:59:59"), "bad_date"),
        (ROW.removesuffix(","), "malformed"),
        (ROW + ",", "malformed"),
        (ROW + '"', "malformed"),
        (ROW + '"Y" ', "malformed"),
        (ROW.replace("California", '"California'), "malformed"),
        (ROW.replace("California", "Cali\0fornia"), "malformed"),
        (ROW.replace("California", "x" * 10_000), "malformed"),
        (ROW.replace("California", "x" * 50_000), "malformed"),
        (b"4703352559,2021-07-07 00:01:15,,Espa\xf1ola,,,Other,N", "not_utf8"),
    ],
)
def test_a_bad_row_costs_itself_and_no_other(row: str | bytes, reason: str | None):
    first, second = read(row, ROW)
    raw = row.encode() if isinstance(row, str) else row
    if reason is None:
        assert isinstance(first, PublishedComplaint)
    elif len(raw) > ftc.MAX_LINE:
        kept = raw[: ftc.MAX_LINE].decode()
        assert first == Rejected(line=2, reason=reason, row=kept)
    else:
        assert isinstance(first, Rejected)
        assert (first.line, first.reason) == (2, reason)
        assert first.row.encode(errors="surrogateescape") == raw
    assert second == one(ROW)


def test_each_reason_is_explained():
    assert all(text and text == text.strip() for text in ftc.REASONS.values())


@pytest.mark.parametrize("cut", range(1, len(ROW) + 1))
def test_a_file_cut_anywhere_counts_no_half_row(cut: int):
    """Even where the cut leaves eight fields: with its flag lost, a row would count as another."""
    file = io.BytesIO(f"{HEADER}\n{ROW}\n{ROW[:cut]}".encode())
    first, last = read_complaints(file, now=NOW)
    assert first == one(ROW)
    assert last == Rejected(line=3, reason="cut_off", row=ROW[:cut])


def test_lines_count_as_an_editor_counts_them():
    rejected = [row for row in read("", ROW, "   ", "x", ROW, "y") if isinstance(row, Rejected)]
    assert rejected == [Rejected(5, "malformed", "x"), Rejected(7, "malformed", "y")]


@pytest.mark.parametrize(
    "variant",
    [
        {"end": b"\n"},
        {"header": "\ufeff" + HEADER},
        {"header": HEADER.replace(",", " , ")},
    ],
)
def test_how_a_file_was_saved_makes_no_other_complaint(variant: dict):
    assert read(ROW, **variant) == [one(ROW)]


def test_a_quoted_row_in_a_wider_file_with_other_order_is_the_same_complaint():
    names = HEADER.split(",")
    values = ROW.split(",")
    header = ",".join(["Seq", *reversed(names)])
    row = ",".join(["17", *(f'"{value}"' for value in reversed(values))])
    assert read(row, header=header) == [one(ROW)]


def test_another_consumer_is_another_complaint():
    assert one(ROW).digest != one(ROW.replace("510", "415")).digest
    assert one(ROW).digest != one(ROW + "N").digest


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"\n", "The file is empty."),
        (
            HEADER.encode("utf-16"),
            "This is not UTF-8 text (UTF-16, or no text). Save it as CSV in UTF-8.",
        ),
        (
            b"\x00\x01\x02",
            "This is not UTF-8 text (UTF-16, or no text). Save it as CSV in UTF-8.",
        ),
        (b"\x1f\x8b\x08\x00\x00", "The file is compressed. Unpack it first."),
        (b"PK\x03\x04\x14\x00", "The file is compressed. Unpack it first."),
        (
            b"number,votes\n+4930901820,3\n",
            "The first line is not the header of an FTC Do Not Call file: it lacks "
            + HEADER.replace(",", ", ")
            + f". It should read {HEADER}.",
        ),
        (
            HEADER.replace("Created_Date", "Date").encode(),
            "The first line is not the header of an FTC Do Not Call file: it lacks Created_Date. "
            f"It should read {HEADER}.",
        ),
        (
            HEADER.replace(",", ";").encode(),
            "The first line is not the header of an FTC Do Not Call file: it lacks "
            + HEADER.replace(",", ", ")
            + f". It should read {HEADER}.",
        ),
    ],
)
def test_what_is_no_ftc_file_is_told_so_at_once(content: bytes, message: str):
    with pytest.raises(NotFtcFile) as caught:
        read_complaints(io.BytesIO(content), now=NOW)
    assert str(caught.value) == message


def test_a_file_without_rows_has_none():
    assert read() == []


def test_rows_are_read_as_they_are_asked_for():
    """A pass over a file of any size holds one line."""
    file = io.BytesIO(f"{HEADER}\n{ROW}\n{ROW}\n".encode())
    rows = read_complaints(file, now=NOW)
    assert file.tell() == len(HEADER) + 1
    next(rows)
    assert file.tell() == len(HEADER) + len(ROW) + 2
