"""rate, report-call and the personal lists."""

import json

import pytest
from django.conf import settings as django_settings

from api.models import HashedNumber
from reputation.models import Number, Report, Reporter
from tests.given.dialects import Reply, get, new_key, sha, tell

pytestmark = pytest.mark.django_db

NUMBER = "+12025550123"
TEXT = "text/plain; charset=utf-8"
RECORDED = Reply(200, {}, TEXT, b"Rating recorded.")


def rate(token: str, *more: str, **said: object) -> bytes:
    body = json.dumps({"phone": "0012025550123", "rating": "G_FRAUD", **said}).encode()
    return get("/phoneblock/api/rate", token, *more, method="POST", body=body)


def report() -> Report:
    return Report.objects.select_related("number").get()


@pytest.mark.parametrize(
    ("rating", "category"),
    [
        ("A_LEGITIMATE", "legitimate"),
        ("B_MISSED", "other"),
        ("C_PING", "silent_call"),
        ("D_POLL", "survey"),
        ("E_ADVERTISING", "telemarketing"),
        ("F_GAMBLE", "other"),
        ("G_FRAUD", "phishing"),
    ],
)
def test_a_rating_is_a_report(send, token, rating, category):
    assert send(rate(token, rating=rating, comment="Call 12345678 back")) == RECORDED
    filed = report()
    assert (filed.number.key, filed.category, filed.was_warned) == (NUMBER, category, False)
    assert (filed.comment, filed.comment_public) == ("Call 12345678 back", "Call ▇▇▇ back")
    assert filed.channel == "call"


@pytest.mark.parametrize("phone", [NUMBER, "0012025550123", "001 202 555 0123", "+1-202-555-0123"])
def test_numbers_as_clients_write_them(send, token, phone):
    assert send(rate(token, phone=phone)) == RECORDED
    assert report().number.key == NUMBER


def test_a_zero_zero_means_a_plus_whatever_the_country_dials(send, db):
    # In the United States 00 is no international prefix.
    assert send(rate(new_key("compat", region="US"), phone="00442079460123")) == RECORDED
    assert report().number.key == "+442079460123"


def test_a_national_number_in_the_keys_country(send, db):
    assert send(rate(new_key("compat", region="DE"), phone="030 23125123")) == RECORDED
    assert report().number.key == "+493023125123"


@pytest.mark.parametrize("comment", [None, ""])
def test_a_comment_that_says_nothing_is_left_out(send, token, comment):
    assert send(rate(token, comment=comment)) == RECORDED
    assert report().comment == ""


def test_a_long_comment_is_cut(send, token):
    assert send(rate(token, comment="x" * 8192)) == RECORDED
    assert report().comment == "x" * 2000


def test_what_later_versions_may_add_is_ignored(send, token):
    assert send(rate(token, duration=12)) == RECORDED


def test_a_person_is_one_voice(send, token):
    send(rate(token))
    send(rate(token, rating="D_POLL"))
    assert report().category == "survey"
    assert Number.objects.get().reports == 1


def test_one_rating_changes_nothing_for_others(send, token):
    """A client that blocks on any negative rating must not block on one fake report."""
    send(rate(token))
    target = f"/phoneblock/api/check?sha1={sha(NUMBER)}"
    assert json.loads(send(get(target, new_key("compat"))).body) == {
        "phone": "unknown",
        "votes": 0,
        "rating": "A_LEGITIMATE",
        "votesWildcard": 0,
        "whiteListed": False,
        "blackListed": False,
        "archived": False,
        "dateAdded": 0,
        "lastUpdate": 0,
    }
    own = json.loads(send(get(target, token)).body)
    assert (own["rating"], own["votes"], own["blackListed"]) == ("A_LEGITIMATE", 0, True)


@pytest.mark.parametrize(
    ("action", "rating", "warned"),
    [
        ("block", "G_FRAUD", True),
        ("block", "A_LEGITIMATE", False),
        ("flag", "G_FRAUD", False),
        ("allow", "G_FRAUD", False),
    ],
)
def test_repeating_what_we_block_is_no_evidence(send, token, action, rating, warned):
    tell(NUMBER, action)
    send(rate(token, rating=rating))
    filed = Report.objects.get(reporter__kind="key")
    assert filed.was_warned is warned
    assert (filed.weight == 0) is warned


