"""What people type or paste into a field for a number, and what it is read as."""

import pytest

from tests.given.visitors import Visitor, begins_with_its_problem

pytestmark = pytest.mark.django_db

PAGE = "/numbers/+8613812345678"


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("电话：138 1234 5678", PAGE),
        ("He called from +86 138-1234-5678!", PAGE),
        ("138\u20111234\u20115678 at 9", PAGE),
        ("138 1234 5678 9:15 AM", PAGE),
        ("138 1234 5678 (3) yesterday", PAGE),
    ],
)
def test_a_number_is_found_in_what_was_pasted(visitor: Visitor, typed: str, leads_to: str):
    response = visitor.get("/lookup", {"number": typed, "country": "CN"})
    assert (response.status_code, response["Location"]) == (302, leads_to)


@pytest.mark.parametrize("name", ["wxid_12345", "abc12345"])
def test_digits_of_a_name_are_no_number(visitor: Visitor, name: str):
    """12345 is an official number in China."""
    page = visitor.get("/lookup", {"number": name, "country": "CN"})
    assert page.status_code == 400


def test_a_number_that_no_plan_has_is_said_to_be_none(visitor: Visitor):
    told = "No such number is in use, as far as we know. Check its digits"
    assert told in visitor.see("/numbers/+861381234567")  # a digit is missing
    assert told not in visitor.see(PAGE)
    assert told not in visitor.see("/numbers/CN:106575258192001234")


def test_words_without_a_number_are_no_number(visitor: Visitor):
    page = visitor.see("/lookup?number=hello+there+my+dear+reader!&country=GB", status=400)
    assert "This is a name, not a telephone number" in page
    assert begins_with_its_problem(visitor.get("/lookup?number=hello+there!"))
