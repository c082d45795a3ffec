"""Statements that come one by one join their campaign, which keeps its id."""

import random
from itertools import pairwise

import pytest

from benchmarks.campaigns import halves, messages
from reputation.scoring.campaigns import Index, Known, group, keep_ids, nearest, terms
from tests.given.statements import AMAZON, OWN_WORDS, WARRANTY, numbered, said


def test_the_order_does_not_matter():
    statements = halves(messages("comments_en"))["odd"]
    expected = group(statements)
    for seed in range(3):
        random.Random(seed).shuffle(statements)
        assert group(statements) == expected


def test_statements_join_as_they_come():
    index = Index()
    first, second, other, third = numbered(said(AMAZON, AMAZON, WARRANTY, AMAZON + " Goodbye."))
    assert index.add(first) is None
    campaign = index.add(second)
    assert campaign is not None
    assert index.campaign(0) == campaign
    assert index.add(other) is None
    assert index.add(third) == campaign
    assert index.add(third | {"text": WARRANTY}) == campaign
    assert len(index) == 4
    assert index.campaigns() == {0: campaign, 1: campaign, 2: None, 3: campaign}


def test_joining_one_by_one_finds_what_grouping_finds():
    statements = halves(messages("messages_zh"))["odd"]
    truth = {row["id"]: row["truth"] for row in statements}
    index = Index()
    for row in statements:
        index.add(row)
    at_once, one_by_one = group(statements), index.campaigns()
    pairs = [pair for pair in pairwise(truth) if truth[pair[0]] == truth[pair[1]] is not None]
    agreed = sum(
        (at_once[one] == at_once[other]) == (one_by_one[one] == one_by_one[other])
        for one, other in pairs
    )
    assert agreed / len(pairs) >= 0.9


def test_a_call_back_number_joins_as_it_comes():
    index = Index()
    rows = numbered(said(*OWN_WORDS, callback_number="+14155550134"))
    assert index.add(rows[0]) is None
    campaign = index.add(rows[1])
    assert campaign is not None
    assert index.campaign(0) == campaign


def test_a_call_back_number_stops_linking_once_it_stands_beside_everything():
    index = Index()
    rows = numbered(said(*OWN_WORDS, callback_number="+14155550134"))
    joined = [index.add(row) for row in rows]
    assert joined[1] is not None
    assert joined[-1] is None


def test_an_unknown_id_is_an_error():
    with pytest.raises(KeyError):
        Index().campaign("nobody")


def test_a_campaign_keeps_its_id_as_it_grows():
    rows = numbered(said(*[AMAZON] * 6))
    before = group(rows[:3])[0]
    assert set(group(rows).values()) == {before}
    assert set(group([row | {"at": -row["at"]} for row in rows]).values()) != {before}


def test_two_campaigns_that_turn_out_to_be_one_keep_the_older_ones_id():
    words = AMAZON.split()
    head, tail = " ".join(words[:26]), " ".join(words[26:])
    rows = numbered(said(head, head, tail, tail, AMAZON, AMAZON))
    before, after = group(rows[:4]), group(rows)
    assert before[0] != before[2]
    assert set(after.values()) == {before[0]}


def test_after_a_split_the_larger_part_keeps_the_id():
    before = dict.fromkeys("abcde", "old")
    after = {"a": "old", "b": "old", "c": "new", "d": "new", "e": "new", "f": None}
    kept = keep_ids(before, after)
    assert kept["c"] == kept["d"] == kept["e"] == "old"
    assert kept["a"] == kept["b"] not in {"old", None}
    assert kept["f"] is None


def test_after_a_merge_the_larger_ones_id_stays():
    before = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y", "f": None}
    assert set(keep_ids(before, dict.fromkeys("abcdef", "x")).values()) == {"y"}
    assert keep_ids({}, {"a": "x", "b": None}) == {"a": "x", "b": None}


def test_a_few_examples_of_each_campaign_are_enough_to_know_the_rest():
    statements = halves(messages("messages_zh"))["even"]
    truth = {row["id"]: row["truth"] for row in statements}
    first = [row for place, row in enumerate(statements) if place % 2]
    index = Index(first)
    known = [
        Known(part, example)
        for part, examples in enumerate(index.examples())
        for example in examples
    ]
    names = {truth[row["id"]]: index.campaign(row["id"]) for row in first}
    having = dict(index.common(100_000))
    found = [
        nearest(terms(row["text"]), known, having=having, texts=index.texts()) == names[own]
        for row in statements
        if (own := truth[row["id"]]) and row not in first
    ]
    assert sum(found) / len(found) >= 0.95
    assert nearest(terms(AMAZON), known, having=having, texts=index.texts()) is None
    assert nearest([], known, having=having, texts=index.texts()) is None
