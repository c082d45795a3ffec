"""What the page of a number says, and what it keeps to itself."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reputation import moderation
from reputation.identity import identify
from reputation.models import Number, Report
from reputation.moderation import load_services
from reputation.privacy import cursor
from tests.given.published_complaints import bring, complaint
from tests.given.reporters import BAKERY, crowd, moderator, newcomer, say, veteran
from tests.given.rows import a_campaign
from tests.given.visitors import Visitor, text_of
from web import numbers
from web.people import reporter_of
from web.views import mine, stop

pytestmark = pytest.mark.django_db

CALLER = identify("+8613812345678")
PAGE = "/numbers/+8613812345678"
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def test_nobody_reported_it(visitor: Visitor):
    page = visitor.see(PAGE)
    assert "Nobody has reported this number" in page
    assert "This is my number" not in page
    assert "That makes it neither good nor bad" in page
    assert "yours can be the first report" in page
    assert "Who helps by telephone Police, in danger 999" in page, "whoever calls may threaten"
    assert "%" not in page.split("What others reported")[0]
    assert not Number.objects.exists(), "a lookup writes nothing"


def test_a_listed_number_says_what_how_sure_and_what_to_do(visitor: Visitor, now: datetime):
    crowd(5, "loan_scam", CALLER, at=now)
    answer = Number.objects.get()
    page = visitor.see(PAGE)
    assert answer.action == "flag"
    assert "+86 138 1234 5678" in page
    assert "China · mobile number" in page
    verdict = page.split("What others reported")[0]
    assert "Be careful Loan scam People have reported this number" in verdict
    assert f"{answer.score}% likely to be unwanted Evidence: " in verdict
    assert ", 5 reports" in verdict
    assert "What to do now Do not confirm your name" in verdict


def test_threats_begin_with_the_police(visitor: Visitor, now: datetime):
    crowd(4, "threat", CALLER, at=now)
    page = visitor.see(PAGE)
    assert "What to do now If you or someone near you is threatened, call the police" in page
    assert "Find the official number" in page


def test_what_each_status_says(visitor: Visitor, now: datetime):
    judge = moderator()

    def verdict() -> str:
        return visitor.see(PAGE).split("What to do now")[0]

    def decide(verb, **more):
        verb(actor=judge, identity=CALLER, reason="Because.", now=now, **more)

    crowd(3, "threat", CALLER, at=now)
    decide(moderation.confirm_number)
    assert "Do not answer Threats" in verdict()
    Number.objects.update(disputed=True)
    assert "this is disputed" in verdict()
    Number.objects.update(disputed=False, spoofed=True)
    assert "This number is being faked" in verdict()
    assert "%" not in verdict(), "the score speaks of those who fake it"
    Number.objects.update(spoofed=False, moderated=-1)
    assert "No warning" in verdict()
    Number.objects.update(moderated=0)
    decide(moderation.mark_official, name="Example Bank")
    assert "Example Bank" in verdict()
    assert "A real number that callers fake" in verdict()
    assert "%" not in verdict()
    Report.objects.update(counted_at=now - 100 * DAY)
    assert "Official number" in verdict()


def test_what_was_said_of_a_former_holder_is_not_held_against_the_present_one(
    visitor: Visitor, now: datetime
):
    crowd(5, "loan_scam", CALLER, at=now - 60 * DAY)
    bring(complaint("one", CALLER, "loan_scam", filed_at=now - 70 * DAY), now=now)
    moderation.mark_reassigned(
        actor=moderator(), identity=CALLER, since=now - 30 * DAY, reason="It says so.", now=now
    )
    assert "Loan scam" not in visitor.see(PAGE)
    say(newcomer("a"), "legitimate", CALLER, at=now)
    page = visitor.see(PAGE)
    assert "New holder" in page
    assert "1 report in all" in page
    for place in (page, visitor.see(f"{PAGE}/reports")):
        assert "Loan scam" not in place
        assert "It was a wanted, honest call" in place


def test_an_official_number_under_attack(visitor: Visitor, now: datetime):
    bank = identify("95588", region="CN")
    assert load_services(now=now) > 20
    page = visitor.see("/numbers/CN:95588")
    assert "Industrial and Commercial Bank of China : customer service" in page
    assert "Official number" in page
    for each in ("a", "b"):
        say(newcomer(each), "impersonation", bank, at=now)
    response = visitor.get("/numbers/CN:95588")
    assert 'class="verdict flag"' in response.content.decode()
    chinese = Visitor(headers={"accept-language": "zh-CN"})
    assert 'href="tel:95588"' in chinese.get("/numbers/CN:95588").content.decode()
    assert "who calls you under it may be somebody else" in text_of(response)


def test_nobody_is_told_to_dial_what_leads_elsewhere_from_where_they_are(now: datetime):
    """A short code of another country is somebody else's here, and so are digits without +1."""
    load_services(now=now)
    federal, bank = "+18773824357", "CN:95588"
    for tag, dialled in (
        ("en-GB", {"tel:+18773824357", "tel:03001232040", "tel:159"}),
        ("en-US", {"tel:8773824357", "tel:+443001232040"}),
        ("zh-CN", {"tel:+18773824357", "tel:95588"}),
    ):
        reader = Visitor(headers={"accept-language": tag})
        html = reader.get("/directory").content.decode()
        links = set(re.findall(r'href="(tel:[^"]+)"', html))
        assert dialled <= links
        assert ("tel:95588" in links) is (tag == "zh-CN")
        assert f"/numbers/{federal}" in html
        page = reader.get(f"/numbers/{bank}").content.decode()
        assert ("tel:95588" in page) is (tag == "zh-CN")


