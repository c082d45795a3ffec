"""Addresses and forms are in UTF-8, whatever charset a Content-Type names."""

import pytest

from tests.given.api_requests import ask, holder
from tests.given.dialects import new_key, tell

pytestmark = pytest.mark.django_db

# Python knows all of them. It cannot decode texts by the first three; by the others an address
# means something else.
NAMED = ["hex", "base64", "undefined", "utf-16", "cp037", "idna", "gbk", "no-such"]


@pytest.mark.parametrize("named", NAMED)
def test_the_address_is_read_all_the_same(named):
    label = f"application/json; charset={named}"
    tell("+12025550101", "block")
    key = new_key("compat")
    said = ask("GET", f"/compat/cidlookup?number=%2B12025550101&key={key}", content_type=label)
    assert (said.status, said.body) == (200, b"SPAM loan scam")
    rows = b'{"number":"13812345678","category":"robocall"}\n'
    filed = ask(
        "POST",
        "/v1/reports/bulk?region=CN",
        by=holder("bulk", region="US"),
        body=rows,
        content_type=label,
    )
    assert filed.json == {"saved": 1, "updated": 0, "invalid_total": 0, "invalid": []}


@pytest.mark.parametrize("named", NAMED)
def test_a_page_is_shown_all_the_same(named):
    shown = ask("GET", "/?q=%E8%AF%88%E9%AA%97", content_type=f"text/plain; charset={named}")
    assert shown.status == 200


def test_a_content_type_without_end_is_no_failure_of_ours():
    endless = "application/json; a=" + "x" * 20_000
    assert ask("GET", "/", content_type=endless).status == 200
    read = ask("POST", "/v1/me/list", by=holder("report"), body={}, content_type=endless)
    assert (read.status, "This field is required." in str(read.json)) == (400, True)
