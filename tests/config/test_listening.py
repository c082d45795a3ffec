"""Where `serve` and `run` may listen is said before granian starts."""

import re
import socket

import pytest
from django.core.management import CommandError, call_command

from config.management.commands import run
from config.management.commands.serve import refuse_unusable


@pytest.mark.parametrize("command", ["serve", "run"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": "localhost"}, "--host localhost: give an address of this machine such as"),
        ({"port": 99_999}, "--port 99999: give a number up to 65535"),
        ({"host": "192.0.2.1"}, r"Port 8000 of 192\.0\.2\.1 cannot be used: .*: --port 8001$"),
    ],
)
def test_where_nothing_can_listen(command: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command(command, **options)


def test_a_second_server_may_follow_the_first_but_not_another_program() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as first:
        port = first.getsockname()[1]
        refuse_unusable("127.0.0.1", port, shared=True)
        with pytest.raises(CommandError, match=re.escape(f"Choose another: --port {port + 1}")):
            refuse_unusable("127.0.0.1", port)
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(CommandError, match="Address already in use"),
    ):
        refuse_unusable("127.0.0.1", other.getsockname()[1], shared=True)


def test_a_port_that_is_taken_while_the_database_is_prepared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    others: list[socket.socket] = []

    def prepare(*_: object, **__: object) -> None:
        others.append(socket.create_server(("127.0.0.1", port), reuse_port=True))

    monkeypatch.setattr(run, "call_command", prepare)
    with pytest.raises(CommandError, match=f"Choose another: --port {port + 1}"):
        call_command("run", port=port)
    others[0].close()
