"""Recognizes errors that mean: the database cannot serve this now, try again."""

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
