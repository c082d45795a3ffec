"""What is logged: with its request, at the level of its area, and nothing personal."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from pytest_django import Settings

from config import logs
from tests.given.api_requests import ask, holder

NUMBER, NATIONAL, MAILBOX = "+12025550104", "2025550104", "anna.example@mail.example"
WORDS = "he said his name was Rumpelstilz"
ADDRESS = "192.0.2.77"


@pytest.fixture
def written() -> Iterator[dict[str, io.StringIO]]:
    """All that any logger says, down to DEBUG, in both forms."""
    handlers = {}
    forms = {
        "line": logs.Line(),
        "json": logs.Json(),
    }
    root, level = logging.getLogger(), logging.getLogger().level
    for name, formatter in forms.items():
        handlers[name] = logging.StreamHandler(io.StringIO())
        handlers[name].setFormatter(formatter)
        root.addHandler(handlers[name])
    root.setLevel("DEBUG")
    yield {name: handler.stream for name, handler in handlers.items()}
    root.setLevel(level)
    for handler in handlers.values():
        root.removeHandler(handler)


@pytest.mark.django_db
def test_a_request_that_breaks_is_logged_with_its_request_and_nothing_of_the_person(
    written: dict[str, io.StringIO], settings: Settings
) -> None:
    settings.FICTIONAL_NUMBERS = True
    somebody = holder()
    report = {"number": NUMBER, "category": "loan_scam", "comment": f"{WORDS}\n\n{MAILBOX}"}
    with connection.cursor() as cursor:  # whose refusals quote the row
        cursor.execute(
            "ALTER TABLE reputation_report ADD CONSTRAINT none CHECK (comment = '') NOT VALID"
        )
    answers = [
        ask("POST", "/v1/reports", by=somebody, body=report, address=ADDRESS),
        ask("GET", f"/v1/numbers/{NATIONAL}?region=US&x={MAILBOX}", by=somebody, address=ADDRESS),
        ask("GET", f"/v1/numbers/{NUMBER}/reports", by="rsk_abcdefgh_0123456789", address=ADDRESS),
    ]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reputation_number RENAME COLUMN gathered TO gone")
    answers.append(ask("GET", f"/v1/numbers/{NUMBER}", by=somebody, address=ADDRESS))
    assert [answer.status for answer in answers] == [500, 200, 401, 500]
    logging.getLogger("api").error("refused %s of %s", NATIONAL, f"Bearer {somebody.token}")
    for stream in written.values():
        said = stream.getvalue()
        assert "violates check constraint" in said
        assert f"the use of {logs.MASK}" not in said
        for personal in (NUMBER, NATIONAL, MAILBOX, WORDS, ADDRESS, somebody.token[12:]):
            assert personal not in said, said
    lines = [json.loads(line) for line in written["json"].getvalue().splitlines()]
    requests = {line["request"] for line in lines if line["level"] == "ERROR" and "request" in line}
    assert len(requests) == 2
    for request in requests:
        assert f" [{request}]: " in written["line"].getvalue()


@pytest.mark.usefixtures("database_away")
def test_a_database_that_is_away_is_one_line_for_each_request(
    written: dict[str, io.StringIO],
) -> None:
    """The rest of what libpq says stood in lines without time, level and request."""
    answer = ask("GET", f"/v1/numbers/{NUMBER}")
    assert answer.status == 503
    [line] = [
        each for each in written["line"].getvalue().splitlines() if " ERROR api.errors" in each
    ]
    assert "No such file or directory Is the server running locally" in line


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("a +44 7700 900123 b", True),
        ("/v1/numbers/%2B447700900123 b", True),
        ("from 447700900123", True),
        ("a.b+c@mail.example", True),
        ("a.b%40mail.example", True),
        ("Authorization: Bearer abc.def-123456", True),
        ("rsk_abcdefgh_0123456789abc", True),
        ("12,345,678 reports read, cursor 12345", False),
        ("2026-11-29 12:00:00 at 0x7f0011223344, 10.0.0.1 port 5432", False),
        ("9d9fd41 0123456789abcdef0123456789abcdef", False),
    ],
)
def test_what_is_masked(text: str, hidden: bool) -> None:
    assert (logs.MASK in logs.masked(text)) is hidden


@pytest.mark.slow
def test_long_records_take_linear_work() -> None:
    """A process that may use 30 seconds of processor, for what takes less than five of them.

    Quadratic work, as it was (34 s for a path of 30,000 letters), would need a minute a piece.
    """
    pieces = ["a", "a.", "a-", "1a", "a@", "+1", "+1 ", "1 ", "rsk_", "bearer ", "%40a"]
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (30, 30));"
        "from config.logs import masked;"
        "[masked((each * 60_000)[:60_000]) for each in sys.argv[1:]]"
    )
    subprocess.run([sys.executable, "-c", program, *pieces], check=True)


@pytest.mark.django_db
def test_what_clients_do_wrong_is_not_logged(written: dict[str, io.StringIO]) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/numbers/{NUMBER}/dispute")
    assert answer.status_code == 403
    said = written["line"].getvalue()
    assert "WARNING" not in said, said


def test_levels_by_area() -> None:
    said = logs.levels("LOG_LEVEL", "warning, reputation.intake=debug")
    assert said == ("WARNING", {"reputation.intake": "DEBUG"})
    for wrong in ("loud", "api=", "api=loud", "INFO=api"):
        with pytest.raises(ImproperlyConfigured, match="names no level"):
            logs.levels("LOG_LEVEL", wrong)
