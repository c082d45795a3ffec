"""Campaigns from first report to last: what words do to numbers, and what they cannot do."""

from datetime import timedelta

import orjson
import pytest
from django.db import connection

from reputation.campaigns import CampaignNotFound, find_campaign, join
from reputation.counting import group_anew, reassess_due
from reputation.feeds.publishing import publish
from reputation.identity import identify
from reputation.lookup import look_up, look_up_many
from reputation.models import AuditEntry, Campaign, Number, Report
from reputation.moderation import (
    DecidedSince,
    DecisionError,
    clear_number,
    confirm_campaign,
    confirm_number,
    join_campaign,
    mark_official,
    queue,
    release_campaign,
    undo,
)
from reputation.moderation.rollback import link_anew
from reputation.reports import withdraw_report
from tests.given.api_requests import ask, holder
from tests.given.campaigns import NUMBERS, TOLD, tell
from tests.given.concurrency import together
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, NOW, moderator, newcomer, row, say, veteran
from tests.given.rows import a_campaign
from tests.given.wire import wire

pytestmark = pytest.mark.django_db

VICTIM = NUMBERS[9]
HOUR = timedelta(hours=1)


@pytest.fixture
def known():
    """A campaign on three numbers, each reported by two people."""
    for place, number in enumerate(NUMBERS[:3]):
        tell(place, number, at=NOW - 3 * DAY)
        tell(place + 1, number, at=NOW - 2 * DAY)
    group_anew(now=NOW)
    return Campaign.objects.get()


@pytest.fixture
def confirmed(known):
    return confirm(known)


def confirm(campaign):
    return confirm_campaign(
        actor=moderator("confirms"),
        campaign=campaign,
        until=NOW + 30 * DAY,
        reason="The same scam.",
        now=NOW,
    )


def action(number, *, at=NOW):
    return look_up(number, now=at).action


# --- What a link does ----------------------------------------------------------------------------


def test_a_new_number_is_flagged_at_its_first_report_and_told_why(known):
    assert (known.reports, known.numbers, known.listed, known.known) == (6, 3, 3, True)
    tell(0, NUMBERS[3])
    answer = look_up(NUMBERS[3], now=NOW)
    assert (answer.action, answer.campaign) == ("flag", known.key)
    assert f"Same words as “{known.phrases[0]}”: 6 reports on 3 numbers." in answer.reasons
    assert look_up_many([NUMBERS[3].key], now=NOW) == [answer]


@pytest.mark.usefixtures("feeds_dir")
def test_the_feed_names_the_campaign_of_its_numbers_in_files_and_changes(confirmed):
    reader = holder("feed")
    tell(0, NUMBERS[3])
    publish(now=NOW)
    file = ask("GET", "/v1/feeds/numbers/snapshot?format=ndjson", by=reader).body.splitlines()
    listed = {entry["number"]: entry["campaign"] for entry in map(orjson.loads, file)}
    assert listed == {number.key: confirmed.key for number in NUMBERS[:4]}
    clear_number(actor=moderator("clears"), identity=NUMBERS[0], reason="Not they.", now=NOW)
    changes = ask("GET", "/v1/feeds/numbers/changes?since=0", by=reader).json["changes"]
    told = {each["number"]: each["campaign"] for each in changes if each["action"] != "allow"}
    assert told == {number.key: confirmed.key for number in NUMBERS[1:4]}
    assert not any("campaign" in each for each in changes if each["action"] == "allow")


@pytest.mark.parametrize("decide", [mark_official, clear_number])
def test_the_number_of_whom_to_call_back_links_as_well(decide):
    line = "+12025550199"
    for place, number in enumerate(NUMBERS[:3]):
        tell(place, number, callback_number=line)
        tell(place + 1, number, callback_number=line)
    group_anew(now=NOW)
    tell(0, NUMBERS[3], comment="Hung up on them at once", callback_number=line)
    assert action(NUMBERS[3]) == "flag"
    bank = identify(line, allow_fictional=True)
    name = {"name": "A bank"} if decide is mark_official else {}
    decide(actor=moderator(), identity=bank, reason="Register.", now=NOW, **name)
    tell(1, NUMBERS[4], comment="Hung up on them at once", callback_number=line)
    assert action(NUMBERS[4]) == "allow"
    group_anew(now=NOW)
    assert {action(number) for number in NUMBERS[3:5]} == {"allow"}


