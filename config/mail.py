"""Reads EMAIL_URL: how mail is sent."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Seconds for one answer of a mail server, and thrice as many for all of a mail (config.smtp_mail).
# A person waits for the page that says "look into your mail".
TIMEOUT = 10
# Of jobs, for which nobody waits. A server may look through a mail before it says that it took it
# (RFC 5321, 4.5.3.2.6: for minutes), and gets one that it took too slowly again at each run. Longer
# waits for one that hangs would keep other jobs from running on time.
JOBS_TIMEOUT = 30


def wait_as_jobs(mailers: dict[str, Any]) -> None:
    """Gives the mail servers of MAILERS the time that jobs have."""
    for mailer in mailers.values():
        if "timeout" in mailer.get("OPTIONS", {}):
            mailer["OPTIONS"]["timeout"] = JOBS_TIMEOUT


def parse(url: str) -> dict[str, Any]:
    """An entry of MAILERS. `smtp:` uses STARTTLS, `smtps:` TLS from the start; `smtp+plain:` no
    TLS, for a relay on the same machine. `console:` prints, `file:/folder` writes a file for each
    message.

    Raises ImproperlyConfigured.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # The error quotes the text in place of the port, perhaps the beginning of the password.
        raise ImproperlyConfigured(
            "EMAIL_URL has no port where one should be. In user and password, write / as %2F, ? as "
            "%3F, # as %23, : as %3A and @ as %40."
        ) from None
    match parts.scheme:
        case "console":
            return {"BACKEND": "config.console_mail.EmailBackend"}
        case "file" if parts.path.startswith("/"):  # each command has a working folder of its own
            return {
                "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "OPTIONS": {"file_path": parts.path},
            }
        case "smtp" | "smtps" | "smtp+plain" if parts.hostname:
            return {
                "BACKEND": "config.smtp_mail.EmailBackend",
                "OPTIONS": {
                    "host": parts.hostname,
                    "port": port or {"smtp": 587, "smtps": 465, "smtp+plain": 25}[parts.scheme],
                    "username": unquote(parts.username or ""),
                    "password": unquote(parts.password or ""),
                    "use_tls": parts.scheme == "smtp",
                    "use_ssl": parts.scheme == "smtps",
                    "timeout": TIMEOUT,
                },
            }
    raise ImproperlyConfigured(
        # The URL itself may contain a password, so the message omits it.
        "EMAIL_URL is not valid. Use smtp://user:password@host:587 (STARTTLS), smtps://…, "
        "smtp+plain://localhost (no TLS), console: or file:/folder."
    )