def test_the_directory_says_what_each_number_is(now: datetime):
    load_services(now=now)
    gone = identify("10099", region="CN")
    moderation.unmark_official(actor=moderator(), identity=gone, reason="Gone.", now=now)
    assert load_services(now=now) == 0, "what a moderator took out stays out"
    chinese = Visitor(headers={"accept-language": "zh-CN"})
    page = chinese.see("/directory?name=诈")
    assert "(CN)" not in page, "the heading names the country"
    assert "中国 " in page
    assert "96110反诈专线" in page
    assert "12321网络不良与垃圾信息举报受理中心" in page
    assert "中国工商银行" not in page
    assert "110" in page
    assert "中国广电" not in chinese.see("/directory")


def test_a_word_or_two_is_neither_warning_nor_praise(visitor: Visitor, now: datetime):
    say(newcomer("a"), "loan_scam", CALLER, at=now)
    page = visitor.see(PAGE)
    assert "Not clear Loan scam Some report this number, but they are too few" in page
    assert re.search(r"\d+% likely to be unwanted Evidence: (thin|fair)\s?, 1 report", page)


def test_a_campaign_without_new_numbers_counts_none(visitor: Visitor, now: datetime):
    crowd(3, "loan_scam", CALLER, at=now)
    campaign = a_campaign(key="c0ffee", known=True, reporters=9, numbers=4)
    linking = {"linked": 1, "linked_until": now + DAY, "told": '["c0ffee","",9,4,false]'}
    Number.objects.update(campaign=campaign, first_reported_at=now - 8 * DAY, **linking)
    say(newcomer("of another"), "loan_scam", BAKERY, at=now)
    shown = "first reported this week"
    page = visitor.see(PAGE)
    assert "What the callers say" in page
    assert shown not in page
    Number.objects.update(first_reported_at=now - 6 * DAY)
    assert f"1 number of this campaign was {shown}." in visitor.see(PAGE)


def test_what_is_too_old_to_count(visitor: Visitor, now: datetime):
    say(newcomer("a"), number=CALLER, at=now - 3000 * DAY)
    assert "Nothing certain is known" in visitor.see(PAGE)


def test_a_report_that_repeats_a_warning_is_not_called_old(visitor: Visitor, now: datetime):
    say(newcomer("a"), number=CALLER, at=now, was_warned=True)
    page = visitor.see(PAGE)
    assert "Nothing certain is known" in page
    assert "too old to count, or proves nothing by itself" in page


