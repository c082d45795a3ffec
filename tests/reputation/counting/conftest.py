import pytest

from reputation.counting import chapters, revising


@pytest.fixture
def short_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chapter has four reports, and a change is carried to the end of its number, however far."""
    monkeypatch.setattr(chapters, "CHAPTER", 4)
    monkeypatch.setattr(chapters, "MARKED", 3)
    monkeypatch.setattr(revising, "FARTHEST", 1_000)
