"""Both languages are complete: everything that code and templates say is in a catalogue."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from config.management.commands.missing_translations import FOLDERS
from config.traditional import data_files
from config.translations import messages, translated
from tests.given.translated import PLACEHOLDER

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


def test_catalogues_name_no_places_in_the_code():
    """Nothing keeps them true; manage.py missing_translations prints those of new texts."""
    for source in settings.BASE_DIR.glob("locale/*/*/LC_MESSAGES/*.po"):
        assert "\n#:" not in source.read_text(), source


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
    half = re.compile(r"[一-鿿][,;:?!][一-鿿]|[一-鿿]\s?\((?!\w+\)[sd])|(?<!\w)\)[一-鿿]")
    assert [form for forms in known.values() for form in forms if half.search(form)] == []


def test_no_blank_stands_beside_a_day_in_chinese():
    """It ends with 日: 2026年12月14日之前. The panel's days are 2026-12-14."""
    known = translated(each for each in settings.LOCALE_PATHS if Path(each).name != "panel")
    beside = re.compile(r"[一-鿿] %\((?:day|deadline)\)s|%\((?:day|deadline)\)s [一-鿿]")
    assert [form for forms in known.values() for form in forms if beside.search(form)] == []


# A sentence, or what ends with a colon; what may close after it; a blank; and something more.
JOINED = re.compile(
    r"""(?:[.:?!]["'](?:\ context\ "[^"]*")?\ %\}|[.:?!]\s*\{%\ endblocktranslate\ %\})
    (?:\{%\ end(?:if|for)\ %\}|\{%\ (?:if|for)\ [^%]+%\}|</(?:b|strong|a)>)*\s+
    (?:\{\{|\{%\ (?!end|else|elif)\w|<(?:a|b|button|code)\b)""",
    re.VERBOSE,
)


def test_no_blank_stands_between_chinese_sentences_of_a_template():
    pages = [
        path
        for folder in ("web", "reputation")
        for path in (settings.BASE_DIR / folder / "templates").rglob("*.html")
    ]
    joined = {
        f"{path.name}: {found[0]}" for path in pages for found in JOINED.finditer(path.read_text())
    }
    assert joined == set(), "{% gap %} is a blank in English alone"
    assert JOINED.search('{% translate "One." %}</b> {% translate "Two." %}')
    assert JOINED.search("One.{% endblocktranslate %}{% endif %} {{ two }}")
    assert JOINED.search("One.{% endblocktranslate %}{% for two in them %} {% translate 'Two.' %}")


def test_templates_put_things_in_a_row_as_the_reader_writes():
    half = re.compile(r"""%\}[,;:]\ |join:"[,;]\ """, re.VERBOSE)
    pages = [
        page
        for area in ("web", "reputation")
        for page in (settings.BASE_DIR / area / "templates").rglob("*.html")
    ]
    found = {f"{path.name}: {each}" for path in pages for each in half.findall(path.read_text())}
    # Networks are no words: 192.0.2.0/24, 198.51.100.0/24.
    assert found == {'organisation.html: join:", ', '_key_grant.html: join:", '}


# One word for a thing: an English text with the first has the second in Chinese, where it names the
# thing at all, and never what one of the others matches.
GLOSSARY = [
    (r"^(?!.*administrat).*\bmoderators?\b", "审核员", ("管理员",)),
    (r"^(?!.*senior).*\badministrators?\b", "管理员", ("审核员",)),
    (r"\breports?\b", "条举报", ("(?<!身)份举报", "宗举报", "(?<![邮文])件举报", "项举报")),
    (r"\bcomplaints?\b", "份投诉", ("条投诉", "件投诉", "宗投诉")),
    # Not 投诉的对象, who is the caller.
    (r"\bto whom you complain", "受理您投诉的部门", ("对象",)),
    (r"\bholders?\b", "持有人", ("机主", "号主", "持有者")),
    (r"\breporters?\b", "举报人", ("举报者",)),
    (r"\bclusters?\b", "账号群", ("团伙",)),
    (r"\bcampaigns?\b", "团伙", ("群体骚扰", "骗局活动")),
    (r"\bscores?\b", "评分", ("分数", "得分", "分值")),
    (r"^(?!.*(?:bank|private|pay)).*\baccounts?\b", "账号", ("帐号", "账户")),
    (r"\bflag(?:s|ged)?\b", "提醒", ("标记", "降为提示")),
    (r"^(?!.*(?:block.list|file|directory)).*\blist(?:ed|ing|ings)\b", "标记", ("列入",)),
    (r"\bdisputes?\b", "异议", ("发起申诉", "“申诉”")),
    (r"\b(?:un)?masked\b", "遮盖", ("遮蔽",)),
    (r"\bwithdrawn?\b", "撤回", ("撤销",)),
    (r"\bcan(?:not)? be taken back\b", "撤回", ("撤销",)),
    # Of a page; in Taiwan 地址 is where somebody lives.
    (
        r"nothing at this address|this address only|keep this address|typed an address"
        r"|with the address where|with address and",
        "网址",
        ("地址",),
    ),
]