def test_others_words_are_masked_and_nobody_is_named(visitor: Visitor, now: datetime):
    said = {"comment": "Mail x@y.example, I am <b>Ann</b>", "claimed_name": "Bank, +4930901820"}
    say(veteran("teller"), "threat", CALLER, at=now, conduct=["threats"], **said)
    for other in ("other", "third"):
        say(newcomer(other), "threat", CALLER, at=now)
    html = visitor.get(PAGE).content.decode()
    assert "x@y.example" not in html
    assert "+4930901820" not in html
    assert "teller" not in html
    assert "<b>Ann</b>" not in html
    say(newcomer("fourth"), "threat", CALLER, at=now, comment="说要上门")
    html = visitor.get(PAGE).content.decode()
    assert '<blockquote lang="zh" dir="auto">说要上门' in html
    page = visitor.see(PAGE)
    assert "Mail ▇▇▇, I am <b>Ann</b>" in page
    assert "They said they were: Bank, ▇▇▇" in page
    assert "threatened me or my safety" in page


def test_hidden_words_are_shown_nowhere(visitor: Visitor, now: datetime):
    words = {"comment": "Ask Ann", "claimed_name": "Ann X"}
    report = say(newcomer("n"), "threat", CALLER, at=now - 6 * DAY, **words).report
    assert "Ann X" in visitor.see(PAGE)
    moderation.hide_report(actor=moderator(), report=report, reason="It names a person.", now=now)
    for page in (PAGE, f"{PAGE}/reports"):
        seen = visitor.see(page)
        assert ("Ann" in seen, "They said they were" in seen) == (False, False)


@pytest.mark.parametrize(("reporters", "day"), [(1, "2026-06-01"), (5, "2026-06-03")])
def test_a_page_tells_the_day_and_the_same_everywhere(visitor: Visitor, reporters: int, day: str):
    """The Monday of the week, where few reported. Neither the cookie nor a mark tells the hour."""
    at = datetime(2026, 6, 3, 23, 30, tzinfo=UTC)
    for place in range(reporters):
        say(newcomer(f"n{place}"), "threat", CALLER, at=at, comment="They shouted.")
    pages = set()
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "UTC"):
        visitor.cookies["zone"] = zone
        words, number = (visitor.get(f"{PAGE}{more}").content.decode() for more in ("/reports", ""))
        assert f'<time datetime="{day}">' in words
        assert "23:30" not in words + number
        chart = re.search(r"<svg.*?</svg>", number, re.S)
        pages.add((words, chart and chart[0]))
    assert len(pages) == 1


def test_older_words_are_a_page_away(visitor: Visitor, now: datetime):
    for place in range(13):
        say(newcomer(f"n{place}"), "threat", CALLER, at=now - place * DAY, comment=f"No {place}.")
    response = visitor.get(PAGE)
    shown = text_of(response)
    assert ("No 4." in shown, "No 5." in shown) == (True, False)
    found = re.search(r'href="(/numbers/[^"]+/reports\?after=[^"]+)"', response.content.decode())
    assert found
    older = visitor.see(found[1])
    assert ("No 4." in older, "No 5." in older, "No 12." in older) == (False, True, True)
    assert "Older reports" not in older
    assert "There are no more." in visitor.see(
        f"{PAGE}/reports?after={cursor(now - 9000 * DAY, 1)}"
    )
    for mark in ("x", "1.x", "1764676800000000.1", f"{'9' * 40}.1"):
        assert visitor.get(f"{PAGE}/reports?after={mark}").status_code == 404, mark


def test_published_complaints_are_told_apart(visitor: Visitor, now: datetime):
    bring(complaint("one", CALLER, filed_at=now - DAY), now=now)
    page = visitor.see(PAGE)
    assert "1 of these is a complaint that an authority published" in page


