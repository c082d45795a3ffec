import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reputation.models import Number
from reputation.scoring.days import EPOCH

pytestmark = pytest.mark.django_db


def know(key: str, action: str, score: int, status: str = "") -> None:
    Number.objects.create(
        key=key,
        created_at=EPOCH,
        evidence_at=EPOCH,
        prior=0.45,
        action=action,
        score=score,
        status=status or ("clear" if action == "allow" else "listed"),
    )


@pytest.fixture
def block() -> None:
    know("+493012345001", "block", 96)
    know("+493012345002", "flag", 94)
    know("+493012345017", "flag", 92)
    know("+493012345099", "flag", 90)
    know("+493012345333", "flag", 88)
    know("+493012345100", "allow", 60)
    know("+493012345101", "allow", 0, "unknown")
    know("+493012346000", "block", 99)


def test_a_range_of_which_nothing_is_known(client: Client):
    response = client.get("/v1/ranges/+493012345")

    assert response.status_code == 200
    assert response.json() == {
        "prefix": "+493012345",
        "action": "allow",
        "score": 0,
        "known": 0,
        "listed": 0,
        "share": 0.0,
    }
    assert response.headers["RateLimit-Remaining"] == "59"


@pytest.mark.usefixtures("block")
def test_what_is_known_of_a_block(client: Client):
    # (.45 + .96 + .94 + .92 + .90 + .88 + .60) / (1 + 6) = .807
    assert client.get("/v1/ranges/+493012345").json() == {
        "prefix": "+493012345",
        "action": "flag",
        "score": 80,
        "known": 6,
        "listed": 5,
        "share": 0.83,
    }


@pytest.mark.usefixtures("block")
def test_one_known_number_says_little(client: Client):
    # (.45 + .99) / 2 = .72
    assert client.get("/v1/ranges/+493012346").json() == {
        "prefix": "+493012346",
        "action": "allow",
        "score": 72,
        "known": 1,
        "listed": 1,
        "share": 1.0,
    }


def test_two_listed_numbers_may_be_chance_however_bad_they_are(client: Client):
    know("+493012345001", "block", 99)
    know("+493012345002", "block", 99)
    assert client.get("/v1/ranges/+493012345").json() == {
        "prefix": "+493012345",
        "action": "allow",
        "score": 81,
        "known": 2,
        "listed": 2,
        "share": 1.0,
    }


def test_three_are_enough_when_they_are_bad(client: Client):
    for last in range(3):
        know(f"+49301234500{last}", "flag", 92)
    # (.45 + 3 · .92) / 4 = .8025
    assert client.get("/v1/ranges/+493012345").json() == {
        "prefix": "+493012345",
        "action": "flag",
        "score": 80,
        "known": 3,
        "listed": 3,
        "share": 1.0,
    }


def test_clear_neighbours_count_too(client: Client):
    for last in range(3):
        know(f"+49301234500{last}", "block", 95)
    for last in range(6):
        know(f"+49301234510{last}", "allow", 20)
    # (.45 + 3 · .95 + 6 · .20) / 10 = .45
    assert client.get("/v1/ranges/+493012345").json() == {
        "prefix": "+493012345",
        "action": "allow",
        "score": 45,
        "known": 9,
        "listed": 3,
        "share": 0.33,
    }


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize(
    "written",
    [
        "%2B493012345",
        "00493012345",
        "+49 30 12345",
        "+49 (30) 123-45",
        "+49301234５",
        "+493012345/",
        "/+493012345",
    ],
)
def test_a_prefix_may_be_written_as_people_do(client: Client, written: str):
    answer = client.get(f"/v1/ranges/{written}").json()

    assert (answer["prefix"], answer["known"]) == ("+493012345", 6)


@pytest.mark.parametrize("written", ["CN:1065", "cn:1065"])
def test_gateways_have_ranges(client: Client, written: str):
    know("CN:106575258192001234", "flag", 70)
    know("CN:106575258192001235", "flag", 70)
    know("CN:95533", "flag", 70)
    assert client.get(f"/v1/ranges/{written}").json() == {
        "prefix": "CN:1065",
        "action": "allow",
        "score": 61,
        "known": 2,
        "listed": 2,
        "share": 1.0,
    }


@pytest.mark.parametrize("last", ["0", "9"])
def test_a_range_ends_with_its_last_number(client: Client, last: str):
    for key in ("+493012344999", f"+49301234{last}000", f"+49301234{last}999", "+493012350000"):
        know(key, "flag", 70)
    assert client.get(f"/v1/ranges/+49301234{last}").json()["known"] == 2


@pytest.mark.parametrize(
    "written",
    [
        "+493012",
        "+4930123456789012",
        "493012345",
        "+093012345",
        "CN:106",
        "CN:123456789012345678901",
        "CN@BANK",
        "bank",
        "+49%00301234",
        "%ff",
        "x" * 300,
    ],
)
def test_what_is_no_prefix_is_refused_with_the_remedy(client: Client, written: str):
    response = client.get(f"/v1/ranges/{written}")

    detail = (
        "Write the first 7 to 15 digits with + and calling code, such as +4930123; or a country "
        "and the first 4 to 20 digits of a short code, such as CN:1065."
    )
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:ringscore:problem:invalid-prefix",
        "title": "Bad Request",
        "status": 400,
        "detail": detail,
        "errors": [{"pointer": "#/prefix", "code": "invalid-prefix", "detail": detail}],
    }


@pytest.mark.parametrize("members", [1, 3])
def test_a_range_is_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, members: int
):
    for last in range(members):
        know(f"+49301234500{last}", "flag", 70)
    with django_assert_num_queries(1):
        client.get("/v1/ranges/+493012345")
