"""What existing clients send, byte for byte, and what they get.

Requests are as their sources write them: SpamBlocker's presets, PhoneBlock's app, dongle and sync
client, libcurl as Kamailio and Asterisk use it, mod_cidlookup, FreePBX, Superfecta. Each comes with
what the client then does with the answer. Clients that pull feeds: tests/reputation/feeds.
"""

import base64
import json
import re
import struct
from xml.etree import ElementTree

import pytest

from reputation.models import Number, Report
from tests.given.dialects import (
    FILED_MS,
    FLAGGED_VOTES,
    WEEK_MS,
    Reply,
    new_key,
    sha,
    tell,
    verdict_in,
)
from tests.given.traces import (
    ASTERISK,
    BROWSER,
    KAMAILIO,
    MOD_CIDLOOKUP,
    NUMBER,
    dongle,
    dongle_check,
    spamblocker_check,
    spamblocker_list,
    spamblocker_rate,
    sync_client,
)

pytestmark = pytest.mark.django_db

BLOCKED_INFO = (
    b'{"phone":"+12025550123","votes":5,"rating":"G_FRAUD","votesWildcard":5,"whiteListed":false,'
    b'"blackListed":false,"archived":false,"dateAdded":%d,"lastUpdate":%d}' % (WEEK_MS, WEEK_MS)
)
FLAGGED_INFO = (
    b'{"phone":"+12025550123","votes":%d,"rating":"C_PING","votesWildcard":%d,"whiteListed":false,'
    b'"blackListed":false,"archived":false,"dateAdded":%d,"lastUpdate":%d}'
    % (FLAGGED_VOTES, FLAGGED_VOTES, WEEK_MS, WEEK_MS)
)
UNKNOWN_INFO = (
    b'{"phone":"unknown","votes":0,"rating":"A_LEGITIMATE","votesWildcard":0,"whiteListed":false,'
    b'"blackListed":false,"archived":false,"dateAdded":0,"lastUpdate":0}'
)
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
XML = "text/xml; charset=utf-8"


def spamblocker_blocks(reply: Reply) -> bool:
    """Its ParseQueryResult: two expressions over the body of a 2xx, nothing else."""
    if not 200 <= reply.status < 300:
        return False
    body = reply.body.decode()
    category = re.search(r'"rating":"(.+?)"', body)
    negative = re.search(r"(D_POLL|G_FRAUD|E_ADVERTISING|F_GAMBLE|B_MISSED)", body)
    return category is not None and negative is not None


@pytest.mark.parametrize(
    ("action", "body", "blocks"),
    [
        ("", UNKNOWN_INFO, False),
        ("allow", UNKNOWN_INFO, False),
        ("flag", FLAGGED_INFO, False),
        ("block", BLOCKED_INFO, True),
    ],
)
def test_1_spamblocker_asks(send, token, action, body, blocks):
    if action:
        tell(NUMBER, action)
    reply = send(spamblocker_check(token))
    assert reply == Reply(200, {}, JSON, body)
    assert "Content-Encoding" not in reply.headers
    assert spamblocker_blocks(reply) is blocks


@pytest.mark.parametrize("category", ["loan_scam", "telemarketing", "survey", "silent_call", ""])
def test_1_spamblocker_blocks_every_kind_of_blocked_number(send, token, category):
    tell(NUMBER, "block", category)
    assert spamblocker_blocks(send(spamblocker_check(token)))


def test_1_one_fake_report_blocks_nobody(send, token):
    # As the next trace sends it, from the very phone that then asks.
    assert send(spamblocker_rate(token)).status == 200
    reply = send(spamblocker_check(token))
    assert not spamblocker_blocks(reply)
    assert b"G_FRAUD" not in reply.body


def test_2_spamblocker_reports(send, token):
    assert send(spamblocker_rate(token)) == Reply(200, {}, TEXT, b"Rating recorded.")
    report = Report.objects.select_related("number").get()
    assert (report.number.key, report.category, report.comment) == (NUMBER, "phishing", "")


def test_2_without_any_label(send, token):
    raw = spamblocker_rate(token).replace(
        b"Content-Type: application/x-www-form-urlencoded\r\n", b""
    )
    assert send(raw) == Reply(200, {}, TEXT, b"Rating recorded.")


