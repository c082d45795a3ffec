"""Which law a complaint cites: that of the place, on the day of the incident."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reputation.complaints.citing import cite
from reputation.complaints.incidents import incidents_of
from reputation.models import Provision, Statute
from tests.given.reporters import newcomer, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_authorities")]

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YEAR = datetime(2025, 12, 31, 16, tzinfo=UTC)  # midnight in China


def cited(*, at, conduct, category="illegal_collection", country="CN", zone=SHANGHAI, kind=""):
    report = say(
        newcomer(f"li {at}"),
        category,
        at=datetime(2026, 1, 10, tzinfo=UTC),
        occurred_at=at,
        conduct=conduct,
    ).report
    return [
        (each.provision.slug, [(act.conduct, act.item) for act in each.acts])
        for each in cite(
            country=country,
            incidents=incidents_of([report], zone=zone),
            zone=zone,
            authority_kind=kind,
        )
    ]


def of_public_security(found):
    return [each for each in found if each[0].startswith("cn-psapl")]


@pytest.mark.parametrize(
    ("at", "zone", "provision", "item"),
    [
        (datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC), SHANGHAI, "cn-psapl-42", "第（五）项"),
        (NEW_YEAR, SHANGHAI, "cn-psapl-2026", "第（五）项"),
        # The day is that of the place, not Greenwich's.
        (NEW_YEAR, ZoneInfo("UTC"), "cn-psapl-42", "第（五）项"),
        (datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), "cn-psapl-2026", "第（五）项"),
        # Nobody said when: the day of the report.
        (None, SHANGHAI, "cn-psapl-2026", "第（五）项"),
    ],
)
def test_the_boundary_day_of_the_revised_law(at, zone, provision, item):
    found = of_public_security(cited(at=at, zone=zone, conduct=["repeated_intimidation"]))
    assert found == [(provision, [("repeated_intimidation", item)])]


@pytest.mark.parametrize(
    ("conduct", "items"),
    [
        (["threats"], ["第（一）项"]),
        (["insult_or_defamation"], ["第（二）项"]),
        (["false_accusation"], ["第（三）项"]),
        (["witness_retaliation"], ["第（四）项"]),
        (["repeated_intimidation"], ["第（五）项"]),
        (["privacy_disclosure"], ["第（六）项"]),
    ],
)
def test_each_of_the_six_acts_has_its_item(conduct, items):
    for year, slug in ((2025, "cn-psapl-42"), (2026, "cn-psapl-2026")):
        found = cited(at=datetime(year, 1, 9, tzinfo=UTC), conduct=conduct)
        assert of_public_security(found) == [(slug, [(conduct[0], items[0])])]


@pytest.mark.parametrize(
    ("category", "conduct", "expected"),
    [
        ("illegal_collection", [], []),
        ("illegal_collection", ["contacted_third_parties"], []),
        ("threat", [], [("cn-psapl-42", [("threats", "第（一）项")])]),
        (
            *("threat", ["privacy_disclosure", "threats"]),
            [("cn-psapl-42", [("threats", "第（一）项"), ("privacy_disclosure", "第（六）项")])],
        ),
    ],
)
def test_what_is_reported_decides_what_is_cited(category, conduct, expected):
    found = cited(at=datetime(2025, 12, 1, tzinfo=UTC), category=category, conduct=conduct)
    assert of_public_security(found) == expected


@pytest.mark.parametrize(
    ("category", "country", "kind", "expected"),
    [
        ("illegal_collection", "CN", "police", "cn-criminal cn-pipl cn-psapl"),
        ("telemarketing", "CN", "police", "cn-pipl cn-psapl"),
        ("illegal_collection", "CN", "regulator", "cn-civil-code cn-gbt-45251 cn-pipl cn-psapl"),
        ("telemarketing", "CN", "hotline", "cn-civil-code cn-pipl cn-psapl"),
        ("illegal_collection", "US", "regulator", "us-fdcpa us-regulation-f"),
        ("illegal_collection", "US", "police", ""),
        ("telemarketing", "US", "regulator", "us-tsr"),
        ("robocall", "US", "regulator", "us-tcpa us-tsr"),
        ("impersonation", "US", "prosecutor", "us-impersonation-rule"),
    ],
)
def test_each_authority_is_told_what_it_enforces(category, country, kind, expected):
    acts = ["repeated_intimidation", "contacted_third_parties"]
    at = datetime(2026, 1, 9, tzinfo=UTC)
    found = cited(at=at, category=category, conduct=acts, country=country, kind=kind)
    cited_from = Statute.objects.filter(provisions__slug__in=[slug for slug, _ in found])
    assert set(cited_from.values_list("slug", flat=True)) == set(expected.split())


@pytest.mark.parametrize(
    ("country", "conduct", "expected"),
    [
        (
            "US",
            ["repeated_intimidation"],
            [("us-fdcpa-1692d", "(5)"), ("us-regulation-f-14", "(1)")],
        ),
        ("US", ["contacted_third_parties"], [("us-fdcpa-1692c", "(b)")]),
        ("DE", ["insult_or_defamation"], [("de-stgb-185", "")]),
        ("FR", ["threats"], []),
    ],
)
def test_each_country_has_its_law(country, conduct, expected):
    found = cited(at=datetime(2025, 12, 1, tzinfo=UTC), conduct=conduct, country=country)
    assert [(slug, acts[0][1]) for slug, acts in found] == expected


@pytest.mark.parametrize(
    ("conduct", "statute", "rule"),
    [
        ("undisclosed_collector", ("us-fdcpa-1692e", "(11)"), ("us-regulation-f-18", "")),
        ("no_written_notice", ("us-fdcpa-1692g", "(a)"), ("us-regulation-f-34", "(1)")),
    ],
)
def test_collectors_say_who_they_are_and_send_a_notice(conduct, statute, rule):
    for day, also in ((29, []), (30, [rule])):  # the rule is in force from 2021-11-30
        report = say(
            newcomer(f"li {day}"),
            "illegal_collection",
            at=datetime(2021, 12, 10, tzinfo=UTC),
            occurred_at=datetime(2021, 11, day, 17, tzinfo=UTC),
            conduct=[conduct],
        ).report
        zone = ZoneInfo("America/New_York")
        found = cite(country="US", incidents=incidents_of([report], zone=zone), zone=zone)
        assert [(each.provision.slug, each.acts[0].item) for each in found] == [statute, *also]
    at = datetime(2026, 1, 9, 4, tzinfo=UTC)
    assert cited(at=at, conduct=[conduct], category="telemarketing", country="US") == []
    assert cited(at=at + timedelta(hours=1), conduct=[conduct]) == []


def test_calls_on_both_sides_of_the_day_are_each_judged_by_their_law():
    by = newcomer("li")
    said = {"conduct": ["threats"]}
    before, after = datetime(2025, 12, 20, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)
    say(by, at=before, occurred_at=before, **said)
    report = say(by, at=after, occurred_at=after, **said).report
    incidents = incidents_of([report], zone=SHANGHAI)
    assert [
        (each.provision.slug, each.first, each.last)
        for each in cite(country="CN", incidents=incidents, zone=SHANGHAI)
        if each.provision.statute.slug == "cn-psapl"
    ] == [
        ("cn-psapl-42", date(2025, 12, 20), date(2025, 12, 20)),
        ("cn-psapl-2026", date(2026, 1, 5), date(2026, 1, 5)),
    ]


def test_what_nobody_held_against_the_official_text_says_so():
    assert set(Provision.objects.values_list("checked", flat=True)) == {False}
    revised = Provision.objects.get(slug="cn-psapl-2026")
    assert revised.article == "第五十条"
    assert "compare it at npc.gov.cn" in revised.source
