"""A person's own list: by page, API and PhoneBlock's dialect, for that person's phones alone."""

import csv
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from api.dialects import address_book
from reputation import lists
from reputation.feeds import publish
from reputation.lists import Rule, files
from reputation.models import OwnRule
from tests.given.api_requests import NOW, Holder, ask, holder
from tests.given.dialects import tell
from tests.given.visitors import Visitor, text_of

BLOCKED, UNKNOWN, OTHER = "+442079460101", "+442079460102", "+12025550143"


def rule(by: Holder | str, action: str, pattern: str) -> Any:
    answer = ask("POST", "/v1/me/list", by=by, body={"action": action, "pattern": pattern})
    assert answer.status == 200, answer.body
    return answer.json


def action(by: Holder | str, number: str) -> tuple[str, str]:
    answer = ask("GET", f"/v1/numbers/{number.replace('+', '%2B')}", by=by).json
    many = ask("POST", "/v1/numbers/lookup", by=by, body={"numbers": [number]}).json["results"]
    assert [answer] == many
    return answer["action"], answer.get("own_rule", "")


@pytest.fixture
def anna(db: None) -> Holder:
    return holder("lookup", "report", "compat", region="GB")


@pytest.fixture
def ben(db: None) -> Holder:
    return holder("lookup", "report", "compat", region="GB")


def test_lookups_follow_the_list_of_their_key_and_no_others(anna: Holder, ben: Holder):
    tell(BLOCKED, "block")
    rule(anna, "block", "020 7946*".replace("020", "+44 20"))
    shown = rule(anna, "allow", BLOCKED)
    assert (shown["pattern"], shown["prefix"]) == (BLOCKED, BLOCKED)
    assert action(anna, BLOCKED) == ("allow", BLOCKED)
    assert action(anna, UNKNOWN) == ("block", "+44207946*")
    for by in (ben, anna):
        text = ask("GET", f"/v1/numbers/{UNKNOWN}?format=text", by=by).body.split()[0]
        assert text == (b"block" if by is anna else b"UNKNOWN")
    first = ask("GET", f"/v1/numbers/{UNKNOWN}", by=anna).json["reasons"][0]
    assert first == "Your own list blocks +44207946*."
    assert action(ben, BLOCKED) == ("block", "")
    assert action(ben, UNKNOWN) == ("allow", "")
    # Nobody else sees or changes it, and it is no report.
    assert ask("GET", "/v1/me/list", by=ben).json == {"rules": []}
    assert ask("DELETE", "/v1/me/list/%2B44207946*", by=ben).status == 404
    assert ask("GET", f"/v1/numbers/{UNKNOWN}").json["reports"] == 0
    # Only those on the list.
    rule(anna, "block", "*")
    assert action(anna, OTHER) == ("block", "*")
    assert action(anna, BLOCKED)[0] == "allow"
    assert ask("DELETE", "/v1/me/list/*", by=anna).status == 204
    assert action(anna, OTHER) == ("allow", "")
    assert ask("DELETE", "/v1/me/list/*", by=anna).status == 404


def test_what_the_list_refuses(anna: Holder, monkeypatch: pytest.MonkeyPatch):
    path = "/v1/me/list"
    for body in ({}, {"action": "flag", "pattern": "*"}, {"action": "block", "pattern": "+*"}):
        assert ask("POST", path, by=anna, body=body).status == 400
    looker = holder("lookup")
    assert ask("POST", path, by=looker, body={"action": "block", "pattern": "*"}).status == 403
    assert ask("GET", path, by=looker).status == 200
    monkeypatch.setattr(lists.keeping, "MOST", 1)
    rule(anna, "block", "+4930*")
    rule(anna, "allow", "+4930*")  # the same pattern: in place of it
    assert ask("POST", path, by=anna, body={"action": "block", "pattern": "GB"}).status == 409
    assert [(each.action, each.pattern) for each in OwnRule.objects.all()] == [("allow", "+4930*")]


