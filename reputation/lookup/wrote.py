"""Which reporters wrote a moment ago: their lookups read the database, so that they see what they
wrote.

The processes of one machine share the moments through mapped memory (`share`). Two reporters may
share a place in it; then the database answers both for a moment, which is always right. Moments are
those of time.monotonic, which is one clock for all processes of a machine.
"""

import mmap
from pathlib import Path
from time import monotonic
from typing import Final

from reputation.models import replicas

PLACES: Final = 1 << 16
BYTES: Final = 8 * PLACES
# Seconds. A moment that lies further ahead was noted before this machine was started anew.
MOST: Final = 3_600.0

_until: "memoryview[float]" = memoryview(bytearray(BYTES)).cast("d")


def share(file: Path) -> None:
    """Shares the moments with all processes that name the same file. Raises OSError."""
    global _until
    with file.open("ab") as handle:
        # Written, not only made longer: on a full disk a write to a mapped hole ends the process.
        handle.write(bytes(max(BYTES - handle.tell(), 0)))
    with file.open("r+b") as handle:
        _until = memoryview(mmap.mmap(handle.fileno(), BYTES)).cast("d")


def note(reporter_id: int, *, seconds: float) -> None:
    """`lately` holds for the reporter from now on, for so many seconds at least; and no replica
    answers them for a while."""
    replicas.note_write(reporter_id)
    place = reporter_id % PLACES
    noted, now = _until[place], monotonic()
    _until[place] = max(noted if noted <= now + MOST else 0, now + seconds)


def lately(reporter_id: int) -> bool:
    return 0 < _until[reporter_id % PLACES] - monotonic() <= MOST