def test_reports_join_in_two_round_trips_however_many_they_are(known):
    for place, number in enumerate(NUMBERS[3:6]):
        tell(place, number, callback_number="+12025550199", claimed_name="Parcel Desk")
    reports = list(Report.objects.select_related("number", "reporter").filter(campaign=known))
    for report in reports:
        report.campaign = None
    join(reports[:1])  # prepares
    with wire() as seen:
        join(reports[1:])
    assert {report.campaign for report in reports} == {known}
    assert seen.trips == 2


def test_a_confirmed_campaign_blocks_at_the_third_report_from_a_third_network(confirmed):
    for place, network in enumerate(("home", "work", "work")):
        tell(place, NUMBERS[3], network=network, attestation="A")
        assert action(NUMBERS[3]) == "flag"
    tell(3, NUMBERS[3], network="street")
    assert action(NUMBERS[3]) == "block"
    assert "A moderator confirmed that this campaign is unwanted." in (
        look_up(NUMBERS[3], now=NOW).reasons
    )


def test_a_block_by_words_is_a_flag_once_nobody_speaks_for_three_days(confirmed):
    for place in range(3):
        tell(place, VICTIM, attestation="B")
    assert action(VICTIM) == "block"
    later = NOW + 3 * DAY + HOUR
    reassess_due(now=later)
    assert action(VICTIM, at=later) == row(VICTIM).action == "flag"


@pytest.mark.parametrize("attestation", ["", "C", "none", "failed"])
def test_a_number_that_the_campaign_may_only_display_is_flagged_and_waits_for_a_person(
    confirmed, attestation
):
    for place in range(4):
        tell(place, VICTIM, attestation=attestation)
    tell(4, VICTIM, attestation="A")
    tell(5, VICTIM, who=newcomer, attestation="A")
    for place in (6, 7):
        tell(place, VICTIM, comment="", attestation="A")
    assert (row(VICTIM).campaign, action(VICTIM)) == (confirmed, "flag")
    confirm_number(actor=moderator("calls back"), identity=VICTIM, reason="Theirs.", now=NOW)
    assert action(VICTIM) == "block"


def waits(now):
    queue.refresh(now=now)
    return queue.waiting(now=now, kind="campaign").exists()


def test_a_campaign_waits_from_its_first_number_on_and_again_with_each_new_one():
    for place in range(3):
        tell(place, NUMBERS[0], at=NOW - DAY)
    group_anew(now=NOW)
    assert waits(NOW)
    confirm(Campaign.objects.get())
    later = NOW + 2 * DAY
    assert not waits(later)
    tell(3, NUMBERS[1], at=later)
    tell(0, NUMBERS[1], at=later)
    group_anew(now=later)
    assert waits(later)
    assert action(NUMBERS[1], at=later) == "flag"
    confirm_campaign(
        actor=moderator("looks"),
        campaign=Campaign.objects.get(),
        until=later + 30 * DAY,
        reason="The same scam, on another number.",
        now=later + HOUR,
    )
    assert not waits(later + 2 * DAY)


def test_a_campaign_of_nothing_but_cleared_numbers_does_not_wait():
    for place in range(3):
        tell(place, VICTIM, at=NOW - DAY)
    group_anew(now=NOW)
    assert waits(NOW)
    clear_number(actor=moderator("clears"), identity=VICTIM, reason="It is a shop.", now=NOW)
    assert not waits(NOW + HOUR)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_number_that_was_wrongly_cleared_is_linked_again(known, at_once):
    number = NUMBERS[3]
    tell(0, number)
    by = {"actor": moderator("clears"), "reason": "A slip.", "now": NOW}
    clear_number(**by, identity=number)
    assert (row(number).campaign, row(number).linked) == (None, 0)
    entry = AuditEntry.objects.get()
    if at_once:
        undo(**by, entry=entry)
        Number.objects.filter(pk=row(number).pk).update(campaign=None, linked=0)
        link_anew(Number.objects.all(), now=NOW)
    else:
        undo(**by, entry=entry)
    assert (row(number).campaign, row(number).linked) == (known, 1)
    assert action(number) == "flag"


