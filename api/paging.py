"""Cursors of lists: the `next` of a page, sent as `cursor` for the following page."""

from datetime import datetime

from api.errors import InvalidField
from reputation import privacy
from reputation.privacy import SealBroken


def read_cursor(value: str) -> tuple[datetime, int] | None:
    """The moment and id of a cursor; None for an empty one. Raises InvalidField."""
    if not value:
        return None
    try:
        return privacy.read_cursor(value)
    except SealBroken:
        raise InvalidField(
            "cursor",
            "This cursor is not one of ours: pass `next` of the page before.",
            "invalid-cursor",
        ) from None
