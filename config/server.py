"""The application that granian serves: `manage.py serve` starts it with the right options.

config.wsgi's application behind edge.server, with the threads and time limits of each kind of
request.
"""

import logging
import re
import resource
from http import HTTPStatus
from typing import Final

from django.conf import settings

from config.wsgi import application as wsgi  # first, since other imports need Django to be set up

# isort: split
from django.db import DEFAULT_DB_ALIAS, connections
from django.urls import resolve

from api import remembered
from api.at_once import AtOnce
from api.bulk_rows import MAX_BYTES
from api.dialects import callername
from api.dialects.gate import TEXT
from api.middleware import is_for_machines
from api.paths import NUMBER
from api.problems import CONTENT_TYPE as PROBLEM
from api.problems import problem
from api.rendering import dump
from config import database
from edge import Environ, Lane, Server, client_address, forgive, site, tracing
from reputation.identity import identify
from reputation.lookup import wrote
from web import errors, locality

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 64 * 1024 * 1024
# Seconds. A phone waits one, a person longer; a program that sends many rows is patient.
PHONE, PERSON, PROGRAM = 0.8, 30.0, 600.0

# Code and text of answers that the application does not give.
REFUSALS: Final = {
    400: ("cut-short", "The body was cut short. Send it again."),
    408: ("too-slow", "The body came too slowly. Send it again."),
    413: ("too-large", "The body is too large. Send less at a time."),
    429: ("rate-limited", "Too many requests at once from this address. Wait for answers first."),
    500: ("internal", "Something broke on our side, and we have a log of it."),
    503: (
        "unavailable",
        "The service is too busy, or waits for its database. Try again in 5 seconds.",
    ),
}


def lane(
    name: str,
    limits: database.Limits,
    *,
    threads: int,
    patience: float,
    deadline: float,
    each: int,
    body: int = MOST_BYTES,
    quick: bool = False,
) -> Lane:
    """A lane whose threads have these database limits, and close their connections when they
    end."""

    def begin() -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        connection.settings_dict = database.limited(connection.settings_dict, limits)

    return Lane(
        name=name,
        threads=threads,
        most=1024,
        each=each,
        patience=patience,
        deadline=deadline,
        body=body,
        quick=quick,
        begin=begin,
        end=connections.close_all,
    )


LOOKUPS = lane(
    "lookups",
    database.LOOKUP,
    threads=settings.WEB_THREADS,
    patience=PHONE,
    deadline=PHONE,
    each=64,
    quick=True,
)
# Bulk lookups: sent by programs, not phones.
LISTS = lane("lists", database.REQUEST, threads=2, patience=10, deadline=10, each=32)
HEALTH = lane("health", database.LOOKUP, threads=1, patience=5, deadline=5, each=64, quick=True)
READY = lane("ready", database.LOOKUP, threads=1, patience=5, deadline=5, each=64, quick=True)
BULK = lane(
    "bulk",
    database.BULK,
    threads=2,
    patience=PROGRAM,
    deadline=PROGRAM,
    each=32,
    body=MAX_BYTES + 1,
)
# Requests that wait for a mail server or a gateway of text messages, which may hang.
OUTSIDE = lane(
    "outside", database.REQUEST, threads=2, patience=PERSON / 2, deadline=PERSON, each=32
)
# A password costs half a second of a processor, whoever sent it and however wrong it is: guesses
# from many addresses have a thread of their own, and take no page's.
PASSWORDS = lane(
    "passwords", database.REQUEST, threads=1, patience=PERSON / 2, deadline=PERSON, each=4
)
# Letters and packs take seconds of a processor each, and anybody may ask for them.
PACKS = lane("packs", database.REQUEST, threads=1, patience=PERSON / 2, deadline=PERSON, each=4)
REST = lane(
    "rest",
    database.REQUEST,
    threads=settings.WEB_THREADS,
    patience=PERSON / 2,
    deadline=PERSON,
    each=32,
)

