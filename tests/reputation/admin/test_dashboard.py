"""The panel's first page, and the arithmetic of its pictures."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from edge.charts import shares
from reputation.admin import dashboard_charts as charts
from reputation.models import Dispute, Reporter
from reputation.moderation import figures
from tests.given.reporters import crowd, newcomer, row, say
from tests.given.staff import member, signed_in, text


@pytest.fixture
def busy() -> None:
    """A morning on which something is due and somebody attacks."""
    now = timezone.now()
    gang = [newcomer(f"gang{n}") for n in range(3)]
    Reporter.objects.filter(pk__in=[each.pk for each in gang]).update(cluster=gang[0].pk)
    for each in gang:
        say(each, at=now - timedelta(hours=1))
    say(newcomer("sms"), "phishing", at=now - timedelta(hours=2), channel="sms")
    crowd(3, at=now)
    Dispute.objects.create(
        number=row(), status="open", grounds="mistaken", statement="x", network="n", via="sms",
        language="en", opened_at=now, verified_at=now, deadline_at=now - timedelta(hours=1),
    )  # fmt: skip
    figures.count_up(now=now)


@pytest.mark.django_db
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("role", ["moderator", "senior", "auditor", "administrator", "boss"])
def test_every_role_sees_how_it_stands(role: str):
    page = text(signed_in(member(role)).get("/admin/"))
    for part in (
        "5 reports in the last day",
        "the day before: 1",
        "0 told as block as flag: 1",
        "1 open dispute overdue: 1, due within 3 days: 0",
        "1 suspected attack in the last day",
        "overdue ·",
        "loan scam",
        "Reports by category, last 7 days loan scam 6 phishing 1",
        "False-block decisions by week",
    ):
        assert part in page, part
    assert "the worker does not run" not in page


@pytest.mark.django_db
@pytest.mark.usefixtures("busy")
def test_who_may_see_reports_alone_sees_those_alone():
    user = member("staff")
    assert "in the last day" not in text(signed_in(user).get("/admin/"))
    user.user_permissions.set(Permission.objects.filter(codename="view_report"))
    page = text(signed_in(user).get("/admin/"))
    assert "5 reports in the last day" in page
    for part in ("open dispute", "Suspected attacks", "Listed numbers"):
        assert part not in page


@pytest.mark.django_db
def test_it_says_when_nobody_counts():
    client = signed_in(member("auditor"))
    assert "Nothing has been counted for the charts yet." in text(client.get("/admin/"))
    figures.count_up(now=timezone.now() - timedelta(minutes=21))
    page = text(client.get("/admin/"))
    assert "The charts were last counted at" in page
    assert "None: no cluster has moved." in page


@pytest.mark.django_db
@pytest.mark.parametrize("reports", [1, 9])
def test_the_dashboard_asks_as_often_whatever_was_reported(django_assert_num_queries, reports: int):
    for n in range(reports):
        say(newcomer(f"n{n}"), at=timezone.now())
    figures.count_up(now=timezone.now())
    client = signed_in(member("auditor"))
    client.get("/admin/")
    with django_assert_num_queries(16):
        assert client.get("/admin/").status_code == 200


# --- pictures ---


def test_columns_stand_on_the_axis_and_on_each_other():
    drawn = charts.columns([[2, 2], [0, 1], [0, 0]], ["a", "", "c"])
    first, second, third = drawn.segments
    assert (first.kind, second.kind, third.kind) == (0, 1, 1)
    assert first.y + first.height == charts.BASE
    assert second.y + second.height == first.y
    assert second.y == charts.TOP  # four is the top
    assert third.height == pytest.approx(first.height / 2, abs=0.1)
    assert [tick.label for tick in drawn.levels] == ["0", "2", "4"]
    assert [tick.label for tick in drawn.labels] == ["a", "c"]
    assert drawn.segments[-1].x + drawn.segments[-1].width < charts.WIDTH


def test_lines_end_where_their_names_stand_and_names_keep_apart():
    drawn = charts.lines([("one", [0, 10]), ("two", [10, 10])], ["x", "y"])
    assert [line.points for line in drawn.lines] == [
        "44.0,168.0 420.0,12.0",
        "44.0,12.0 420.0,12.0",
    ]
    assert [line.end for line in drawn.lines] == [(426.0, 12.0), (426.0, 30.0)]


@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=5))
def test_no_name_lies_on_a_line_another_name_or_the_axis(last: list[int]):
    drawn = charts.lines([(str(value), [0, value]) for value in last], ["x", "y"]).lines
    ends = {line.end[0] for line in drawn}
    heights = sorted(line.end[1] for line in drawn)
    assert ends == {charts.WIDTH - charts.NAMES + charts.GAP}
    assert all(lower - upper >= charts.LINE_OF_TEXT for upper, lower in pairwise(heights))
    assert heights[0] >= charts.TOP
    assert heights[-1] <= charts.BASE


def test_nothing_is_drawn_of_nothing():
    assert charts.columns([], []).segments == []
    assert charts.lines([("one", [])], []).lines[0].points == ""
    assert shares([]) == []


def test_a_bar_is_filled_by_what_is_all_there_is():
    assert [each.width for each in shares([("a", 1), ("b", 3)])] == [25.0, 75.0]


@pytest.mark.parametrize(
    ("value", "top"), [(0, 4), (4, 4), (5, 10), (11, 20), (21, 40), (401, 1_000), (2_000_000,) * 2]
)
def test_the_top_of_a_picture_is_a_round_number(value: int, top: int):
    assert charts.ceiling(value) == top


def test_large_numbers_are_written_short():
    levels = charts.columns([[1_800_000]], ["a"]).levels
    assert [tick.label for tick in levels] == ["0", "1M", "2M"]
    assert [tick.label for tick in charts.columns([[3_500]], ["a"]).levels] == ["0", "2k", "4k"]
