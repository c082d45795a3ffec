"""What a moderator looks at is what the scoring says, at each moment."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from reputation import moderation
from reputation.counting.refolding import fold_afresh
from reputation.identity import identify
from reputation.models import AuditEntry, Number, Report, Reporter
from reputation.moderation import dossier, gates, reporter_dossier
from reputation.reports import withdraw_report
from reputation.scoring import Side, trust
from reputation.scoring.days import to_days
from reputation.scoring.evidence import EMPTY
from reputation.scoring.policy import CONFIRMATION, Action, Standing, closed_gates, judge
from reputation.scoring.sentences import Code, Reason
from tests.given.published_complaints import bring, complaint
from tests.given.reporters import (
    BAKERY,
    DAY,
    NOW,
    SCAMMER,
    crowd,
    moderator,
    newcomer,
    row,
    say,
    veteran,
)
from tests.given.rows import copy, index_scans_only, rows_read


@given(
    st.builds(
        EMPTY._replace,
        networks=st.integers(0, 5),
        established_networks=st.integers(0, 4),
        first_unwanted=st.just(100.0),
        last_unwanted=st.floats(100, 106).map(lambda day: round(day, 1)),
    ),
    st.builds(
        Standing,
        official=st.booleans(),
        never_calls=st.booleans(),
        holder_verified=st.booleans(),
        moderated=st.integers(-1, 1),
        moderated_at=st.none() | st.floats(100, 106),
        promoted=st.booleans(),
        disputed=st.booleans(),
        spoofed=st.booleans(),
    ),
    st.floats(106, 170),
)
def test_all_gates_are_met_exactly_when_block_is_open(evidence, standing, at):
    shown = gates.of_answer(evidence, standing, at)
    assert all(gate.open for gate in shown) is (closed_gates(evidence, standing, at) == ())


def test_reports_enough_for_block_are_not_shown_as_too_few_where_they_do_not_count():
    enough = EMPTY._replace(
        networks=8, established_networks=3, first_unwanted=100.0, last_unwanted=106.0
    )
    [networks, *_others] = gates.of_answer(enough, Standing(promoted=True), 107)
    assert (networks.open, networks.have) == (True, "8 / 3")
    cleared = Standing(moderated=-1, promoted=True)
    shown = gates.of_answer(enough, cleared, 107)[:4]
    assert [(gate.open, gate.have) for gate in shown] == [
        (False, "does not count: vouched for")
    ] * 4


def test_a_number_that_never_calls_is_not_shown_as_confirmed():
    shown = gates.of_answer(EMPTY, Standing(official=True, never_calls=True), 107)
    assert all(gate.open for gate in shown)
    assert [gate.have for gate in shown[:4]] == [*["never calls"] * 3, ""]
    faked = "The holder never calls from this number: such calls are faked."
    assert [gate.name for gate in shown[4:6]] == [faked, faked]


def told_at(moment):
    """What a lookup would have said at that moment, asked then."""
    number = row()
    standing = number.standing
    judged = judge(number.evidence, standing, to_days(moment), prior=number.prior)
    return judged.score, judged.action.value


@pytest.mark.django_db
def test_the_chart_remembers_what_was_told():
    """Asked at each moment while things happened, and drawn from the record afterwards."""
    actor = moderator()
    asked = {}

    def look(day: float) -> None:
        moment = NOW + day * DAY
        asked[moment] = told_at(moment)

    for n in range(6):
        say(veteran(f"v{n}"), at=NOW + n * DAY)
        look(n + 0.5)
    bring(complaint("a", filed_at=NOW + 6 * DAY), now=NOW + 6 * DAY)
    look(6.5)
    moderation.mark_spoofed(actor=actor, identity=SCAMMER, reason="r", now=NOW + 7 * DAY)
    look(7.5)
    moderation.unmark_spoofed(actor=actor, identity=SCAMMER, reason="r", now=NOW + 8 * DAY)
    moderation.confirm_number(actor=actor, identity=SCAMMER, reason="r", now=NOW + 8 * DAY)
    look(8.5)
    confirmed = AuditEntry.objects.latest("id")
    moderation.undo(actor=actor, entry=confirmed, reason="r", now=NOW + 9 * DAY)
    look(9.5)
    moderation.pin_number(
        actor=actor,
        identity=SCAMMER,
        reason="r",
        now=NOW + 10 * DAY,
        action=Action.ALLOW,
        until=NOW + 90 * DAY,
    )
    look(10.5)
    # Points fall on the moments that were asked about: every half day from the first report on.
    history = dossier.of(row(), now=NOW + 60 * DAY).history
    drawn = {point.at: (point.score, point.action) for point in history}
    assert {moment: drawn[moment] for moment in asked} == asked
    assert {action for _score, action in asked.values()} == {"allow", "flag", "block"}
    assert history[-1].action == "allow"


@pytest.mark.django_db
def test_the_last_point_is_what_clients_are_told_now():
    crowd(4)
    found = dossier.of(row(), now=NOW + DAY)
    assert (found.history[-1].score, found.history[-1].action) == told_at(NOW + DAY)
    assert (found.now.score, found.now.action) == told_at(NOW + DAY)
    assert found.now.reasons[-1] == Reason(Code.NEEDS, {"gates": (CONFIRMATION,)})
    assert len(found.networks) == 4
    at = to_days(NOW + DAY)
    today = [
        trust.decayed_contribution(each.category, each.contribution, to_days(each.counted_at), at)
        for each in Report.objects.all()
    ]
    assert [side for side, _left in today] == [Side.UNWANTED] * 4
    shown = sum(value for _name, value in found.against)
    assert shown == pytest.approx(sum(left for _side, left in today))


@pytest.mark.django_db
def test_neighbours_share_all_but_two_digits():
    say(newcomer("a"))
    for last in ("99", "00"):
        say(newcomer(last), number=identify(SCAMMER.key[:-2] + last))
    say(newcomer("far"), number=identify(SCAMMER.key[:-3] + "999"))
    found = dossier.of(row(), now=NOW)
    assert [near.key[-2:] for near in found.neighbours] == ["00", "99"]
    assert (found.range and found.range.known) == 3
    say(newcomer("short"), number=identify("95533", region="CN"))
    short = Number.objects.get(key="CN:95533")
    assert (dossier.of(short, now=NOW).range, dossier.prefix_of("CN:95533")) == (None, "")


@pytest.mark.django_db
def test_a_cluster_is_seen_from_each_of_its_accounts():
    ring = [newcomer(f"ring{n}") for n in range(3)]
    for each in ring:
        say(each, network="one")
    Reporter.objects.update(cluster=ring[1].pk)
    for each in Reporter.objects.all():
        seen = reporter_dossier.of(each)
        assert [member.pk for member in seen.members] == [member.pk for member in ring]
        assert (len(seen.reports), seen.size) == (3, "3 accounts move as one")


@pytest.mark.django_db
def test_what_the_pass_asks_is_what_it_goes_by():
    """The page names the pass's own conditions, and all are met when it promotes."""
    crowd(4)
    missing = dossier.of(row(), now=NOW).asks
    assert [gate.open for gate in missing] == [False, True, True, True]
    assert missing[0].have == "4 within 28 days, 4 in all; needs 5 or 8"
    assert missing[1].have == "3 / 3"
    say(veteran("fifth"))
    assert all(gate.open for gate in dossier.of(row(), now=NOW).asks)
    number = row()
    fold_afresh([number], reweigh=True)
    assert number.promoted
    say(newcomer("against"), "legitimate")
    say(veteran("also against"), "legitimate")
    asks = dossier.of(row(), now=NOW).asks
    number = row()
    fold_afresh([number], reweigh=True)
    assert all(gate.open for gate in asks) is number.promoted is False


