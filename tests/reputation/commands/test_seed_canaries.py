"""manage.py seed_canaries: a file of the operator's own lines, of which only counts are told."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reputation.models import AuditEntry, Canary, Number

pytestmark = pytest.mark.django_db

GOOD = """number,reason
+8613812345678,Beijing line 1
13912345678,Beijing line 2
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "canaries.csv"
    file.write_text(GOOD)
    return file


def run(file: Path, *args: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("seed_canaries", str(file), "--region", "CN", *args, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


def test_it_tells_counts_alone_and_leaves_no_other_trace(file):
    assert run(file) == ("2 canaries stored, 0 were already.\n", "")
    assert run(file) == ("0 canaries stored, 2 were already.\n", "")
    assert Canary.objects.count() == 2
    assert not Number.objects.exists()
    assert not AuditEntry.objects.exists()


def test_lines_that_are_given_up_are_removed(file):
    run(file)
    file.write_text("number,reason\n+86 138 1234 5678,given up\n+4930901820,never was one\n")
    assert run(file, "--remove") == ("1 canaries removed, 1 were none.\n", "")
    assert Canary.objects.count() == 1


def test_bad_rows_are_named_by_line_and_the_others_stay(file):
    file.write_text(GOOD + "1381234567812345678,why\n+8613812345680, \nshort\n")
    out, err = run(file)
    lines = err.splitlines()
    assert out == "2 canaries stored, 0 were already.\n"
    assert lines[0].startswith("line 4: number: ")
    assert lines[1] == "line 5: reason: say which line of yours this is. It stays in the file."
    assert lines[2].startswith("line 6: reason: ")
    assert lines[3] == "3 rows were refused. Correct them and run the file again."
    assert "138" not in err
    assert Canary.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"number,why\n", "names no column reason. Expected: number,reason"),
        (b"", "names no column number, reason"),
        (b"number,reason\n\xff\xfe", "not UTF-8 at byte"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_none(file, content, message):
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    out, err = run(file)
    assert (out, message in err) == ("", True)
    assert not Canary.objects.exists()


def test_fictional_numbers_are_taken_where_the_setting_allows_them(file, settings):
    file.write_text("number,reason\n+442079460999,rack 2 line 1\n")
    assert run(file)[0] == "0 canaries stored, 0 were already.\n"
    settings.FICTIONAL_NUMBERS = True
    assert run(file) == ("1 canaries stored, 0 were already.\n", "")
