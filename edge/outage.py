"""Errors that mean: the database cannot serve this now, try again."""

from django.db import InterfaceError, InternalError, OperationalError, connection
from psycopg import InterfaceError as RawInterfaceError
from psycopg import InternalError as RawInternalError
from psycopg import OperationalError as RawOperationalError
from psycopg import errors

# Away, full, restarting, or a wait that was given up (QueryCanceled, LockNotAvailable).
AWAY = (OperationalError, InterfaceError, RawOperationalError, RawInterfaceError)
# The session is of no more use: the server became a standby, or ended our transaction.
LOST = (
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
    errors.TransactionTimeout,
)


def is_outage(error: BaseException) -> bool:
    """Whether the database is at fault rather than the request; to be answered with 503.

    Gives the thread's connection up if it leads to a server that cannot write: after a failover
    the same address leads to another.
    """
    if isinstance(error, (InternalError, RawInternalError)):
        if not any(isinstance(each, LOST) for each in (error, error.__cause__)):
            return False
        connection.close()
        return True
    return isinstance(error, AWAY)
