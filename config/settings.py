"""Every setting, read from the environment. Missing and contradictory settings fail here, at start.

Two ways to run: without DATABASE_URL on one machine for development (embedded PostgreSQL, keys
generated once and kept in .data/); with it as a server, without defaults for anything secret or
public-facing.
"""

import re
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import cache, code_sender, database, embedded, keys, logs, mail
from config.accounts import *  # noqa: F403 -- settings
from config.env import (
    callbacks,
    countries,
    country,
    flag,
    hosts,
    mailbox,
    networks,
    number,
    origins,
    path,
    refuse,
    required,
    site,
    text,
    token,
    tokens,
    words,
)
from config.framework import *  # noqa: F403 -- settings
from config.limits import PAGE_LIMITS, RATE_LIMITS  # noqa: F401 -- settings
from config.rest import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401 -- settings
from config.version import commit, release

BASE_DIR = Path(__file__).resolve().parent.parent
# Where files are kept: evidence, feeds, static files, secrets, the embedded database.
DATA_DIR = Path(path("DATA_DIR", str(BASE_DIR / ".data"))).resolve()

# PostgreSQL 15 or newer, as postgresql://user:password@host:5432/ringscore; in a password, / is
# %2F, ? is %3F, # is %23, @ is %40 and % is %25. Several hosts: docs/guide/high-availability.md. If
# it is not set, the service runs the embedded database, for one machine.
DATABASE_URL = text("DATABASE_URL")
IS_SERVER = bool(DATABASE_URL)

# The release that this code reports: `0.1.0+g059f301d7a1c`, and the commit alone, which may be
# unknown.
RELEASE = release()
COMMIT = commit()

# What people type before the name of a command: `manage.py`, or the installed program's name.
PROGRAM = text("RINGSCORE_PROGRAM", "manage.py")

# Whether errors show Django's debug pages. No even in development, so that developers see the same
# JSON as clients.
DEBUG = flag("DEBUG")

# A folder of files such as `secret_key`, for secrets that are not in the environment; missing files
# are generated there. `ringscore-server` names its data folder. A server has none by default: in a
# container without a volume, each start would generate new secrets.
KEYS_DIR = path("KEYS_DIR", "" if IS_SERVER else str(DATA_DIR))


_missing: list[str] = []


def secret(name: str, purpose: str) -> str:
    return keys.secret(name, purpose, folder=KEYS_DIR, missing=_missing)


# One key for each purpose. SECRET_KEY signs sessions and may be replaced at any time. PSEUDONYM_KEY
# turns networks and senders into keyed hashes: with another one every network would look new, so a
# new one is added as a later key. SEALING_KEYS encrypt what people send, separated by commas: the
# first one seals, all can open. docs/guide/keys.md.
SECRET_KEY = secret("SECRET_KEY", "it signs sessions")  # signs sessions; replacing it ends them
PSEUDONYM_KEY = secret("PSEUDONYM_KEY", "it turns networks and senders into keyed hashes")
# Later keys, applied after PSEUDONYM_KEY one after the other, separated by commas
# (docs/guide/keys.md).
PSEUDONYM_LATER_KEYS = words("PSEUDONYM_LATER_KEYS")
SEALING_KEYS = [
    part.strip()
    for part in secret("SEALING_KEYS", "they encrypt messages, contacts, second factors").split(",")
]
# Signs files that are checked outside of the service, such as exports of the audit record. The
# service starts without it: a server without it and without KEYS_DIR exports nothing. Replacing it
# does not affect files signed before.
SIGNING_KEY = secret("SIGNING_KEY", "it signs exports") if KEYS_DIR or text("SIGNING_KEY") else ""
refuse(_missing)
keys.refuse_weak_or_shared(
    {"SEALING_KEYS": SEALING_KEYS, "PSEUDONYM_LATER_KEYS": PSEUDONYM_LATER_KEYS},
    SECRET_KEY,
    PSEUDONYM_KEY,
    SIGNING_KEY,
)