def test_2_spamblockers_older_preset_uses_basic(send, token):
    user = "6d8f7262-faa6-41bc-adb4-50a6013c2b07"
    word = base64.b64encode(f"{user}:{token}".encode()).decode()
    tell(NUMBER, "block")
    raw = (
        "GET /phoneblock/api/num/0012025550123 HTTP/1.1\r\n"
        f"Authorization: Basic {word}\r\n"
        "Host: 127.0.0.1\r\n\r\n"
    ).encode()
    reply = send(raw)
    assert reply == Reply(200, {}, JSON, BLOCKED_INFO)
    assert spamblocker_blocks(reply)


def test_3_spamblocker_pulls_the_list(send, token):
    tell(NUMBER, "block")
    tell("+12025550124", "flag")
    first = send(spamblocker_list(token, "0"))
    version = re.search(rb'version="(\d+)"', first.body)[1]
    assert first == Reply(
        200,
        {},
        XML,
        b'<blocklist version="%s"><numbers><phone-info phone="+12025550123" votes="5"'
        b' rating="G_FRAUD" last-activity="%d"/></numbers></blocklist>' % (version, FILED_MS),
    )
    root = ElementTree.fromstring(first.body)  # noqa: S314 -- our own
    taken = [e.get("phone") for e in root.iter("phone-info") if int(e.get("votes")) > 4]
    assert (root.tag, root.get("version"), taken) == ("blocklist", version.decode(), [NUMBER])
    assert send(spamblocker_list(token, version.decode())) == Reply(
        200, {}, XML, b'<blocklist version="%s"><numbers></numbers></blocklist>' % version
    )


def test_4_the_sync_client(send, token):
    tell(NUMBER, "block")
    first = send(sync_client(token))
    version = json.loads(first.body)["version"]
    entry = b'{"phone":"+12025550123","votes":5,"rating":"G_FRAUD","lastActivity":%d}' % FILED_MS
    whole = b'{"numbers":[%s],"version":%d}' % (entry, version)
    assert first == send(sync_client(token, "?since=0")) == Reply(200, {}, JSON, whole)
    assert send(sync_client(token, f"?since={version}")) == Reply(
        200, {}, JSON, b'{"numbers":[],"version":%d}' % version
    )
    tell(NUMBER, "allow", "")
    later = send(sync_client(token, f"?since={version}"))
    removal = entry.replace(b'"votes":5', b'"votes":0').replace(b"G_FRAUD", b"A_LEGITIMATE")
    assert later.body == b'{"numbers":[%s],"version":%d}' % (
        removal,
        json.loads(later.body)["version"],
    )
    refused = send(sync_client(token, f"?since={version}&limit=10"))
    assert refused == Reply(
        400, {}, TEXT, b"since asks for changes: it goes with neither limit nor format=binary."
    )


def dongle_blocks(reply: Reply) -> bool:
    """As its firmware decides, with the thresholds it ships with."""
    told = json.loads(reply.body)
    direct = next((each["votes"] for each in told["numbers"] if each["phone"] == NUMBER), 0)
    ten = next((e for e in told["range10"] if e["prefix"] == NUMBER[:-1]), {"votes": 0, "cnt": 0})
    hundred = next(
        (e for e in told["range100"] if e["prefix"] == NUMBER[:-2]), {"votes": 0, "cnt": 0}
    )
    if hundred["cnt"] >= 3:
        by_range = hundred["votes"] + (ten["votes"] if ten["cnt"] < 4 else 0)
    else:
        by_range = ten["votes"] if ten["cnt"] >= 4 else 0
    return direct >= 4 or by_range >= 10


