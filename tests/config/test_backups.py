"""What is noted of backups."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import backups
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