# The public address of the service: the base of `redress_url`. Its scheme decides whether TLS is
# required.
PUBLIC_URL = required(
    "PUBLIC_URL",
    "links in answers are built from it, e.g. https://ringscore.example",
    _missing,
    when=IS_SERVER,
    default="http://127.0.0.1:8000",
)
# Browsers write both in small letters, whatever the operator wrote.
PUBLIC_URL = PUBLIC_URL.rstrip("/").lower()
refuse(_missing)
site("PUBLIC_URL", PUBLIC_URL)
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"
# Whether strangers can reach the service. A local address is for its developer; without
# DATABASE_URL, one by http is for trying the service at home.
IS_PUBLIC = (IS_SERVER or HTTPS) and _public.hostname not in ("localhost", "127.0.0.1", "::1")
IS_GUARDED = IS_SERVER or IS_PUBLIC  # what protects a service is on unless it is turned off

# Reports on numbers of films (555-01xx …), which exist nowhere: for the demo and tests.
FICTIONAL_NUMBERS = flag("FICTIONAL_NUMBERS")

# Settings that a public server refuses as probable mistakes, unless listed here, separated by
# commas: http, debug, fictional, console.
ALLOW_ON_SERVER = frozenset(map(str.lower, words("ALLOW_ON_SERVER")))
DANGERS = {
    "http": (not HTTPS, "PUBLIC_URL is http: passwords and codes travel in clear. Set https."),
    "debug": (DEBUG, "DEBUG shows settings and code to everybody. Unset it."),
    "fictional": (
        FICTIONAL_NUMBERS,
        "FICTIONAL_NUMBERS allows reports about fictional numbers. Unset it.",
    ),
    "console": (
        any(text(name).startswith("console:") for name in ("EMAIL_URL", "CODE_SENDER")),
        "EMAIL_URL or CODE_SENDER prints codes into logs, and nobody receives them. Name a server "
        "or gateway.",
    ),
}
if unknown := ALLOW_ON_SERVER - set(DANGERS):
    raise ImproperlyConfigured(
        f"ALLOW_ON_SERVER: {', '.join(sorted(unknown))} is none of {', '.join(DANGERS)}."
    )
for _name, (_is_there, _remedy) in DANGERS.items():
    if IS_PUBLIC and _is_there and _name not in ALLOW_ON_SERVER:
        raise ImproperlyConfigured(
            f"{_remedy} If you mean it on a public server: ALLOW_ON_SERVER={_name}"
        )

ALLOWED_HOSTS = [
    str(_public.hostname),
    *([] if IS_SERVER else ["localhost", "127.0.0.1", "[::1]"]),
    # Further host names under which clients reach the service, separated by commas; that of
    # PUBLIC_URL is always allowed.
    *hosts("ALLOWED_HOSTS"),
]

# How many of our proxies requests pass. The client's address is the entry that many from the right
# end of X-Forwarded-For; the client can write everything to the left of it. Behind TLS there
# usually is a proxy, so the count is required: a guess of 0 would put all clients under one limit,
# a guess of 1 would let each client invent its address.
if HTTPS and not text("TRUSTED_PROXY_COUNT"):
    _missing.append(
        "TRUSTED_PROXY_COUNT is not set, but PUBLIC_URL is https. Say how many of your own proxies "
        "stand in front of Ringscore; 0 when it ends TLS itself."
    )
TRUSTED_PROXY_COUNT = number("TRUSTED_PROXY_COUNT", 0)

# Processes that answer requests. More than one needs CACHE_URL.
WEB_WORKERS = number("WEB_WORKERS", 1, least=1, most=1_000)

# Threads of a process for lookups, and the same number for other requests except bulk and health
# checks (config.server). Each holds a database connection. Measured: docs/adr/0002.
WEB_THREADS = number("WEB_THREADS", 4, least=1, most=1_000)

