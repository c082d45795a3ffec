"""DATABASE_URL → Django's connection settings. PostgreSQL only."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


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
