"""Work on the database in several processes: Python computes in one at a time, PostgreSQL does not.

Imports no models, so that a new process can begin here.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import django
from django.db import connection


def pool(processes: int) -> ProcessPoolExecutor:
    """Processes of this project on the present database; they take functions of modules."""
    return ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),  # a connection must not be shared by forking
        initializer=_begin,
        initargs=(connection.settings_dict["NAME"],),
    )


def _begin(database: str) -> None:
    django.setup()
    connection.settings_dict["NAME"] = database
