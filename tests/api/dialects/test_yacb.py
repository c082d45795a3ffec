"""Yet Another Call Blocker, in the fork that takes its list from PhoneBlock.

As its source does it (blurayne/yet-another-callblocker, app/src/main/java/dummydomain/
yetanothercallblocker/data): PhoneBlockService, PhoneBlockList, source/SourceTester. By OkHttp.
"""

import json
from collections.abc import Callable

import pytest

from reputation.models import Report
from tests.given.dialects import Reply, get, tell

pytestmark = pytest.mark.django_db

NUMBER, OTHER = "+12025550123", "+12025550124"
HEADERS = ("Accept-Encoding: gzip", "User-Agent: YetAnotherCallBlocker/0.5.12")
ROOT = "/phoneblock/api"


class App:
    """What its list holds: ratings of digits, and the version from which it asks on."""

    def __init__(self, send: Callable[[bytes], Reply], token: str) -> None:
        self.send, self.token = send, token
        self.held: dict[int, str] = {}
        self.version = 0

    def ask(self, path: str, *more: str, method: str = "GET", body: bytes = b"") -> Reply:
        return self.send(
            get(f"{ROOT}/{path}", self.token, *HEADERS, *more, method=method, body=body)
        )

    def update(self) -> bool:
        since = f"&since={self.version}" if self.held and self.version else ""
        reply = self.ask(f"blocklist?format=json{since}")
        if not 200 <= reply.status < 300:
            return False
        told = json.loads(reply.body)
        self.version = told["version"]
        assert self.version < 2**31  # it reads an int
        for entry in told["numbers"]:
            digits = int(entry["phone"].removeprefix("+"))
            self.held.pop(digits, None)
            if entry["rating"] != "A_LEGITIMATE":
                self.held[digits] = entry["rating"]
        return True

    def blocks(self, number: str) -> bool:
        return int(number.removeprefix("+")) in self.held

    def rate(self, rating: str, comment: str) -> Reply:
        body = json.dumps({"phone": NUMBER, "rating": rating, "comment": comment}).encode()
        label = "Content-Type: application/json; charset=utf-8"
        return self.ask("rate", label, method="POST", body=body)


@pytest.fixture
def app(send: Callable[[bytes], Reply], token: str) -> App:
    return App(send, token)


def test_it_blocks_what_we_block_as_long_as_we_block_it(app: App):
    tell(NUMBER, "block")
    tell(OTHER, "flag")
    assert app.update()
    assert (app.blocks(NUMBER), app.blocks(OTHER)) == (True, False)
    tell(NUMBER, "allow", "")
    tell(OTHER, "block")
    assert app.update()
    assert (app.blocks(NUMBER), app.blocks(OTHER)) == (False, True)


def test_while_we_are_away_it_keeps_its_list(app: App, token: str):
    tell(NUMBER, "block")
    app.update()
    app.send = lambda raw: Reply(503, {}, "text/plain; charset=utf-8", b"")
    assert not app.update()
    assert (app.blocks(NUMBER), app.blocks(OTHER)) == (True, False)


def test_its_test_of_a_key(app: App):
    assert app.ask("test-connect") == Reply(200, {}, "text/plain; charset=utf-8", b"ok")
    app.token = "rsk_00000000_" + 43 * "0"
    assert app.ask("test-connect").status == 401


def test_what_its_user_reports_is_on_the_users_own_lists(app: App):
    assert app.rate("E_ADVERTISING", "solar panels").body == b"Rating recorded."
    filed = Report.objects.select_related("number").get()
    assert (filed.number.key, filed.category, filed.comment) == (
        NUMBER,
        "telemarketing",
        "solar panels",
    )
    lists = [json.loads(app.ask(name).body)["numbers"] for name in ("blacklist", "whitelist")]
    assert [[entry["phone"] for entry in each] for each in lists] == [[NUMBER], []]
    assert app.rate("A_LEGITIMATE", "my dentist").status == 200
    lists = [json.loads(app.ask(name).body)["numbers"] for name in ("blacklist", "whitelist")]
    assert [[entry["phone"] for entry in each] for each in lists] == [[], [NUMBER]]
