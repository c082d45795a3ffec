"""The id of a request: one in the header, in the body of the error, and in the log.

`ask` compares header and body of every error that any test gets; here are the ways in besides.
"""

import json
import logging
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from config import server as configured
from config.wsgi import application
from edge import request_ids
from tests.given.api_requests import ask, holder
from tests.given.rsgi import Proto, Served

pytestmark = pytest.mark.django_db

ID = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What the service writes into its log, in the form that settings give it."""
    (handler,) = (
        each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler
    )
    written = StringIO()
    monkeypatch.setattr(handler, "stream", written)
    return written


def raw(path: str, **more: str) -> tuple[dict[str, str], bytes]:
    """Headers and body as they leave the service."""
    environ = RequestFactory().get(path).environ | more
    started: list[dict[str, str]] = []
    body = b"".join(application(environ, lambda status, headers, *_: started.append(dict(headers))))
    return started[0], body


@pytest.mark.parametrize(
    ("path", "broken_part"),
    [
        ("/v1/numbers/+12025550143", "api.lookup.lookup.answer"),  # before Django
        ("/v1/categories", "api.views.service.CategoriesView.get"),
    ],
)
def test_header_and_body_and_log_have_one_id(
    path: str, broken_part: str, log: StringIO, monkeypatch: pytest.MonkeyPatch
):
    def broken(*args: Any, **kwargs: Any) -> bytes:
        raise RuntimeError("a bug")

    monkeypatch.setattr(broken_part, broken)
    headers, body = raw(path)
    assert ID.fullmatch(headers["X-Request-Id"])
    assert json.loads(body)["request_id"] == headers["X-Request-Id"]
    line = next(each for each in log.getvalue().splitlines() if "ERROR" in each)
    assert f" [{headers['X-Request-Id']}]: " in line


def test_answers_without_an_error_have_an_id_of_their_own():
    (one, _), (other, _) = raw("/v1/numbers/+12025550143"), raw("/v1/numbers/+12025550143")
    assert ID.fullmatch(one["X-Request-Id"])
    assert one["X-Request-Id"] != other["X-Request-Id"]


def test_a_client_does_not_choose_it():
    headers, _ = raw("/v1/categories", HTTP_X_REQUEST_ID="+12025550143\n2026-01-01 ERROR forged")
    assert ID.fullmatch(headers["X-Request-Id"])


def test_outside_a_request_the_log_names_none(log: StringIO):
    ask("GET", "/v1/nothing", by=holder("lookup"))
    logging.getLogger("reputation").error("the worker's")
    assert log.getvalue().endswith(" ERROR reputation: the worker's\n")
    assert request_ids.current() == ""


def test_dialects_that_answer_in_json_name_it():
    headers, body = raw("/compat/tellows/basic/num/abc?json=1", HTTP_HOST="testserver")
    assert json.loads(body)["request_id"] == headers["X-Request-Id"]


def test_what_the_server_refuses_by_itself_names_it(tmp_path: Path, log: StringIO):
    answers = []
    for path in ("/v1/categories", "/bug"):
        served, proto = Served(tmp_path), Proto()
        served.server.refuse = configured.refuse
        if path == "/v1/categories":
            served.lane.each, served.lane.quick = 0, False
        served.run(lambda path=path, ask=served.ask, proto=proto: ask(proto, path))
        assert proto.answer is not None
        answers.append(proto.answer)
    (too_many, headers, body), (failed, broken, _) = answers
    assert (too_many, failed) == (429, 500)
    assert json.loads(body)["request_id"] == headers["X-Request-Id"]
    assert f" [{broken['X-Request-Id']}]: the application failed" in log.getvalue()
