"""A worker that lives, as the database knows it."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone


def beat(*, ago: int = 0) -> None:
    """A sign of life so many seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)",
            [timezone.now() - timedelta(seconds=ago)],
        )