def test_4_the_dongle_asks(send, token):
    nothing = send(dongle_check(token))
    assert nothing == Reply(200, {}, JSON, b'{"numbers":[],"range10":[],"range100":[]}')
    assert not dongle_blocks(nothing)
    tell(NUMBER, "flag")
    flagged = send(dongle_check(token))
    assert flagged == Reply(
        200, {}, JSON, b'{"numbers":[%s],"range10":[],"range100":[]}' % FLAGGED_INFO
    )
    assert not dongle_blocks(flagged)
    tell(NUMBER, "block", "")
    blocked = send(dongle_check(token))
    assert blocked == Reply(
        200,
        {},
        JSON,
        b'{"numbers":[%s],"range10":[{"prefix":"+1202555012","votes":1,"cnt":1}],"range100":[]}'
        % BLOCKED_INFO,
    )
    assert dongle_blocks(blocked)


@pytest.mark.slow
def test_4_neighbours_however_many_block_nobody(send, token):
    for last in range(100):
        if last != 23:
            tell(f"+120255501{last:02}", "block")
    reply = send(dongle_check(token))
    assert json.loads(reply.body)["range100"] == [{"prefix": NUMBER[:-2], "votes": 2, "cnt": 10}]
    assert not dongle_blocks(reply)
    assert not spamblocker_blocks(send(spamblocker_check(token)))


def test_4_the_dongles_other_requests(send, token):
    tell(NUMBER, "block")
    assert send(dongle(token, "test", "GET", "Accept: text/plain")) == Reply(200, {}, TEXT, b"ok")
    met = dongle(token, "report-call/0012025550123", "POST", "Content-Length: 0")
    assert send(met) == Reply(204, {}, TEXT, b"")
    stats = "&minDirect=4&minRange=10&maxBytes=262144"
    community = send(
        dongle(
            token,
            f"blocklist?format=binary&type=community{stats}",
            "GET",
            "Accept: application/octet-stream",
        )
    )
    assert (community.status, community.type) == (200, "application/octet-stream")
    assert struct.unpack_from("<4sHHII", community.body) == (b"PBBL", 1, 0, 1, 0)
    assert community.headers["Content-Length"] == "24"
    assert verdict_in(community.body, NUMBER) == "spam"
    personal = send(dongle(token, "blocklist?format=binary&type=personal"))
    assert (personal.status, len(personal.body)) == (200, 16)
    refused = send(dongle("rsk_00000000_" + 43 * "0", "test"))
    assert refused.status == 401  # turns its lamp on: the token is no longer good


def test_4_phoneblocks_app_reads_every_field(send, token):
    raw = (
        f"GET /phoneblock/api/check?sha1={sha(NUMBER)}&format=json HTTP/1.1\r\n"
        f"Authorization: Bearer: {token}\r\n"
        "User-Agent: PhoneBlock mobile\r\nHost: 127.0.0.1\r\n\r\n"
    ).encode()
    told = json.loads(send(raw).body)
    # getBoolean, getInt: what is missing is an exception there, and the call rings.
    assert (told["archived"], told["votes"], told["votesWildcard"]) == (False, 0, 0)
    assert set(told) == {
        "phone", "votes", "votesWildcard", "rating", "whiteListed", "blackListed", "archived",
        "dateAdded", "lastUpdate",
    }  # fmt: skip


@pytest.fixture
def lookup_token(db: None) -> str:
    return new_key("lookup")


@pytest.mark.parametrize("action", ["", "flag", "block"])
def test_5_kamailio_and_asterisk_get_flat_scalars(send, lookup_token, action):
    if action:
        tell(NUMBER, action)
    answers = [send(KAMAILIO.format(lookup_token).encode()) for _ in range(3)]
    # An INVITE sent again asks again: the same answer, and nothing was counted.
    assert answers[0] == answers[1] == answers[2]
    told = json.loads(answers[0].body)
    assert (answers[0].status, answers[0].type) == (200, JSON)
    assert told["action"] == (action or "allow")
    assert told["redress_url"] == "http://127.0.0.1:8000/numbers/%2B12025550123/dispute"
    # jansson turns null into 0, so a null score would look clean.
    assert all(value is not None for value in told.values())
    assert all(not isinstance(told[name], dict | list) for name in told if name != "reasons")
    assert Report.objects.count() == Number.objects.count() == (1 if action else 0)
    pairs = send(ASTERISK.format(lookup_token).encode())
    assert (pairs.status, pairs.type) == (200, TEXT)
    assert pairs.body.decode().split("&")[0] == f"action={action or 'allow'}"


