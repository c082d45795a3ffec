"""Processes of a pool that help this one, and end with it."""

import multiprocessing
import os
import threading
from typing import Any


def end_with_main() -> None:
    """Initializer of a spawned process: it ends when the process that spawned it has ended.

    Without this it would wait for work for ever after a kill: each process of a pool can write into
    the queue of work, so none of them sees it end.
    """
    if (main := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_end_after, args=[main], daemon=True).start()


def _end_after(main: Any) -> None:
    main.join()
    os._exit(1)
