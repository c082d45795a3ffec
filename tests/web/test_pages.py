"""What holds for every page: its policy, its language, and what it says when something is wrong."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from pytest_django import Settings

from config.errors import server_error
from reputation.identity import identify
from reputation.moderation.roles import MODERATOR
from reputation.privacy import RETENTION
from tests.given.reporters import crowd
from tests.given.staff import as_role
from tests.given.visitors import Visitor, headings, text_of
from web.errors import bad_request, forbidden
from web.locality import zone_of
from web.templatetags.words import dialling

PUBLIC = (
    *("/", "/numbers/+8613812345678", "/numbers/+8613812345678/dispute", "/advice", "/how"),
    *("/about", "/terms", "/transparency", "/advice?country=CN"),
    *("/statistics", "/privacy", "/directory", "/stop", "/accounts/login/code/", "/nothing/here"),
    "/connect",
)
OWN = (
    "/report",
    "/my/calls/import",
    "/my/reports",
    "/my/account",
    "/my/keys",
    "/my/list",
    "/my/watched",
    "/my/watched?number=%2B8613812345678",
    "/connect/list",
    "/complaints",
    "/accounts/logout/",
)
HALF_WIDTH = re.compile(r"[一-鿿] ?[,:;?!] ?[一-鿿]")
INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r'<(?:script|link|img|iframe|form)[^>]+(?:src|href|action)="(?:https?:)?//')


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-CN", "zh-TW"])
def test_every_page_keeps_to_the_policy_in_each_language(
    known: Callable[..., Visitor], language: str
):
    crowd(4, "loan_scam", identify("+8613812345678"), at=timezone.now())
    person, nobody = known(), Visitor()
    for path in (*PUBLIC, *OWN):
        who = person if path in OWN else nobody
        response = who.get(path, headers={"accept-language": language})
        html = response.content.decode()
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert not INLINE.search(html), path
        assert "object at 0x" not in html, path
        assert not ELSEWHERE.search(html), path
        spoken = {"en": "en", "zh-CN": "zh-hans", "zh-TW": "zh-hant"}[language]
        assert response["Content-Language"] == spoken, path
        assert f'<html lang="{spoken}">' in html, path
        assert len(re.findall(r"<h1[ >]", html)) == 1, path
        if language != "en":
            for heading in headings(response):
                assert not re.search(r"[a-z]{4,}", heading.replace("Cookie", "")), path
            assert HALF_WIDTH.findall(text_of(response)) == [], path


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-CN", "zh-TW"])
def test_chinese_pages_of_ones_own_have_chinese_punctuation(
    known: Callable[..., Visitor], language: str, evidence_dir: Path
):
    anna = known()
    speaks = {"accept-language": language}
    said = {"number": "+8613812345678", "category": "threat", "channel": "call"}
    said |= {"call_count": "3", "conduct": "threats", "comment": "说要上门。"}
    where = anna.where("/report", said).partition("?")[0]
    wrong = said | {"number": "喂", "category": ""}
    for response in (
        anna.post("/report", wrong, headers=speaks),
        anna.post("/my/list", {"patterns": "喂喂", "action": "block"}, headers=speaks),
        anna.get(where, headers=speaks),
        anna.get("/complaints", headers=speaks),
        anna.get("/numbers/+8613812345678", headers=speaks),
    ):
        assert HALF_WIDTH.findall(text_of(response)) == []


@pytest.mark.django_db
def test_whom_one_calls_for_help_is_a_tap_away(visitor: Visitor):
    crowd(4, "threat", identify("+8613812345678"), at=timezone.now())
    for path in ("/advice?country=CN&category=threat", "/numbers/+8613812345678"):
        html = visitor.get(path, headers={"accept-language": "zh-CN"}).content.decode()
        for number in ("110", "96110", "12321", "12378"):
            assert f'href="tel:{number}"' in html, path
    american = visitor.get("/advice?country=US").content.decode()
    # No notes of ours, and no places where we read it.
    assert not re.search(r"Source|docs/|\.py|Nobody has compared", text_of(visitor.get("/advice")))
    assert 'href="tel:911"' in american
    assert "12321" not in american
    # Where advice speaks of the police, the number in its words can be tapped, too.
    assert dialling("<b>110, not 1100", "110").startswith("&lt;b&gt;<a ")
    assert dialling("<b>110, not 1100", "110").count("<a ") == 1


@pytest.mark.django_db
def test_a_choice_of_language_outlives_the_browsers(visitor: Visitor):
    response = visitor.post("/language", {"language": "zh-hans", "next": "/how"})
    assert (response.status_code, response["Location"]) == (302, "/how")
    assert "评分是怎么来的" in visitor.see("/how")
    visitor.post("/language", {"language": "zh-hant"})
    assert "評分是怎麼來的" in visitor.see("/how")
    visitor.post("/language", {"language": "zh-hans"})
    visitor.post("/language", {"language": "tlh"})
    assert "评分是怎么来的" in visitor.see("/how")
    # Django would take a word for the name of a view.
    for elsewhere in ("https://evil.example/", "//evil.example", "how", "admin:index", "é", "a\0b"):
        away = visitor.post("/language", {"language": "en", "next": elsewhere})
        assert away["Location"] == "/"
    assert visitor.get("/language")["Location"] == "/"


@pytest.mark.parametrize(
    ("cookie", "language", "zone"),
    [
        ("Asia/Shanghai", "en-GB", "Asia/Shanghai"),
        ("nowhere", "en-GB", "Europe/London"),
        ("", "en-US", "America/New_York"),
        ("", "zh", "Asia/Shanghai"),
        ("", "en", "UTC"),
    ],
)
def test_times_are_told_by_the_readers_clock(cookie: str, language: str, zone: str):
    request = RequestFactory().get("/", headers={"accept-language": language})
    request.COOKIES["zone"] = cookie
    assert str(zone_of(request)) == zone


def _request(path: str) -> HttpRequest:
    return RequestFactory().get(path, headers={"accept": "text/html"})


@pytest.mark.slow
@pytest.mark.django_db
def test_what_no_form_of_ours_sends_breaks_nothing(known: Callable[..., Visitor]):
    person = known()
    for path in (
        *("/lookup?number=%00", "/numbers/%00", "/numbers/%00/dispute", "/numbers/%00/reports"),
        *("/directory?name=%00", "/advice?category=%00&country=%00&conduct=%00"),
        *("/complaints?report=%00&country=%00", "/report?number=%00", "/lookup", "/numbers/"),
    ):
        assert person.get(path).status_code < 500, path
    nul = dict.fromkeys(("number", "category", "code", "authority", "language", "next"), "\x00")
    nul |= {"statement": "\0", "grounds": "mistaken", "report": str(uuid.uuid4())}
    for path in (
        *("/report", "/my/account/link", "/complaints/prepare", "/language"),
        *("/numbers/+8613812345678/dispute", "/accounts/login/code/"),
    ):
        assert person.post(path, nul).status_code < 500, path


@pytest.mark.django_db
def test_machines_are_told_in_their_own_way(visitor: Visitor):
    page, problem = visitor.get("/nothing"), visitor.get("/v1/nothing")
    assert (page.status_code, problem.status_code) == (404, 404)
    assert page["Content-Type"].startswith("text/html")
    assert problem["Content-Type"] == "application/problem+json"
    lost = visitor.get("/v9/numbers", headers={"accept": "*/*"})
    assert lost["Content-Type"] == "application/problem+json"
    assert server_error(_request("/v1/x"))["Content-Type"] == "application/problem+json"
    assert "Something broke on our side" in text_of(server_error(_request("/x")))


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "PUT", "DELETE"])
def test_a_method_that_no_page_knows_is_not_allowed(method: str):
    """An address book looks for itself at the start page: it was asked to send a form again."""
    strict = Client(enforce_csrf_checks=True)
    for path, allowed in {
        "/": "GET, HEAD",
        "/numbers/1": "GET, HEAD",
        "/numbers/1/dispute": "GET, HEAD, POST",
        "/my/signed-in": "GET, HEAD",
        "/my/account/copy": "POST",
        "/admin/login/": "GET, HEAD, POST",
        "/accounts/login/code/": "GET, HEAD, POST",
    }.items():
        answer = strict.generic(method, path, headers={"accept": "*/*"})
        assert (answer.status_code, answer["Allow"]) == (405, allowed), path
        assert answer["Content-Type"] == "application/problem+json"
    page = strict.generic(method, "/", headers={"accept": "text/html"})
    assert (page.status_code, page["Allow"]) == (405, "GET, HEAD")
    assert "Nothing was done" in text_of(page)


def test_what_a_program_posts_to_a_page_has_a_wrong_address():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/", {"id": 1}, "application/json", headers={"accept": "*/*"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:ringscore:problem:not-found")
    form = strict.post("/admin/login/", {"username": "anna"}, headers={"accept": "*/*"})
    assert form.status_code == 403
    assert "Please send it once more" in text_of(form)


@pytest.mark.django_db
def test_what_other_errors_say():
    assert "We could not read this request" in text_of(bad_request(_request("/"), ValueError()))
    assert "You may not open this page" in text_of(forbidden(_request("/"), ValueError()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/admin/auth/user/", "Your roles do not include it. An administrator gives roles."),
        ("/admin/nothing/", "It may have been removed. If you typed the address, check it."),
        ("/admin/reputation/auditentry/?at__gte=x", "We could not read this request"),
    ],
)
def test_errors_of_the_panel_lead_back_to_the_panel(path: str, told: str):
    answer = as_role(MODERATOR).get(path, headers={"accept": "text/html"})
    assert told in text_of(answer)
    assert '<a class="button" href="/admin/">Back to the panel</a>' in answer.content.decode()
    assert "Look a number up" not in text_of(answer)


@pytest.mark.usefixtures("database_away")
@pytest.mark.parametrize("path", ["/numbers/+8613812345678", "/statistics", "/directory"])
def test_a_database_that_is_away(visitor: Visitor, path: str, caplog: pytest.LogCaptureFixture):
    visitor.cookies["sessionid"] = "somebody"
    response = visitor.get(path)
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "We cannot reach our records now" in text_of(response)
    assert "database or cache unavailable" in caplog.text


@pytest.mark.usefixtures("database_away")
def test_pages_that_need_no_database(visitor: Visitor):
    for path in ("/", "/how", "/privacy", "/advice"):
        assert visitor.get(path).status_code == 200, path


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_privacy_page_names_the_operator_and_how_long_things_are_kept(
    visitor: Visitor, settings: Settings, language: str
):
    settings.OPERATOR_NAME, settings.OPERATOR_CONTACT = "Example Ltd\n1 High St", "a@example.org"
    settings.LEGAL_BASES = "Because <b>we</b> may."
    page = visitor.see("/privacy", headers={"accept-language": language})
    assert "Example Ltd 1 High St a@example.org" in page
    assert "Because <b>we</b> may." in page
    # Not 地址 alone, which is also where somebody lives: the form asks to write no such thing.
    hidden = {
        "en": "numbers, e-mail and web addresses hidden",
        "zh-hans": "号码、邮箱和网址会被隐藏",
    }
    assert hidden[language] in page
    with translation.override(language):
        for rule in RETENTION:
            what, span, then = rule.shown()
            if language != "en":
                assert re.search("[一-鿿]", what), what
                assert re.search("[一-鿿]", then), then
            assert f"{what} {then if span == '–' else f'{span} · {then}'}" in page


@pytest.mark.django_db
def test_an_organisation_in_whose_name_others_call_finds_what_it_can_do(visitor: Visitor):
    assert 'href="/about#name"' in visitor.get("/directory").content.decode()
    html = visitor.get("/about").content.decode()
    assert 'id="name"' in html
    assert "https://example.com/.well-known/telephone-numbers.json" in html
