"""An operator checks all evidence with one command."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from reputation.models import Report
from tests.given.attachments import MAIL, PNG, attach, keep_evidence_in
from tests.given.disputes import a_dispute
from tests.given.reporters import newcomer, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def reports(evidence_dir: Path) -> list[Report]:
    """The first two have evidence, the third has none."""
    found = [say(newcomer(name)).report for name in "abc"]
    attach(found[0], PNG)
    attach(found[0], MAIL)
    attach(found[1], PNG)
    return found


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("verify_attachments", *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> tuple[list[str], str]:
    """The lines, and the last word; a CommandError makes the exit code of a process."""
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("verify_attachments", *map(str, arguments), stdout=out)
    assert error.value.returncode == 1
    return out.getvalue().splitlines(), str(error.value)


def test_sound_evidence(reports: list[Report]):
    assert run() == "Checked: 2. With faults: 0.\n"
    assert run("--report", reports[1].public_id) == "Checked: 1. With faults: 0.\n"


def test_each_fault_is_a_line_with_its_report_or_dispute(reports: list[Report], evidence_dir: Path):
    (mail,) = (path for path in evidence_dir.glob("??/*") if path.read_bytes() == MAIL)
    mail.unlink()
    dispute = a_dispute()
    dispute.files.create(
        position=1, sha256="a" * 64, size=1, media_type="image/png", added_at=dispute.opened_at
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reputation_evidenceentry DISABLE TRIGGER evidence_append_only")
        cursor.execute(
            "UPDATE reputation_evidenceentry SET name = 'other' WHERE report_id = %s",
            [reports[1].pk],
        )
    first, second = reports[0].public_id, reports[1].public_id
    assert refused() == (
        [
            f"report {first}: The file of entry 2 is missing or was changed.",
            f"report {second}: Entry 1 was changed: its digest does not fit.",
            f"dispute {dispute.public_id}: The file 1 is missing or was changed.",
        ],
        "Checked: 3. With faults: 3.",
    )
    assert refused("--report", first)[1] == "Checked: 1. With faults: 1."


def test_a_report_without_evidence_is_no_success(reports: list[Report]):
    id = reports[2].public_id
    assert refused("--report", id) == ([], f"--report {id}: no report with this id has evidence.")


def test_a_storage_that_is_away_is_no_success(
    reports: list[Report], settings: Settings, tmp_path: Path
):
    (tmp_path / "file").write_bytes(b"")
    keep_evidence_in(settings, tmp_path / "file")
    lines, told = refused()
    assert lines == []
    assert told.startswith(f"report {reports[0].public_id}: ")
    assert told.endswith("try again later.")
