"""Linking statements by the numbers and names that callers give."""

import pytest

from reputation.scoring.campaigns import Index, marks_of
from tests.given.statements import OWN_WORDS, groups, numbered, said


def test_a_call_back_number_links_what_was_said_in_other_words():
    statements = numbered(said(*OWN_WORDS[:3], callback_number="+14155550134"))
    assert groups(statements) == [{0, 1, 2}]


def test_a_call_back_number_links_without_words():
    assert groups(numbered(said("", "", callback_number="+14155550134"))) == [{0, 1}]


def test_a_number_of_the_directory_links_nothing():
    statements = numbered(said(*OWN_WORDS[:3], callback_number="+14155550134"))
    assert groups(statements, official={"+14155550134"}) == []


@pytest.mark.parametrize("number", ["911", "95555", "", None])
def test_a_service_number_links_nothing(number):
    assert groups(numbered(said(*OWN_WORDS[:3], callback_number=number))) == []


def test_a_call_back_number_that_stands_beside_everything_links_nothing():
    assert groups(numbered(said(*OWN_WORDS, callback_number="+14155550134"))) == []


def test_a_call_back_number_of_many_campaigns_links_none_of_them():
    scripts = [f"{text}, repeated as though it were read from a sheet" for text in OWN_WORDS[:4]]
    statements = numbered(said(*scripts * 3, callback_number="+14155550134"))
    assert groups(statements) == [{start, start + 4, start + 8} for start in range(4)]


def test_a_name_links_with_act_and_time():
    rows = numbered(said(*OWN_WORDS[:3], claimed_name="Northgate Recovery", act="debt_collection"))
    rows[1]["claimed_name"] = "NORTHGATE  recovery"
    assert groups(rows) == [{0, 1, 2}]
    assert groups([row | {"at": row["at"] * 20} for row in rows]) == []
    assert groups([row | {"at": None} for row in rows]) == []
    assert groups([row | {"act": ""} for row in rows]) == []
    assert groups([row | {"act": f"act {row['id']}"} for row in rows]) == []


def test_a_name_that_everybody_claims_links_nothing():
    assert groups(numbered(said(*OWN_WORDS, claimed_name="The Bank", act="scam"))) == []


def test_marks_of_a_campaign_name_it():
    index = Index(numbered(said(*OWN_WORDS[:3], callback_number="+14155550134")))
    assert list(index.marks()) == [("number +14155550134", index.campaign(0), 2.0)]
    assert marks_of({"id": 1, "callback_number": "+14155550134"}) == ["number +14155550134"]
    assert marks_of({"id": 1, "callback_number": "911"}) == []