def test_names_decide_in_every_protocol_that_carries_one(anna: Holder, ben: Holder):
    """A caller can write any name: a strange one is no error."""
    rule(anna, "block", "name:*loans*")
    rule(anna, "allow", "name:mum")
    tell(BLOCKED, "block")
    name = "caller_name=City%20%EF%BC%AC%EF%BC%AF%EF%BC%A1%EF%BC%AE%EF%BC%B3"
    blocked = {
        f"/v1/numbers/{UNKNOWN}?format=text&{{}}": b"block",
        f"/compat/cidlookup/{UNKNOWN}?{{}}": b"SPAM",
        f"/compat/tellows/basic/num/{UNKNOWN}?json=1&{{}}": b'"score":"7"',
        f"/phoneblock/api/num/{UNKNOWN}?{{}}": b'"B_MISSED"',
        f"/phoneblock/api/check?sha1={sha(UNKNOWN)}&{{}}": b'"B_MISSED"',
    }
    strange = f"caller_name={'%00%FF' * 100}"
    for path, says in blocked.items():
        asked = [(anna, name, True), (anna, "", False), (ben, name, False), (anna, strange, False)]
        for by, query, is_blocked in asked:
            answer = ask("GET", path.format(query), by=by)
            assert (answer.status, says in answer.body) == (200, is_blocked), path
    assert ask("GET", f"/v1/numbers/{BLOCKED}?format=text", by=anna).body[:5] == b"block"
    mum = ask("GET", f"/v1/numbers/{BLOCKED}?caller_name=MUM", by=anna).json
    assert (mum["action"], mum["own_rule"]) == ("allow", "name:mum")
    assert mum["reasons"][0] == "Your own list lets name:mum through."


def test_the_list_as_a_file(anna: Holder):
    rules = (
        *(f"block {UNKNOWN}", "block +4930*", "block +44207946????", "block DE", "block +3314*"),
        *(f"allow {BLOCKED}", "allow +33141?", "block name:o'hara*", "allow name:*mum*"),
    )
    for each in rules:
        rule(anna, *each.split(" ", 1))

    def file(format: str) -> tuple[str, str]:
        answer = ask("GET", f"/v1/me/list?format={format}", by=anna)
        return answer.body.decode(), answer.headers["Rules-Left-Out"]

    # A pattern with an exception would block whom the list allows.
    assert file("plain") == (f"{UNKNOWN}\n", "8")
    assert file("comma") == ("+442079460102,+49*,+4930*", "6")
    pattern = [line.split(",")[2] for line in file("yacb")[0].splitlines()[1:]]
    assert pattern == [UNKNOWN, "+49*", "+4930*"]
    found = csv.DictReader(file("spamblocker")[0].splitlines())
    together = re.compile("|".join(row["pattern"] for row in found))
    for number, is_blocked in ((UNKNOWN, True), ("+49301", True), ("4989", True), (OTHER, False)):
        assert bool(together.fullmatch(number)) is is_blocked, number
    assert "TEL;TYPE=VOICE:" in file("vcard")[0]
    assert ask("GET", "/v1/me/list?format=roaring", by=anna).status == 400

    text, left_out = file("callattendant")
    sections = yaml.safe_load(text)
    assert left_out == "0"

    def fits(section: str, shown: str) -> bool:
        # As callattendant's callscreener.py.
        return any(re.search(each, shown, re.IGNORECASE) for each in sections[section])

    assert fits("blocknumbers", "+493012")
    assert fits("permitnumbers", BLOCKED)
    assert not fits("blocknumbers", OTHER)
    assert [fits("blocknames", name) for name in ("O'HARA Ltd", "x o'hara")] == [True, False]
    assert fits("permitnames", "Your MUM")
    # Ten digits are a number of North America.
    rule(anna, "block", "+65*")
    sections = yaml.safe_load(file("callattendant")[0])
    for shown, is_blocked in (
        *(("+6562221234", True), ("0116562221234", True), ("6562221234", False)),
        *(("+4932201234", True), ("4932201234", False), ("493020123", True)),
    ):
        assert fits("blocknumbers", shown) is is_blocked, shown
    rule(anna, "block", "+1*")
    sections = yaml.safe_load(file("callattendant")[0])
    for shown, is_blocked in (
        *(("+12025550101", True), ("2025550101", True)),
        *(("33123456789", False), ("0033123456789", False)),
    ):
        assert fits("blocknumbers", shown) is is_blocked, shown
    shown = {
        each["pattern"]: each["formats"]
        for each in ask("GET", "/v1/me/list", by=anna).json["rules"]
    }
    assert shown["+4930*"] == ["comma", "yacb", "spamblocker", "callattendant"]
    assert shown["+3314*"] == ["callattendant"]
    assert shown[UNKNOWN] == list(files.OFFERED)


