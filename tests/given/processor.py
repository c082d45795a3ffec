"""How much of the processor a test may use, for work that could grow with the square of a text."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest


@contextmanager
def processor(seconds: float) -> Iterator[None]:
    """Fails the test if what runs here uses more than so many seconds of processor, in place of the
    hours that it would need. The machine's other work does not count."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"used {seconds} seconds of processor")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
