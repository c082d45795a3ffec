import json
from itertools import product

import pytest

from reputation.lookup.advice import DATA, URGENCY, advise, for_situation, next_steps
from reputation.models import Report
from reputation.scoring.categories import CATEGORIES, Side

KEEP = "Keep the call log, messages and recordings: a complaint stands on them."
POLICE = "If you or someone near you is threatened, call the police at once."
LENDER = (
    "Check through the lender's official app or number whether the loan exists and who collects."
)
NEVER_PAY = "Never pay to a private account, and never to make a call stop."


@pytest.mark.parametrize(
    ("category", "conduct", "steps"),
    [
        ("legitimate", [], []),
        ("telemarketing", [], [KEEP]),
        ("loan_scam", [], [LENDER, NEVER_PAY, KEEP]),
        ("illegal_collection", ["threats"], [POLICE, LENDER, NEVER_PAY, KEEP]),
        ("threat", [], [POLICE, LENDER, NEVER_PAY, KEEP]),
        ("other", ["witness_retaliation"], [POLICE, KEEP]),
        ("other", ["privacy_disclosure"], [KEEP]),
    ],
)
def test_next_steps(category, conduct, steps):
    assert next_steps(category, conduct) == steps


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_who_is_called_gets_advice_on_every_unwanted_category(category):
    unwanted = CATEGORIES[category].side is Side.UNWANTED
    assert bool(advise("flag", category)) is unwanted
    assert bool(advise("block", category)) is unwanted
    assert advise("allow", category) == ""


def test_conduct_that_calls_for_the_police_is_in_the_vocabulary():
    assert {"threats", "witness_retaliation"} <= set(Report.Conduct.values)


# --- At length, by situation ---

ENTRIES = json.loads(DATA.read_text())["advice"]


def slugs(category, conduct=(), country="CN"):
    return [each.slug for each in for_situation(category, conduct, country, "en")]


@pytest.mark.parametrize(
    ("category", "conduct", "country", "expected"),
    [
        ("legitimate", ["threats"], "CN", ""),
        (
            *("illegal_collection", [], "CN"),
            "hang-up confirm-nothing no-private-account check-the-loan impostor-signs in-writing "
            "keep-records block complain change-number",
        ),
        (
            *("illegal_collection", ["threats", "contacted_third_parties"], "CN"),
            "police-at-once hang-up confirm-nothing no-private-account check-the-loan "
            "impostor-signs in-writing third-parties app-access keep-records block complain "
            "change-number",
        ),
        (
            *("loan_scam", [], ""),
            "paid-already hang-up confirm-nothing no-private-account check-the-loan "
            "impostor-signs keep-records block complain",
        ),
        ("silent_call", [], "CN", "do-not-call-back keep-records block complain"),
        (
            *("telemarketing", [], "us"),
            "do-not-call-back keep-records block opt-out-register complain",
        ),
        (
            *("other", ["witness_retaliation"], "DE"),
            "police-at-once do-not-call-back keep-records block complain change-number",
        ),
    ],
)
def test_by_situation(category, conduct, country, expected):
    assert slugs(category, conduct, country) == expected.split()


@pytest.mark.parametrize(
    ("country", "language", "text"),
    [
        ("CN", "zh-hans", "请立即拨打 110；投诉可以之后再做。"),
        ("CN", "en", "Call 110 now; the complaint can wait."),
        ("us", "zh-CN", "请立即拨打 911；投诉可以之后再做。"),
        ("", "en-GB", "Call your emergency number now; the complaint can wait."),
        ("FR", "fr", "Call your emergency number now; the complaint can wait."),
    ],
)
def test_the_police_of_the_place_in_the_readers_language(country, language, text):
    first = for_situation("threat", [], country, language)[0]
    assert (first.slug, first.urgency, first.link) == ("police-at-once", "now", "complaints")
    assert first.text == text
    assert len(first.points) == 5
    assert (first.source_date, first.checked) == (None, False)


def test_an_unknown_category_is_an_error():
    with pytest.raises(KeyError):
        for_situation("nuisance", [], "CN", "en")


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["slug"] for entry in ENTRIES])
def test_each_entry_is_whole(entry):
    assert entry["urgency"] in URGENCY
    assert entry.get("link", "") in ("", "directory", "complaints", "evidence")
    assert entry["source"]
    assert set(entry["when"]["categories"]) <= set(CATEGORIES)
    assert set(entry["when"]["conduct"]) <= set(Report.Conduct.values)
    texts = [entry["title"], entry["text"], *entry.get("in", {}).values()]
    for text, language in product(texts, ("en", "zh-hans")):
        assert text[language]
    for text in texts:
        assert any("一" <= char <= "鿿" for char in text["zh-hans"])
    points = entry.get("points", {"en": [], "zh-hans": []})
    assert len(points["en"]) == len(points["zh-hans"])


def test_slugs_are_unique():
    assert len({entry["slug"] for entry in ENTRIES}) == len(ENTRIES)
