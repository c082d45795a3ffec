"""Django's PostgreSQL backend on the embedded server, which starts when a connection is wanted.

Laziness sits here rather than in `manage.py`, so that no list of commands has to say which of them
need a database: what opens a connection starts the server, nothing else does. The price is one
failed `connect` at first start; a running server costs nothing. Django fixes the name of this file.
"""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from config import postgres


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            if postgres.answers(settings.DATA_DIR):
                raise  # it runs, so the error is about something else
        postgres.ensure_running(settings.DATA_DIR)
        return super().get_new_connection(conn_params)