# As SpamBlocker compares callers: without plus and leading zeros, the whole number.
@pytest.mark.parametrize(
    ("region", "blocks", "spares"),
    [
        ("US", ["8613912345678", "12025550101", "2025550101", "6562221234"], ["8645550123"]),
        ("US", ["4930123456"], ["4932201234", "62025550101"]),
        ("", ["8613912345678", "12025550101"], ["8645550123", "2025550101"]),
        ("DE", ["8613912345678", "12025550101", "4932201234"], ["2025550101"]),
        # What phones show of their own country, as 07700 900123: without the zero, too.
        ("GB", ["12025550101", "447700900123", "7700900123"], ["1202555010"]),
        ("CN", ["8613912345678", "12025550101", "13855550124"], ["13855550123", "13912345678"]),
    ],
)
def test_spamblocker_takes_ten_digits_for_north_america_alone(region, blocks, spares, db):
    clara = holder("lookup", "report", region=region)
    for pattern in (
        *("+86*", "+1202*", "+1385*", "+49*", "+6562221234", "+447700900123", "+8613855550124"),
    ):
        rule(clara, "block", pattern)
    body = ask("GET", "/v1/me/list?format=SpamBlocker", by=clara).body.decode()
    patterns = [row["pattern"] for row in csv.DictReader(body.splitlines())]
    blocked = {
        shown
        for shown in blocks + spares
        if any(re.fullmatch(pattern, shown) for pattern in patterns)
    }
    assert blocked == set(blocks)


def sha(number: str) -> str:
    return hashlib.sha1(number.encode(), usedforsecurity=False).hexdigest()


def test_phoneblocks_clients_follow_it(anna: Holder, ben: Holder):
    tell(BLOCKED, "block")

    def put(by: Holder, kind: str, number: str, **body: Any) -> int:
        return ask("PUT", f"/phoneblock/api/{kind}/{number}", by=by, body=body).status

    def check(by: Holder, number: str) -> tuple[str, bool, bool]:
        info = ask("GET", f"/phoneblock/api/check?sha1={sha(number)}", by=by).json
        for_sync = ask("GET", f"/phoneblock/api/check-prefix?sha1={sha(number)[:8]}", by=by).json
        shown = {each["phone"]: each["rating"] for each in for_sync["numbers"]}
        assert shown.get(number, "A_LEGITIMATE") == info["rating"]
        return info["rating"], info["blackListed"], info["whiteListed"]

    assert check(ben, BLOCKED) == ("G_FRAUD", False, False)
    assert put(anna, "blacklist", UNKNOWN, phone=UNKNOWN) == 204
    assert put(anna, "whitelist", "00442079460101") == 204
    # PhoneBlock Mobile: a beginning.
    assert put(anna, "blacklist", "+4930", phone="+4930", wildcard=True) == 204
    assert put(anna, "blacklist", "abc", phone="abc") == 400
    assert check(anna, UNKNOWN) == ("B_MISSED", True, False)
    assert check(anna, BLOCKED) == ("A_LEGITIMATE", False, True)
    assert check(ben, UNKNOWN) == ("A_LEGITIMATE", False, False)
    num = ask("GET", "/phoneblock/api/num/+4930901820", by=anna).json
    assert (num["rating"], num["votes"], num["blackListed"]) == ("B_MISSED", 5, True)
    listed = ask("GET", "/phoneblock/api/blacklist", by=anna).json["numbers"]
    assert [(each["phone"], each.get("wildcard", False)) for each in listed] == [
        ("+4930", True),
        (UNKNOWN, False),
    ]
    assert ask("GET", "/phoneblock/api/blacklist", by=ben).json["numbers"] == []
    assert ask("DELETE", "/phoneblock/api/blacklist/+4930", by=ben).status == 400
    for number in ("+4930", "0044 20 7946 0102".replace(" ", "")):
        assert ask("DELETE", f"/phoneblock/api/blacklist/{number}", by=anna).status == 204
    assert [each.pattern for each in OwnRule.objects.all()] == [BLOCKED]


@pytest.mark.parametrize(
    "written", [UNKNOWN, "020%207946%200102", "020%2F79460102", "0044%2020%207946-0102"]
)
@pytest.mark.parametrize("path", ["/phoneblock/api/blacklist", "/v1/me/list"])
def test_a_number_leaves_the_list_however_it_is_written(anna: Holder, path: str, written: str):
    rule(anna, "block", UNKNOWN)
    assert ask("DELETE", f"{path}/{written}", by=anna).status == 204
    assert not OwnRule.objects.exists()


