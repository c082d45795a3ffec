"""The public report: counted once a month has ended; small counts are not told, nor follow."""

import json
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.disputes import decide_dispute
from reputation.identity import identify
from reputation.models import AuditEntry, DayFigures, HourFigures, TransparencyMonth
from reputation.moderation import SENIOR
from reputation.privacy import FEW
from reputation.quality import transparency
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, newcomer, row, say
from tests.given.staff import staff

OCTOBER = datetime(2026, 10, 20, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 3, tzinfo=UTC)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30)))
def test_no_line_is_small_and_none_follows_from_the_others(counts: dict[str, int]):
    lines = transparency.folded(counts)
    shown = {line["name"]: line["count"] for line in lines}
    assert all(count >= FEW for count in shown.values())
    assert all(counts[name] == count for name, count in shown.items() if name != "rest")
    # What is missing from the lines is not told by the total: either all is there, or all is few.
    assert sum(shown.values()) == sum(counts.values()) or sum(counts.values()) < FEW
    hidden = [name for name in counts if name not in shown]
    assert len(hidden) != 1 or counts[hidden[0]] >= FEW or sum(counts.values()) < FEW


@pytest.fixture
def october() -> None:
    """Twelve reports, nine decisions, seven disputes and an appeal, in October 2026."""
    boss = staff(SENIOR, "boss")
    for category, reports in (("threat", 6), ("survey", 4), ("legitimate", 2)):
        HourFigures.objects.create(hour=OCTOBER, category=category, channel="call", reports=reports)
    DayFigures.objects.create(
        day=date(2026, 10, 31), flagged=12, blocked=3, decisions=9, false_blocks=0,
        counted_at=OCTOBER,
    )  # fmt: skip
    say(newcomer("a"), at=OCTOBER)
    AuditEntry.objects.bulk_create(
        AuditEntry(at=OCTOBER, actor=boss, verb=verb, reason=reason, number=row())
        for verb, reason, times in (
            ("confirm_number", "#independent_reports", 6),
            ("hide_report", "#names_people", 2),
            ("pin_number", "#order_of_authority 12/26", 1),
            ("read_message", "#authority_asked", 4),
        )
        for _ in range(times)
    )
    for n in range(7):
        number = identify(f"+4930901820{n}")
        say(newcomer(f"of {n}"), number=number, at=OCTOBER - DAY)
        dispute = a_dispute(number=row(number), verified_at=OCTOBER)
        if n:
            decide_dispute(
                actor=boss, dispute=dispute, upheld=True, reason="x", now=OCTOBER + n * DAY
            )


@pytest.mark.django_db
def test_a_month_is_counted_once_after_it_has_ended(october: None, client: Client):
    assert transparency.count_up(now=datetime(2026, 10, 31, tzinfo=UTC)) == 0
    assert transparency.count_up(now=DECEMBER) == 2
    assert transparency.count_up(now=DECEMBER) == 0
    figures = TransparencyMonth.objects.get(month=date(2026, 10, 1)).figures
    assert figures["reports"] == 12
    assert figures["reports_by_category"] == [
        {"name": "threat", "count": 6},
        {"name": "rest", "count": 6},
    ]
    assert (figures["flagged"], figures["blocked"]) == (12, None)
    # With the six disputes fifteen decisions; hidden words are among the rest.
    assert figures["decisions"] == 15
    assert figures["decisions_by_kind"] == [
        {"name": "confirm_number", "count": 6},
        {"name": "rest", "count": 9},
    ]
    assert (figures["hidden"], figures["rejected"]) == (None, 0)
    assert figures["decisions_by_reason"][0] == {"name": "independent_reports", "count": 6}
    assert figures["authority_requests"] == 5
    assert figures["calibration"] == {
        "drawn_and_decided": 0,
        "drawn_and_missing": 0,
        "unwanted_percent": None,
        "expected_percent": None,
        "fitted": False,
    }
    assert (figures["disputes"], figures["disputes_decided"], figures["median_days"]) == (7, 6, 3.5)
    assert figures["disputes_by_outcome"] == [{"name": "upheld", "count": 6}]
    # What is decided later about October changes nothing that was told.
    AuditEntry.objects.create(
        at=OCTOBER, actor=AuditEntry.objects.latest("id").actor, verb="clear_number", reason="x"
    )
    assert transparency.count_up(now=DECEMBER + DAY) == 0
    body = json.loads(client.get("/transparency.json").content)
    assert [month["month"] for month in body["months"]] == ["2026-11", "2026-10"]
    assert body["months"][1] | figures == body["months"][1]
    assert body["suppressed_below"] == FEW


@pytest.mark.django_db
def test_a_month_that_a_clock_ahead_counted_before_its_end_is_counted_again(october: None):
    assert transparency.count_up(now=datetime(2026, 11, 2, tzinfo=UTC)) == 1
    right = datetime(2026, 10, 30, tzinfo=UTC)
    boss = AuditEntry.objects.latest("id").actor
    AuditEntry.objects.create(at=right, actor=boss, verb="clear_number", reason="x")
    assert transparency.count_up(now=right) == 0
    assert not TransparencyMonth.objects.exists()
    transparency.count_up(now=DECEMBER)
    figures = TransparencyMonth.objects.get(month=date(2026, 10, 1)).figures
    assert figures["decisions"] == 16


@pytest.mark.django_db
def test_the_page_in_both_languages(october: None, client: Client, django_assert_num_queries):
    empty = client.get("/transparency").content.decode()
    assert "No month has been counted yet" in empty
    transparency.count_up(now=DECEMBER)
    with django_assert_num_queries(1):
        page = client.get("/transparency?month=2026-10").content.decode()
    for said in (
        "October 2026",
        "Number confirmed as unwanted",
        "not published",
        "the rest",
        "can be believed",
    ):
        assert said in page
    assert "November 2026" in client.get("/transparency?month=nonsense").content.decode()
    chinese = client.get("/transparency?month=2026-10", headers={"Accept-Language": "zh"})
    assert "2026年10月" in chinese.content.decode()
    for page in ("/", "/about"):
        assert 'href="/transparency"' in client.get(page).content.decode()
