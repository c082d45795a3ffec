"""What a person reads: numbers in groups, sentences that agree with the verdict, plain marks."""

import re
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from reputation import moderation
from reputation.identity import identify
from reputation.models import Report
from reputation.moderation import load_services
from tests.given.reporters import moderator, newcomer, say, veteran
from tests.given.visitors import Visitor, text_of
from web.locality import countries

pytestmark = pytest.mark.django_db

CALLER = identify("+8613812345678")
PAGE = "/numbers/+8613812345678"
RAW = re.compile(r"\+\d{9,}")


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def value_of(field: str, html: str) -> str:
    found = re.search(rf'name="{field}" value="([^"]*)"', html)
    assert found, field
    return found[1]


def chosen(field: str, html: str) -> str:
    found = re.search(rf'<select name="{field}".*?value="([^"]*)" selected', html, re.DOTALL)
    assert found, field
    return found[1]


@pytest.mark.parametrize(
    ("link", "number", "country"),
    [
        ("%2B8613812345678", "+86 138 1234 5678", ""),
        ("CN:95588", "95588", "CN"),
        ("GB@MYBANK", "MYBANK", "GB"),
        ("138 1234", "138 1234", "GB"),
    ],
)
def test_a_number_of_a_link_is_in_the_form_as_people_write_it(
    anna: Visitor, link: str, number: str, country: str
):
    html = anna.get(f"/report?number={link}").content.decode()
    assert value_of("number", html) == number
    if country:
        assert chosen("country", html) == country


@pytest.mark.parametrize("key", ["+8613812345678", "CN:95588", "GB@MYBANK"])
def test_the_form_reads_it_as_the_number_of_the_link(anna: Visitor, key: str):
    html = anna.get("/report", {"number": key}).content.decode()
    sent = {name: value_of(name, html) for name in ("number", "read_as")}
    if not key.startswith("+"):
        sent["country"] = chosen("country", html)
    checked = re.search(r'name="channel" value="(\w+)"[^>]* checked', html)
    assert checked
    anna.send("/report", {**sent, "channel": checked[1], "category": "phishing"})
    assert [each.number.key for each in Report.objects.all()] == [key]


@pytest.mark.parametrize(
    ("back", "typed"), [("+8613987650001", "+86 139 8765 0001"), ("CN:95588", "95588")]
)
def test_a_number_to_call_back_is_shown_as_people_write_it(anna: Visitor, back: str, typed: str):
    stated = {
        "number": CALLER.key,
        "category": "threat",
        "callback_number": back,
        "channel": "call",
    }
    where = anna.where("/report", stated).partition("?")[0]
    assert RAW.findall(anna.see(where)) == []
    html = anna.get(f"{where}/edit").content.decode()
    assert value_of("callback_number", html) == typed
    anna.send(f"{where}/edit", stated | {"callback_number": typed})
    assert Report.objects.get().callback_number == back


def test_an_official_number_to_dial_is_in_groups(visitor: Visitor, now: datetime):
    bank = identify("+61255501301", allow_fictional=True)
    moderation.mark_official(
        actor=moderator(), identity=bank, name="Example Bank", reason="Its site.", now=now
    )
    page = visitor.get(f"/numbers/{bank.key}")
    assert "Dial +61 2 5550 1301 myself" in text_of(page)
    assert 'href="tel:+61255501301"' in page.content.decode()


def test_nobody_is_told_to_dial_a_short_number_of_another_country(now: datetime):
    """95588 is a bank in China, and something else, or nothing, in Taiwan."""
    load_services(now=now)
    told = {
        tag: Visitor(headers={"accept-language": tag}).see("/numbers/CN:95588")
        for tag in ("zh-CN", "zh-TW")
    }
    assert "自己拨打这个号码" in told["zh-CN"]
    assert "自己撥打這個號碼" not in told["zh-TW"]
    assert "自己核實" in told["zh-TW"]


def test_whose_number_is_faked_is_not_called_back(visitor: Visitor, now: datetime):
    for name in "ab":
        say(newcomer(name), "robocall", CALLER, at=now)
    moderation.mark_spoofed(
        actor=User.objects.create(username="m"),
        identity=CALLER,
        reason="Heard.",
        now=now,
    )
    page = visitor.see(PAGE)
    assert "Do not call back: you would reach its holder, who did not call you." in page
    assert "hang up and call back" not in page


