"""check, check-prefix and num: whole bodies."""

import json

import pytest
from django.utils import timezone

from api.dialects import hashes
from reputation.identity import identify
from reputation.models import Number, Reporter
from tests.given.dialects import FLAGGED_VOTES, WEEK_MS, Reply, get, new_key, sha, tell
from tests.given.reporters import say

pytestmark = pytest.mark.django_db

NUMBER = "+12025550123"
TEN = [f"+1202555014{last}" for last in range(10)]
ZEROS = (
    b'"votes":0,"rating":"A_LEGITIMATE","votesWildcard":0,"whiteListed":false,'
    b'"blackListed":false,"archived":false,"dateAdded":0,"lastUpdate":0}'
)
UNKNOWN = b'{"phone":"unknown",' + ZEROS
BLOCKED = (
    b'{"phone":"+12025550123","votes":5,"rating":"G_FRAUD","votesWildcard":5,"whiteListed":false,'
    b'"blackListed":false,"archived":false,"dateAdded":%d,"lastUpdate":%d}' % (WEEK_MS, WEEK_MS)
)
FLAGGED = (
    b'{"phone":"+12025550123","votes":%d,"rating":"C_PING","votesWildcard":%d,"whiteListed":false,'
    b'"blackListed":false,"archived":false,"dateAdded":%d,"lastUpdate":%d}'
    % (FLAGGED_VOTES, FLAGGED_VOTES, WEEK_MS, WEEK_MS)
)


def check(number: str, ranges: bool = True) -> str:
    target = f"/phoneblock/api/check?sha1={sha(number)}"
    if ranges:
        target += f"&prefix10={sha(number[:-1])}&prefix100={sha(number[:-2])}"
    return target


def ok(body: bytes, kind: str = "application/json") -> Reply:
    return Reply(200, {}, kind, body)


def by_token(token: str) -> Reporter:
    return Reporter.objects.get(handle=token[4:12])


def test_an_unknown_number(send, token):
    assert send(get(check(NUMBER), token)) == ok(UNKNOWN)
    assert send(get(check(NUMBER, ranges=False), token)) == ok(UNKNOWN)


@pytest.mark.parametrize(
    ("action", "body"), [("block", BLOCKED), ("flag", FLAGGED), ("allow", UNKNOWN)]
)
def test_what_is_told_by_action(send, token, action, body):
    tell(NUMBER, action)
    assert send(get(check(NUMBER), token)) == ok(body)
    assert send(get(check(NUMBER).lower(), token)) == ok(body)


def test_a_number_is_let_go_at_once(send, token):
    tell(NUMBER, "block")
    send(get(check(NUMBER), token))
    tell(NUMBER, "allow", "")
    assert send(get(check(NUMBER), token)) == ok(UNKNOWN)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("block", BLOCKED),
        ("flag", FLAGGED),
        ("allow", b'{"phone":"+12025550123",' + ZEROS),
        ("", b'{"phone":"+12025550123",' + ZEROS),
    ],
)
@pytest.mark.parametrize("written", ["+12025550123", "%2B12025550123", "0012025550123"])
def test_by_number(send, token, action, body, written):
    if action:
        tell(NUMBER, action)
    assert send(get(f"/phoneblock/api/num/{written}", token)) == ok(body)


def test_by_number_in_the_keys_own_country(send, db):
    token = new_key("compat", region="US")
    tell(NUMBER, "block")
    for written in ("2025550123", "202%2F555-0123", "202/555/0123/", "202+555+0123"):
        assert send(get(f"/phoneblock/api/num/{written}?format=json", token)) == ok(BLOCKED)


def test_numbers_that_have_no_e164(send, token):
    tell("CN:95533", "block")
    told = json.loads(send(get("/phoneblock/api/num/008695533", token)).body)
    assert (told["phone"], told["rating"]) == ("CN:95533", "G_FRAUD")


