"""What a refresh of the queue reads: of a country as much as of a town, and within a day all."""

import random
import re
from datetime import datetime, timedelta

import pytest
from django.db import connection

from reputation.identity import Identity, identify
from reputation.models import SLICES, Campaign, Number, QueueItem, Report, Reporter, Traffic
from reputation.moderation import clear_number, queue
from reputation.moderation.queue import harm, refreshing
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
MINUTE = timedelta(minutes=1)
ITEM = ("kind", "subject_id", "harm")
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def two_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what was reported last a refresh looks at one, of a slice at three; a day has two."""
    cut_into_two(limited(NEWEST=1, DECIDED=1, SPOKE=1, CAMPAIGNS=1, SLICE=3), monkeypatch)


def cut_into_two(statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a refresh run this statement, in a day of two slices."""
    for before, after in ((f", {SLICES})", ", 2)"), (f"/ {SLICES} + 1", "/ 2 + 1")):
        assert before in statement
        statement = statement.replace(before, after)
    monkeypatch.setattr(refreshing, "REFRESH", statement)
    monkeypatch.setattr(refreshing, "SLICES", 2)


def limited(**limits: int) -> str:
    """REFRESH with other limits."""
    changed = harm.REFRESH
    for name, most in limits.items():
        limit = rf"LIMIT {getattr(harm, name)}\b"
        assert re.search(limit, changed)
        changed = re.sub(limit, f"LIMIT {most}", changed)
    return changed


