"""No CSV file of ours makes a spreadsheet run a text that another person wrote."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command

from edge import as_csv, guarded, unguarded
from reputation.complaints import filing, incidents
from reputation.moderation import directory, mark_official
from tests.given.authorities import load_authorities
from tests.given.reporters import NOW, SCAMMER, newcomer, say
from tests.given.staff import member

BEFORE = ["", " ", "\u00a0", "\u3000", "\ufeff", "\u200b"]
SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "−"]
FORMULAS = [f"{before}{sign}1+1" for before in BEFORE for sign in SIGNS]
HARMLESS = [
    "",
    "Bank",
    "1=1",
    "a@example.org",
    "+4930901820",
    "+1 202-555-0123",
    " Bank",
    "a;b\r\n c",
]


@pytest.mark.parametrize("cell", [*FORMULAS, "\tx", "\rx", "\nx", "+1-202-555-0123"])
def test_a_formula_is_put_behind_an_apostrophe_and_read_back(cell: str):
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("separator", [";", "\t", "\r\n", "x\n"])
def test_a_formula_behind_another_separator_is_guarded_too(sign: str, separator: str):
    cell = f"pay{separator} {sign}1+1{separator}"
    assert guarded(cell) == f"pay{separator}' {sign}1+1{separator}"
    assert unguarded(guarded(cell)) == cell
    assert guarded(f"\t{cell}") == f"'\t{guarded(cell)}"
    assert unguarded(guarded(f"\t{cell}")) == f"\t{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_what_is_no_formula_stays_as_it_is(cell: str):
    assert guarded(cell) == unguarded(cell) == cell


def test_every_cell_of_a_file_is_guarded():
    (row,) = csv.reader(io.StringIO(as_csv([[*FORMULAS, 1, None]]), newline=""))
    assert row == [*(f"'{cell}" for cell in FORMULAS), "1", "None"]


def cells(content: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]


@pytest.mark.django_db
@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.usefixtures("evidence_dir")
def test_the_directory_the_call_log_and_the_complaints_are_guarded(sign: str):
    formula = f"{sign}1+1"
    mark_official(
        actor=member("boss"), identity=SCAMMER, name=formula, reason="their letter", now=NOW
    )
    assert f"'{formula}" in cells(directory.give_out())

    report = say(
        newcomer("li"),
        at=NOW,
        occurred_at=NOW - timedelta(hours=1),
        comment=formula,
        claimed_name=formula,
    ).report
    zone = ZoneInfo("Asia/Shanghai")
    log = incidents.call_log(
        incidents.incidents_of([report], zone=zone), language="zh-hans", zone=zone
    )
    assert cells(log.decode()).count(f"'{formula}") == 2

    load_authorities()
    complaint = filing.prepare_complaint(
        reporter=report.reporter, reports=[report.public_id], authority="cn-12321", now=NOW
    )
    filing.update_complaint(
        reporter=report.reporter,
        public_id=complaint.public_id,
        status="filed",
        reference=formula,
        now=NOW,
    )
    assert f"'{formula}" in cells(filing.export_complaints(reporter=report.reporter).decode())


@pytest.mark.django_db
def test_rejected_rows_of_an_import_are_guarded(tmp_path: Path):
    head = "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,"
    file = tmp_path / "day.csv"
    file.write_text(
        f"{head}Consumer_Area_Code,Subject,Recorded_Message_Or_Robocall\r\n"
        "=1+1,2021-07-07 10:00:00,2021-07-07 08:00:00,,Texas,512,Other,N\r\n"
    )
    rejects = tmp_path / "rejects.csv"
    call_command("import_ftc", str(file), rejects=rejects, stdout=io.StringIO())
    assert cells(rejects.read_text())[-1].startswith("'=1+1,")


def test_nobody_else_writes_csv_with_texts_from_outside():
    """A new writer takes `as_csv`, or comes here with the reason why it need not."""
    others = {
        "api/bulk_rows.py",  # a row as it was sent, inside a JSON answer
        "reputation/feeds/formats/lists.py",  # numbers and our own labels, for machines
        "reputation/management/commands/import_ftc.py",  # guards the one cell from outside
    }
    root = settings.BASE_DIR
    writers = {
        str(path.relative_to(root))
        for folder in ("api", "config", "reputation", "web")
        for path in (root / folder).rglob("*.py")
        if "csv.writer" in (text := path.read_text()) or "from csv import" in text
    }
    assert writers == others
