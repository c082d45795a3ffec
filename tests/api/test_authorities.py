"""GET /v1/authorities"""

import pytest

from reputation.models import Authority
from tests.given.api_requests import NOW, ask, holder, trouble
from tests.given.authorities import load_authorities

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _authorities():
    load_authorities()


SMS = {
    "id": "cn-telecom-sms",
    "kind": "sms",
    "address": "10000999",
    "grammar": "{number}:{content}",
    "note": "另有 2022 年的资料使用星号代替冒号；若回复格式错误可改用星号。",
    "source": "No source on record; not checked against an official text",
    "source_date": "",
    "checked": False,
}
TELECOM = {
    "id": "cn-telecom",
    "kind": "carrier",
    "country": "CN",
    "name": "中国电信",
    "takes": "本网用户收到的垃圾短信和骚扰电话。",
    "categories": [],
    "conduct": [],
    "answer_days": 15,
    "answer_basis": "运营商应在 15 日内答复用户投诉；逾期可向电信用户申诉受理中心（12300）申诉。"
    "依据：湖北省通信管理局网站（未核对）。",
    "channels": [SMS],
    "source": "No source on record for number:content to 10000999; "
    "not checked against an official text",
    "source_date": "",
    "checked": False,
}


def ids(target: str) -> list[str]:
    return [each["id"] for each in ask("GET", target).json["results"]]


def test_one_authority_in_full():
    Authority.objects.exclude(slug="cn-telecom").update(active=False)
    answer = ask("GET", "/v1/authorities?country=cn&language=zh-Hans&conduct=threats")
    assert answer.status == 200
    assert answer.json == {
        "country": "CN",
        "results": [TELECOM],
        "provisions": answer.json["provisions"],
    }
    assert [each["id"] for each in answer.json["provisions"]] == [
        "cn-criminal-293-1",
        "cn-gbt-45251-2025",
        "cn-psapl-2026",
    ]
    law = answer.json["provisions"][-1]
    assert law == {
        "id": "cn-psapl-2026",
        "statute": "《中华人民共和国治安管理处罚法》",
        "article": "第五十条",
        "acts": law["acts"],
        "penalty": law["penalty"],
        "effective_from": "2026-01-01",
        "effective_to": "",
        "source": law["source"],
        "source_date": "2025-06-27",
        "checked": False,
    }
    assert law["acts"][0]["conduct"] == "threats"
    assert "Entered without the official text" in law["source"]
    assert answer.left == (60, 59)


def test_what_was_checked_and_when_says_so():
    Authority.objects.filter(slug="cn-12363").update(checked=True, checked_at=NOW)
    [found] = [
        each
        for each in ask("GET", "/v1/authorities?country=CN").json["results"]
        if each["id"] == "cn-12363"
    ]
    assert (found["checked"], found["source_date"]) == (True, "2014-03-21")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("country=DE", "de-bnetza de-police de-bafin lender"),
        ("country=DE&category=survey", "de-bnetza de-police"),
        (
            "country=US&conduct=privacy_disclosure&category=threat",
            "us-cfpb us-ftc-fraud us-fcc us-state-ag us-carrier",
        ),
        ("country=FR", "lender"),
    ],
)
def test_who_takes_what_where(query, expected):
    found = ids(f"/v1/authorities?{query}")
    assert [each for each in found if each != "lender"] == [
        each for each in expected.split() if each != "lender"
    ]
    assert ("lender" in found) is ("survey" not in query)


@pytest.mark.parametrize(
    ("day", "provision", "article"),
    [
        ("2005-12-31", None, None),
        ("2025-12-31", "cn-psapl-42", "article 42"),
        ("2026-01-01", "cn-psapl-2026", "article 50"),
    ],
)
def test_the_law_of_a_day(day, provision, article):
    found = ask("GET", f"/v1/authorities?country=CN&day={day}").json["provisions"]
    police = [(each["id"], each["article"]) for each in found if "psapl" in each["id"]]
    assert police == ([(provision, article)] if provision else [])


@pytest.mark.parametrize(
    ("query", "field", "detail"),
    [
        ("", "country", "Give a country as ISO 3166 does, such as CN."),
        ("country=China", "country", "Give a country as ISO 3166 does, such as CN."),
        ("country=1%C3%A9", "country", "Give a country as ISO 3166 does, such as CN."),
        ("country=CN&language=de", "language", "Choose one of: en, zh-hans, zh-hant."),
        ("country=CN&day=24.11.2026", "day", "Give a day as 2026-11-24."),
        (
            "country=CN&conduct=rudeness",
            "conduct",
            "Choose one of: threats, insult_or_defamation, false_accusation, witness_retaliation, "
            "repeated_intimidation, privacy_disclosure, contacted_third_parties, "
            "undisclosed_collector, no_written_notice.",
        ),
        (
            "country=CN&category=spam",
            "category",
            "Choose one of: illegal_collection, impersonation, legitimate, loan_scam, other, "
            "phishing, robocall, silent_call, survey, telemarketing, threat.",
        ),
    ],
)
def test_what_is_asked_wrongly(query, field, detail):
    answer = ask("GET", f"/v1/authorities?{query}")
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-request", detail),
        (f"#/{field}", "invalid-request", detail),
    )


def test_a_dead_key_and_a_good_one():
    assert ask("GET", "/v1/authorities?country=CN", by="rsk_nothing").status == 401
    answer = ask("GET", "/v1/authorities?country=CN", by=holder("lookup"))
    assert (answer.status, answer.left) == (200, (600, 599))


def test_any_number_of_authorities_costs_the_same(django_assert_num_queries):
    for country in ("CN", "DE"):
        # Authorities, channels, provisions, their acts.
        with django_assert_num_queries(4):
            ask("GET", f"/v1/authorities?country={country}")
