"""Reads the bodies of requests from granian's RSGI, each with a deadline and a least rate.

A large body is kept in a file. Bodies of more than SMALL bytes are refused while all bodies
together take MOST_KEPT bytes.
"""

import asyncio
import tempfile
from pathlib import Path
from time import monotonic
from typing import IO, Any, Final

from edge.environ import Environ

# A body may pause this long, and may take FIRST_SECONDS and a second for each RATE bytes.
STALL_SECONDS: Final = 10.0
FIRST_SECONDS: Final = 10.0
RATE: Final = 2_000
# After an answer without the body, the rest of it is taken for this long: who still sends when the
# connection is closed loses the answer, and nginx says 502 instead.
LINGER_SECONDS: Final = 5.0
# Larger bodies, and larger answers, are kept in files.
IN_MEMORY: Final = 1 << 18
# Bodies up to this size are read whatever others take: one address can fill the room with large
# ones, and hold them by a byte now and then. Lanes bound how many of the small ones there are.
SMALL: Final = 65_536
# The most bytes of all bodies that are being read or waiting for a thread; beyond it, requests with
# larger ones get 503.
MOST_KEPT: Final = 1 << 30


class NotRead(BaseException):
    """The application asks for a body that is not read yet. No `except Exception` catches it."""


class Unread:
    """`wsgi.input` of the first run: reading from it ends that run."""

    def read(self, *_: object) -> bytes:
        raise NotRead

    readline = readlines = __iter__ = read


class TooLong(Exception):
    """The body has more bytes than the lane allows."""


class TooSlow(Exception):
    """The body arrives too slowly, or not at all."""


class BrokenOff(Exception):
    """The connection ended before the body did."""


class Room:
    """Where bodies are kept: the folder of large ones. `kept`: bytes of all bodies at present."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = 0


class Body:
    """A request's body as it arrives. `length` in bytes; None for a chunked body."""

    def __init__(self, room: Room, proto: Any, length: int | None) -> None:
        self.room, self.proto, self.length = room, proto, length
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 -- see close
            IN_MEMORY, dir=str(room.folder)
        )
        self.received = 0
        self.whole = False
        self._chunks: Any = None
        self._next: asyncio.Task[bytes | None] | None = None

    async def read(self, most: int, *, within: float | None = None) -> None:
        """Reads the rest, or what arrives within `within` seconds.

        Raises TooLong, TooSlow, BrokenOff, OSError.
        """
        if self.length is not None and self.length > most:
            raise TooLong
        began = monotonic()
        while not self.whole:
            since = monotonic() - began
            if within is not None:
                patience = within - since
            else:
                patience = min(STALL_SECONDS, FIRST_SECONDS + self.received / RATE - since)
            chunk = await self._chunk(patience)
            if chunk is None:
                if within is not None:
                    return
                raise TooSlow
            await self._take(chunk, most)
        self.file.seek(0)

    async def _take(self, chunk: bytes, most: int) -> None:
        self.received += len(chunk)
        self.room.kept += len(chunk)
        if self.received > most:
            raise TooLong
        if self.received > SMALL and self.room.kept > MOST_KEPT:
            raise OSError("too many bodies at once")
        self.file.write(chunk)
        if self.length is not None:
            self.whole = self.received == self.length
        if chunk or self.whole:
            return
        # The end, or an error, which granian shows as an empty chunk before the end. It shows
        # trailers, which nobody sends, in the same way.
        if self.length is not None or await _following(self._chunks) is not None:
            raise BrokenOff
        self.whole = True

    async def _chunk(self, patience: float) -> bytes | None:
        """The next bytes, b"" at the end; None if nothing arrived in `patience` seconds."""
        if self._chunks is None:
            self._chunks = aiter(self.proto)
        if self._next is None:
            self._next = asyncio.ensure_future(_following(self._chunks))
        done, _ = await asyncio.wait({self._next}, timeout=max(patience, 0))
        if not done:
            return None
        chunk = self._next.result()
        self._next = None
        return chunk or b""

    async def discard(self, environ: Environ) -> None:
        """Takes what the client still sends after its answer."""
        ends = monotonic() + LINGER_SECONDS
        # Who waits for 100 Continue sends nothing.
        while not self.whole and "HTTP_EXPECT" not in environ:
            if not await self._chunk(ends - monotonic()):
                break

    def close(self) -> None:
        if self._next is not None:
            self._next.cancel()
        self.file.close()
        self.room.kept -= self.received


async def _following(chunks: Any) -> bytes | None:
    try:
        return bytes(await anext(chunks))
    except StopAsyncIteration:
        return None
