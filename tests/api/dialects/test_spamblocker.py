"""The three texts of docs/integrations/spamblocker.md, run as SpamBlocker runs them.

As its source does it (aj3423/SpamBlocker, app/src/main/java/spam/blocker): service/bot/Actions1.kt
to Actions3.kt, util/StringTag.kt, db/ApiTable.kt, service/reporting/AutoReportSpam.kt.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from reputation.models import Report
from tests.given.dialects import Reply, sha, tell
from web.connecting import parts

pytestmark = pytest.mark.django_db

NUMBER = "+12025550123"
# Why its own rules blocked a call, as bits of autoReportTypes; all of them unless a text says else.
CONTACTS, STIR, REGEX = 1, 2, 4
BY_ITSELF = CONTACTS | STIR | REGEX
AWAY = Reply(503, {}, "text/plain; charset=utf-8", b"")


class Phone:
    """The app with the texts in it. `spam` is its own database: the domains of numbers, and the
    days on which they came."""

    def __init__(self, send: Callable[[bytes], Reply], token: str) -> None:
        self.send = send
        self.query, self.report, self.list = (
            json.loads(parts()[f"spamblocker-{name}"].filled(token=token, region="").code)
            for name in ("query", "report", "list")
        )
        self.spam: dict[str, tuple[str, int]] = {}
        self.day = 0

    def blocks(self, number: str) -> bool:
        if number in self.spam:
            if self.spam[number][0]:
                self.say(number, "{other}")
            return True
        return bool(self.run(self.query, number))

    def blocked_by_itself(self, number: str, why: int) -> None:
        """An hour after its own rules blocked a call."""
        if self.report.get("autoReportTypes", BY_ITSELF) & why:
            self.say(number, "{other}")

    def live_on(self, days: int) -> None:
        """Takes the list each day, and forgets what came more than three days ago."""
        for _ in range(days):
            self.day += 1
            self.run(self.list, "")
            for number, (_, came) in list(self.spam.items()):
                if self.day - came > 3:
                    del self.spam[number]

    def say(self, number: str, category: str, comment: str = "") -> Any:
        return self.run(self.report, number, category, comment)

    def run(self, text: Any, number: str, category: str = "", comment: str = "") -> Any:
        """The last action's output; None when an action failed, which ends the others."""
        last: Any = b""
        for action in text["actions"]:
            match action["type"]:
                case "CategoryConfig":
                    category = action["map"][category]
                case "HttpDownload":
                    reply = self.send(self.request(action, number, category, comment))
                    if not 200 <= reply.status < 300:
                        return None
                    last = reply.body.decode()
                case "ParseXML":
                    root = ElementTree.fromstring(last)  # noqa: S314 -- ours
                    last = [
                        each.get("phone")
                        for each in root.iter("phone-info")
                        if int(each.get("votes", "0")) > 4
                    ]
                case "ParseQueryResult":
                    last = bool(re.search(action["negativeSig"], last))
                case "FilterSpamResult":
                    last = [number] if last else []
                case "ImportToSpamDB":
                    by_api = action.get("importReason") == "ByAPI"
                    self.spam |= dict.fromkeys(last, ("127.0.0.1" if by_api else "", self.day))
        return last

    def request(self, action: Any, number: str, category: str, comment: str) -> bytes:
        def filled(text: str) -> str:
            for name, value in {
                "cc": "1", "domestic": number[2:], "category": category, "comment": comment,
            }.items():  # fmt: skip
                text = text.replace(f"{{{name}}}", value)
            return text

        url = filled(action["url"])
        url = re.sub(r"\{drop_last\((.*?),(\d)\)\}", lambda found: found[1][: -int(found[2])], url)
        url = re.sub(r"\{sha1\((.*?)\)\}", lambda found: sha(found[1]), url)
        _, _, target = url.removeprefix("http://").partition("/")
        # Without a type of its own, Android's HttpURLConnection labels a body as a form.
        body = filled(action.get("body", "")).encode()
        label = "Content-Type: application/x-www-form-urlencoded\r\n" if body else ""
        return (
            f"{'POST' if action.get('method') else 'GET'} /{target} HTTP/1.1\r\n"
            f"{action['header']}\r\nUser-Agent: SpamBlocker/5.3\r\n{label}"
            "Host: 127.0.0.1\r\nConnection: Keep-Alive\r\nAccept-Encoding: gzip\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body


@pytest.fixture
def phone(send: Callable[[bytes], Reply], token: str) -> Phone:
    return Phone(send, token)


@pytest.mark.parametrize(("action", "blocks"), [("", False), ("flag", False), ("block", True)])
def test_the_query_blocks_what_we_block(phone: Phone, action: str, blocks: bool):
    if action:
        tell(NUMBER, action)
    assert phone.blocks(NUMBER) is blocks


def test_while_we_are_away_every_call_rings(token: str):
    tell(NUMBER, "block")
    assert not Phone(lambda raw: AWAY, token).blocks(NUMBER)


def test_the_list_blocks_as_long_as_it_has_a_number_and_repeats_nothing_to_us(phone: Phone):
    tell(NUMBER, "block")
    reported = Report.objects.count()
    phone.live_on(10)
    assert NUMBER in phone.spam
    assert phone.blocks(NUMBER)
    tell(NUMBER, "allow", "")
    phone.live_on(3)
    assert phone.blocks(NUMBER)  # the phone does not hear of it before the number expires
    phone.live_on(1)
    assert not phone.blocks(NUMBER)
    assert Report.objects.count() == reported


@pytest.mark.parametrize("why", [CONTACTS, STIR, REGEX])
def test_nobody_reports_but_the_user(phone: Phone, why: int):
    phone.blocked_by_itself(NUMBER, why)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("category", "filed_as"),
    [
        ("{valid}", "legitimate"),
        ("{other}", "other"),
        ("{survey}", "survey"),
        ("{marketing}", "telemarketing"),
        ("{political}", "telemarketing"),
        ("{fraud}", "phishing"),
    ],
)
def test_a_report(phone: Phone, category: str, filed_as: str):
    assert phone.say(NUMBER, category) == "Rating recorded."
    filed = Report.objects.select_related("number").get()
    assert (filed.number.key, filed.category, filed.comment) == (NUMBER, filed_as, "")


@pytest.mark.parametrize(
    "comment",
    [
        "fake police",
        'He said "your bank", then hung up',
        "two\nlines\tand a tab",
        "C:\\users and \\",
        '"}',
        "银行",
    ],
)
def test_a_comment_as_it_was_typed(phone: Phone, comment: str):
    assert phone.say(NUMBER, "{fraud}", comment) == "Rating recorded."
    assert Report.objects.get().comment == comment