# Paths that phones and PBXs wait for, including the dialects of foreign clients. Not /compat/sms:
# a message takes longer, and without its answer the sender gets none.
LOOKED_UP = re.compile(
    rf"/+(v1/+numbers/+{NUMBER}/*"
    r"|v1/+(buckets|ranges)(/.*)?"
    r"|phoneblock/+api/+(check|check-prefix|num)(/.*)?"
    r"|compat/(?!/*+sms/*+\Z).*)"
)
# Forms that send a code or a mail before they answer, and messages that are answered by mail.
SENDING = re.compile(
    r"/++accounts/+login/+code/*(confirm/*)?"
    r"|/++my/+account(/+erase)?/*"
    r"|/++numbers/++.+/dispute"
    r"|/++disputes/++[^/]+/send"
    rf"|/++v1/+numbers/+{NUMBER}/+disputes/*"
    r"|/++v1/+intake/+email/*"
)
HASHING = re.compile(r"/+(admin/+login|accounts/+reauthenticate)/*")
PACKING = re.compile(r"/+(complaints/+(?!prepare/*\Z)[^/]+|v1/+complaints/+[^/]+/+pack)/*")
OTHERS = (
    (re.compile(r"/+v1/+numbers/+lookup/*"), LISTS),
    (re.compile(r"/+healthz/*"), HEALTH),
    (re.compile(r"/+(readyz|metrics)/*"), READY),
    (re.compile(r"/+v1/+reports/+bulk/*"), BULK),
)


def lane_of(method: str, path: str) -> Lane:
    if method in ("GET", "HEAD") and LOOKED_UP.fullmatch(path):
        return LOOKUPS
    if method == "POST" and SENDING.fullmatch(path):
        return OUTSIDE
    if method == "POST" and HASHING.fullmatch(path):
        return PASSWORDS
    if method == "POST" and PACKING.fullmatch(path):
        return PACKS
    return next((found for pattern, found in OTHERS if pattern.fullmatch(path)), REST)


# Made in advance: the event loop, which sends them, has no time for templates.
PAGES: Final = {
    (status, language): errors.refused(status, language)
    for status in REFUSALS
    for language, _ in settings.LANGUAGES
}


def refuse(
    status: int, retry: int, path: str, environ: Environ
) -> tuple[list[tuple[str, str]], bytes]:
    """An answer that the application does not give: problem details, or a page for people. Nothing
    to who would show it as a caller's name."""
    headers = [("X-Content-Type-Options", "nosniff")]
    if callername.is_shown(path):
        content_type, body = TEXT, b""
    elif is_for_machines(path):
        code, sentence = REFUSALS[status]
        content_type, body = PROBLEM, dump(problem(HTTPStatus(status), code, sentence))
    else:
        language = locality.language_by(environ)
        content_type, body = "text/html; charset=utf-8", PAGES[status, language]
        headers += [("Content-Language", language), ("Vary", "Accept-Language, Cookie")]
    headers += [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    if retry:
        headers.append(("Retry-After", str(retry)))
    return headers, body


# Each open connection is a file, and the usual limit of 1,024 files would be reached first.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))

files = settings.DATA_DIR / "bodies"
files.mkdir(mode=0o700, parents=True, exist_ok=True)

# Loads now what the first request would otherwise load: addresses, views, the panel, numbering
# plans.
resolve("/healthz")
identify("+12025550100", allow_fictional=True)

try:
    # Shared with every process on this machine, also those of the release before or after.
    wrote.share(settings.DATA_DIR / "wrote")
except OSError as error:  # a full disk
    logger.error("nothing is remembered, every lookup reads the database: %s", error)
else:
    remembered.start(settings.LOOKUP_MEMORY_MB, begin=LOOKUPS.begin)
memory = remembered.memory()

application = Server(
    wsgi,
    lanes=[LOOKUPS, LISTS, HEALTH, READY, BULK, OUTSIDE, PASSWORDS, PACKS, REST],
    lane_of=lane_of,
    address_of=lambda environ: site(client_address(environ)),
    refuse=refuse,
    undo=forgive,
    files=files,
    host=settings.ALLOWED_HOSTS[0],  # that of PUBLIC_URL
    # Traces must include each request, so threads answer all of them while traces are written.
    at_once=AtOnce(memory) if memory is not None and tracing.is_off() else None,
)
