"""Checks before serving: once in each process, and in each command."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.utils import timezone

from config import known_keys
from reputation import disputes, health
from reputation.feeds import FeedUnknown, snapshots
from reputation.service_role import owns_its_tables
from web import redress

logger = logging.getLogger(__name__)

_checked = threading.Lock()


def check() -> None:
    """Compares the keys with the database, and warns if tables are missing or if the service's
    account owns them.

    Skips a database that cannot be reached: the service then answers 503. Raises
    known_keys.WrongKey.
    """
    if not _checked.acquire(blocking=False):
        return
    known_keys.check()
    _warn_of_missing_tables()
    try:
        if settings.IS_SERVER and owns_its_tables():
            logger.warning(
                "The service runs as the owner of its tables, who may drop the triggers that keep "
                "the audit log. Let it run as a role of its own: docs/guide/database-roles.md"
            )
    except DatabaseError:
        pass


def _warn_of_missing_tables() -> None:
    """Logs one error with the remedy, before each job and request logs the table that it misses."""
    if connection.connection is None:  # it was just tried, and is not waited for again
        return
    found = health.migrations(timezone.now())
    if found.word == "pending":
        logger.error("%s %s", found.wrong, found.remedy)


def named(app_configs: Any, **options: Any) -> list[Error]:
    """Checks that files and programs named in settings exist. A check of Django, which every
    command runs: otherwise the first user of the setting would notice."""
    found = (
        _wrong("FEEDS_PUBLIC", lambda: [snapshots.known(feed) for feed in settings.FEEDS_PUBLIC]),
        _wrong(
            "CODE_SENDER",
            lambda: disputes.sender(settings.CODE_SENDER, settings.CODE_SENDER_TOKEN).send,
        ),
        _wrong("REDRESS_KEY_FILE and REDRESS_CERTIFICATE_FILE", redress.check),
    )
    return [error for error in found if error]


def _wrong(setting: str, there: Callable[[], object]) -> Error | None:
    try:
        there()
    except (
        FeedUnknown,
        ImproperlyConfigured,
        ImportError,
        AttributeError,
        OSError,
        ValueError,
    ) as error:
        return Error(f"{setting}: {error}")
    return None
