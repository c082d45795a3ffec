"""The resources of this machine: processes, threads, memory and disks.

Imports no models, so that a new process starts quickly.
"""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import django
from django.db import connection

from reputation.helpers import end_with_main


def pool(processes: int) -> ProcessPoolExecutor:
    """Processes of this project on the present database; they take functions of modules."""
    return ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),  # a connection must not be shared by forking
        initializer=_begin,
        initargs=(connection.settings_dict["NAME"],),
    )


def _begin(database: str) -> None:
    end_with_main()
    django.setup()
    connection.settings_dict["NAME"] = database


def side_by_side[T](work: Callable[[T], object], items: Sequence[T], *, at_once: int) -> None:
    """Calls `work` for each: in so many threads, on connections of their own, where PostgreSQL has
    the work and Python only waits. In this thread if there is one item. Raises what it raises."""
    count = min(at_once, len(items))

    def take(first: int) -> None:
        try:
            for item in items[first::count]:
                work(item)
        finally:
            connection.close()

    if count < 2:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(count) as threads:
        for done in [threads.submit(take, first) for first in range(count)]:
            done.result()


@contextmanager
def no_collection() -> Iterator[None]:
    """Without searches for objects in circles: among a million rows they take half of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def keep_names(folder: Path) -> None:
    """Lets the names in a folder survive a power cut: to sync a file does not include its name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