# Megabytes in which a process keeps, to answer lookups without the database, the keys and numbers
# that it read in the last two seconds, and which numbers there are at all (2.6 million fit into 128
# MB, 24 bytes each; with more of them it goes on without); and, for bulk lookups, where in its
# table the database keeps numbers (4 million). 0: it reads everything. docs/adr/0038 and 0051.
LOOKUP_MEMORY_MB = number("LOOKUP_MEMORY_MB", 128, most=1_000_000)

# The operator, for the privacy page: name and address of the company or person, and where to write
# about privacy. The law requires both of a public server. LEGAL_BASES replaces the page's text
# about the legal bases.
OPERATOR_NAME = required(
    "OPERATOR_NAME", "the privacy page names who is responsible", _missing, when=IS_PUBLIC
)
OPERATOR_CONTACT = required(
    "OPERATOR_CONTACT",
    "people write there about their data: an address, e-mail or link",
    _missing,
    when=IS_PUBLIC,
)
LEGAL_BASES = text("LEGAL_BASES")  # replaces the privacy page's text about legal bases
TERMS = text("TERMS")  # terms of use; replaces the page's text


# --- Files ---

# Collected by `make run`, and served by the application server or by a proxy in front of it.
STATIC_ROOT = DATA_DIR / "static"

# Evidence is personal: its folder is outside of served folders, and closed to other accounts.
EVIDENCE_DIR = Path(path("EVIDENCE_DIR", str(DATA_DIR / "evidence"))).resolve()
EVIDENCE_MAX_BYTES = number("EVIDENCE_MAX_BYTES", 10_000_000, least=1_000)  # of one file
EVIDENCE_MAX_FILES = number("EVIDENCE_MAX_FILES", 20, least=1)  # of one report
EVIDENCE_FRESH_BYTES = number("EVIDENCE_FRESH_BYTES", 50_000_000)  # of a new account
EVIDENCE_ACCOUNT_BYTES = number("EVIDENCE_ACCOUNT_BYTES", 500_000_000)  # of one account
EVIDENCE_TOTAL_BYTES = number("EVIDENCE_TOTAL_BYTES", 100_000_000_000)  # of all evidence
MESSAGES_TOTAL_BYTES = number("MESSAGES_TOTAL_BYTES", 10_000_000_000)  # of text messages and mail
# Files are refused if they would leave less free space than this; /readyz reports it.
DISK_RESERVE_BYTES = number("DISK_RESERVE_BYTES", 500_000_000)
if EVIDENCE_DIR.is_relative_to(STATIC_ROOT):
    raise ImproperlyConfigured("EVIDENCE_DIR lies in the static files, which anybody may read.")

# Published feeds. With several machines, one folder that all of them share.
FEEDS_DIR = Path(path("FEEDS_DIR", str(DATA_DIR / "feeds"))).resolve()
# Where the trust pass stores the reports while it learns, about 200 bytes each: on a disk, not in
# memory (docs/guide/trust-pass.md).
SHARDS_DIR = Path(path("SHARDS_DIR", str(DATA_DIR / "shards"))).resolve()
FEEDS_MIN_WAIT = number("FEEDS_MIN_WAIT", 300)  # seconds between two polls of a client
# Feeds that need no key, such as: numbers. The others need a key with the scope `feed`.
FEEDS_PUBLIC = words("FEEDS_PUBLIC")

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "evidence": {
        "BACKEND": "reputation.attachments.storage.WholeFileStorage",
        "OPTIONS": {"location": EVIDENCE_DIR},
    },
}


# --- Database ---

# Connections stay open, one for each thread: opening one costs more than a lookup. The health check
# is one round trip at a request's first query, and saves clients an error after a restart of the
# server. The threads that serve requests wait less long than commands do (config.server).
DATABASES: dict[str, dict[str, Any]] = {
    "default": database.limited(
        database.parse(DATABASE_URL) if IS_SERVER else embedded.connection_settings(DATA_DIR),
        database.COMMAND,
    )
    | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
}
# Whether DATABASE_URL leads to a pooler in transaction mode (PgBouncer), where a session lasts for
# one transaction: for web processes, not for the worker (docs/guide/scale.md).
DATABASE_POOLED = flag("DATABASE_POOLED")
if DATABASE_POOLED:
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
# Standbys that answer lookups, as one URL with a host for each (docs/guide/scale.md). Its account
# only reads. Standbys that are late or cannot be reached are left out.
_replicas = database.replicas(text("DATABASE_REPLICA_URL"))
REPLICAS = list(_replicas)
DATABASES |= _replicas


