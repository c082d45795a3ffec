"""What the log of calls shows by itself: too many calls, and calls at forbidden hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from reputation.complaints import letters
from reputation.complaints.citing import cite
from reputation.complaints.incidents import incidents_of
from reputation.complaints.words import counted as in_words
from reputation.complaints.words import words
from reputation.models import LoggedCall, Report
from tests.given.reporters import newcomer, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_authorities")]

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 2, 15, tzinfo=UTC)  # ten in the morning there
COUNTS = ("counted", "more_incidents", "people", "on_numbers")
WEEK = [0, 1, 2, 3, 4, 5, 6, 6]


def called(*moments: datetime, category: str = "illegal_collection", **more: object) -> Report:
    report = say(newcomer("ann"), category, at=MONDAY + timedelta(days=40), **more).report
    for moment in moments:
        LoggedCall.objects.create(report=report, at=moment, noted_at=moment)
    return report


def counted(report: Report) -> dict[str, dict[str, int]]:
    incidents = incidents_of([report], zone=NEW_YORK)
    cited = cite(country="US", incidents=incidents, zone=NEW_YORK, authority_kind="regulator")
    return {each.provision.slug: dict(each.counted) for each in cited}


@pytest.mark.parametrize(
    ("days", "count"),
    [
        (WEEK, 8),
        ([0, *WEEK, 20], 9),
        (WEEK[:-1], None),  # seven in seven days are no more than seven
        ([0, 1, 2, 3, 4, 5, 6, 7], None),  # eight in eight days
        ([0] * 8, 8),
    ],
)
def test_more_than_seven_calls_within_seven_days(days: list[int], count: int | None):
    moments = [MONDAY + timedelta(days=day, minutes=place) for place, day in enumerate(days)]
    expected = {} if count is None else {"us-regulation-f-14": {"frequency": count}}
    assert counted(called(*moments)) == expected


def test_what_nobody_can_date_is_not_counted():
    assert counted(called(occurred_at=MONDAY, call_count=25)) == {}


def test_the_rule_of_the_day():
    """Regulation F came into force on 30 November 2021."""
    before = [datetime(2021, 11, 20, 15, place, tzinfo=UTC) for place in range(8)]
    assert counted(called(*before)) == {}


@pytest.mark.parametrize(
    ("local", "forbidden"),
    [("07:59", True), ("08:00", False), ("21:00", False), ("21:01", True), ("00:30", True)],
)
def test_hours_are_those_where_one_is_called(local: str, forbidden: bool):
    at = datetime.combine(date(2026, 11, 3), time.fromisoformat(local), NEW_YORK)
    one = {"hours": 1}
    expected = {"us-fdcpa-1692c": one, "us-regulation-f-6": one} if forbidden else {}
    assert counted(called(at)) == expected


@pytest.mark.parametrize(
    ("country", "zone", "local", "cited"),
    [
        ("IN", "Asia/Kolkata", "19:30", {"in-rbi-recovery-2022": {"hours": 1}}),
        ("IN", "Asia/Kolkata", "18:30", {}),
        ("PH", "Asia/Manila", "05:30", {"ph-mc-18-1": {"hours": 1}}),
        ("PH", "Asia/Manila", "19:30", {}),
    ],
)
def test_each_country_has_hours_of_its_own(country: str, zone: str, local: str, cited: object):
    there = ZoneInfo(zone)
    at = datetime.combine(date(2026, 11, 3), time.fromisoformat(local), there)
    incidents = incidents_of([called(at)], zone=there)
    found = cite(country=country, incidents=incidents, zone=there, authority_kind="regulator")
    assert {each.provision.slug: dict(each.counted) for each in found} == cited


@pytest.mark.parametrize(
    ("category", "cited"),
    [
        ("robocall", {"us-tcpa-227b": {"any": 1}}),
        ("impersonation", {"us-impersonation-461": {"any": 1}}),
        ("telemarketing", {}),
        ("survey", {}),
    ],
)
def test_what_a_kind_of_call_is_by_itself(category: str, cited: dict[str, dict[str, int]]):
    assert counted(called(category=category, occurred_at=MONDAY)) == cited


def test_the_letter_says_how_many():
    moments = [MONDAY + timedelta(days=day, minutes=place) for place, day in enumerate(WEEK)]
    incidents = incidents_of([called(*moments)], zone=NEW_YORK)
    [citation] = cite(country="US", incidents=incidents, zone=NEW_YORK)
    said = letters._cited(citation, "en")
    assert "12 CFR § 1006.14(b) (on acts of 2026-11-02 to 2026-11-08): (2) more than seven" in said
    assert said.endswith("(here: 8 calls).")


def test_one_call_is_one_call_in_the_letter():
    at = datetime(2026, 11, 3, 7, 30, tzinfo=NEW_YORK)
    citations = cite(
        country="US", incidents=incidents_of([called(at)], zone=NEW_YORK), zone=NEW_YORK
    )
    assert all("(here: 1 call)" in letters._cited(each, "en") for each in citations)
    assert citations


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_each_count_has_a_form_for_one(language: str):
    says = words(language)
    forms = [*(says[name] for name in COUNTS), says["chart"]["unplaced"]]
    assert all(in_words(each, 1) != in_words(each, 2).replace("2", "1") for each in forms)
