import pytest

from api.dialects.tellows import fields, score
from reputation.identity import identify
from reputation.scoring.curves import BLOCK_AT, FLAG_AT
from tests.given.dialects import Reply, an_answer, get, tell

NUMBER = "+12025550123"
TARGET = "/compat/tellows/basic/num/0012025550123"
HEAD = b'<?xml version="1.0" encoding="utf-8"?>'

FIELDS = {
    "": (b"5", b"0", b"0", b"#757575", b""),
    "allow": (b"5", b"0", b"0", b"#757575", b""),
    "flag": (b"6", b"0", b"1", b"#ef6c00", b"loan scam"),
    "block": (b"7", b"5", b"3", b"#c62828", b"loan scam"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("action", list(FIELDS))
def test_a_number_is_told_in_json_as_tellows_does(send, action):
    if action:
        tell(NUMBER, action)
    rank, searches, comments, colour, name = FIELDS[action]
    caller = b',"callerTypes":{"caller":[{"name":"%s","count":"%s"}]}'
    types = caller % (name, comments) if name else b""
    assert send(get(f"{TARGET}?json=1&partner=test")) == Reply(
        200,
        {},
        "application/json",
        b'{"tellows":{"number":"0012025550123","normalizedNumber":"+12025550123","score":"%s",'
        b'"searches":"%s","comments":"%s","scoreColor":"%s","scorePath":"","location":"",'
        b'"country":"US"%s}}' % (rank, searches, comments, colour, types),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("action", list(FIELDS))
@pytest.mark.parametrize("query", ["", "?xml=1&partner=test"])
def test_a_number_is_told_in_xml_as_tellows_does(send, action, query):
    if action:
        tell(NUMBER, action)
    rank, searches, comments, colour, name = FIELDS[action]
    caller = b"<callerTypes><caller><name>%s</name><count>%s</count></caller></callerTypes>"
    types = caller % (name, comments) if name else b""
    assert send(get(TARGET + query)) == Reply(
        200,
        {},
        "text/xml; charset=utf-8",
        HEAD + b"<tellows><number>0012025550123</number><normalizedNumber>+12025550123"
        b"</normalizedNumber><score>%s</score><searches>%s</searches><comments>%s</comments>"
        b"<scoreColor>%s</scoreColor><scorePath></scorePath><location></location>"
        b"<country>US</country>%s</tellows>" % (rank, searches, comments, colour, types),
    )


@pytest.mark.django_db
def test_a_name_with_an_ampersand_is_escaped(send):
    reply = send(get("/compat/tellows/basic/num/US@AT%26T"))
    shown = b"<number>US@AT&amp;T</number><normalizedNumber>US@AT&amp;T</normalizedNumber>"
    assert (reply.status, shown in reply.body) == (200, True)


@pytest.mark.django_db
def test_what_is_no_number(send):
    detail = b"The number is empty: send the number that called, such as +8615400001234."
    assert send(get("/compat/tellows/basic/num/-")) == Reply(
        400, {}, "text/plain; charset=utf-8", detail
    )
    assert send(get("/compat/tellows/basic/num/-?json=1")) == Reply(
        400, {}, "application/json", b'{"error":"400","message":"%s"}' % detail
    )


ABOUT = [
    *(b"info", b"Ringscore key %s", b"company", b"", b"requests", b"0", b"premium", b"0"),
    *(b"allowscorelist", b"0", b"validuntil", b""),
]


def test_whose_key_it_is(send, token):
    """Clients ask this at their start, and end where the answer is no JSON."""
    target = "/compat/tellows/api/getpartnerinfo"
    key = token.split("_")[1].encode()
    pairs = list(zip(ABOUT[::2], ABOUT[1::2], strict=True))
    json = b",".join(b'"%s":"%s"' % pair for pair in pairs) % key
    for raw in (get(target, "", f"X-Auth-Token: {token}"), get(f"{target}?apikeyMd5={token}")):
        assert send(raw) == Reply(200, {}, "application/json", b'{"partnerinfo":{%s}}' % json)
    xml = b"".join(b"<%s>%s</%s>" % (name, text, name) for name, text in pairs) % key
    assert send(get(f"{target}?xml=1&lang=de", token)) == Reply(
        200,
        {},
        "text/xml; charset=utf-8",
        HEAD + b"<tellows><partnerinfo>%s</partnerinfo></tellows>" % xml,
    )
    assert send(get(target)) == Reply(
        401,
        {},
        "application/json",
        b'{"error":"401","message":"This needs an API key: send `Authorization: Bearer <key>`."}',
    )


@pytest.mark.parametrize(
    ("action", "reports", "comments"),
    [
        ("block", 11, "11"),
        ("block", 1, "3"),
        ("flag", 11, "2"),
        ("flag", 1, "1"),
        ("allow", 11, "0"),
    ],
)
def test_clients_that_want_three_comments_block_what_we_block(action, reports, comments):
    percent = {"block": 99, "flag": 89, "allow": 30}[action]
    shown = fields(NUMBER, an_answer(action, percent)._replace(reports=reports, category="threat"))
    assert shown["comments"] == comments
    types = shown.get("callerTypes", {}).get("caller", [{"count": "0"}])
    assert [each["count"] for each in types] == [comments]


@pytest.mark.parametrize(
    ("action", "percent", "status", "expected"),
    [
        ("block", 95, "listed", 7),
        ("block", 96, "listed", 7),
        ("block", 97, "listed", 8),
        ("block", 99, "listed", 9),
        ("block", 100, "listed", 9),
        ("flag", 62, "listed", 6),
        ("flag", 89, "listed", 6),
        ("allow", 0, "unknown", 5),
        ("allow", 61, "clear", 5),
        ("allow", 30, "clear", 5),
        ("allow", 29, "clear", 4),
        ("allow", 10, "clear", 4),
        ("allow", 9, "clear", 2),
        ("allow", 45, "official", 1),
        ("allow", 61, "disputed", 5),
    ],
)
def test_clients_block_from_a_score_of_7_and_so_only_what_is_blocked(
    action, percent, status, expected
):
    assert score(an_answer(action, percent, status=status)) == expected


def test_clients_that_block_from_7_on_block_what_we_block():
    for percent in range(101):
        assert score(an_answer("block", percent)) >= 7
        assert score(an_answer("flag", percent)) < 7
        assert score(an_answer("allow", percent, status="clear")) < 6
    assert FLAG_AT < BLOCK_AT
    assert identify(NUMBER, allow_fictional=True).country == "US"