@pytest.mark.slow
@pytest.mark.parametrize("reports", [1, 3, 30])
def test_as_many_queries_whatever_was_said(
    visitor: Visitor,
    now: datetime,
    reports: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    for place in range(reports):
        say(newcomer(f"n{place}"), "threat", CALLER, at=now, conduct=["threats"])
    with django_assert_max_num_queries(6):
        visitor.get(PAGE)


def test_of_newcomers_nobody_says_that_they_were_right_before(visitor: Visitor, now: datetime):
    """Two new accounts of two networks warn, and the page says no more of them."""
    for name in "ab":
        say(newcomer(name), "loan_scam", CALLER, at=now)
    html = visitor.get(PAGE).content.decode()
    assert "Be careful" in html
    assert "Those who reported it are few or new here: it may be a mistake." in html
    assert "right before" not in html
    assert re.search(r"Evidence:\s*<b>thin", html)


def test_why_is_said_in_plain_words_first(visitor: Visitor, now: datetime):
    crowd(5, "loan_scam", CALLER, at=now)
    html = visitor.get(PAGE).content.decode()
    why, _, arithmetic = html.partition("Why we say so")[2].partition("<details>")
    assert "5 reports in all, the last from" in why
    assert "Many who reported it were right before" in why
    assert "odds" not in why
    assert "odds" in arithmetic
    # One day, in one form, wherever it is told.
    day = Number.objects.get().last_reported_at.astimezone(UTC).date()
    assert f"{day:%Y-%m-%d}" not in re.sub(r'datetime="[^"]+"', "", html.partition("<details>")[0])


def test_of_few_reports_the_page_says_that_its_dates_are_weeks(visitor: Visitor, now: datetime):
    say(newcomer("a"), "loan_scam", CALLER, at=now)
    page = visitor.see(PAGE)
    assert "1 report in all, the last from the week of" in page
    assert "we name the Monday of the week instead of the day" in page


def test_stopping_the_calls(known: Callable[..., Visitor], now: datetime):
    chinese = Visitor(headers={"accept-language": "zh-CN"})
    html = chinese.get("/stop").content.decode()
    assert 'href="tel:10086"' in html
    assert 'href="tel:110"' in html
    assert "OPPO、一加、真我、vivo 和 iQOO" in html
    british = Visitor(headers={"accept-language": "en-GB"})
    assert 'href="sms:7726"' in british.get("/stop").content.decode()
    anna = known()
    by = reporter_of(User.objects.get(), now=now)
    say(by, "legitimate", BAKERY, at=now, network="n")
    page = anna.get("/my/block-list", follow=True)  # no contact without a number
    assert "You have reported no number to block yet." in text_of(page)
    say(by, "threat", CALLER, at=now, network="n")
    card = anna.get("/my/block-list").content.decode().split("\r\n")
    assert [line for line in card if line.startswith("TEL")] == ["TEL;TYPE=CELL:+8613812345678"]


def test_a_long_block_list_is_several_contacts(
    known: Callable[..., Visitor], now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stop, "MOST_NUMBERS", 2)
    monkeypatch.setattr(mine, "REPORTS_SHOWN", 4)
    anna = known()
    by = reporter_of(User.objects.get(), now=now)
    keys = [f"+12025550{n}" for n in range(101, 106)]
    for place, key in enumerate(keys):
        say(
            by,
            "threat",
            identify(key, allow_fictional=True),
            at=now + timedelta(seconds=place),
            network="n",
        )
    cards = anna.get("/my/block-list").content.decode().split("END:VCARD\r\n")
    told = [[line.rpartition(":")[2] for line in card.splitlines()[2:]] for card in cards[:-1]]
    assert told == [
        ["ringscore-my-block-list", "Do not answer", "Do not answer;;;;", keys[4], keys[3]],
        ["ringscore-my-block-list-2", "Do not answer 2", "Do not answer 2;;;;", keys[2], keys[1]],
        ["ringscore-my-block-list-3", "Do not answer 3", "Do not answer 3;;;;", keys[0]],
    ]
    assert "… and 1 older report" in text_of(anna.get("/my/reports"))


def test_many_reports_are_counted_once_a_minute(now: datetime, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(numbers, "MANY", 4)

    def counted() -> tuple[int, list[int], int]:
        told = numbers.story(CALLER.key, now=now)
        return (
            sum(each.count for each in told.categories),
            [each.count for each in told.conduct],
            sum(column.unwanted for column in told.chart.columns),
        )

    for more in range(1, 6):
        say(newcomer(f"n{more}"), number=CALLER, at=now, conduct=["threats"])
        assert counted() == (more, [more] if more > 2 else [], more)
    say(newcomer("later"), number=CALLER, at=now)
    assert counted() == (5, [5], 5)
    cache.clear()
    assert counted() == (6, [5], 6)