@pytest.mark.parametrize(("action", "name"), [("", b""), ("flag", b"Spam? loan scam"),
                                              ("block", b"SPAM loan scam")])  # fmt: skip
def test_6_freeswitch_shows_what_comes(send, token, action, name):
    if action:
        tell(NUMBER, action)
    raw = MOD_CIDLOOKUP.format("12025550123", token).encode()
    assert send(raw.replace(b"/12025550123", b"/+12025550123")) == Reply(200, {}, TEXT, name)


@pytest.mark.parametrize(
    ("number", "key", "status"),
    [
        ("anonymous", "", 400),
        ("+12025550123", "wrong", 401),
        ("", "", 400),
        ("1/x", "", 404),
    ],
)
def test_6_whatever_goes_wrong_shows_nothing(send, number, key, status):
    raw = MOD_CIDLOOKUP.format(number, key).replace("?key= ", " ").encode()
    assert send(raw) == Reply(status, {}, TEXT, b"")


def test_6_freepbx_has_the_number_in_the_query_and_encodes_nothing(send, token):
    tell(NUMBER, "block")
    word = base64.b64encode(f"ringscore:{token}".encode()).decode()
    raw = (
        "GET //compat/cidlookup?number=+12025550123 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Basic {word}\r\nUser-Agent: asterisk-libcurl-agent/1.0\r\n\r\n"
    ).encode()
    assert send(raw) == Reply(200, {}, TEXT, b"SPAM loan scam")


@pytest.mark.parametrize(
    "path",
    [
        "//compat/cidlookup/+12025550123",
        "/compat//cidlookup//+12025550123",
        "/compat/cidlookup/+12025550123/",
        "/compat/cidlookup/+12025550123//",
    ],
)
def test_6_freepbx_doubles_slashes(send, path):
    tell(NUMBER, "block")
    raw = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode()
    assert send(raw) == Reply(200, {}, TEXT, b"SPAM loan scam")


def test_6_superfecta_never_sees_just_1(send):
    tell(NUMBER, "allow")
    Number.objects.update(name="1", official=True)
    raw = b"GET /compat/cidlookup/+12025550123 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert send(raw) == Reply(200, {}, TEXT, b"")


ACCEPTS = [BROWSER, "text/plain", "application/xml", "image/png", "nonsense", "*/*", ""]


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("slashes", [("/", ""), ("//", "/"), ("/", "///")])
def test_8_neither_accept_nor_slashes_change_an_answer(send, token, accept, slashes):
    tell(NUMBER, "block")
    front, end = slashes
    raw = (
        f"GET {front}phoneblock{front}api{front}num{front}+12025550123{end} HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nAccept: {accept}\r\n\r\n"
    ).encode()
    assert send(raw) == Reply(200, {}, JSON, BLOCKED_INFO)


@pytest.mark.parametrize("accept", ACCEPTS)
def test_8_format_is_ours_alone(send, token, accept):
    tell(NUMBER, "block")
    for target, kind in (
        ("blocklist?format=xml", XML),
        ("blocklist?format=json", JSON),
        ("blocklist?format=api", JSON),
        ("num/+12025550123?format=xml", XML),
    ):
        raw = (
            f"GET /phoneblock/api/{target} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {token}\r\nAccept: {accept}\r\n\r\n"
        ).encode()
        reply = send(raw)
        assert (reply.status, reply.type) == (200, kind)


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize(
    "line",
    [
        "GET /phoneblock/api/check?sha1=1",
        "GET /phoneblock/api/nothing",
        "DELETE /phoneblock/api/check",
        "POST /phoneblock/api/rate",
        "GET /compat/cidlookup/x%20y",
        "GET /compat/tellows/basic/num/x%20y",
        "GET /compat/nothing",
    ],
)
def test_8_an_error_is_never_a_page(send, token, accept, line):
    raw = (
        f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Accept: {accept}\r\n\r\n"
    ).encode()
    reply = send(raw)
    assert (400 <= reply.status < 500, reply.type) == (True, TEXT)
    assert b"<" not in reply.body.replace(b"<key>", b"")
    assert "Location" not in reply.headers
