"""Each category and each act has its words wherever people read them."""

import json

import pytest
import ringscore

from reputation.complaints.seeding import DATA
from reputation.complaints.words import LANGUAGES, words
from reputation.models import Dispute, Report
from reputation.scoring import CATEGORIES, Action
from web import wording
from web.views import complaints


def test_pages_have_words_for_each_category_and_act() -> None:
    assert set(wording.CATEGORIES) == set(CATEGORIES)
    assert set(wording.CONDUCT) == set(Report.Conduct.values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_have_words_for_each_category_and_act(language: str) -> None:
    assert set(words(language)["categories"]) == set(CATEGORIES)
    assert set(words(language)["conduct"]) == set(Report.Conduct.values)


def test_the_python_client_has_the_words_of_the_service() -> None:
    """It imports nothing of the server, and so has them a second time."""
    pairs = [
        (ringscore.Category, CATEGORIES),
        (ringscore.Action, list(Action)),
        (ringscore.Grounds, Dispute.Grounds.values),
    ]
    assert [set(theirs) ^ set(ours) for theirs, ours in pairs] == [set()] * len(pairs)


def test_a_person_may_choose_each_language_of_letters() -> None:
    offered = [language for language, _ in complaints.LANGUAGES if language]
    assert offered == list(LANGUAGES)


def test_each_language_of_letters_has_all_templates() -> None:
    templates = json.loads((DATA / "templates.json").read_text())["templates"]
    kinds = {(each["kind"], each.get("authority_kind", "")) for each in templates}
    assert {
        (each["language"], each["kind"], each.get("authority_kind", "")) for each in templates
    } == {(language, *kind) for language in LANGUAGES for kind in kinds}