# --- Cache and rate limits ---

# Valkey or Redis, redis://host:6379/0, which counts requests for all processes: needed if
# WEB_WORKERS is more than 1, or with several machines.
CACHES = {"default": cache.parse(text("CACHE_URL"), workers=WEB_WORKERS)}


# --- Metrics: /metrics would help attackers, so it admits only known clients ---

# The token that Prometheus sends as `Authorization: Bearer …`, 32 characters or more; or `new,old`.
METRICS_TOKEN = tokens("METRICS_TOKEN")
# Networks such as 10.1.0.0/16 that need no token; TRUSTED_PROXY_COUNT decides the client's address.
# None by default on a server: behind a proxy on the same machine, all requests seem local.
METRICS_NETWORKS = networks("METRICS_NETWORKS", "" if IS_GUARDED else "127.0.0.0/8, ::1")


# --- Clients and callers ---

# Sites whose scripts may use /v1 in a browser (CORS), such as https://app.example, separated by
# commas; * for all. The API uses keys and no cookies. Extensions, apps and programs need no entry.
BROWSER_ORIGINS = origins("BROWSER_ORIGINS")

# The signed card of `608 Rejected` (web/redress.py): PEM files of a P-256 key and its certificate.
# Without both no card is published.
REDRESS_KEY_FILE = path("REDRESS_KEY_FILE")
REDRESS_CERTIFICATE_FILE = path("REDRESS_CERTIFICATE_FILE")  # that key's certificate
if bool(REDRESS_KEY_FILE) != bool(REDRESS_CERTIFICATE_FILE):
    raise ImproperlyConfigured(
        "REDRESS_KEY_FILE and REDRESS_CERTIFICATE_FILE belong together: set both, or neither."
    )

# Apps and devices that may ask for a key (api.pairing), and the address to which each key is sent;
# "local" is any address in a home network. PAIRING_APPS adds to them: `App=https://app.example/cb`,
# separated by commas.
PAIRING_APPS: dict[str, str] = {
    "SpamBlocker": "spamblocker://auth",
    "PhoneBlockDongle": "local",
    **callbacks("PAIRING_APPS"),
}


# --- Traces and metrics by OpenTelemetry: the extra `otel` (config.telemetry) ---

# The address of a collector of OTLP over HTTP, such as http://127.0.0.1:4318. Further OTEL_
# variables are OpenTelemetry's own: OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER …
OTEL_ENDPOINT = text("OTEL_EXPORTER_OTLP_ENDPOINT")
if OTEL_ENDPOINT and not re.match(r"https?://[^/]", OTEL_ENDPOINT):
    raise ImproperlyConfigured(
        f"OTEL_EXPORTER_OTLP_ENDPOINT is {OTEL_ENDPOINT!r}: give its address with the scheme, such "
        "as http://127.0.0.1:4318"
    )
if OTEL_ENDPOINT and not find_spec("opentelemetry"):
    raise ImproperlyConfigured(
        "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: "
        "pip install 'ringscore-server[otel]', or unset it."
    )


# --- Transport security: follows from PUBLIC_URL's scheme, so that http://127.0.0.1 can sign in ---

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Forms come from there, also where a proxy passes the host without its port.
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
if HTTPS:
    # Browsers accept cookies with these names only from this host, not from a subdomain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [
    r"^(healthz|readyz|metrics)$",  # requested by balancers, inside, over plain HTTP
    r"^(phoneblock|compat)(/|$)",  # these clients follow no redirect: plain HTTP inside only
]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if TRUSTED_PROXY_COUNT:
    # The proxy must set this header itself and drop the client's.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


