"""Cursors: the moment and the id of a page's last row, sealed.

In clear they would tell to the microsecond when a report was filed, and so which victim filed it.
"""

import base64
import struct
from datetime import UTC, datetime, timedelta

from reputation.privacy.sealing import SealBroken, seal, unseal

_BOUND = "cursor"
_ROW = struct.Struct(">qq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def cursor(moment: datetime, pk: int) -> str:
    """A sealed text for use in addresses, which only `read_cursor` can read."""
    row = _ROW.pack((moment - _EPOCH) // _MICROSECOND, pk)
    return base64.urlsafe_b64encode(seal(row, bound=_BOUND)).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, int]:
    """The moment and the id that a cursor stands for. Raises SealBroken for any other text."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise SealBroken("This is no cursor.") from None
    microseconds, pk = _ROW.unpack(unseal(sealed, bound=_BOUND))
    return _EPOCH + microseconds * _MICROSECOND, pk
