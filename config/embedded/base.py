"""Django's PostgreSQL backend on the embedded server, which starts at the first connection.

The server starts here rather than in `manage.py`, so that no list has to name the commands that
need a database: opening a connection starts the server. The price is one failed `connect` at the
first start; with a running server it costs nothing. Django requires the name of this file.
"""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from config import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            if embedded.answers(settings.DATA_DIR):
                raise  # the server runs, so the error has another cause
        embedded.ensure_running(settings.DATA_DIR)
        return super().get_new_connection(conn_params)
