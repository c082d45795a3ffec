"""What is wrong with a form: all of it at once, in sentences that name the field and the remedy."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.core import validators
from django.utils import timezone, translation

from config.urls import urlpatterns  # every view, and with it every form, is loaded
from reputation.languages import LANGUAGES
from tests.given.visitors import Visitor, text_of
from tests.given.web_reports import FORM
from web.accounts import CodeForm, EmailForm
from web.forms import Form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]

# Each is too much, or not what any field takes.
HOSTILE = ("", "x" * 300_000, "-1", "99999999999", "\0")


def kinds(base: type[Form] = Form) -> Iterator[type[Form]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def made(kind: type[forms.Form], data: dict[str, Any]) -> forms.Form:
    if kind is CodeForm:
        return CodeForm(data, code="BCDF-GHJK")
    try:
        return kind(data)
    except TypeError:
        return kind(data, language="en")


def stock() -> re.Pattern[str]:
    """Django's own sentences in the present language."""
    fields = [each for each in vars(forms).values() if isinstance(each, type)]
    said = [
        str(text)
        for field in fields
        if issubclass(field, forms.Field)
        for text in field.default_error_messages.values()
    ]
    said += [
        str(each.message)
        for each in vars(validators).values()
        if isinstance(each, type)
        and issubclass(each, (validators.BaseValidator, validators.ProhibitNullCharactersValidator))
        and not isinstance(each.message, property)
    ]
    beginnings = {text.partition("%")[0].partition("(")[0].strip() for text in said}
    return re.compile("|".join(re.escape(each) for each in beginnings if len(each) > 3))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_says_what_django_says(language: str):
    assert urlpatterns
    tried = list(kinds())
    assert len(tried) > 10
    with translation.override(language):
        for kind in (*tried, EmailForm, CodeForm):
            for value in HOSTILE:
                data = dict.fromkeys(kind.base_fields, value)
                for name, problems in made(kind, data).errors.items():
                    for problem in problems:
                        assert not stock().match(str(problem)), (kind, name, problem)


def test_all_mistakes_are_named_at_once(known: Callable[..., Visitor]):
    anna = known()
    ahead = f"{timezone.localtime() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    wrong = FORM | {
        "number": "hello abc",
        "country": "US",
        "category": "",
        "comment": "x" * 2001,
        "occurred_at": ahead,
        "callback_number": "hello abc",
        "call_count": "0",
    }
    page = text_of(anna.post("/report", wrong)).partition("Report a number")[2]
    for problem in (
        "Number that called or texted : This is a name, not a telephone number.",
        "What was it? Choose what fits best.",
        "“In your words” is too long: it has 2001 characters. Shorten it to 2000.",
        "When (the last time) : This lies in the future.",
        "Number they told you to call or message back : This is a name",
        "“How many calls” is too small. Write 1 or more.",
    ):
        assert problem in page.partition("Send the report")[0], problem


def test_a_number_that_can_be_two_is_asked_about_beside_other_mistakes(
    known: Callable[..., Visitor],
):
    anna = known()
    anna.post("/report", FORM)
    asked = FORM | {"number": "13812345678", "country": "US", "comment": "x" * 2001}
    page = text_of(anna.post("/report", asked, HTTP_ACCEPT_LANGUAGE="en-US"))
    assert "Is it a number of this country? It can also be: +86 138 1234 5678" in page
    assert "“In your words” is too long" in page


def test_the_diary_and_complaints_name_all_at_once(known: Callable[..., Visitor]):
    anna = known()
    where = anna.where("/report", FORM).partition("?")[0]
    ahead = f"{timezone.localtime() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    page = anna.send(f"{where}/calls", {"at": ahead, "words": "x" * 2001}, status=400)
    assert "When : This lies in the future." in page
    assert "“What was said” is too long" in page
    assert "Choose one of those offered under “It came as”." in page