def test_who_reported_before_we_blocked_stays_a_witness(send, token):
    send(rate(token))
    tell(NUMBER, "block")
    send(rate(token, comment="again"))
    filed = Report.objects.get(reporter__kind="key")
    assert (filed.was_warned, filed.comment) == (False, "again")
    assert filed.weight > 0


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", b"The body is not valid JSON: it is empty."),
        (b"phone=00123", b"The body is not valid JSON: it is a form. Send an object, such as "),
        (b'{"phone":"\xfc"}', b"The body is not valid JSON: it is not in UTF-8. Send it in UTF-8."),
        (b"[]", b"non_field_errors: Invalid data."),
        (b"{}", b"phone: This field is required. rating: This field is required."),
        (
            b'{"phone":"+12025550123","rating":"SPAM"}',
            b'rating: "SPAM" is not valid. Use one',
        ),
        (b'{"phone":"+12025550123","rating":"C_PING","comment":"\\u0000"}', b"comment: "),
        (b'{"phone":"110","rating":"C_PING"}', b"The country is not clear from this number: "),
        (b'{"phone":"anonymous","rating":"C_PING"}', b"The caller withheld the number"),
    ],
)
def test_what_cannot_be_recorded(send, token, body, detail):
    reply = send(get("/phoneblock/api/rate", token, method="POST", body=body))
    assert (reply.status, reply.type) == (400, TEXT)
    assert reply.body.startswith(detail)
    assert not Report.objects.exists()


def test_json_as_windows_begins_files(send, token):
    body = b'\xef\xbb\xbf{"phone":"0012025550123","rating":"G_FRAUD"}'
    assert send(get("/phoneblock/api/rate", token, method="POST", body=body)).status == 200
    assert report().number.key == "+12025550123"


def test_a_fictional_number_where_it_is_none(send, token, settings):
    settings.FICTIONAL_NUMBERS = False
    reply = send(rate(token))
    assert (reply.status, reply.body[:41]) == (400, b"This number is reserved for fiction and b")


def test_a_blocked_reporter(send, token):
    Reporter.objects.update(blocked_at="2026-11-01T00:00:00Z")
    reply = send(rate(token))
    assert (reply.status, reply.type) == (403, TEXT)
    assert reply.body.startswith(b"Reports from this reporter are no longer accepted.")


def met(token: str, number: str = "0012025550123") -> bytes:
    # The dongle posts an empty body.
    return get(f"/phoneblock/api/report-call/{number}", token, "Content-Length: 0", method="POST")


@pytest.mark.parametrize(("action", "noted"), [("block", True), ("flag", True), ("allow", False)])
def test_a_call_from_a_listed_number_is_noted_and_counts_as_nothing(send, token, action, noted):
    tell(NUMBER, action)
    before = Number.objects.values().get()
    assert send(met(token)) == Reply(204, {}, TEXT, b"")
    assert Number.objects.values().get() == before
    assert HashedNumber.objects.filter(called_at__isnull=False).exists() is noted


def test_a_call_from_a_stranger(send, token):
    assert send(met(token)) == Reply(204, {}, TEXT, b"")
    assert not Number.objects.exists()
    assert not HashedNumber.objects.exists()


def test_calls_beyond_the_days_allowance_are_not_noted(send, token, settings):
    settings.RATE_LIMITS = {
        **django_settings.RATE_LIMITS,
        "report_call": {"anonymous": None, "key": "1/d"},
    }
    tell(NUMBER, "block")
    tell("+12025550124", "block")
    assert send(met(token)).status == 204
    assert send(met(token, "0012025550124")).status == 204
    noted = HashedNumber.objects.filter(called_at__isnull=False)
    assert [each.key for each in noted] == [NUMBER]


def test_personal_lists(send, token):
    send(rate(token, comment="fake police"))
    send(rate(token, phone="+12025550124", rating="A_LEGITIMATE"))
    send(rate(new_key("compat"), phone="+12025550125"))
    created = {
        filed.number.key: int(filed.filed_at.timestamp() * 1000)
        for filed in Report.objects.select_related("number")
    }
    assert json.loads(send(get("/phoneblock/api/blacklist", token)).body) == {
        "numbers": [
            {
                "phone": NUMBER,
                "label": "+1 202-555-0123",
                "comment": "fake police",
                "rating": "G_FRAUD",
                "created": created[NUMBER],
            }
        ]
    }
    assert json.loads(send(get("/phoneblock/api/whitelist", token)).body) == {
        "numbers": [
            {
                "phone": "+12025550124",
                "label": "+1 202-555-0124",
                "comment": None,
                "rating": "A_LEGITIMATE",
                "created": created["+12025550124"],
            }
        ]
    }


def test_taking_a_number_off_ones_list(send, token):
    send(rate(token))
    target = "/phoneblock/api/{}/%2B12025550123"
    elsewhere = send(get(target.format("whitelist"), token, method="DELETE"))
    assert elsewhere == Reply(404, {}, TEXT, b"This number is not on your list.")
    mine = send(get(target.format("blacklist"), token, method="DELETE"))
    assert mine == Reply(204, {}, TEXT, b"")
    assert report().status == "withdrawn"
    again = send(get(target.format("blacklist"), token, method="DELETE"))
    assert again.status == 404


def test_nobody_takes_off_what_another_reported(send, token):
    send(rate(token))
    others = new_key("compat")
    reply = send(get("/phoneblock/api/blacklist/+12025550123", others, method="DELETE"))
    assert reply == Reply(404, {}, TEXT, b"This number is not on your list.")
    assert report().status == "live"
