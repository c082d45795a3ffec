"""An application for granian that tells in which thread it was asked."""

import asyncio
import threading
from typing import Any

from edge import Then
from edge.early import Early


class Application:
    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop_thread = threading.get_ident()
        Early(self.at_once).begin(loop)

    def at_once(self, scope: Any, then: Then) -> None:
        before = threading.get_ident() != self.loop_thread
        then((200, [], b"before the loop") if before and scope.path == "/early" else None)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        proto.response_bytes(200, [], b"on the loop")


def application() -> Application:
    return Application()
