"""Patterns of a person's own list: what people type, and which rule decides."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reputation import lists
from reputation.identity import InvalidNumber
from reputation.lists import InvalidPattern, Rule, deciding, files, read_pattern

UNKNOWN, OTHER = "+442079460102", "+12025550143"


@pytest.mark.parametrize(
    ("rules", "key", "decides"),
    [
        (("block *", "allow GB", "block +4420*", f"allow {UNKNOWN}"), UNKNOWN, f"allow {UNKNOWN}"),
        (("block *", "allow GB", "block +4420*"), UNKNOWN, "block +4420*"),
        (("block *", "allow GB"), UNKNOWN, "allow GB"),
        (("block *", "allow GB"), OTHER, "block *"),
        (("block +44207946010?", "allow +44207946*"), UNKNOWN, "block +44207946010?"),
        (("block +4420????????", "allow +44207*"), UNKNOWN, "allow +44207*"),
        (("block +44207946010", "block +4420794601?"), UNKNOWN, None),
        (("block +442079460102*", "allow +44207946010?"), UNKNOWN, "block +442079460102*"),
        (("block US",), UNKNOWN, None),
        (("block GB@EXAMPLE",), "GB@EXAMPLE", "block GB@EXAMPLE"),
        # The caller shows the name CITY ＬＯＡＮＳ Ltd.
        (("block name:*loans*", f"allow {UNKNOWN}"), UNKNOWN, f"allow {UNKNOWN}"),
        (("block name:*loans*", "allow +44207946*", "allow GB"), UNKNOWN, "block name:*loans*"),
        (("block name:city loans ltd", "allow name:city*"), UNKNOWN, "allow name:city*"),
        (("block *", "block name:loans*", "block name:city loans"), UNKNOWN, "block *"),
    ],
)
def test_the_most_precise_rule_decides(rules: tuple[str, ...], key: str, decides: str | None):
    country = {"+44": "GB", "+12": "US"}.get(key[:3], "GB")
    for order in (rules, rules[::-1]):
        parsed = [Rule(*rule.split(" ", 1)) for rule in order]
        rule = deciding(parsed, key, country, "CITY \u200b ＬＯＡＮＳ Ltd")
        assert (rule and " ".join(rule)) == decides


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [
        ("*", "*"),
        (" gb ", "GB"),
        ("+49 (30) - *", "+4930*"),
        ("0049 30*", "+4930*"),
        ("020 7946 0102", UNKNOWN),
        ("+44 20 7946 010?", "+44207946010?"),
        ("030*", None),
        ("+*", None),
        ("+49*30", None),
        ("+1234567890123456*", None),
        ("+[0-9]*", None),
        ("Name： City  ＬＯＡＮＳ＊", "name:city loans*"),
        ("name:*Straße*", "name:*strasse*"),
        ("name:", None),
        ("name:***", None),
        ("name:*loans", None),
        ("name:a*b", None),
        (f"name:{'x' * 61}", None),
    ],
)
def test_what_people_type_is_a_pattern_or_says_what_one_is(typed: str, pattern: str | None):
    if pattern is None:
        with pytest.raises(InvalidPattern, match=r"A pattern begins with|A name has up to 60"):
            read_pattern(typed)
    else:
        assert read_pattern(typed, region="GB") == pattern


def test_what_is_too_long_is_not_folded():
    """A form can have millions of characters, which take minutes; a name shows in a few."""
    unseen = "\u200b" * lists.LONGEST
    for typed in (f"name:loans{unseen}", f"*{unseen}"):
        with pytest.raises(InvalidPattern, match="at most 1,000 characters"):
            read_pattern(typed)
    with pytest.raises(lists.InvalidName):
        lists.name_pattern(f"loans{unseen}", "contains")
    rules = [Rule("block", "name:*loans*")]
    assert deciding(rules, UNKNOWN, "GB", f"loans{unseen}") == rules[0]
    assert deciding(rules, UNKNOWN, "GB", f"{unseen}loans") is None


@pytest.mark.parametrize("char", ["\ufffe", "\uffff"])
def test_no_name_spoils_the_file_for_a_device(char: str):
    """YAML has no such characters: a device reads nothing of a file with one."""
    with pytest.raises(lists.InvalidName):
        read_pattern(f"name:*lo{char}ans*")


@given(st.text(max_size=20).map("name:{}".format))
def test_any_name_can_be_read_from_the_file(text: str):
    try:
        rule = Rule("block", read_pattern(text))
    except InvalidPattern:
        return
    (shown,) = yaml.safe_load(files.callattendant(files.carried([rule], "callattendant")))[
        "blocknames"
    ]
    name = lists.name_in(rule.pattern)[0]
    assert re.search(shown, name, re.IGNORECASE)


@given(st.text(max_size=20) | st.text(max_size=20).map("name:{}".format))
def test_any_text_is_a_pattern_or_a_clear_error(text: str):
    try:
        pattern = read_pattern(text, region="GB")
    except (InvalidPattern, InvalidNumber):
        return
    assert read_pattern(pattern) == pattern
    Rule("block", pattern).means(UNKNOWN, "GB", lists.fold(text))


def test_prefixes_for_programs_that_know_no_countries():
    patterns = ("DE", "US", "+4930*", "*", "name:*loans*")
    found = {pattern: lists.prefix_of(pattern) for pattern in patterns}
    assert found == {"DE": "+49*", "US": "", "+4930*": "+4930*", "*": "*", "name:*loans*": ""}
