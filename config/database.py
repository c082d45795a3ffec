"""DATABASE_URL → Django's connection settings, and time limits for waiting on PostgreSQL."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may wait, in milliseconds; 0: without limit.

    statement: for one statement. lock: for a lock of another session. idle: for the client, within
    a transaction, whose locks others wait for. connect: for a new connection (seconds, at least 2).
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


# A phone rings, and waits one second, including the network.
LOOKUP = Limits(statement=600, lock=300, idle=2_000, connect=2)
# A person or a program waits: pages, reports, the panel.
REQUEST = Limits(statement=10_000, lock=2_000, idle=10_000, connect=5)
# Many rows in one request; each batch is one transaction.
BULK = Limits(statement=30_000, lock=5_000, idle=30_000, connect=5)
# Commands, migrations and the worker, which may read everything. Nobody waits for them, but others
# wait for the locks that a hung one holds.
COMMAND = Limits(statement=0, lock=30_000, idle=120_000, connect=10)

# A server that stops answering is given up after 5 to 10 seconds. Sockets ignore these options.
VANISHED = {
    "tcp_user_timeout": "5000",  # milliseconds
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
}


def parse(url: str, setting: str = "DATABASE_URL") -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value` as a DATABASES entry.

    Everything that libpq reads is allowed: several hosts, of which
    `target_session_attrs=read-write` selects the one that can write, and its options
    (`sslmode=verify-full`, `host=/run/postgresql` …).

    setting: the name of the variable, for errors.

    Raises ImproperlyConfigured for another kind of URL, or a URL without a database name.
    """
    example = "postgresql://user:password@host:5432/ringscore"
    encode = "In user and password, write / as %2F, ? as %3F, # as %23, @ as %40 and % as %25."
    scheme = url.partition("://")[0] if "://" in url else "(none)"
    if scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"{setting} has the scheme {scheme!r}, but Ringscore runs on PostgreSQL only. "
            f"Expected {example}; or unset it."
        )
    try:
        options = conninfo_to_dict(url)
    except ProgrammingError:
        # libpq's message quotes the URL, which contains a password, and messages end up in logs.
        raise ImproperlyConfigured(
            f"{setting} is no URL that PostgreSQL reads: it has an unknown option, or a sign "
            f"that has to be percent-encoded. Expected {example}. {encode}"
        ) from None
    name = options.pop("dbname", "")
    if not name:
        raise ImproperlyConfigured(f"{setting} names no database. Expected {example}")
    port = str(options.pop("port", ""))
    if not all(each.isdecimal() for each in port.split(",") if each):
        raise ImproperlyConfigured(f"{setting}: a port is a number. Expected {example}. {encode}")
    host = str(options.pop("host", ""))
    if "@" in host:  # else errors about an unknown host would quote the end of the password
        raise ImproperlyConfigured(f"{setting} has one @ too many. Expected {example}. {encode}")
    if port.count(",") not in (0, host.count(",")):
        raise ImproperlyConfigured(
            f"{setting} has {host.count(',') + 1} hosts and {port.count(',') + 1} ports: give one "
            "port for all, or each host its own."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": host,
        "PORT": port,
        "OPTIONS": options,
    }


def replicas(url: str) -> dict[str, dict[str, Any]]:
    """DATABASES entries by alias, one for each host of DATABASE_REPLICA_URL; none if it is empty.

    Their sessions only read, within the limits LOOKUP. Raises ImproperlyConfigured, like `parse`.
    """
    if not url:
        return {}
    whole = parse(url, "DATABASE_REPLICA_URL")
    hosts = whole["HOST"].split(",")
    ports = whole["PORT"].split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    found = {}
    for place, (host, port) in enumerate(zip(hosts, ports, strict=True), 1):
        entry = limited(whole | {"HOST": host, "PORT": port}, LOOKUP)
        entry["OPTIONS"]["options"] += " -c default_transaction_read_only=on"
        found[f"replica{place}"] = entry | {"CONN_MAX_AGE": None, "TEST": {"MIRROR": "default"}}
    return found


def limited(entry: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """A DATABASES entry, new or limited before, whose sessions have these limits.

    Limits that DATABASE_URL sets itself (`options=-c lock_timeout=…`, `connect_timeout=…`) stay.
    """
    given = entry.get("GIVEN_OPTIONS", entry["OPTIONS"])
    options = VANISHED | {"connect_timeout": str(limits.connect)} | given
    options["options"] = f"{limits} {given.get('options', '')}".rstrip()
    return entry | {"OPTIONS": options, "GIVEN_OPTIONS": given}
