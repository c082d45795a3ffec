"""What is checked once before serving."""

import threading

import pytest
from django.db.migrations.recorder import MigrationRecorder

from config import start


@pytest.mark.django_db
def test_missing_tables_are_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(start, "_checked", threading.Lock())
    ours = MigrationRecorder.Migration.objects.filter(app="reputation")
    ours.latest("name").delete()
    start.check()
    assert (
        "The tables do not fit this release: 1 migration is missing. "
        "Run `migrate` as the owner of the tables."
    ) in caplog.messages
