import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dialects.phoneinfo import REPORTED, TOLD, milliseconds, phone_info, rating, votes
from reputation.scoring.categories import CATEGORIES, Side
from reputation.scoring.curves import BLOCK_AT, FLAG_AT
from reputation.scoring.evidence import log_odds
from tests.given.dialects import an_answer

# What SpamBlocker's preset for PhoneBlock blocks on.
SPAMBLOCKER_BLOCKS = {"D_POLL", "G_FRAUD", "E_ADVERTISING", "F_GAMBLE", "B_MISSED"}
SCORES = st.integers(0, 100)
TOLD_CATEGORIES = st.sampled_from(["", *CATEGORIES])


@given(SCORES, TOLD_CATEGORIES)
def test_every_client_blocks_what_is_blocked(score, category):
    assert votes("block", score) > 4
    assert rating("block", category) in SPAMBLOCKER_BLOCKS


@given(SCORES, TOLD_CATEGORIES)
def test_no_client_blocks_what_is_flagged_unless_its_user_lowers_the_bar(score, category):
    assert 1 <= votes("flag", score) <= 3
    assert rating("flag", category) == "C_PING"
    assert rating("flag", category) not in SPAMBLOCKER_BLOCKS


@given(SCORES, TOLD_CATEGORIES)
def test_below_the_flag_threshold_nothing_shows(score, category):
    assert phone_info("+12025550123", an_answer("allow", score, category)) == {
        "phone": "+12025550123",
        "votes": 0,
        "rating": "A_LEGITIMATE",
        "votesWildcard": 0,
        "whiteListed": False,
        "blackListed": False,
        "archived": False,
        "dateAdded": 0,
        "lastUpdate": 0,
    }


@pytest.mark.parametrize("action", ["flag", "block"])
def test_votes_grow_with_the_score(action):
    counts = [votes(action, score) for score in range(101)]
    assert all(less <= more for less, more in itertools.pairwise(counts))


def test_votes_are_log_odds_on_a_scale_on_which_we_block_at_5():
    at, flag = math.floor(100 * BLOCK_AT), math.floor(100 * FLAG_AT)
    assert votes("block", at) == 5
    assert votes("block", 100) > votes("block", at)
    assert votes("flag", flag) == round(5 * log_odds(FLAG_AT) / log_odds(BLOCK_AT))
    assert votes("flag", at - 1) == 3


def test_all_their_ratings_and_all_our_categories_have_a_counterpart():
    assert set(REPORTED) == {
        "A_LEGITIMATE", "B_MISSED", "C_PING", "D_POLL", "E_ADVERTISING", "F_GAMBLE", "G_FRAUD",
    }  # fmt: skip
    assert set(REPORTED.values()) <= set(CATEGORIES)
    assert set(TOLD) <= {name for name, each in CATEGORIES.items() if each.side is Side.UNWANTED}


@pytest.mark.parametrize("said", ["B_MISSED", "D_POLL", "E_ADVERTISING", "G_FRAUD"])
def test_a_rating_comes_back_as_it_was_given(said):
    assert rating("block", REPORTED[said]) == said


def test_a_blocked_number():
    assert phone_info("+12025550123", an_answer("block", 99)) == {
        "phone": "+12025550123",
        "votes": votes("block", 99),
        "rating": "G_FRAUD",
        "votesWildcard": votes("block", 99),
        "whiteListed": False,
        "blackListed": False,
        "archived": False,
        "dateAdded": 1_793_491_200_000,
        "lastUpdate": 1_795_163_400_000,
    }


def test_ones_own_legitimate_report_outweighs_everybody_elses():
    told = phone_info("+12025550123", an_answer("block"), wildcard=30, opinion=Side.LEGITIMATE)
    assert (told["rating"], told["votes"], told["votesWildcard"]) == ("A_LEGITIMATE", 0, 0)
    assert told["whiteListed"]


def test_ones_own_unwanted_report_is_a_flag_of_its_own():
    told = phone_info("+12025550123", an_answer("allow"), opinion=Side.UNWANTED)
    assert (told["rating"], told["votes"], told["blackListed"]) == ("A_LEGITIMATE", 0, True)


def test_a_range_alone_makes_suspect():
    told = phone_info("unknown", None, wildcard=23)
    assert (told["rating"], told["votes"], told["votesWildcard"]) == ("C_PING", 0, 23)


def test_times_are_milliseconds_and_none_is_0():
    assert milliseconds("1970-01-01T00:00:01Z") == 1000
    assert milliseconds("") == 0
