"""Fixtures for every test: real servers, nothing pretended."""

import contextlib
import gc
import ipaddress
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as properties
from pytest_django import DjangoDbBlocker, Settings

from api import remembered
from config import start
from config.cache import parse
from config.translations import compile_stale
from reputation.counting import calibrating
from reputation.lookup import traffic
from tests.given.database import migrated_database
from tests.given.redis_server import redis_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = "/usr/bin/chromium"

# Tests load the application as a server does, but its threads would meet databases that come and
# go.
traffic._started.acquire(blocking=False)
calibrating._started.acquire(blocking=False)
remembered._started.acquire(blocking=False)
start._checked.acquire(blocking=False)


# Properties are about results, not about the pace of the machine.
properties.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
properties.register_profile("quick", properties.get_profile("unhurried"), max_examples=30)


def pytest_configure(config: pytest.Config) -> None:
    """`make test` asks less of properties than `make test-all`."""
    properties.load_profile("quick" if config.option.markexpr == "not slow" else "unhurried")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A run without slow tests does not even import the modules in which all tests are slow."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    slow = re.search(r"^pytestmark = .*pytest\.mark\.slow\b", collection_path.read_text(), re.M)
    return True if slow else None


def pytest_collection_finish() -> None:
    """Keeps what was imported out of the garbage collector's rounds: a twentieth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _translations() -> None:
    """What pages say in Chinese, also where pytest was started without make."""
    from django.conf import settings

    compile_stale(settings.LOCALE_PATHS)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Fails a test that connects beyond this machine, or asks what a name's address is.

    Other processes, such as pip in the tests of packages, are not held to it; their tests are slow.
    """

    def local(host: str | bytes | None) -> bool:
        name = host.decode() if isinstance(host, bytes) else host or "localhost"
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(name).is_loopback
        return name == "localhost"

    def guarded(usual: Any, address_of: Callable[..., Any]) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            host = address_of(*arguments, **options)
            if str(host).strip("b'").endswith(".invalid"):
                raise socket.gaierror(socket.EAI_NONAME, "no such host")  # as RFC 6761 has it
            if not local(host):
                # Not an Exception: the code under test must not take it for a network that is away.
                pytest.fail(f"a test wants to reach {host}, which is not this machine")
            return usual(*arguments, **options)

        return call

    def target(own: socket.socket, address: Any) -> Any:
        return address[0] if isinstance(address, tuple) else None  # the path of a Unix socket

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name), target))
        asked = guarded(socket.getaddrinfo, lambda host, *_, **__: host)
        patch.setattr(socket, "getaddrinfo", asked)
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A database of this process's own, in place of pytest-django's, which migrates each one."""
    usual = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), migrated_database() as name:
        connection.close()
        connection.settings_dict["NAME"] = name
        with django_db_blocker.block():
            yield
        connection.close()
        connection.settings_dict["NAME"] = usual


# What tables this is refused on, by trigger. Tests own the database, and may.
APPEND_ONLY = ("reputation_auditdigest", "reputation_auditentry", "reputation_evidenceentry")
# What migrations put there and no test changes: groups with their permissions.
INSTALLED = ("auth_group", "auth_group_permissions", "auth_permission", "django_content_type")


@pytest.fixture
def database_away(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[None]:
    """Connections are looked for where no server listens."""
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", str(tmp_path))
        yield
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def _emptying() -> Iterator[None]:
    """After a test without a transaction, tables are emptied; but not of what migrations put in.

    By DELETE: TRUNCATE makes all files of all tables anew, whether anything is in them or not.
    """
    operations = type(connection.ops)
    usual = operations.sql_flush

    def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        emptied = [table for table in tables if table not in INSTALLED]
        kept = [table for table in APPEND_ONLY if table in emptied]
        return [
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in kept),
            *(f'DELETE FROM "{table}"' for table in emptied),  # noqa: S608 -- names of ours
            "SET CONSTRAINTS ALL IMMEDIATE",
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in kept),
        ]

    operations.sql_flush = sql_flush
    yield
    operations.sql_flush = usual


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a real redis-server, started for this run and stopped after it."""
    with (
        tempfile.TemporaryDirectory(prefix="ringscore-redis-") as folder,
        redis_server(Path(folder)) as path,
    ):
        yield f"unix://{path}?db=0"


@pytest.fixture(scope="module")
def browser(django_db_setup: None) -> Iterator["Browser"]:
    """Debian's chromium. `make test` needs none; all tests do."""
    from playwright.sync_api import sync_playwright

    if shutil.which(CHROMIUM) is None:
        pytest.fail(f"no {CHROMIUM}: apt-get install chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright has an event loop in this thread, at which Django would take offence.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _own_cache() -> Iterator[None]:
    """A cache of this process, whatever CACHE_URL says: tests must not clear somebody's."""
    with override_settings(CACHES={"default": parse("", workers=1)}):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()
    traffic._counts.clear()  # lookups of the tests before
    traffic._of_persons, traffic._hour = {}, datetime.min.replace(tzinfo=UTC)


@pytest.fixture
def shared_cache(redis_url: str, settings: Settings) -> None:
    """Django's default cache on a real redis-server, as in production; empty."""
    settings.CACHES = {"default": parse(redis_url, workers=2)}
    cache.clear()


@pytest.fixture
def evidence_dir(settings: Settings, tmp_path: Path) -> Path:
    """Where evidence lies: a folder of this test's own."""
    from tests.given.attachments import keep_evidence_in

    folder = tmp_path / "evidence"
    keep_evidence_in(settings, folder)
    return folder


@pytest.fixture
def feeds_dir(settings: Settings, tmp_path: Path) -> Path:
    """Where feeds are published: a folder of this test's own."""
    settings.FEEDS_DIR = tmp_path / "feeds"
    return settings.FEEDS_DIR
