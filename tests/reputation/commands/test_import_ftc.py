import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reputation.management.commands import import_ftc
from reputation.models import ImportedComplaint, Number
from reputation.moderation import FileImport

pytestmark = pytest.mark.django_db

HEADER = (
    "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,"
    "Consumer_Area_Code,Subject,Recorded_Message_Or_Robocall\r\n"
)
ROWS = [
    "4703352559,2021-07-07 00:01:15,2021-07-06 11:48:00,,California,510,No Subject Provided,\r\n",
    ",2021-07-07 00:22:04,2021-07-05 18:05:00,Cohoctah,Michigan,517,Other,Y\r\n",
    "4703352559,2021-07-07 09:00:00,2021-07-07 08:00:00,Clinton,Illinois,217,Charities,Y\r\n",
    "5205269536,2021-07-07 10:00:00,2021-07-07 08:00:00,,Texas,512,Other,N\r\n",
    "5205269536,2021-07-07 10:00:00,2021-07-07 08:00:00,,Texas,512,Other,N\r\n",
    'Multiple#s,2021-07-07 10:00:00,2021-07-07 08:00:00,"Wells, the",Maine,207,Other,N\r\n',
    "2178398804,2021-07-07 11:00:00,2021-07-07 08:00:00,Espa\udcf1ola,,,Other,N\r\n",
    "2178398804,2021-07-07 12:00:00",
]


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file as the FTC might publish it on a bad day, in the current folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "day.csv"
    file.write_bytes("".join([HEADER, *ROWS]).encode(errors="surrogateescape"))
    return file


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_ftc", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_summary_names_every_row(day: Path):
    assert run(day) == (
        "        8 rows in day.csv\n"
        "        3 complaints imported, numbers touched: 2\n"
        "        1 already on record, or twice in the file\n"
        f"        4 rejected and written to {day.parent}/day.rejects.csv\n"
        "            1 empty: no number\n"
        "            1 not_a_number: not a number\n"
        "            1 not_utf8: not UTF-8\n"
        "            1 cut_off: the file ends inside this row, or lacks its last line break\n"
        "The file looks cut off: download and import it again.\n"
    )
    counts = Number.objects.order_by("key").values_list("key", "complaints")
    assert list(counts) == [("+14703352559", 2), ("+15205269536", 1)]


def test_rejected_rows_are_kept_as_they_came(day: Path):
    run(day)
    with (day.parent / "day.rejects.csv").open(newline="", errors="surrogateescape") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["line", "reason", "row"],
        ["3", "empty", ROWS[1].strip()],
        ["7", "not_a_number", ROWS[5].strip()],
        ["8", "not_utf8", ROWS[6].strip()],
        ["9", "cut_off", ROWS[7]],
    ]


def test_a_second_run_adds_nothing_and_says_so(day: Path):
    run(day)
    before = (
        list(Number.objects.order_by("id").values()),
        list(ImportedComplaint.objects.order_by("id").values()),
    )
    lines = run(day).splitlines()
    assert lines[1:3] == [
        "        0 complaints imported, numbers touched: 0",
        "        4 already on record, or twice in the file",
    ]
    after = (
        list(Number.objects.order_by("id").values()),
        list(ImportedComplaint.objects.order_by("id").values()),
    )
    assert after == before


def test_the_rest_of_a_cut_file_comes_later(day: Path):
    run(day)
    day.write_text(day.read_text(errors="replace") + ",,,,,Other,Y\n")
    assert run(day).splitlines()[1] == "        2 complaints imported, numbers touched: 1"


def test_numbers_are_counted_across_batches(day: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(import_ftc, "BATCH", 2)
    assert run(day).splitlines()[:3] == [
        "        8 rows in day.csv",
        "        3 complaints imported, numbers touched: 2",
        "        1 already on record, or twice in the file",
    ]


def test_an_interrupted_import_is_taken_up_again(day: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(import_ftc, "BATCH", 2)
    given = FileImport.bring_in
    batches = []

    def interrupted(self, complaints, **options):
        batches.append(complaints)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return given(self, complaints, **options)

    monkeypatch.setattr(FileImport, "bring_in", interrupted)
    with pytest.raises(CommandError) as caught:
        run(day)
    assert str(caught.value) == (
        "Interrupted. Imported and kept so far: 1. Run it again: no complaint counts twice."
    )
    assert ImportedComplaint.objects.count() == 1
    monkeypatch.setattr(FileImport, "bring_in", given)
    assert run(day).splitlines()[1:3] == [
        "        2 complaints imported, numbers touched: 2",
        "        2 already on record, or twice in the file",
    ]


@pytest.mark.parametrize(("asked", "shown"), [([], False), (["--progress"], True)])
def test_a_progress_bar_on_request(day: Path, capfd, asked: list[str], shown: bool):
    run(day, *asked)
    out, err = capfd.readouterr()
    assert out == ""
    assert ("day.csv: 100%" in err) is shown


def test_rejected_rows_are_written_where_one_says(day: Path):
    elsewhere = day.parent / "rejected rows.csv"
    assert f"rejected and written to {elsewhere}" in run(day, "--rejects", elsewhere)
    assert elsewhere.read_text(errors="replace").startswith("line,reason,row\n3,empty,")
    assert not (day.parent / "day.rejects.csv").exists()


def test_rejected_rows_are_written_beside_the_file(
    day: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guide runs commands in /, where the service's account makes no files."""
    monkeypatch.chdir("/")
    assert f"rejected and written to {day.parent}/day.rejects.csv" in run(day)
    assert not Path("/day.rejects.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.csv"], "missing.csv: No such file or directory."),
        (["."], ".: Is a directory."),
        (
            ["day.csv", "--rejects", "no/rejects.csv"],
            "no/rejects.csv: No such file or directory. Name another: --rejects",
        ),
        (
            ["day.csv", "--rejects", "./day.csv"],
            "The rejects file is the file to import. Choose another --rejects.",
        ),
        (["empty.csv"], "empty.csv: The file is empty."),
    ],
)
def test_what_cannot_be_read_or_written(day: Path, arguments: list[str], message: str):
    (day.parent / "empty.csv").touch()
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert str(caught.value) == message
    assert list(day.parent.glob("*rejects*")) == []
    assert not Number.objects.exists()
