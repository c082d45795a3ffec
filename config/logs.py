"""The form of log records: one line or one JSON object each, with levels, and nothing personal.

A record may contain what people sent: in the path of a request, in the message of an error. So
everything that looks like a number, a mailbox or a secret is masked in every record, and what
PostgreSQL says about a refused row is left out.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

from edge import request_ids

LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MASK: Final = "▇▇▇"
PERSONAL: Final = re.compile(
    r"(?:\+|%2B)\d[\d ().-]{4,20}\d"  # a number as +44 7700 900123
    r"|(?<![0-9A-Za-z_])\d{7,15}(?![0-9A-Za-z_])"  # … or without the plus
    # … within the lengths of mailboxes: without bounds, a long path would take minutes
    r"|[\w.+-]{1,64}+(?:@|%40)[\w-]{1,63}+(?:\.[\w-]{1,63}+)+"
    r"|(?<=rsk_)\w{9,}[\w-]*"
    r"|(?i:(?<=bearer )|(?<=basic ))[\w.~+/=-]{8,}"
)


def levels(name: str, value: str) -> tuple[str, dict[str, str]]:
    """The general level, and those of areas: `INFO, reputation.intake=DEBUG, api=ERROR`.

    Raises ImproperlyConfigured, which names the setting.
    """
    root, areas = "INFO", {}
    for part in filter(None, map(str.strip, value.split(","))):
        area, _, level = part.rpartition("=")
        level = level.strip().upper()
        if level not in LEVELS:
            raise ImproperlyConfigured(
                f"{name}: {part!r} names no level. Give one of {', '.join(LEVELS)}, for everything "
                "or for an area: INFO, reputation.intake=DEBUG"
            )
        if area:
            areas[area.strip()] = level
        else:
            root = level
    return root, areas


def configuration(*, level: str, areas: dict[str, str], form: str) -> dict[str, Any]:
    """The argument of `logging.config.dictConfig`. Levels by area come from `levels`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "config.logs.Line"}, "json": {"()": "config.logs.Json"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers (console in debug, mail to admins) are replaced by the root's.
            "django": {"handlers": [], "propagate": True},
            "procrastinate": {"level": "WARNING"},  # config.jobs logs what each run did
            # 4xx errors concern the client, and their paths contain telephone numbers.
            "django.request": {"level": "ERROR"},
            "django.security.csrf": {"level": "ERROR"},
            # Anybody can send any Host: a traceback for each would let attackers fill the disk.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            **{area: {"level": its} for area, its in areas.items()},
        },
    }


class Line(logging.Formatter):
    """`2026-11-29 12:00:00,000 ERROR api.errors [request]: message`; the brackets only in
    requests."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}{request}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        request = request_ids.current()
        record.request = f" [{request}]" if request else ""
        return masked(super().format(_shortened(record)))

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- as logging calls it
        return _without_details(super().formatException(ei), ei[1])


class Json(Line):
    """One object in each line: time (RFC 3339, UTC), level, logger, message, request, exception."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(_shortened(record).getMessage()),
        }
        if request := request_ids.current():
            entry["request"] = request
        if record.exc_info:
            entry["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def masked(text: str) -> str:
    return PERSONAL.sub(MASK, text)


def _shortened(record: logging.LogRecord) -> logging.LogRecord:
    """The record with its errors in one line each: what libpq says of a server takes three."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            " ".join(_message(each).split()) if isinstance(each, BaseException) else each
            for each in record.args
        )
    return record


def _without_details(text: str, error: BaseException) -> str:
    """A traceback without what `_message` leaves out, for the error and its causes."""
    waiting, seen = [error], set[int]()
    while waiting:
        error = waiting.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        text = text.replace(str(error), _message(error))
        waiting += [each for each in (error.__cause__, error.__context__) if each is not None]
        waiting += getattr(error, "exceptions", ())
    return text


def _message(error: BaseException) -> str:
    """The message without the row that PostgreSQL refused, which contains what people wrote."""
    return str(error).partition("\nDETAIL:")[0]
