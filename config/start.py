"""What a process asks before it serves, once."""

import logging
import threading

from django.conf import settings
from django.db import DatabaseError

from config import known_keys
from reputation.service_role import owns_its_tables

logger = logging.getLogger(__name__)

_checked = threading.Lock()


def check() -> None:
    """Compares the keys with the database, and warns of a service that owns its tables.

    Raises known_keys.WrongKey.
    A database that is away is passed over: the service answers 503 then.
    """
    if not _checked.acquire(blocking=False):
        return
    known_keys.check()
    try:
        if settings.IS_SERVER and owns_its_tables():
            logger.warning(
                "The service runs as the owner of its tables, who may drop the triggers that keep "
                "the audit log. Let it run as a role of its own: docs/guide/database-roles.md"
            )
    except DatabaseError:
        pass