def test_a_known_number_is_told_in_xml_to_who_asks_for_it(send, token):
    tell(NUMBER, "block")
    xml = (
        b'<phone-info phone="+12025550123" votes="5" rating="G_FRAUD" votes-wildcard="5"'
        b' white-listed="false" black-listed="false" archived="false"'
        b' date-added="%d" last-update="%d"/>' % (WEEK_MS, WEEK_MS)
    )
    for target in (check(NUMBER) + "&format=xml", "/phoneblock/api/num/+12025550123?format=xml"):
        assert send(get(target, token)) == ok(xml, "text/xml; charset=utf-8")


def test_by_prefix(send, token):
    target = (
        f"/phoneblock/api/check-prefix?sha1={sha(NUMBER)[:4]}&format=json"
        f"&prefix10={sha(NUMBER[:-1])[:4]}&prefix100={sha(NUMBER[:-2])[:4]}"
    )
    nothing = ok(b'{"numbers":[],"range10":[],"range100":[]}')
    assert send(get(target, token)) == nothing
    assert send(get(f"/phoneblock/api/check-prefix?sha1={sha(NUMBER)[:4]}", token)) == nothing
    tell(NUMBER, "allow")
    assert send(get(target, token)) == nothing
    tell(NUMBER, "block", "")
    assert send(get(target, token)) == ok(
        b'{"numbers":[' + BLOCKED
        + b'],"range10":[{"prefix":"+1202555012","votes":1,"cnt":1}],"range100":[]}'
    )  # fmt: skip
    tell(NUMBER, "flag", "")
    assert send(get(target, token)) == ok(
        b'{"numbers":[' + FLAGGED + b'],"range10":[],"range100":[]}'
    )
    assert send(get(target.replace("=json", "=xml"), token)).body == (
        b'<prefix-check-result><numbers><phone-info phone="+12025550123" votes="%d" rating="C_PING"'
        b' votes-wildcard="%d" white-listed="false" black-listed="false" archived="false"'
        b' date-added="%d" last-update="%d"/></numbers><range-10></range-10><range-100></range-100>'
        b"</prefix-check-result>" % (FLAGGED_VOTES, FLAGGED_VOTES, WEEK_MS, WEEK_MS)
    )


def test_a_ten_speaks_from_four_blocked_numbers_on(send, token):
    for number in TEN[:3]:
        tell(number, "block")
    assert send(get(check(TEN[9]), token)) == ok(UNKNOWN)
    tell(TEN[3], "block")
    suspect = UNKNOWN.replace(b"A_LEGITIMATE", b"C_PING").replace(
        b'"votesWildcard":0', b'"votesWildcard":3'
    )
    assert send(get(check(TEN[9]), token)) == ok(suspect)
    assert send(get(check(TEN[9], ranges=False), token)) == ok(UNKNOWN)
    by_number = suspect.replace(b"unknown", TEN[9].encode())
    assert send(get(f"/phoneblock/api/num/{TEN[9]}", token)) == ok(by_number)


def test_a_flagged_neighbour_adds_nothing_to_a_range(send, token):
    for number in TEN[:3]:
        tell(number, "block")
    for number in TEN[3:8]:
        tell(number, "flag")
    assert send(get(check(TEN[9]), token)) == ok(UNKNOWN)


def test_a_hundred_speaks_from_three_such_tens_on(send, token):
    for ten in "678":
        for last in range(4):
            tell(f"+120255501{ten}{last}", "block")
    stranger = "+12025550155"
    told = json.loads(send(get(check(stranger), token)).body)
    assert (told["votes"], told["votesWildcard"], told["rating"]) == (0, 2, "C_PING")
    target = (
        f"/phoneblock/api/check-prefix?sha1={sha(stranger)[:4]}"
        f"&prefix10={sha(stranger[:-1])}&prefix100={sha(stranger[:-2])}"
    )
    assert send(get(target, token)) == ok(
        b'{"numbers":[],"range10":[],"range100":[{"prefix":"+120255501","votes":2,"cnt":3}]}'
    )


