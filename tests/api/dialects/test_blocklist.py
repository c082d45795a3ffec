import gzip
import json
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.dialects import blocklist, hashes
from api.models import HashedNumber
from reputation.feeds import log
from reputation.feeds.compaction import KEEP, compact
from reputation.models import FeedChange, FeedHead
from tests.given.dialects import FILED, FILED_MS, Reply, get, sha, tell, verdict_in

pytestmark = pytest.mark.django_db

A, B, C, D = (f"+1202555010{last}" for last in range(4))
TEXT = "text/plain; charset=utf-8"


def entry(phone: str, votes: int = 5, rating: str = "G_FRAUD", active: int = FILED_MS) -> dict:
    return {"phone": phone, "votes": votes, "rating": rating, "lastActivity": active}


def off(phone: str, active: int = FILED_MS) -> dict:
    return entry(phone, 0, "A_LEGITIMATE", active)


def listed(send, token, query: str = "") -> dict:
    reply = send(get(f"/phoneblock/api/blocklist{query}", token))
    assert (reply.status, reply.type) == (200, "application/json")
    return json.loads(reply.body)


def test_only_what_is_blocked_is_on_the_list(send, token):
    tell(A, "block")
    tell(B, "flag")
    tell(C, "allow")
    tell("CN:95533", "block")
    assert send(get("/phoneblock/api/blocklist", token)) == Reply(
        200,
        {},
        "application/json",
        b'{"numbers":[{"phone":"+12025550100","votes":5,"rating":"G_FRAUD",'
        b'"lastActivity":%d}],"version":%d}' % (FILED_MS, log.head()),
    )


def test_since_zero_is_everything(send, token):
    tell(A, "block")
    assert listed(send, token, "?since=0") == listed(send, token)


def test_an_empty_list(send, token):
    assert listed(send, token) == {"numbers": [], "version": 0}
    assert listed(send, token, "?since=0") == {"numbers": [], "version": 0}


def test_changes_since_a_version(send, token):
    tell(A, "block")
    tell(B, "block")
    version = listed(send, token)["version"]
    assert listed(send, token, f"?since={version}") == {"numbers": [], "version": version}
    tell(B, "flag", "")
    tell(C, "block", "telemarketing")
    tell(D, "flag")
    assert listed(send, token, f"?since={version}") == {
        "numbers": [off(B), entry(C, rating="E_ADVERTISING")],
        "version": log.head(),
    }


def test_what_came_and_went_in_between(send, token):
    version = listed(send, token)["version"]
    tell(A, "block")
    tell(A, "allow", "")
    tell(B, "block")
    tell(B, "allow", "")
    tell(B, "block", "")
    # Version 0 holds nothing, so ask from a later one.
    after_first = 1
    assert version == 0
    told = listed(send, token, f"?since={after_first}")
    assert told["numbers"] == [off(A), entry(B)]


def test_pages_of_the_log_make_one_answer(send, token, monkeypatch):
    tell(A, "block")
    version = log.head()
    monkeypatch.setattr(log, "MAX_PAGE", 2)
    for number in (B, C, D):
        tell(number, "block")
    assert listed(send, token, f"?since={version}")["numbers"] == [entry(B), entry(C), entry(D)]


def compact_all() -> None:
    """The log forgets what it may, as if everything so far were old."""
    compact(now=FILED + 2 * KEEP)


def test_a_version_before_the_horizon_still_arrives(send, token):
    tell(A, "block")
    tell(B, "block")
    tell(C, "flag")
    old = listed(send, token)["version"]
    tell(A, "allow", "")
    compact_all()
    tell(D, "block")
    assert listed(send, token, f"?since={old}") == {
        "numbers": [entry(B), entry(D), off(A, 0)],
        "version": log.head(),
    }


def test_a_version_of_another_server_arrives_too(send, token):
    """SpamBlocker keeps the version when its user changes the host."""
    tell(A, "block")
    assert listed(send, token, "?since=987654321")["numbers"] == [entry(A)]


def test_what_was_only_rated_is_never_taken_off(send, token):
    hashes.remember(A)
    tell(B, "flag")
    assert listed(send, token, "?since=987654321")["numbers"] == []


ACTIONS = st.sampled_from(["allow", "flag", "block"])
STEPS = st.lists(st.tuples(st.sampled_from([A, B, C]), ACTIONS), max_size=12)


@pytest.mark.slow
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, at=st.integers(0, 12), compacted=st.booleans())
def test_every_client_ends_at_the_whole_list(db, steps, at, compacted):
    for model in (FeedChange, FeedHead, HashedNumber):
        model.objects.all().delete()
    hashes.HashCursor.objects.all().delete()
    held: dict[str, int] = {}
    version = 0
    for place, (number, action) in enumerate(steps):
        tell(number, action, "")
        if place == at:
            version = sync(held, version)
    if compacted:
        compact_all()
    sync(held, version)
    assert held == {each.phone: each.votes for each in blocklist.whole().entries}


def sync(held: dict[str, int], version: int) -> int:
    """PhoneBlock's sync client: no votes means off the list."""
    update = blocklist.since(version)
    for each in update.entries:
        held.pop(each.phone, None)
        if each.votes:
            held[each.phone] = each.votes
    return update.version