@pytest.mark.django_db
def test_a_brigade_is_one_line_and_one_row():
    """Who moves as one is told as one, with the age of accounts and the wordings."""
    crowd(2, "legitimate")
    ring = [newcomer(f"ring{n}") for n in range(5)]
    for n, each in enumerate(ring):
        say(each, comment=f"Wording {n % 2}", network=f"of{n % 2}", at=NOW + n * DAY / 24)
    Reporter.objects.filter(pk__in=[each.pk for each in ring]).update(cluster=ring[0].pk)
    found = dossier.of(row(), now=NOW + DAY)
    [cluster] = found.crowd.clusters
    assert (found.crowd.reports, found.crowd.unwanted, found.crowd.alone) == (7, 5, 2)
    assert (cluster.reports, cluster.worded, cluster.wordings) == (5, 5, 2)
    assert cluster.opened == (NOW, NOW)
    assert cluster.spoke == (NOW, NOW + 4 * DAY / 24)
    assert [len(each.rows) for each in found.together] == [5, 1, 1]
    # What was taken back is no part of it.
    withdrawn = found.together[0].rows[0].report
    withdraw_report(reporter=withdrawn.reporter, public_id=withdrawn.public_id, now=NOW + DAY)
    found = dossier.of(row(), now=NOW + DAY)
    assert [len(each.rows) for each in found.together] == [1, 4, 1, 1]


@pytest.mark.django_db
def test_the_dossier_of_a_reporter_with_many_reports_reads_few():
    """Also the newest of a gateway that reports as many as all others together."""
    gateway, other = veteran("gateway"), veteran("other")
    report = say(gateway, number=BAKERY).report
    copy("number", report.number_id, "generate_series(1, 5000) i", key="'+493090' || (1000000 + i)")
    for reporter in (gateway, other):
        copy(
            "report",
            report.pk,
            "(SELECT id, row_number() OVER (ORDER BY id) AS place FROM reputation_number"
            " WHERE key LIKE '+4930901______') n",
            number_id="n.id",
            reporter_id=str(reporter.pk),
            public_id="gen_random_uuid()",
            seq=str(reporter.pk),
            counted_at="one.counted_at - n.place * interval '1 minute'",
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    index_scans_only()
    before = rows_read()
    found = reporter_dossier.of(gateway).reports
    read = sum(rows_read().values()) - sum(before.values())
    assert [each.number.key for each in found[:2]] == [BAKERY.key, "+4930901000001"]
    assert len(found) == dossier.NEWEST
    assert read < 4 * dossier.NEWEST
