"""Management commands, and what several of them need."""

from reputation.management.bars import add_progress, bar

__all__ = ["add_progress", "bar"]
