"""Fixtures for the tests of the configuration."""

from pathlib import Path

import pytest

from tests.given import settings_guide


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No variable of ours is set but DATA_DIR."""
    for _, settings in settings_guide.sections():
        for setting in settings:
            monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / ".data"))
    return tmp_path / ".data"
