"""Both languages are complete: everything that code and templates say is in a catalogue."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from config.management.commands.missing_translations import FOLDERS
from config.translations import messages, translated

# {placeholders} is a word in a help text.
PLACEHOLDER = re.compile(r"%\(\w+\)[\d.]*[sdf]|%[sd]|\{(?!placeholders)[a-z_]*\}")


type Messages = dict[tuple[str | None, str], str]


@pytest.fixture(scope="module")
def said() -> Messages:
    return messages(settings.BASE_DIR / folder for folder in FOLDERS)


@pytest.fixture(scope="module")
def known() -> dict[tuple[str | None, str], list[str]]:
    return translated(settings.LOCALE_PATHS)


def test_whatever_is_said_is_translated(said: Messages, known):
    missing = {key: said[key] for key in said.keys() - known.keys()}
    assert not missing, "manage.py missing_translations prints them for a catalogue"


def test_nothing_is_translated_that_nobody_says(said: Messages, known):
    assert known.keys() - said.keys() == set()


def test_placeholders_survive():
    for source in settings.BASE_DIR.glob("locale/*/*/LC_MESSAGES/*.po"):
        with source.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        for message in catalogue:
            texts = (message.id,) if isinstance(message.id, str) else message.id
            forms = (message.string,) if isinstance(message.string, str) else message.string
            wanted = {name for text in texts for name in PLACEHOLDER.findall(text)}
            for form in forms:
                assert set(PLACEHOLDER.findall(form)) == wanted, (source, texts)


def test_chinese_sentences_have_chinese_punctuation(known):
    half = re.compile("[一-鿿][,;:?!][一-鿿]")
    assert [form for forms in known.values() for form in forms if half.search(form)] == []


def test_it_would_find_one_that_is_missing(tmp_path: Path):
    (tmp_path / "templates").mkdir()
    page = tmp_path / "templates" / "page.html"
    page.write_text(
        "{% load i18n %}\n  <p>{% translate 'A' context 'b' %}\n"
        "{% blocktranslate count n=n trimmed %}\n  one {{ x }}\n"
        "{% plural %}many{% endblocktranslate %}"
    )
    (tmp_path / "code.py").write_text('from x import gettext as _\n_("C" "D")\n_(name)\n')
    found = messages([tmp_path])
    assert set(found) == {("b", "A"), (None, "one %(x)s"), (None, "CD")}
    assert found[None, "CD"] == f"{tmp_path}/code.py:2"


def test_what_the_browser_asks_for_is_spoken():
    with translation.override("zh-hans"):
        assert translation.gettext("Look it up") == "查询"
    with translation.override("en"):
        assert translation.gettext("Look it up") == "Look it up"
