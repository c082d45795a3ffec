import hashlib
from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from api.models import ApiKey
from reputation.models import Reporter
from tests.e2e.server import TOKEN, Server
from tests.given.database import address, empty_database


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    """The application server on this test's database, answering."""
    server = Server().start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def service(django_db_setup: None) -> Iterator[str]:
    """The URL of one that serves a whole module's tests."""
    server = Server(FICTIONAL_NUMBERS="1").start()
    yield server.url
    server.stop()


@pytest.fixture
def empty_database_url(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    with django_db_blocker.unblock(), empty_database() as name:
        yield address(name)


@pytest.fixture
def key(transactional_db: None) -> str:
    """TOKEN, with the scopes lookup and compat."""
    now = timezone.now()
    ApiKey.objects.create(
        prefix=TOKEN[4:12],
        digest=hashlib.sha256(TOKEN.encode()).digest(),
        name="end to end",
        scopes=["compat", "lookup"],
        reporter=Reporter.objects.create(kind="key", handle=TOKEN[4:12], created_at=now),
        created_at=now,
    )
    return TOKEN
