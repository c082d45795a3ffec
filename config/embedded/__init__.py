"""The embedded PostgreSQL: its cluster, its programs, and the Django backend that starts it."""

from config.embedded.cluster import answers, connection_settings, dsn, ensure_running, stop
from config.embedded.programs import PostgresError, program, server_programs