@pytest.mark.parametrize("why", ["official", "disputed", "holder_verified"])
def test_a_range_does_not_speak_for_who_has_spoken(send, token, why):
    for number in TEN[:4]:
        tell(number, "block")
    innocent = TEN[9]
    tell(innocent, "allow", "legitimate")
    row = Number.objects.get(key=innocent)
    setattr(row, why, True)
    row.save()
    by_number = f"/phoneblock/api/num/{innocent}"
    assert json.loads(send(get(by_number, token)).body)["votesWildcard"] == 0


def test_ones_own_report(send, token):
    say(by_token(token), "loan_scam", identify(NUMBER, allow_fictional=True), at=timezone.now())
    hashes.remember(NUMBER)
    mine = (b'{"phone":"+12025550123",' + ZEROS).replace(
        b'"blackListed":false', b'"blackListed":true'
    )
    others = new_key("compat")
    assert send(get(check(NUMBER), token)) == ok(mine)
    assert send(get(f"/phoneblock/api/num/{NUMBER}", token)) == ok(mine)
    assert send(get(check(NUMBER), others)) == ok(UNKNOWN)
    tell(NUMBER, "block", "")
    assert json.loads(send(get(check(NUMBER), token)).body)["blackListed"]


def test_ones_own_contradiction(send, token):
    tell(NUMBER, "block")
    say(by_token(token), "legitimate", identify(NUMBER, allow_fictional=True), at=timezone.now())
    mine = (b'{"phone":"+12025550123",' + ZEROS).replace(
        b'"whiteListed":false', b'"whiteListed":true'
    )
    assert send(get(check(NUMBER), token)) == ok(mine)
    prefix = f"/phoneblock/api/check-prefix?sha1={sha(NUMBER)[:4]}"
    assert json.loads(send(get(prefix, token)).body)["numbers"] == [json.loads(mine)]


@pytest.mark.parametrize(
    ("target", "detail"),
    [
        ("check", b"sha1 must be 40 hex digits of a SHA-1."),
        ("check?sha1=", b"sha1 must be 40 hex digits of a SHA-1."),
        ("check?sha1=abcd", b"sha1 must be 40 hex digits of a SHA-1."),
        ("check?sha1=" + 40 * "g", b"sha1 must be 40 hex digits of a SHA-1."),
        ("check-prefix", b"sha1 must be 4 to 40 hex digits of a SHA-1."),
        ("check-prefix?sha1=abc", b"sha1 must be 4 to 40 hex digits of a SHA-1."),
        ("check-prefix?sha1=" + 41 * "a", b"sha1 must be 4 to 40 hex digits of a SHA-1."),
        ("check-prefix?sha1=abcd&prefix10=x", b"prefix10 must be 4 to 40 hex digits of a SHA-1."),
        ("check-prefix?sha1=abcd&prefix100=1", b"prefix100 must be 4 to 40 hex digits of a SHA-1."),
        (
            "num/!!!",
            b"This is not a phone number, service code or sender name: send one number, such as "
            b"+8615400001234, or a sender name of 1 to 11 characters.",
        ),
    ],
)
def test_what_cannot_be_read(send, token, target, detail):
    reply = send(get(f"/phoneblock/api/{target}", token))
    assert reply == Reply(400, {}, "text/plain; charset=utf-8", detail)


@pytest.mark.parametrize("number", ["%2B4912", "004912", "abc"])
def test_what_is_no_number_is_not_answered_as_a_harmless_one(send, number):
    token = new_key("compat", region="US")
    assert send(get(f"/phoneblock/api/num/{number}", token)).status == 400


def test_nonsense_for_a_range_costs_nothing(send, token):
    tell(NUMBER, "block")
    target = check(NUMBER, ranges=False) + "&prefix10=" + 40 * "x" + "&prefix100=12"
    assert send(get(target, token)) == ok(BLOCKED)
