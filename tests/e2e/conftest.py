from collections.abc import Iterator

import pytest

from tests.e2e.server import Server


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    """The application server on this test's database, answering."""
    server = Server().start()
    yield server
    server.stop()
