"""What somebody typed outlives limits, ended sessions, expired forms and changes of language."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

import edge
from api.models import ApiKey
from reputation.complaints.seeding import load
from reputation.models import Dispute, OwnRule, Report
from tests.given.attachments import PNG
from tests.given.disputes import decide
from tests.given.kept import HERE, WORDS, in_chinese, kept
from tests.given.phone import last_code
from tests.given.reporters import SCAMMER, crowd
from tests.given.visitors import Visitor, text_of
from tests.given.web_reports import FORM, file_report, prepare, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]


def test_limits_are_an_accounts_own_and_count_what_was_done(
    anna: Visitor, known: Callable[..., Visitor], settings: Settings
):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "2/h"}
    for _ in range(4):
        assert anna.post("/report", FORM | {"category": ""}).status_code == 400
    for last in "12":
        file_report(anna, number=f"+861381234567{last}")
    response = anna.post("/report", FORM | {"comment": WORDS}, **HERE)
    assert response.status_code == 429
    assert kept(response.content.decode())
    assert Report.objects.count() == 2
    file_report(known("ben@example.org"))  # behind the same address


def test_refused_forms_have_a_limit_of_their_own(anna: Visitor, settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"refused": "2/h"}
    answers = [anna.post("/report", FORM | {"category": ""}, **HERE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]


def test_what_is_answered_as_too_many_was_not_done(
    anna: Visitor, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Two forms are sent at once, and one is left: the check before the count still sees it."""
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "1/h"}
    looked = edge.look
    monkeypatch.setattr(
        "edge.look", lambda *limit, site: looked(*limit, site=site)._replace(remaining=1)
    )
    file_report(anna, number="+8613812345671")
    again = anna.post("/report", FORM | {"number": "+8613812345672"}, **HERE)
    assert (again.status_code, Report.objects.count()) == (429, 1)


@pytest.mark.slow
def test_reading_a_letter_is_not_making_a_complaint(anna: Visitor, settings: Settings):
    load()
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"complaint": "1/h"}
    where = prepare(anna, file_report(anna))
    for _ in range(3):
        assert anna.post(where, {"do": "preview"}).status_code == 200


def test_a_page_that_holds_what_was_typed_is_kept_by_no_cache(anna: Visitor):
    """The next user of the device, who goes back in the browser, does not read it."""
    anna.logout()
    chosen = {"language": "zh-hans", "kept": "1", "next": "/report"}
    strict = Visitor(enforce_csrf_checks=True)
    for each in (
        anna.post("/report", FORM | {"comment": WORDS}, **HERE),
        anna.post("/language", chosen | FORM | {"comment": WORDS}, **HERE),
        strict.post("/report", FORM | {"comment": WORDS}, **HERE),
    ):
        assert kept(each.content.decode())
        assert "no-store" in each["Cache-Control"]


@pytest.mark.parametrize("files", [False, True])
def test_an_ended_session_keeps_the_words(anna: Visitor, files: bool):
    anna.logout()
    said = FORM | {"comment": WORDS} | ({"files": upload("a.png", PNG)} if files else {})
    response = anna.post("/report", said, **HERE)
    html = response.content.decode()
    assert response.status_code == 403
    assert kept(html)
    assert 'href="/accounts/login/code/?next=%2Fmy%2Fsigned-in"' in html
    assert not Report.objects.exists()
    # Another site's form is not offered for sending in our name.
    other = anna.post("/report", said, HTTP_SEC_FETCH_SITE="cross-site")
    assert other.status_code == 302
    assert other["Location"] == "/accounts/login/code/?next=/report"


def test_a_lone_button_after_an_ended_session_leads_back_to_its_page(anna: Visitor):
    report = file_report(anna)
    mine = f"/my/reports/{report.public_id}"
    anna.logout()
    page = {"HTTP_REFERER": f"http://testserver{mine}?new", **HERE}
    answer = anna.post(f"{mine}/settle", {}, **page)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/accounts/login/code/?next={mine}%3Fnew",
    )
    report.refresh_from_db()
    assert report.status == "live"
    for elsewhere in ("http://evil.example/x", "http://testserver.evil.example/", ""):
        answer = anna.post(f"{mine}/settle", {}, **page | {"HTTP_REFERER": elsewhere})
        assert answer["Location"] == f"/accounts/login/code/?next={mine}/settle"


def test_an_address_of_a_form_leads_to_its_page(anna: Visitor):
    mine = f"/my/reports/{file_report(anna).public_id}"
    for address, page in (
        ("/my/account/erase", "/my/account"),
        (f"{mine}/settle", mine),
        ("/my/keys/abcdefgh/revoke", "/my/keys"),
        ("/complaints/prepare", "/complaints"),
        ("/language", "/"),
    ):
        answer = anna.get(address)
        assert (answer.status_code, answer["Location"]) == (302, page)
        assert anna.get(page).status_code == 200


def test_a_form_that_is_sent_to_a_page_is_told_that_nothing_was_done(anna: Visitor):
    answer = anna.post("/about", {}, HTTP_ACCEPT_LANGUAGE="zh-TW")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert "沒有進行任何操作 這個網址只接收表單。請返回原來的頁面，再按一次按鈕。" in text_of(
        answer
    )
    assert answer.content.count(b"<h1>") == 1


