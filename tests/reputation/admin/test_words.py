"""Lists of the panel speak the reader's language where no template does."""

import re

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext, pgettext

from reputation.admin.labels import CONDUCT, LABELS, word
from reputation.admin.reading import Choice
from reputation.models import Report
from reputation.scoring.categories import CATEGORIES
from reputation.scoring.policy import Action, Status

ENGLISH = re.compile("[a-z]{3}")


@pytest.mark.django_db
def test_filters_are_chinese_in_chinese():
    request = RequestFactory().get("/")
    said = []
    with translation.override("zh-hans"):
        for model, shown in admin.site._registry.items():
            for each in shown.list_filter:
                if isinstance(each, type) and issubclass(each, Choice):
                    options = each(request, {}, model, shown).lookups(request, shown)
                    said += [str(each.title), *(str(label) for _value, label in options)]
    assert len(said) > 50
    # Of the languages of templates, their codes.
    assert [words for words in said if ENGLISH.search(words)] == ["zh-hans", "zh-hant"]


def test_values_have_words_in_both_languages():
    values = [*CATEGORIES, *Action, *Status, *Report.Status, *Report.Channel]
    assert word("live") == "counts"
    assert word("illegal_collection") == "illegal debt collection"
    with translation.override("zh-hans"):
        said = [str(word(value)) for value in values] + [str(act) for act in CONDUCT.values()]
        assert [words for words in said if ENGLISH.search(words)] == []
    assert CONDUCT.keys() == set(Report.Conduct)


def test_one_english_word_for_two_things_is_two_words_in_chinese():
    with translation.override("zh-hans"):
        assert (gettext("Keys"), pgettext("of a keyboard", "Keys")) == ("密钥", "按键")
        assert str(LABELS["asked_at"]) == "申请时间"  # of a key; a message is asked for a number
