"""A real server for the SDK, granian with a database of its own run, and a mirror to screen by."""

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pytest_django import DjangoDbBlocker
from ringscore import Client, Mirror

from tests.given.database import address, migrated_database
from tests.given.feed_server import Feed
from tests.given.processes import free_port
from tests.given.screening import BLOCKED, FLAGGED
from tests.given.sdk_server import Server


@pytest.fixture(scope="session")
def database_url(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A migrated database, as an operator would write it in DATABASE_URL."""
    with django_db_blocker.unblock(), migrated_database() as name, django_db_blocker.block():
        yield address(name)


@pytest.fixture(scope="session")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server on a database of its own, with its files in a folder."""
    files = tmp_path_factory.mktemp("server")
    port = free_port()
    inherited = {
        each: os.environ[each] for each in ("PATH", "HOME", "DATA_DIR") if each in os.environ
    }
    running = Server(
        port,
        inherited
        | {
            "DATABASE_URL": database_url,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "PSEUDONYM_KEY": secrets.token_urlsafe(64),
            "SEALING_KEYS": secrets.token_urlsafe(64),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "FEEDS_DIR": str(files / "feeds"),
            "EVIDENCE_DIR": str(files / "evidence"),
            "CODE_SENDER": f"file:{files}",
            "CODE_COUNTRIES": "US",
            "EMAIL_URL": "console:",
            "EMAIL_FROM": "ringscore@localhost",
            "FICTIONAL_NUMBERS": "1",
            "BROWSER_ORIGINS": "*",
            "TRUSTED_PROXY_COUNT": "0",
        },
        files / "codes.jsonl",
    )
    try:
        running.start()
        yield running
    finally:
        running.end()


@pytest.fixture(scope="session")
def key(server: Server) -> str:
    """An API key of that server that may do everything."""
    return server.key()


@pytest.fixture(scope="session")
def number() -> Callable[[], str]:
    """Each call gives another fictional number of the US, to which codes may go. No other test has
    it: the tests of the outbox use area codes 202 and 303."""
    areas = (212, 213, 305, 312, 404, 415, 503, 602, 617, 702, 713, 801, 808, 907)
    left = (f"+1{area}55501{line:02}" for line in range(10, 100) for area in areas)
    return lambda: next(left)


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """A mirror of a feed that flags one number and blocks another."""
    feed = Feed()
    feed.say(**{FLAGGED: "flag", BLOCKED: "block"})
    feed.publish()
    with Client("http://ringscore.test", transport=httpx.MockTransport(feed)) as client:
        mirror = Mirror(tmp_path / "mirror", client)
        mirror.sync()
        yield mirror


@pytest.fixture
def stale(mirror: Mirror) -> Mirror:
    """The same mirror, too old to be sure of."""
    return Mirror(mirror.directory, stale_after=timedelta(0))
