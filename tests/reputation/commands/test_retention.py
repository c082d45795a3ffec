"""The guide's table of retention is what the code goes by."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "retention.md"


def test_the_guide_is_what_the_command_prints():
    printed = StringIO()
    call_command("retention", stdout=printed)
    assert GUIDE.read_text() == printed.getvalue()
