"""DATABASE_URL → Django's connection settings, and how long anything may wait for PostgreSQL."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Limits:
    """What a session may wait for, in milliseconds; 0: as long as it takes.

    statement: one statement. lock: a lock that another session holds. idle: the client, within a
    transaction, whose locks others wait for. connect: a new connection (seconds, at least 2).
    """

    statement: int
    lock: int
    idle: int
    connect: int

    def __str__(self) -> str:
        return (
            f"-c statement_timeout={self.statement} -c lock_timeout={self.lock}"
            f" -c idle_in_transaction_session_timeout={self.idle}"
        )


# A phone rings: it waits one second, the way there and back included.
LOOKUP = Limits(statement=600, lock=300, idle=2_000, connect=2)
# A person or a program waits: pages, reports, the panel.
REQUEST = Limits(statement=10_000, lock=2_000, idle=10_000, connect=5)
# Many rows in one request; each batch is one transaction.
BULK = Limits(statement=30_000, lock=5_000, idle=30_000, connect=5)
# Commands, migrations and the worker: passes over everything. Nobody waits for them, but others
# wait for the locks that a hung one holds.
COMMAND = Limits(statement=0, lock=30_000, idle=120_000, connect=10)

# A server that vanished without a word is given up after 5 to 10 seconds. Sockets ignore these.
VANISHED = {
    "tcp_user_timeout": "5000",  # milliseconds
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
}


def parse(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value` as a DATABASES entry.

    Query parameters go to libpq unchanged (`sslmode=verify-full`, `host=/run/postgresql` …).

    Raises:
        ImproperlyConfigured: not a PostgreSQL URL, or a URL without a database name.
    """
    example = "postgresql://user:password@host:5432/ringscore"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        # The message omits the URL: it contains a password, and messages end up in logs.
        raise ImproperlyConfigured(f"DATABASE_URL: {error}. Expected {example}") from None
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL has the scheme {parts.scheme or '(none)'!r}, but Ringscore runs on "
            f"PostgreSQL only. Expected {example}; or unset it to use the embedded server."
        )
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise ImproperlyConfigured(f"DATABASE_URL names no database. Expected {example}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def limited(entry: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """A DATABASES entry, new or limited before, whose sessions keep to `limits`.

    What DATABASE_URL sets itself (`options=-c lock_timeout=…`, `connect_timeout=…`) stays.
    """
    given = entry.get("GIVEN_OPTIONS", entry["OPTIONS"])
    options = VANISHED | {"connect_timeout": str(limits.connect)} | given
    options["options"] = f"{limits} {given.get('options', '')}".rstrip()
    return entry | {"OPTIONS": options, "GIVEN_OPTIONS": given}
