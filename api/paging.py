"""Keyset cursors: the moment and id of the last row of a page, as one word that means nothing."""

import base64
from datetime import datetime, timedelta

from api.errors import InvalidField


def cursor(moment: datetime, pk: int) -> str:
    text = f"{moment.isoformat()}|{pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(value: str) -> tuple[datetime, int] | None:
    """The moment and id that a cursor stands for; None for an empty one. Raises InvalidField."""
    if not value:
        return None
    try:
        text = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
        moment, _, pk = text.partition("|")
        parsed = datetime.fromisoformat(moment)
        if parsed.utcoffset() != timedelta(0):
            raise ValueError("not in UTC")
        return parsed, int(pk)
    except ValueError:
        raise InvalidField(
            "cursor",
            "This cursor is not one of ours: pass `next` of the page before.",
            "invalid-cursor",
        ) from None
