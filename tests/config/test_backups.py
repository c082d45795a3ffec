"""What is noted of backups."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config import backups, embedded
from config.backups.database import Loading
from tests.given.full_disk import no_file_larger_than

NOW = datetime(2026, 11, 30, tzinfo=UTC)
LATER = NOW.replace(hour=12)


def test_where_the_services_disk_is_full_a_backup_is_made_and_not_noted(
    settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DATA_DIR = tmp_path
    backups.note_backup(now=NOW)
    with no_file_larger_than(0):
        backups.note_backup(now=LATER)
        backups.note_verified(now=LATER)
    assert backups.last_backup() == {"made_at": NOW}
    assert [path.name for path in tmp_path.iterdir()] == ["last_backup.json"]
    said = "the backup is whole, but doctor and alarms do not know of it: [Errno 27] File too large"
    assert caplog.messages == [said, said]


@pytest.mark.django_db
def test_what_a_newer_server_notes_at_its_columns_is_not_restored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What pg_dump 18.6 makes of a table of PostgreSQL 15.20, which no server accepts."""
    as_it_is, psql = tmp_path / "pg_restore", embedded.program("psql")
    as_it_is.write_text("#!/bin/sh\nexec cat\n")
    as_it_is.chmod(0o700)
    programs = {"pg_restore": as_it_is, "psql": psql}
    monkeypatch.setattr("config.embedded.program", programs.__getitem__)
    loading = Loading()
    try:
        loading.write(
            b"CREATE TABLE public.noted (id integer);\n"
            b"ALTER TABLE ONLY public.noted ALTER COLUMN id SET (pg_attver=29432352);\n"
            b"COPY public.noted (id) FROM stdin;\n1\n\\.\n"
        )
        loading.end()
    finally:
        loading.close()


@pytest.mark.parametrize("file", ["none", "."], ids=["missing", "folder"])
def test_what_is_no_file_is_not_restored(file: str, tmp_path: Path) -> None:
    given = str(tmp_path / file)
    with pytest.raises(CommandError, match=f"^{given}: there is no such file. Name one that `ba"):
        call_command("restore", given)


@pytest.mark.parametrize("options", [("--identity", "key"), ("--recipient", "age1x", "--verify")])
def test_an_option_that_would_do_nothing_is_refused(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    """With the first, a backup would lie there unencrypted."""
    file = tmp_path / "backup"
    with pytest.raises(CommandError, match="--recipient encrypts"):
        call_command("backup", str(file), *options)
    assert not file.exists()
