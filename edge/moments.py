"""Moments as answers, webhooks and files write them."""

from datetime import UTC, datetime


def rfc3339(moment: datetime | None) -> str:
    """UTC with seconds and a Z; empty for None, since answers contain no null."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
