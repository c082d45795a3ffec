import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

# All requests wait behind a migration that waits for a lock. So it gives up before phones do, and
# tries again between two transactions.
LOCK_MILLISECONDS = 500
ATTEMPTS = 120
PAUSE = 1.0


class Command(migrate.Command):
    help = (
        f"{migrate.Command.help} Waits half a second for each lock, and tries again for two "
        "minutes, so that a service that is running hardly notices."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            with connections[options["database"]].cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}")
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                self.stderr.write(f"A table is in use: attempt {attempt} of {ATTEMPTS}.")
                time.sleep(PAUSE)
            else:
                return
        raise CommandError(
            "A table stays in use. Run migrate again: it goes on where it stopped. This shows who "
            "is at it: SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY 2"
        )