def pairs() -> Iterator[tuple[str, str, str]]:
    """Every text in English and in Simplified Chinese, with where it stands."""
    for source in sorted(settings.BASE_DIR.glob("locale/*/zh_Hans/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        for message in catalogue:
            english = message.id if isinstance(message.id, str) else " ".join(message.id)
            chinese = message.string if isinstance(message.string, str) else message.string[0]
            yield str(source.relative_to(settings.BASE_DIR)), english, chinese
    for path in data_files():
        for english, chinese in _twins(json.loads(path.read_text())):
            yield str(path.relative_to(settings.BASE_DIR)), english, chinese


def _twins(content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        if {"en", "zh-hans"} <= content.keys():
            yield json.dumps(content["en"]), json.dumps(content["zh-hans"], ensure_ascii=False)
        for value in content.values():
            yield from _twins(value)
    elif isinstance(content, list):
        for value in content:
            yield from _twins(value)


def test_a_thing_has_one_word_in_chinese():
    everywhere = list(pairs())
    for english, word, others in GLOSSARY:
        meant = [
            pair for pair in everywhere if re.search(english, pair[1], re.IGNORECASE | re.DOTALL)
        ]
        assert any(word in chinese for _, _, chinese in meant), word
        strays = [
            (*pair[:2], other) for pair in meant for other in others if re.search(other, pair[2])
        ]
        assert strays == [], f"{word} is the word for it"


COUNTED = re.compile(
    r"(?:%\((\w+)\)[ds]|%d|\{(\w*)\}) (?:\w+ )?"
    r"(?:accounts|calls|complaints|days|decisions|disputes|entries|files|hours|lines|migrations|"
    r"networks|notes|numbers|people|proxies|reports|rows|things|times|tables|voices)\b"
)
# Limits of ours, which are several.
LIMITS = {"most", "most_rows", "most_files", "enough", "undo_days", "heard", "rows", "few"}
SEVERAL = {
    "A pack holds %d reports. Make two of it.",
    "A pack holds %d calls of your logs. Choose fewer reports.",
    "A report takes %d files, and this one has them. Put what belongs together into one file, such "
    "as a PDF.",
    "A dispute takes %d files, and this one has them. Put what belongs together into one file, "
    "such as a PDF.",
    "You prepared %d complaints within a day. Go on tomorrow, or put more reports into one.",
    "A pack takes %d further calls; attach the rest as evidence.",
    "An appeal is due within {days} days of the decision.",
    "A list sorts when it has fewer than %d rows: narrow it by a filter first.",
    "More than %d numbers begin so: only the first are searched.",
    "One file takes %d entries at most: choose a shorter period.",
    "%(together)d within %(days)d days, %(ever)d in all; needs %(few)d or %(many)d",
    "a report of the last %(days)d days",
    # A count without a noun: what follows is of another thing.
    "%(unwanted)s from %(networks)s: %(established)d by established reporters, %(newcomers)d by "
    "new accounts.",
}


def test_what_is_counted_has_a_singular(said: Messages):
    with_plural = set()
    for source in settings.BASE_DIR.glob("locale/*/*/LC_MESSAGES/*.po"):
        with source.open("rb") as file:
            for message in read_po(file):
                with_plural.update(() if isinstance(message.id, str) else message.id)
    counted = {
        text
        for _, text in said
        if text not in with_plural
        for names in COUNTED.findall(text)
        if not LIMITS.intersection(names)
    }
    assert counted - SEVERAL == set(), "one of these needs ngettext, or is a limit"
    assert SEVERAL - {text for _, text in said} == set()


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