def test_an_expired_form_can_be_sent_again(anna: Visitor):
    strict = Visitor(enforce_csrf_checks=True)
    strict.cookies = anna.cookies
    response = strict.post("/report", FORM | {"comment": WORDS}, **HERE)
    html = response.content.decode()
    assert response.status_code == 403
    assert kept(html)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    assert token
    again = FORM | {"comment": WORDS, "csrfmiddlewaretoken": token[1]}
    assert strict.post("/report", again, **HERE).status_code == 302
    assert Report.objects.get().comment == WORDS


def test_a_change_of_language_keeps_the_words(anna: Visitor):
    anna.logout()
    response = anna.post("/report", FORM | {"comment": WORDS}, **HERE)
    language = response.content.decode().partition('class="language"')[2]
    assert kept(language)
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', language))
    assert fields["next"] == "/report"
    chosen = {"language": "zh-hans", "kept": "1", "next": "/report", **FORM, "comment": WORDS}
    response = anna.post("/language", chosen, **HERE)
    html = response.content.decode()
    assert kept(html)
    assert 'action="/report"' in html
    assert "用中文继续" in text_of(response)
    assert response.cookies["django_language"].value == "zh-hans"


def test_a_change_of_language_keeps_what_is_still_being_typed(anna: Visitor):
    load()
    report = file_report(anna)
    crowd(5, "loan_scam", SCAMMER, at=timezone.now())  # a number that can be disputed
    filed = Report.objects.count()
    mine = f"/my/reports/{report.public_id}"
    pages = {
        "/report": "comment",
        f"{mine}/edit": "comment",
        f"{mine}/calls": "words",
        "/my/calls/import": "log",
        prepare(anna, report): "statement",
        f"/numbers/{SCAMMER.key}/dispute": "statement",
        "/organisations": "purpose",
    }
    for path, name in pages.items():
        in_chinese(anna, path, name)
    assert Report.objects.count() == filed
    assert not Dispute.objects.exists()


def test_a_change_of_language_keeps_what_is_typed_on_small_pages_too(
    anna: Visitor, visitor: Visitor
):
    in_chinese(anna, "/my/keys", "name")
    in_chinese(anna, "/my/list", "patterns")
    in_chinese(anna, "/my/list", "caller_name")
    in_chinese(anna, "/my/account", "code", "/my/account/link")
    in_chinese(visitor, "/accounts/login/code/?next=/report", "email")
    assert not OwnRule.objects.exists()
    assert not ApiKey.objects.exists()


def test_a_change_of_language_keeps_the_calls_that_were_read_and_what_was_ticked(anna: Visitor):
    days = [f"{timezone.now() - timedelta(days=day):%Y-%m-%d} 09:00" for day in (1, 2)]
    numbers = ("+8613812345678", "+8613912345678")
    log = "\n".join(f"{number} {day}" for number, day in zip(numbers, days, strict=True))
    page = "/my/calls/import"
    html = anna.post(page, {"do": "read", "log": log}).content.decode()
    assert f'name="reading_in" form="fill" formaction="/language?next={page}"' in html
    typed = [
        (name, unescape(value))
        for name, value in re.findall(
            r'type="hidden" name="(do|log|country)" value="([^"]*)"', html
        )
    ]
    sent = dict(typed) | {"caller": numbers[1], f"category {numbers[1]}": "threat"}
    sent["reading_in"] = "zh-hans"
    response = anna.post(f"/language?next={page}", sent, **HERE)
    assert (response.status_code, response["Location"]) == (307, page)
    response = anna.post(page, sent, **HERE)
    assert '<html lang="zh-hans">' in response.content.decode()
    shown = {each.identity.key: each for each in response.context["callers"]}
    assert {key: each.chosen for key, each in shown.items()} == dict(
        zip(numbers, (False, True), strict=True)
    )
    assert shown[numbers[1]].category == "threat"
    assert not Report.objects.exists()


def test_a_change_of_language_is_no_attempt_at_a_code(visitor: Visitor):
    visitor.post("/accounts/login/code/", {"email": "new@example.org"})
    for _ in range(5):
        in_chinese(visitor, "/accounts/login/code/confirm/", "code")
    assert "Code from the mail" in visitor.see("/accounts/login/code/confirm/")


def test_a_change_of_language_keeps_the_code_and_the_appeal_of_a_dispute(
    visitor: Visitor, settings: Settings, tmp_path: Path
):
    settings.CODE_SENDER = f"file:{tmp_path}"
    crowd(5, "loan_scam", SCAMMER, at=timezone.now())
    said = {"grounds": "mistaken", "statement": "We are a school."}
    where = visitor.where(f"/numbers/{SCAMMER.key}/dispute", said)
    for _ in range(5):
        in_chinese(visitor, where, "code", f"{where}/verify")
    dispute = Dispute.objects.get()
    assert dispute.attempts == 0
    visitor.post(f"{where}/verify", {"code": last_code(tmp_path / "codes.jsonl")})
    decide(dispute, upheld=False, at=timezone.now())
    in_chinese(visitor, where, "statement", f"{where}/appeal")
    assert Dispute.objects.count() == 1


def test_a_change_of_language_keeps_what_is_looked_up(visitor: Visitor):
    html = visitor.get("/").content.decode()
    assert 'formaction="/language?next=/&amp;by=get"' in html
    typed = {"reading_in": "zh-hans", "number": WORDS, "country": "GB"}
    response = visitor.post("/language?next=/&by=get", typed, **HERE, follow=True)
    html = response.content.decode()
    assert kept(html)
    assert 'value="GB" selected' in html
    assert '<html lang="zh-hans">' in html