@pytest.fixture
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what waits a refresh looks at the first, and at two that it has not seen for longest."""
    monkeypatch.setattr(refreshing, "FIRST", 1)
    monkeypatch.setattr(refreshing, "SEEN_LONG_AGO", 2)


def asked_about(number: Identity, lookups: float, at: datetime) -> None:
    Traffic.objects.update_or_create(number=row(number), defaults={"count": lookups, "at": at})


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
    # The reports made last may be read, or none since nobody is suspected: plans differ.
    most = harm.SPOKE + 500
    assert sum(rows_read().values()) - sum(before.values()) < most


def doubted(count: int) -> list[Identity]:
    """So many numbers that wait, the most looked up first."""
    numbers = [identify(f"+493090182{3 + place}") for place in range(count)]
    for place, number in enumerate(numbers):
        reported(number, at=NOW - DAY)
        asked_about(number, 100 - place, NOW)
    return numbers


@pytest.mark.usefixtures("few_at_a_time")
def test_the_first_is_looked_at_every_time_and_each_other_in_its_turn():
    numbers = doubted(5)
    rows = [row(number).pk for number in numbers]
    assert waiting("number", NOW) == set(rows)
    Number.objects.filter(pk=rows[0]).update(score=0)
    assert waiting("number", NOW + MINUTE) == set(rows[1:])
    Number.objects.filter(pk__in=rows[2:]).update(score=0)
    left = [len(waiting("number", NOW + turn * MINUTE)) for turn in (2, 3)]
    assert left == [2, 1]
    assert waiting("number", NOW + 4 * MINUTE) == {rows[1]}


@pytest.mark.usefixtures("few_at_a_time")
def test_what_is_reported_anew_is_looked_at_at_once():
    numbers = doubted(6)
    queue.refresh(now=NOW)
    say(newcomer("another"), number=numbers[-1], at=NOW + MINUTE)
    asked_about(numbers[-1], 1_000, NOW + MINUTE)
    queue.refresh(now=NOW + MINUTE)
    assert queue.waiting(now=NOW + MINUTE).first().number == row(numbers[-1])


def test_of_more_than_are_worked_through_the_greatest_harm_waits(monkeypatch):
    monkeypatch.setattr(refreshing, "MOST", 2)

    def hold(place: int, lookups: int) -> int:
        number = identify(f"+493090182{place}")
        reported(number)
        asked_about(number, lookups, NOW)
        return row(number).pk

    one, two, three = hold(3, 10), hold(4, 20), hold(5, 30)
    assert waiting("number", NOW) == {two, three}
    hold(6, 15)  # comes too late
    ids = set(QueueItem.objects.values_list("pk", flat=True))
    assert waiting("number", NOW + MINUTE) == {two, three}
    assert set(QueueItem.objects.values_list("pk", flat=True)) == ids
    more = hold(7, 40)
    assert waiting("number", NOW + 2 * MINUTE) == {three, more}
    assert one not in waiting("number", NOW + 3 * MINUTE)


@pytest.mark.usefixtures("few_at_a_time")
@pytest.mark.parametrize("seed", range(4))
def test_what_waits_after_a_day_is_what_a_whole_computation_finds(monkeypatch, seed: int):
    """Whatever happened between refreshes, each of which looked at little."""
    cut_into_two(limited(NEWEST=1, DECIDED=1, SPOKE=1, CAMPAIGNS=1), monkeypatch)
    chance, boss = random.Random(seed), moderator()
    numbers = [identify(f"+49309018{place}") for place in range(20, 28)]
    at = MIDNIGHT
    for step in range(90):
        at += MINUTE
        number = chance.choice(numbers)
        match chance.randrange(6):
            case 0 | 1:
                for who in ("one", "other"):
                    say(newcomer(f"{who} {step}"), number=number, at=at)
            case 2:
                say(veteran(f"v{step}"), chance.choice(("loan_scam", "legitimate")), number, at=at)
            case 3 if Number.objects.filter(key=number.key).exists():
                asked_about(number, chance.randrange(1, 100), at)
            case 4 if Number.objects.filter(key=number.key).exists():
                clear_number(actor=boss, identity=number, reason="It is a shop.", now=at)
            case 5:
                for pk in Reporter.objects.order_by("-pk").values_list("pk", flat=True)[:1]:
                    Reporter.objects.filter(pk=pk).update(cluster=pk)
        if step % 3 == 0:
            queue.refresh(now=at)
    for step in (DAY / 2, DAY / 2, *(MINUTE for _ in range(20))):
        at += step
        queue.refresh(now=at)

    def stands() -> dict[tuple[object, ...], float]:
        items = QueueItem.objects.exclude(rests_until__gt=at)
        return {tuple(about): harm for *about, harm in items.values_list(*ITEM)}

    found = stands()
    QueueItem.objects.exclude(rests_until__gt=at).delete()
    monkeypatch.undo()
    queue.refresh(now=at)
    assert {kind for kind, _ in found} == {"number", "report", "reporter"}
    assert found == pytest.approx(stands(), rel=0.01)


def test_the_slices_of_a_day_are_all_and_missed_ones_come_with_the_next():
    turns = [MIDNIGHT + DAY * place / SLICES for place in range(SLICES + 1)]
    first = refreshing._turn(MIDNIGHT)
    looked = [refreshing._since_the_last(at)["turns"] for at in turns]
    assert first % SLICES == 0
    assert looked == [[first + place] for place in range(SLICES + 1)]
    zeros = dict.fromkeys(("harm", "traffic", "uncertainty", "dispute", "attack"), 0)
    at = {"found_at": turns[0], "seen_at": turns[0]}  # a refresh, and none after it
    QueueItem.objects.create(kind="claim", subject_id=1, **at, **zeros)
    assert refreshing._since_the_last(turns[3])["turns"] == [first + place for place in (1, 2, 3)]
    assert len(refreshing._since_the_last(turns[-1])["turns"]) == refreshing.MISSED


def test_a_contradiction_that_waits_is_not_pushed_out_by_later_reports(monkeypatch):
    monkeypatch.setattr(refreshing, "REFRESH", limited(OF_ONE=2))
    say(newcomer("first"), at=NOW - DAY)
    clear_number(actor=moderator(), identity=SCAMMER, reason="It is a shop.", now=NOW - DAY / 2)
    say(veteran("old"), at=NOW - DAY / 4)
    assert len(waiting("report", NOW - DAY / 5)) == 1
    for place in range(3):
        say(newcomer(f"later{place}"), at=NOW - DAY / 6)
    assert len(waiting("report", NOW)) == 1


def test_a_contradiction_is_found_among_all_reports_since_the_last_refresh(monkeypatch):
    monkeypatch.setattr(refreshing, "REFRESH", limited(OF_ONE=2))
    say(newcomer("first"), at=NOW - DAY)
    clear_number(actor=moderator(), identity=SCAMMER, reason="It is a shop.", now=NOW - DAY / 2)
    assert waiting("report", NOW - DAY / 4) == set()
    new = say(veteran("old"), at=NOW - DAY / 5).report
    for place in range(3):
        say(newcomer(f"later{place}"), at=NOW - DAY / 6)
    assert waiting("report", NOW) == {new.pk}


def test_a_campaign_that_waits_is_not_pushed_out_by_later_ones(monkeypatch):
    monkeypatch.setattr(refreshing, "REFRESH", limited(CAMPAIGNS=1))
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