@pytest.mark.usefixtures("feeds_dir")
def test_the_address_book_follows_it(anna: Holder, ben: Holder):
    numbers = [f"+44207946{n:04}" for n in range(100, 120)]
    for number in numbers:
        tell(number, "block")
    publish(now=NOW)

    def book(by: Holder) -> list[str]:
        rules = tuple(
            Rule(each.action, each.pattern) for each in lists.rules_of(by.key.reporter_id)
        )
        text = "".join(card.text for card in address_book.book_for(rules).cards.values())
        return sorted(line.partition(":")[2] for line in text.split() if line.startswith("TEL"))

    rule(anna, "allow", "+44207946010?")
    rule(anna, "block", "+442079460105")
    rule(anna, "block", OTHER)
    assert book(anna) == sorted([OTHER, "+442079460105", *numbers[10:]])
    assert book(ben) == numbers
    rule(anna, "allow", "GB")
    assert book(anna) == sorted([OTHER, "+442079460105"])


@pytest.mark.django_db
def test_the_page(known: Callable[..., Visitor]):
    anna, ben = known(), known("ben@example.net")
    cards = f"BEGIN:VCARD\nFN:Mum 2\nTEL;TYPE=CELL:{UNKNOWN}\nitem1.TEL:tel:{OTHER}\nEND:VCARD"
    page = anna.send("/my/list", {"patterns": cards, "action": "allow"})
    assert "+44 20 7946 0102" in page
    page = anna.send("/my/list", {"patterns": "DE\n<b>\n+*", "action": "block"}, status=400)
    assert "Germany" in page
    assert "<b>: " in page
    assert "+*: A pattern begins with" in page
    word = {"patterns": "hello abc", "action": "block", "country": "CN"}
    page = anna.send("/my/list", word, status=400)
    assert "hello abc: This is a name, not a telephone number." in page
    assert "have a field of their own, below" in page
    assert "HELLO ABC (CN)" in anna.send(
        "/my/list", {"patterns": "CN@HELLO ABC", "action": "block"}
    )
    named = {"caller_name": "City Loans", "how": "contains", "action": "block"}
    page = anna.send("/my/list", named)
    assert "The name contains “city loans”" in page
    assert "name:*" not in page  # that is for programs
    starred = named | {"caller_name": "a*b"}
    assert "without a star" in anna.send("/my/list", starred, status=400)
    page = anna.send("/my/list", {"patterns": "*", "action": "block"})
    assert "All others are blocked." in page
    assert "+44 20" not in ben.see("/my/list")
    assert ben.post("/my/list/remove", {"pattern": "DE"}).status_code == 404
    page = anna.send("/my/list/remove", {"pattern": "*"})
    assert "All others are blocked." not in page
    assert "choose what is to be done" in anna.send("/my/list", {"patterns": "DE"}, status=400)
    both = {"patterns": "FR", "caller_name": "Loans & Co", "how": "equals", "action": "allow"}
    page = anna.send("/my/list", both)
    assert "France" in page
    assert "The name is “loans & co”" in page
    copy = json.dumps([each.pattern for each in OwnRule.objects.all()])
    assert "DE" in copy
    # Whoever leaves takes it along.
    anna.post("/my/account", {"sure": "1"})
    assert not OwnRule.objects.exists()


@pytest.mark.django_db
def test_a_long_list_is_set_at_once_and_nothing_of_it_is_lost(
    known: Callable[..., Visitor], django_assert_max_num_queries: Any
):
    anna = known()
    lines = [f"+4420794{60000 + each}" for each in range(lists.MOST + 2)]
    form = {"patterns": "\n".join(["abc def", *lines]), "action": "allow"}
    with django_assert_max_num_queries(40):
        answer = anna.post("/my/list", form)
    assert answer.status_code == 400
    page = text_of(answer)
    assert "Your list is full." in page
    assert "abc def: " in page
    assert OwnRule.objects.count() == lists.MOST
    assert "\n".join(["abc def", *lines[-2:]]) in answer.content.decode()
    # What is on a full list can be changed, and a name that no longer fits is not lost.
    named = {"patterns": lines[0], "caller_name": "City Loans", "how": "equals", "action": "block"}
    answer = anna.post("/my/list", named)
    assert 'value="City Loans"' in answer.content.decode()
    assert [rule.pattern for rule in OwnRule.objects.filter(action="block")] == [lines[0]]
