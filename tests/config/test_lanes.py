"""Which threads answer which requests."""

import json

import pytest

from config.server import LOOKUPS, OUTSIDE, PACKS, PAGES, PASSWORDS, REST, lane_of, refuse
from edge import Lane
from tests.given.processor import processor


@pytest.mark.parametrize(
    ("path", "lane"),
    [
        ("/compat/phoneblock/check", LOOKUPS),
        ("//compat//phoneblock//check", LOOKUPS),
        ("/compat/", LOOKUPS),
        ("/compat/cidlookup/sms", LOOKUPS),
        ("/compat/sms", REST),
        ("//compat//sms//", REST),
        ("/compat", REST),
        ("/v1/reports", REST),
        ("/v1/numbers/030/901820", LOOKUPS),
        ("/v1/numbers/030/901820/reports", REST),
    ],
)
def test_each_path_has_its_lane(path: str, lane: Lane) -> None:
    assert lane_of("GET", path) is lane


DISPUTE = "3f0d7c52-9d3c-4a53-9f0e-0f6f0f6b7a11"


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/code/",
        "/accounts/login/code/confirm/",
        "/my/account",
        "/my/account/erase",
        "/numbers/+4930901820/dispute",
        "/numbers/030/901820/dispute",
        f"/disputes/{DISPUTE}/send",
        "/v1/numbers/+4930901820/disputes",
        "/v1/numbers/030/901820/disputes/",
        "/v1/intake/email",
    ],
)
def test_a_mail_server_that_hangs_holds_up_only_what_waits_for_it(path: str) -> None:
    assert lane_of("POST", path) is OUTSIDE
    assert lane_of("GET", path) is not OUTSIDE


@pytest.mark.parametrize(
    "path",
    [
        "/report",
        f"/disputes/{DISPUTE}/verify",
        f"/v1/disputes/{DISPUTE}/verify",
        "/v1/intake/sms",
        "/v1/reports",
        "/my/account/link",
    ],
)
def test_who_waits_for_no_mail_server_is_not_held_up_by_one(path: str) -> None:
    assert lane_of("POST", path) is REST


@pytest.mark.parametrize(
    "path",
    [f"/complaints/{DISPUTE}", f"/v1/complaints/{DISPUTE}/pack", f"//complaints//{DISPUTE}/"],
)
def test_who_makes_packs_takes_one_thread_and_no_page_s(path: str) -> None:
    assert (lane_of("POST", path), PACKS.threads) == (PACKS, 1)
    assert lane_of("GET", path) is REST


@pytest.mark.parametrize(
    "path",
    ["/complaints", "/complaints/prepare", "/v1/complaints", f"/v1/complaints/{DISPUTE}"],
)
def test_who_prepares_a_complaint_waits_for_no_pack_of_others(path: str) -> None:
    assert lane_of("POST", path) is REST


@pytest.mark.parametrize("path", ["/admin/login/", "//admin//login", "/accounts/reauthenticate/"])
def test_who_guesses_passwords_takes_one_thread_and_no_page_s(path: str) -> None:
    assert (lane_of("POST", path), PASSWORDS.threads) == (PASSWORDS, 1)
    assert lane_of("GET", path) is REST


@pytest.mark.parametrize(
    ("status", "accepted", "cookie", "title", "language"),
    [
        (400, "", "", "Not all of it arrived", "en"),
        (408, "zh-CN", "", "内容没有收全", "zh-hans"),
        (413, "zh-TW,en;q=0.5", "", "這些檔案加起來太大", "zh-hant"),
        (429, "fr", "", "Too many requests", "en"),
        (503, "zh-CN", "", "现在访问的人太多", "zh-hans"),
        (503, "zh-CN", "django_language=en", "Too many people are here now", "en"),
        (500, "zh-CN", "", "我们这边出了问题", "zh-hans"),
    ],
)
def test_people_are_refused_by_a_page_in_their_language(
    status: int, accepted: str, cookie: str, title: str, language: str
) -> None:
    asked = {"HTTP_ACCEPT_LANGUAGE": accepted, "HTTP_COOKIE": cookie}
    headers, body = refuse(status, 5, "/report", asked)
    assert dict(headers) == {
        "X-Content-Type-Options": "nosniff",
        "Content-Language": language,
        "Vary": "Accept-Language, Cookie",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Retry-After": "5",
    }
    assert f"<h1>{title}</h1>" in body.decode()
    assert f'<html lang="{language}">' in body.decode()
    assert body == PAGES[status, language]


def test_machines_are_refused_by_problem_details() -> None:
    headers, body = refuse(413, 0, "/v1/reports", {"HTTP_ACCEPT_LANGUAGE": "zh-CN"})
    assert dict(headers) == {
        "X-Content-Type-Options": "nosniff",
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
    }
    assert json.loads(body)["type"] == "urn:ringscore:problem:too-large"


@pytest.mark.parametrize(
    "path", ["/compat/cidlookup/+12025550101", "/compat/cidlookup", "//compat//cidlookup//1"]
)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_no_refusal_becomes_a_callers_name(path: str, status: int) -> None:
    """FreeSWITCH shows any body, whatever its status."""
    headers, body = refuse(status, 5, path, {})
    assert body == b""
    assert dict(headers) == {
        "X-Content-Type-Options": "nosniff",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": "0",
        "Retry-After": "5",
    }


def test_slashes_are_not_counted_in_every_way() -> None:
    """The event loop looks at each path: what it takes stops all others of the process."""
    with processor(20):
        assert lane_of("GET", f"/compat{'/' * 500_000}\n") is REST
        for begun in ("", "/numbers", "/disputes", "/accounts/login/code", "/v1/numbers/1"):
            assert lane_of("POST", f"{begun}{'/' * 500_000}\n") is REST
