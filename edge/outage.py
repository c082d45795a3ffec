"""Recognizes errors that mean: this cannot be served now, try again."""

import errno
from typing import Final

from django.db import InterfaceError, InternalError, OperationalError, connection
from psycopg import InterfaceError as RawInterfaceError
from psycopg import InternalError as RawInternalError
from psycopg import OperationalError as RawOperationalError
from psycopg import errors

# Not reachable, full, restarting, or a wait that was given up (QueryCanceled, LockNotAvailable).
AWAY = (OperationalError, InterfaceError, RawOperationalError, RawInterfaceError)
# The session cannot be used any more: the server became a standby, or ended our transaction.
LOST = (
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
    errors.TransactionTimeout,
)
# A file cannot be written: the disk, a quota or the table of open files is full, the file system
# became read-only, or a file would be larger than it may be.
FULL: Final = frozenset(
    {errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EROFS}
)

# Python's, if no folder for temporary files takes one when it asks for the first time.
NOWHERE: Final = "No usable temporary directory"


def is_outage(error: BaseException) -> bool:
    """Whether the error is the database's fault rather than the request's; to be answered with 503.

    Closes the thread's connection if its server cannot write: after a failover the same address
    leads to another server.
    """
    if isinstance(error, (InternalError, RawInternalError)):
        if not any(isinstance(each, LOST) for each in (error, error.__cause__)):
            return False
        connection.close()
        return True
    return isinstance(error, AWAY)


def is_full(error: BaseException) -> bool:
    """Whether the error is that this machine has no room for a file; to be answered with 503."""
    return isinstance(error, OSError) and (error.errno in FULL or NOWHERE in str(error))