def test_why_there_is_no_warning_is_no_reason_for_one(visitor: Visitor, now: datetime):
    """New accounts attack a bakery, and customers with a record speak for it."""
    for name in range(6):
        say(newcomer(f"n{name}"), "loan_scam", CALLER, at=now)
    for name in range(5):
        say(veteran(f"v{name}"), "legitimate", CALLER, at=now)
    page = visitor.see(PAGE)
    assert "No warning" in page
    assert "Most often: Loan scam." in page
    assert "Those who were right before, or a moderator, see no reason for a warning." in page
    assert "Many who reported it were right before" not in page


def test_countries_stand_where_a_reader_looks_for_them():
    """By sound in China, by strokes in Taiwan, and Åland under A."""
    looked_for = {
        "en": ["Åland Islands", "Albania", "Algeria", "Costa Rica", "Côte d’Ivoire", "Croatia"],
        "zh-hans": ["阿尔巴尼亚", "俄罗斯", "法国", "斐济", "芬兰", "美国", "瑙鲁", "中国"],
        "zh-hant": ["不丹", "中國", "日本", "台灣", "南韓", "美國", "澳洲"],
    }
    for language, names in looked_for.items():
        listed = [name for _, name in countries(language)]
        assert [name for name in listed if name in names] == names
    # Else another character needs one of the same sound in `_SOUNDS`.
    known = [name.encode("gb18030")[0] <= 0xD7 for _, name in countries("zh-hans")]
    assert known.count(False) == 3


def test_times_without_a_clock_are_those_of_the_place(anna: Visitor):
    """Whoever chose the country of a number still tells times by their own clock."""
    person = Visitor(headers={"accept-language": "zh-CN"})
    person.cookies = anna.cookies
    person.cookies["country"] = "US"
    assert "北京时间" in person.see("/report")


def test_a_name_to_text_back_stays_as_the_report_has_it(anna: Visitor):
    """An app may send a sender's name; the form reads a bare word as none."""
    stated = {"number": CALLER.key, "category": "threat", "channel": "sms"}
    where = anna.where("/report", stated | {"callback_number": "CN@MYBANK"}).partition("?")[0]
    typed = value_of("callback_number", anna.get(f"{where}/edit").content.decode())
    anna.send(f"{where}/edit", stated | {"callback_number": typed})
    assert Report.objects.get().callback_number == "CN@MYBANK"


def test_the_page_without_a_connection_leads_nowhere_and_is_nobodys(anna: Visitor):
    """It has all languages; a change of language would lead to this page while there is one."""
    html = anna.get("/offline").content.decode()
    assert "<form" not in html
    assert "/accounts/" not in html
    assert [f'<section lang="{code}">' in html for code in ("en", "zh-hans", "zh-hant")] == [
        True
    ] * 3


def test_each_release_keeps_its_own_page_without_a_connection(visitor: Visitor, settings: Settings):
    workers = set()
    for settings.RELEASE in ("1.0.0", "1.0.1"):
        workers.add(visitor.get("/service-worker.js").content)
    assert len(workers) == 2, "browsers fetch the page anew when the worker differs"


def test_a_question_has_no_second_mark(anna: Visitor):
    for tag, said in (
        ("en-GB", "What was it? Choose what fits best."),
        ("zh-CN", "是什么来电？ 请选择最接近的一项。"),
    ):
        page = anna.post("/report", {"number": CALLER.key}, headers={"accept-language": tag})
        assert said in text_of(page)


@pytest.mark.parametrize(
    ("tag", "zone", "police", "hot_line"),
    [
        ("zh-HK", "", "999", "18222"),
        ("zh-Hant", "Asia/Hong_Kong", "999", "18222"),
        ("zh-TW", "Asia/Hong_Kong", "999", "18222"),
        ("zh-TW", "", "110", "165"),
        ("en-US", "Asia/Shanghai", "110", "96110"),
        ("en-US", "Asia/Calcutta", "112", ""),
        ("en-GB", "UTC", "999", "159"),
        ("zh", "", "110", "96110"),  # most of its readers are there
        ("fr", "", "911", ""),  # nothing else tells
    ],
)
def test_the_hot_lines_are_those_of_the_place(
    now: datetime, tag: str, zone: str, police: str, hot_line: str
):
    """By the phone's clock. A country that was chosen for a number moves nobody there."""
    load_services(now=now)
    person = Visitor(headers={"accept-language": tag})
    person.cookies["zone"] = zone
    person.cookies["country"] = "US"
    for path in ("/advice", "/directory", "/stop", *([PAGE] if hot_line else [])):
        dialled = re.findall(r'href="tel:(\d+)"', person.get(path).content.decode())
        assert police in dialled, path
        assert {"110", "911", "999", "112"} & set(dialled) == {police}, path
        if path != "/stop":
            assert {"18222", "165", "96110", "159"} & set(dialled) == {hot_line} - {""}, path