def test_a_confirmation_is_undone_released_and_expires(known):
    number = NUMBERS[0]
    for place in (2, 3):
        tell(place, number, at=NOW - DAY, attestation="A")
    confirm(known)
    assert action(number) == "block"
    entry = AuditEntry.objects.get(verb="confirm_campaign")
    undo(actor=moderator("undoes"), entry=entry, reason="A slip.", now=NOW)
    assert action(number) == "flag"

    known = confirm_campaign(
        actor=moderator("again"), campaign=known, until=NOW + DAY, reason="Sure.", now=NOW
    )
    assert action(number) == "block"
    later = NOW + DAY + HOUR
    reassess_due(now=later)
    assert action(number, at=later) == row(number).action == "flag"
    release_campaign(actor=moderator("releases"), campaign=known, reason="Over.", now=NOW)
    assert row(number).linked == 1


@pytest.mark.parametrize(("held", "told"), [(True, "flag"), (False, "block")])
def test_disputes_hold_a_confirmed_campaign_until_somebody_decides_anew(confirmed, held, told):
    """Those that hold their own number: not appeals, nor those of holders who lost before."""
    for place in (4, 5):
        tell(place, NUMBERS[2], attestation="A")
    assert action(NUMBERS[2]) == "block"
    for number in NUMBERS[:2]:
        a_dispute(number=row(number), verified_at=NOW + HOUR, held=held)
    group_anew(now=NOW + 2 * HOUR)
    assert action(NUMBERS[2], at=NOW + 2 * HOUR) == told


@pytest.mark.slow
def test_a_new_grouping_keeps_the_id_and_forgets_what_was_taken_back(known):
    reports = list(Report.objects.order_by("id"))
    for report in reports[:2]:
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    tell(3, NUMBERS[4])
    group_anew(now=NOW)
    again = Campaign.objects.get()
    assert (again.key, again.reports, again.numbers) == (known.key, 5, 3)
    assert row(NUMBERS[0]).campaign is None
    for report in reports[2:]:
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    group_anew(now=NOW)
    assert not Campaign.objects.exists()
    assert action(NUMBERS[4]) == "allow"


def test_the_public_sees_masked_phrases_and_listed_numbers_of_what_is_known(known):
    shown = find_campaign(known.key)
    assert (shown.reports, shown.numbers, shown.confirmed) == (6, 3, False)
    assert {number for number, _ in shown.listed} == {number.key for number in NUMBERS[:3]}
    assert "release fee" in " ".join(shown.words)
    Campaign.objects.update(known=False)
    with pytest.raises(CampaignNotFound):
        find_campaign(known.key)


# --- Framing -------------------------------------------------------------------------------------


def test_one_voice_alone_flags_for_a_day(confirmed):
    tell(0, VICTIM, at=NOW + HOUR)
    assert action(VICTIM, at=NOW + DAY) == "flag"
    later = NOW + DAY + 2 * HOUR
    reassess_due(now=later)
    assert action(VICTIM, at=later) == row(VICTIM).action == "allow"


def test_accounts_without_a_record_link_neither_make_nor_join_a_campaign(confirmed):
    before = confirmed.reports
    tell(0, VICTIM, who=newcomer)
    assert (action(VICTIM), row(VICTIM).linked) == ("allow", 0)
    for place in range(1, 6):
        tell(place, VICTIM, who=newcomer)
    group_anew(now=NOW)
    confirmed.refresh_from_db()
    assert (confirmed.reports, row(VICTIM).linked, action(VICTIM)) == (before, 0, "flag")


def test_accounts_that_move_as_one_are_one_voice(confirmed):
    for place in range(3):
        reporter = tell(place, NUMBERS[5 + place]).reporter
        reporter.cluster = 7
        reporter.save()
        say(reporter, "phishing", VICTIM, network=f"net {place}", comment=TOLD[place])
    assert action(VICTIM) == "flag"


@pytest.mark.parametrize("decide", [mark_official, clear_number])
def test_people_s_decisions_win_over_words(confirmed, decide):
    name = {"name": "Northgate Bank"} if decide is mark_official else {}
    decide(actor=moderator(), identity=VICTIM, reason="Known.", now=NOW, **name)
    for place in range(4):
        tell(place, VICTIM)
    assert action(VICTIM) == "allow"


def test_who_defends_a_number_outweighs_words(confirmed):
    for place in range(2):
        say(veteran(f"customer {place}"), "legitimate", VICTIM)
    tell(0, VICTIM)
    assert action(VICTIM) == "allow"


