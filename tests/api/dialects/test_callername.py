import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dialects.callername import name_of
from reputation.models import Number
from reputation.scoring.categories import CATEGORIES
from tests.given.dialects import Reply, an_answer, get, new_key, tell

NUMBER = "+12025550123"
TARGET = f"/compat/cidlookup/{NUMBER}"
TEXT = "text/plain; charset=utf-8"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "category", "name"),
    [
        ("", "", b""),
        ("allow", "loan_scam", b""),
        ("flag", "loan_scam", b"Spam? loan scam"),
        ("block", "loan_scam", b"SPAM loan scam"),
        ("block", "illegal_collection", b"SPAM illegal debt collection"),
        ("block", "", b"SPAM"),
    ],
)
def test_the_body_is_the_name(send, action, category, name):
    if action:
        tell(NUMBER, action, category)
    assert send(get(TARGET)) == Reply(200, {}, TEXT, name)


@pytest.mark.django_db
def test_a_verified_name(send):
    tell(NUMBER, "allow")
    Number.objects.update(name="Sample Bank", official=True, pinned="")
    assert send(get(TARGET)) == Reply(200, {}, TEXT, b"Sample Bank")
    # Somebody else calls under the bank's number.
    for attestation in ("failed", "TN-Validation-Failed"):
        reply = send(get(f"{TARGET}?attestation={attestation}"))
        assert reply == Reply(200, {}, TEXT, b"Spam? loan scam")
    assert send(get(f"{TARGET}?attestation=Z")) == Reply(200, {}, TEXT, b"Sample Bank")


@pytest.mark.django_db
def test_a_national_format_needs_a_key_that_says_where(send):
    tell(NUMBER, "block")
    assert send(get("/compat/cidlookup/2025550123")) == Reply(400, {}, TEXT, b"")
    token = new_key("compat", region="US")
    for written in ("2025550123", "202%2F5550123"):
        assert send(get(f"/compat/cidlookup/{written}?key={token}")).body == b"SPAM loan scam"


@pytest.mark.django_db
@pytest.mark.parametrize("number", [NUMBER, "%2B12025550123", "0012025550123"])
def test_the_number_in_the_query(send, number):
    tell(NUMBER, "block")
    reply = send(get(f"/compat/cidlookup?number={number}"))
    assert reply == Reply(200, {}, TEXT, b"SPAM loan scam")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?number=", "?number=+", "?number=anonymous"])
def test_no_number_in_the_query(send, query):
    assert send(get(f"/compat/cidlookup{query}")) == Reply(400, {}, TEXT, b"")


@pytest.mark.django_db
@pytest.mark.parametrize("caller", ["anonymous", "unknown", "Restricted", "%20", "1", "x" * 300])
def test_who_has_no_number_has_no_name(send, caller):
    reply = send(get(f"/compat/cidlookup/{caller}"))
    assert (reply.status, reply.body) == (400, b"")


@given(
    st.sampled_from(["allow", "flag", "block"]),
    st.integers(0, 100),
    st.sampled_from(["", *CATEGORIES]),
)
def test_a_name_is_one_line_and_never_just_1(action, percent, category):
    name = name_of(an_answer(action, percent, category))
    assert name != "1"
    assert name.isascii()
    assert "\n" not in name
    assert len(name) < 30
    assert (name == "") is (action == "allow")
