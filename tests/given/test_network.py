"""A test that reaches for the network fails, wherever the code under test catches its errors."""

import contextlib
import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "ringscore.example"])
def test_connecting_beyond_this_machine_fails_the_test(host: str) -> None:
    with (
        pytest.raises(pytest.fail.Exception, match=f"wants to reach {host}"),
        contextlib.suppress(Exception),
    ):
        socket.create_connection((host, 9), timeout=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_can_be_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1]), timeout=10).close()
