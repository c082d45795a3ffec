"""Lists of the panel speak the reader's language where no template does."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext, pgettext

from reputation.admin.labels import CONDUCT, LABELS, word
from reputation.admin.reading import Choice
from reputation.models import Report, Reporter
from reputation.scoring.categories import CATEGORIES
from reputation.scoring.policy import Action, Status
from tests.given.reporters import crowd, row
from tests.given.staff import signed_in, text

ENGLISH = re.compile("[a-z]{3}")
# An English sign behind Chinese words.
HALF = re.compile(r".{8}[一-鿿] ?[:,;.](?:\s|$|[一-鿿]).{0,8}")


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


@pytest.mark.django_db
def test_headings_are_chinese_in_chinese():
    request, said = RequestFactory().get("/"), []
    request.user = User.objects.create_superuser("boss")
    with translation.override("zh-hans"):
        for model, shown in admin.site._registry.items():
            columns = [each for each in shown.get_list_display(request) if each != "__str__"]
            said += [str(label_for_field(each, model, shown)) for each in columns]
    assert len(said) > 50
    assert [words for words in said if ENGLISH.search(words)] == []


@pytest.mark.django_db
def test_accounts_say_yes_and_no_in_words():
    """Django's icons for them are read aloud as True and False, in every language."""
    boss = signed_in(User.objects.create_superuser("boss"))
    page = boss.get("/admin/auth/user/", headers={"accept-language": "zh-CN"})
    assert "/icon-" not in page.content.decode()
    assert "是 否" in text(page)  # open, without a second factor


@pytest.mark.django_db
def test_what_is_joined_of_several_texts_has_chinese_signs():
    boss = signed_in(User.objects.create_superuser("boss"))
    report = crowd(3)[0]
    Reporter.objects.update(cluster=report.reporter_id)
    numbers = "/admin/reputation/number/"
    decide = f"{numbers}{row().pk}/decide/confirm_number/"
    chinese = {"headers": {"accept-language": "zh-CN"}}
    pages = [
        boss.get(numbers, **chinese),
        boss.get(f"{numbers}{row().pk}/change/", **chinese),
        boss.get(f"/admin/reputation/report/{report.pk}/change/", **chinese),
        boss.post(decide, {"reason": "它催收。"}, follow=True, **chinese),
    ]
    assert "账号群" in text(pages[1])
    assert "确认为骚扰：" in text(pages[3])
    assert [HALF.findall(text(page)) for page in pages] == [[], [], [], []]


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
