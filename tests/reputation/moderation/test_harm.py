"""What a refresh of the queue reads: of a country as much as of a town, and within a day all."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from reputation.identity import identify
from reputation.models import Campaign, QueueItem, Report, Reporter
from reputation.moderation import clear_number, harm, queue
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    moderator,
    newcomer,
    reported,
    row,
    say,
    veteran,
)
from tests.given.rows import copy, index_scans_only, rows_read

pytestmark = pytest.mark.django_db
CALM = identify("+4930901821")
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def two_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what was reported last a refresh looks at one, of a slice at three; a day has two."""
    few = harm.REFRESH
    for name, most in (("NEWEST", 1), ("SLICE", 3)):
        few, before = few.replace(f"LIMIT {getattr(harm, name)}", f"LIMIT {most}"), few
        assert few != before
    monkeypatch.setattr(queue, "REFRESH", few.replace(f", {queue.SLICES})", ", 2)"))
    monkeypatch.setattr(queue, "SLICES", 2)


def waiting(kind: str, now: datetime) -> set[int]:
    queue.refresh(now=now)
    return set(queue.waiting(now=now, kind=kind).values_list("subject_id", flat=True))


@pytest.mark.usefixtures("two_slices")
def test_what_was_not_reported_last_is_found_in_its_slice_and_stays():
    """Also of numbers that one file reported, all at one time."""
    file = [identify(f"+493090182{place}") for place in range(3, 7)]
    for number in file:
        reported(number, at=MIDNIGHT - 20 * DAY)
    reported(BAKERY, at=MIDNIGHT)
    everything = {row(number).pk for number in (*file, BAKERY)}
    found = waiting("number", MIDNIGHT + DAY / 2)
    # The other slice; what waits already goes on.
    assert waiting("number", MIDNIGHT + DAY) == everything > found


@pytest.mark.usefixtures("two_slices")
def test_a_ring_that_was_found_after_it_spoke_waits_within_a_day():
    ring = [newcomer(f"ring{place}") for place in range(2)]
    for each in ring:
        say(each, network="one")
    say(veteran("later"), number=BAKERY)
    Reporter.objects.filter(handle__startswith="ring").update(cluster=ring[0].pk)
    found = set[int]()
    for turn in (0, 1):
        found |= waiting("reporter", MIDNIGHT + timedelta(days=turn / 2))
    assert found == {ring[0].pk}


def test_a_refresh_reads_none_of_what_does_not_wait():
    reported(SCAMMER)
    queue.refresh(now=NOW)
    quiet(20_000)  # so many that what earlier tests left in the pages decides no plan
    index_scans_only()
    before = rows_read()
    queue.refresh(now=NOW)
    assert sum(rows_read().values()) - sum(before.values()) < 1_000


def test_the_slices_of_a_day_are_all_and_missed_ones_come_with_the_next():
    turns = [MIDNIGHT + DAY * place / queue.SLICES for place in range(queue.SLICES + 1)]
    looked = [queue._since_the_last(at)["turns"] for at in turns]
    assert looked == [*([place] for place in range(queue.SLICES)), [0]]
    zeros = dict.fromkeys(("harm", "traffic", "uncertainty", "dispute", "attack"), 0)
    at = {"found_at": turns[0], "seen_at": turns[0]}  # a refresh, and none after it
    QueueItem.objects.create(kind="claim", subject_id=1, **at, **zeros)
    assert queue._since_the_last(turns[3])["turns"] == [1, 2, 3]
    assert len(queue._since_the_last(turns[-1])["turns"]) == queue.MISSED


def test_a_contradiction_that_waits_is_not_pushed_out_by_later_reports(monkeypatch):
    monkeypatch.setattr(queue, "REFRESH", harm.REFRESH.replace(f"LIMIT {harm.OF_ONE}", "LIMIT 2"))
    say(newcomer("first"), at=NOW - DAY)
    clear_number(actor=moderator(), identity=SCAMMER, reason="It is a shop.", now=NOW - DAY / 2)
    say(veteran("old"), at=NOW - DAY / 4)
    assert len(waiting("report", NOW - DAY / 5)) == 1
    for place in range(3):
        say(newcomer(f"later{place}"), at=NOW - DAY / 6)
    assert len(waiting("report", NOW)) == 1


def test_a_contradiction_is_found_among_all_reports_since_the_last_refresh(monkeypatch):
    monkeypatch.setattr(queue, "REFRESH", harm.REFRESH.replace(f"LIMIT {harm.OF_ONE}", "LIMIT 2"))
    say(newcomer("first"), at=NOW - DAY)
    clear_number(actor=moderator(), identity=SCAMMER, reason="It is a shop.", now=NOW - DAY / 2)
    assert waiting("report", NOW - DAY / 4) == set()
    new = say(veteran("old"), at=NOW - DAY / 5).report
    for place in range(3):
        say(newcomer(f"later{place}"), at=NOW - DAY / 6)
    assert waiting("report", NOW) == {new.pk}


def test_a_campaign_that_waits_is_not_pushed_out_by_later_ones(monkeypatch):
    monkeypatch.setattr(
        queue, "REFRESH", harm.REFRESH.replace(f"LIMIT {harm.CAMPAIGNS}", "LIMIT 1")
    )
    found = []
    for place, (at, number) in enumerate(((NOW - DAY, SCAMMER), (NOW, CALM))):
        campaign = Campaign.objects.create(
            key=f"c{place}",
            numbers=1,
            reporters=harm.CAMPAIGN_REPORTERS,
            **dict.fromkeys(("first_at", "last_at", "grouped_at"), at),
        )
        report = say(newcomer(campaign.key), number=number, at=at).report
        Report.objects.filter(pk=report.pk).update(campaign=campaign)
        found.append(campaign.pk)
        assert waiting("campaign", at) == set(found)


def quiet(numbers: int) -> None:
    """Numbers that nobody doubts, each reported lately by an account that nobody suspects."""
    calm = say(veteran("quiet"), "legitimate", CALM).report
    beside = f"generate_series(1, {numbers}) i"
    copy("number", calm.number_id, beside, key="'+493090' || (1000000 + i)")
    copy(
        "report",
        calm.pk,
        "(SELECT id FROM reputation_number WHERE key LIKE '+4930901______') n",
        number_id="n.id",
        reporter_id=str(veteran("other").pk),
        public_id="gen_random_uuid()",
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # or plans would rest on what other tests had in the tables