# --- Accounts of people: an e-mail address and a code, no password (docs/adr/0021) ---

# An own domain gives mailboxes for free; a carrier's network has many honest customers.
ACCOUNT_CAPS = {
    "domain": (
        # New accounts of one registered mail domain in a day. Providers with millions of users have
        # no cap. Further accounts work, but count as one network.
        number("ACCOUNT_CAP_DOMAIN", 5, least=1),
        number("ACCOUNT_CAP_DOMAIN_30_DAYS", 20, least=1),  # of one mail domain in 30 days
    ),
    "network": (
        # New accounts of one network (IPv4 /24, IPv6 /48) in a day. Further accounts work, but
        # count as one network.
        number("ACCOUNT_CAP_NETWORK", 20, least=1),
        number("ACCOUNT_CAP_NETWORK_30_DAYS", 200, least=1),  # of one network in 30 days
    ),
}


# --- Moderators: a password and a second factor (docs/guide/panel-sign-in.md) ---

# Whether the panel requires a second factor in each session.
MODERATOR_MFA_REQUIRED = flag("MODERATOR_MFA_REQUIRED", IS_GUARDED)
# Whether a second moderator must approve pins, entries of the directory, and decisions on many
# numbers. Set no if one person moderates alone: a stolen account can then decide all of these.
SECOND_MODERATOR_REQUIRED = flag("SECOND_MODERATOR_REQUIRED", IS_GUARDED)
# About how many numbers one moderator may decide alone within a day, singly or together. A stolen
# account can list or clear this many; further numbers need a second moderator.
SECOND_MODERATOR_BEYOND = number("SECOND_MODERATOR_BEYOND", 100)
# How many of a hundred decisions another moderator judges a second time, without knowing the first
# judgement (docs/guide/moderating.md). 0: none.
SECOND_REVIEW_PERCENT = number("SECOND_REVIEW_PERCENT", 5)
if SECOND_REVIEW_PERCENT > 100:
    raise ImproperlyConfigured("SECOND_REVIEW_PERCENT is a share of a hundred: 0 to 100.")


# --- Mail: codes for signing in. In development they are printed where `make run` runs ---

# People sign in by a code in their mail, which a server sends: smtp://user:password@host:587
# (STARTTLS), smtps://user:password@host:465 (TLS from the start) or smtp+plain://localhost (no
# TLS). For trying: console: prints mails, file:/folder writes each into a file. In user and
# password, / is %2F, ? is %3F, # is %23, : is %3A and @ is %40.
EMAIL_URL = required(
    "EMAIL_URL",
    "people sign in by a code in their mail: smtp://user:password@host:587",
    _missing,
    when=IS_PUBLIC,
    default="console:",
)
EMAIL_FROM = required(
    "EMAIL_FROM",
    "the address from which codes come, e.g. codes@ringscore.example",
    _missing,
    when=IS_PUBLIC,
    default="ringscore@localhost",
)
refuse(_missing)
mailbox("EMAIL_FROM", EMAIL_FROM)
# Mail programs show the name; without one, people ask themselves who "codes" is.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = (
    EMAIL_FROM if parseaddr(EMAIL_FROM)[0] else f"Ringscore <{parseaddr(EMAIL_FROM)[1]}>"
)
MAILERS = {"default": mail.parse(EMAIL_URL)}


# --- Reports by SMS and e-mail (docs/integrations/sms.md, email.md) ---

# The address that receives reports and sends answers; and further addresses and numbers of ours, so
# that we do not answer ourselves or take our own number for the reported one.
INTAKE_ADDRESS = text("INTAKE_ADDRESS", DEFAULT_FROM_EMAIL)
INTAKE_ADDRESSES = [
    INTAKE_ADDRESS,
    DEFAULT_FROM_EMAIL,
    # Further addresses of ours, separated by commas.
    *words("INTAKE_ADDRESSES"),
]
mailbox("INTAKE_ADDRESS", INTAKE_ADDRESS)
for _address in INTAKE_ADDRESSES[2:]:
    mailbox("INTAKE_ADDRESSES", _address)