def test_generic_words_and_a_bank_s_hotline_link_nothing():
    hotline = NUMBERS[14]
    mark_official(
        actor=moderator(), identity=hotline, name="Northgate Bank", reason="Register.", now=NOW
    )
    for number in NUMBERS[:6]:
        for place in range(2):
            tell(
                place,
                number,
                comment="Spam call, hung up, they call every day",
                callback_number=hotline.key,
            )
    group_anew(now=NOW)
    assert not Campaign.objects.exists()


def test_a_campaign_of_cleared_numbers_is_not_known():
    for place, number in enumerate(NUMBERS[:3]):
        tell(place, number)
        tell(place + 1, number)
        clear_number(
            actor=moderator(f"clears {place}"), identity=number, reason="A real shop.", now=NOW
        )
    group_anew(now=NOW)
    assert not Campaign.objects.filter(known=True).exists()
    tell(3, VICTIM)
    assert action(VICTIM) == "allow"


def test_a_report_searches_no_unsorted_list_of_keys():
    """The rows come all at once; PostgreSQL would keep their keys aside, to be read one by one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'campaign_example_by_key'")
        assert cursor.fetchone() == (["fastupdate=off"],)


def test_a_moderator_joins_a_campaign_to_one_that_it_looks_like(known):
    for place, cut in enumerate(("now", "today", "at once", "this evening")):
        comment = f"Warrant for my arrest unless the tax fine is settled in vouchers {cut}"
        tell(place, NUMBERS[5], comment=comment)
    group_anew(now=NOW)
    small = Report.objects.filter(number=row(NUMBERS[5])).latest("pk").campaign
    by = {"actor": moderator("joins"), "reason": "The same voice.", "now": NOW}
    with pytest.raises(DecisionError):
        join_campaign(campaign=small, **by)
    Campaign.objects.filter(pk=small.pk).update(like=known)
    small.refresh_from_db()
    assert look_up(NUMBERS[5], now=NOW).campaign == ""
    join_campaign(campaign=small, **by)
    for _ in range(2):
        assert look_up(NUMBERS[5], now=NOW).campaign == known.key
        assert find_campaign(small.key).key == known.key
        group_anew(now=NOW)
    known.refresh_from_db()
    assert (known.reports, known.numbers) == (10, 4)
    undo(entry=AuditEntry.objects.get(verb="join_campaign"), **by)
    assert look_up(NUMBERS[5], now=NOW).campaign == ""
    group_anew(now=NOW)
    known.refresh_from_db()
    assert (known.reports, known.numbers) == (6, 3)


@pytest.fixture
def alike(known):
    """Two campaigns, each like the other."""
    other = a_campaign(key="0" * 16, like=known, reports=known.reports)
    Campaign.objects.filter(pk=known.pk).update(like=other)
    return Campaign.objects.get(pk=known.pk), other


def test_of_two_campaigns_one_joins_the_other_even_when_a_join_is_taken_again(alike):
    one, other = alike
    by = {"actor": moderator("joins"), "reason": "The same voice.", "now": NOW}
    join_campaign(campaign=one, **by)
    undone = undo(entry=AuditEntry.objects.get(verb="join_campaign"), **by)
    join_campaign(campaign=other, **by)
    with pytest.raises(DecidedSince):
        undo(entry=undone, **by)
    assert list(Campaign.objects.exclude(joined_to=None)) == [other]


@pytest.mark.django_db(transaction=True)
def test_of_two_campaigns_one_joins_the_other_even_at_the_same_moment(alike):
    by = {"actor": moderator("joins"), "reason": "The same voice.", "now": NOW}

    def joined(campaign: Campaign) -> bool:
        try:
            join_campaign(campaign=campaign, **by)
        except DecisionError:
            return False
        return True

    assert sorted(together(*[lambda each=each: joined(each) for each in alike])) == [False, True]
    assert Campaign.objects.exclude(joined_to=None).count() == 1


def test_a_join_is_not_taken_again_once_the_other_campaign_is_gone(alike):
    one, other = alike
    by = {"actor": moderator("joins"), "reason": "The same voice.", "now": NOW}
    join_campaign(campaign=one, **by)
    undone = undo(entry=AuditEntry.objects.get(verb="join_campaign"), **by)
    other.delete()
    with pytest.raises(DecidedSince):
        undo(entry=undone, **by)