@pytest.mark.parametrize("form", ["xml", "XML"])
def test_as_xml_for_spamblocker(send, token, form):
    tell(A, "block")
    tell(B, "flag")
    reply = send(get(f"/phoneblock/api/blocklist?format={form}&since=0", token))
    assert reply == Reply(
        200,
        {},
        "text/xml; charset=utf-8",
        b'<blocklist version="%d"><numbers><phone-info phone="+12025550100" votes="5"'
        b' rating="G_FRAUD" last-activity="%d"/></numbers></blocklist>' % (log.head(), FILED_MS),
    )
    root = ElementTree.fromstring(reply.body)  # noqa: S314 -- our own
    # /blocklist/@version and //phone-info[@votes > 4]/@phone
    assert (root.tag, root.get("version")) == ("blocklist", str(log.head()))
    taken = [each for each in root.iter("phone-info") if int(each.get("votes", "")) > 4]
    assert [each.get("phone") for each in taken] == [A]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_long_list_is_packed_for_who_accepts_that(send, token, form):
    target = f"/phoneblock/api/blocklist?format={form}"
    tell(A, "block")
    assert send(get(target, token, "Accept-Encoding: gzip")) == send(get(target, token))
    for number in range(30):
        tell(f"+12025550{number + 100}", "block")
    plain, packed = send(get(target, token)), send(get(target, token, "Accept-Encoding: gzip"))
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 3
    assert (packed.status, packed.type) == (plain.status, plain.type)
    refused = send(get(target, token, "Accept-Encoding: gzip;q=0, identity"))
    assert refused.body == plain.body


def test_a_short_list_holds_who_called_last(send, token):
    for number in (A, B, C):
        tell(number, "block")
    assert send(get(f"/phoneblock/api/report-call/00{B[1:]}", token, method="POST")) == Reply(
        204, {}, TEXT, b""
    )
    assert listed(send, token, "?limit=1") == {"numbers": [entry(B)], "version": log.head()}
    assert [each["phone"] for each in listed(send, token, "?limit=2")["numbers"]] == [B, C]
    assert len(listed(send, token, "?limit=999999")["numbers"]) == 3


def test_the_dongles_community_file(send, token):
    tell(A, "block")
    tell(B, "flag")
    target = "/phoneblock/api/blocklist?format=binary&type=community&minDirect=4&minRange=10"
    reply = send(get(target + "&maxBytes=214016", token, "Accept: application/octet-stream"))
    assert (reply.status, reply.type) == (200, "application/octet-stream")
    assert reply.headers["Content-Length"] == str(len(reply.body)) == "24"
    assert [verdict_in(reply.body, number) for number in (A, B, C)] == [
        "spam",
        "unknown",
        "unknown",
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("&minDirect=5", 3),
        ("&minDirect=6", 0),
        ("&minDirect=x", 3),
        ("&maxBytes=39", 2),
        ("&maxBytes=16", 0),
        ("&maxBytes=3", 0),
        ("&maxBytes=-1", 3),
    ],
)
def test_the_dongles_thresholds_and_space(send, token, query, count):
    for number in (A, B, C):
        tell(number, "block")
    reply = send(get(f"/phoneblock/api/blocklist?format=binary{query}", token))
    assert (reply.status, len(reply.body)) == (200, 16 + 8 * count)


def test_the_dongles_personal_file(send, token):
    for number, rating in ((A, "G_FRAUD"), (B, "A_LEGITIMATE")):
        body = json.dumps({"phone": number, "rating": rating}).encode()
        send(get("/phoneblock/api/rate", token, method="POST", body=body))
    file = send(get("/phoneblock/api/blocklist?format=binary&type=personal", token)).body
    assert [verdict_in(file, number) for number in (A, B, C)] == ["spam", "legit", "unknown"]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "since=4&limit=3",
            b"since asks for changes: it goes with neither limit nor format=binary.",
        ),
        (
            "format=binary&since=4",
            b"since asks for changes: it goes with neither limit nor format=binary.",
        ),
        ("since=-1", b"since must be a whole number of at least 0."),
        ("since=x", b"since must be a whole number of at least 0."),
        ("since=9999999999999999999", b"since must be a whole number of at least 0."),
        ("limit=0", b"limit must be a whole number of at least 1."),
        ("limit=-3", b"limit must be a whole number of at least 1."),
        ("format=binary&type=other", b"type is community or personal."),
    ],
)
def test_what_cannot_be_answered(send, token, query, detail):
    reply = send(get(f"/phoneblock/api/blocklist?{query}", token))
    assert reply == Reply(400, {}, TEXT, detail)


def test_who_is_blocked_by_hash_is_on_the_list_and_the_other_way_round(send, token):
    for number, action in ((A, "block"), (B, "flag"), (C, "allow")):
        tell(number, action)
    on_list = {each["phone"] for each in listed(send, token)["numbers"]}
    by_hash = set()
    for number in (A, B, C, D):
        told = json.loads(send(get(f"/phoneblock/api/check?sha1={sha(number)}", token)).body)
        if told["votes"] > 4:
            by_hash.add(told["phone"])
    assert on_list == by_hash == {A}