# Our own numbers as +447700900123, separated by commas: they are never the reported number.
INTAKE_OWN_NUMBERS = words("INTAKE_OWN_NUMBERS")
if not all(re.fullmatch(r"\+[0-9]{6,15}", own) for own in INTAKE_OWN_NUMBERS):
    raise ImproperlyConfigured("INTAKE_OWN_NUMBERS: write every number as +447700900123.")
# The country of national numbers in e-mails that name no country.
INTAKE_REGION = country("INTAKE_REGION")
# Gateways that sign their posts. Other gateways use a key with the scope `intake`.
# While a secret is replaced, the new one and the old one are both right: docs/guide/keys.md.
INTAKE_TWILIO_TOKEN = words("INTAKE_TWILIO_TOKEN")  # Twilio's auth token, or `new,old`
INTAKE_SMS_SECRET = tokens("INTAKE_SMS_SECRET")  # for HMAC, 32 or more; or `new,old`
# The mail service whose webhook posts to /v1/intake/email, by django-anymail's name, and the secret
# of its signatures, if it signs.
INTAKE_EMAIL_PROVIDER = text("INTAKE_EMAIL_PROVIDER").lower()
INTAKE_EMAIL_SECRET = words("INTAKE_EMAIL_SECRET")  # of that service's signatures, or `new,old`
_services = ("mailersend", "mailgun", "mailjet", "postmark", "sparkpost")
if INTAKE_EMAIL_PROVIDER and INTAKE_EMAIL_PROVIDER not in _services:
    raise ImproperlyConfigured(
        f"INTAKE_EMAIL_PROVIDER is {INTAKE_EMAIL_PROVIDER!r}: choose from {', '.join(_services)}."
    )
# The name of our own mail server in Authentication-Results. Without it no sender counts as
# authentic, and every sender must confirm.
INTAKE_AUTHSERV_ID = text("INTAKE_AUTHSERV_ID")
INTAKE_MAX_BYTES = number("INTAKE_MAX_BYTES", 15_000_000, least=1_000)  # of one message


# --- Codes for holders who dispute a listing: they go to the number itself ---

# How codes are sent: the https:// address of a gateway, a class of your own, console:, file:/folder
# or off: (docs/guide/disputes.md, Sending codes). Off on a server until a gateway is named: a code
# on a console reaches no holder.
CODE_SENDER = code_sender.parse(text("CODE_SENDER", "off:" if IS_GUARDED else "console:"))
CODE_SENDER_TOKEN = token("CODE_SENDER_TOKEN")  # sent to the gateway as `Authorization: Bearer …`
# Countries to which codes and answers to text messages are sent: CN, US, … or * for all. If empty,
# those with established reporters (reputation.disputes.costs). A console costs nothing.
CODE_COUNTRIES = countries("CODE_COUNTRIES", "" if IS_GUARDED else "*")
# How many are sent, in all and to one country: this bounds the cost of abuse.
CODES_PER_HOUR = number("CODES_PER_HOUR", 200)  # within an hour, in all
CODES_PER_DAY = number("CODES_PER_DAY", 1000)  # within a day, in all
CODES_PER_COUNTRY_HOUR = number("CODES_PER_COUNTRY_HOUR", 100)  # within an hour, to one country
CODES_PER_COUNTRY_DAY = number("CODES_PER_COUNTRY_DAY", 500)  # within a day, to one country


# --- Logging: one line a record on standard error, for the supervisor to keep ---

# DEBUG, INFO, WARNING or ERROR; levels of areas of the code after it: INFO,
# reputation.intake=DEBUG.
LOG_LEVEL, LOG_AREAS = logs.levels("LOG_LEVEL", text("LOG_LEVEL", "INFO"))
LOG_FORMAT = text("LOG_FORMAT", "line")  # or json: one object in each line, for log collectors
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}: set line or json.")
LOGGING = logs.configuration(level=LOG_LEVEL, areas=LOG_AREAS, form=LOG_FORMAT)
