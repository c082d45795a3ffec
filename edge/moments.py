"""Moments in the form of answers, webhooks and files."""

from datetime import UTC, datetime


def rfc3339(moment: datetime | None) -> str:
    """UTC with seconds and a Z; "" for None, since answers contain no null."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
