import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring.campaigns.links import BLOCKS
from reputation.scoring.categories import SHORT_HALF_LIFE, Side
from reputation.scoring.curves import ACTION_THRESHOLDS, BLOCK_AT, FLAG_AT, calibrated, raw_at
from reputation.scoring.evidence import (
    EMPTY,
    NETWORK_ESTABLISHED_CAP,
    NETWORK_NEWCOMERS_CAP,
    NEWCOMERS_CAP,
    PRIOR,
    SOURCE_CAP,
    Evidence,
    Voice,
    expit,
    fold,
    log_odds,
    logit,
)
from reputation.scoring.policy import (
    NOBODY,
    Action,
    Standing,
    Status,
    closed_gates,
    confidence,
    confirmed_until,
    judge,
)
from reputation.scoring.reassessing import reassess_at
from reputation.scoring.sentences import Code, Reason, in_english
from reputation.scoring.trust import Record, weight
from tests.given.folded import rebuild

NOW = 20_000.0
# Evidence that opens every gate and lies far above BLOCK_AT.
BAD = Evidence(
    at=NOW,
    unwanted_long=5.0,
    networks=3,
    established=2,
    newcomers=1,
    established_networks=2,
    first_unwanted=NOW - 3.0,
    last_unwanted=NOW,
    gathered=5.0,
)
GOOD = Evidence(at=NOW, legitimate=3.0, supporters=4)
PROMOTED = Standing(promoted=True)


def changed(evidence, **fields):
    return evidence._replace(**fields)


evidences = st.builds(
    Evidence,
    at=st.just(NOW),
    unwanted_short=st.floats(0.0, 9.0),
    unwanted_long=st.floats(0.0, 9.0),
    legitimate=st.floats(0.0, 9.0),
    networks=st.integers(0, 5),
    established=st.integers(0, 5),
    established_networks=st.integers(0, 5),
    newcomers=st.integers(1, 5),
    first_unwanted=st.floats(NOW - 10.0, NOW),
    last_unwanted=st.just(NOW),
)
standings = st.builds(
    Standing,
    official=st.booleans(),
    holder_verified=st.booleans(),
    moderated=st.sampled_from([-1, 0, 1]),
    moderated_at=st.sampled_from([None, NOW, NOW - 300.0]),
    promoted=st.booleans(),
    disputed=st.booleans(),
    spoofed=st.booleans(),
    reassigned=st.booleans(),
    pinned=st.sampled_from([None, None, None, *Action]),
    immune_until=st.sampled_from([None, None, NOW + 90.0]),
)


@given(evidences, standings, st.sampled_from(["", "A", "none", "failed"]), st.floats(0.0, 900.0))
def test_what_is_published_agrees_with_itself(evidence, standing, attestation, later):
    told = judge(evidence, standing, NOW + later, attestation=attestation)
    if told.status is Status.UNKNOWN:
        assert (told.confidence, told.action) == (0.0, Action.ALLOW)
    if told.confidence == 0.0 and told.action is Action.ALLOW:
        assert told.score == 0
        return
    low, high = {
        Action.ALLOW: (0.0, FLAG_AT),
        Action.FLAG: (FLAG_AT, BLOCK_AT),
        Action.BLOCK: (BLOCK_AT, 1.0),
    }[told.action]
    assert low <= told.probability <= high
    if told.action is not Action.BLOCK:
        assert told.probability < high
    assert told.score == math.floor(100 * told.probability + 1e-9)
    assert 0.0 <= told.confidence <= 1.0
    assert told.confidence == round(told.confidence, 2)


@given(evidences, standings)
def test_block_needs_every_gate_and_the_probability(evidence, standing):
    told = judge(evidence, standing, NOW)
    if told.action is Action.BLOCK and standing.pinned is None:
        assert told.gates == ()
        assert log_odds(told.raw) >= raw_at(BLOCK_AT) - 1e-9
        if standing.moderated <= 0:
            assert standing.promoted
            assert evidence.networks >= 3
            assert judge(evidence, standing, NOW + 60.0).action is not Action.BLOCK
            assert evidence.established_networks >= 2
            assert evidence.last_unwanted - evidence.first_unwanted >= 3.0
            assert not standing.official
            assert not standing.holder_verified
        assert not standing.disputed
        assert not standing.spoofed


@pytest.mark.parametrize(
    ("evidence", "standing", "action", "status", "gates"),
    [
        (BAD, PROMOTED, "block", "listed", ()),
        (BAD, NOBODY, "flag", "listed", ("confirmation by the trust pass",)),
        (changed(BAD, networks=2), PROMOTED, "flag", "listed", ("one more network",)),
        (
            changed(BAD, networks=1, established_networks=0, last_unwanted=NOW - 2.5),
            PROMOTED,
            "flag",
            "listed",
            ("two more networks", "two more established reporters", "one more day"),
        ),
        (BAD, Standing(promoted=True, official=True), "allow", "official", None),
        (BAD, Standing(official=True, moderated=1), "block", "official", ()),
        (BAD, Standing(promoted=True, holder_verified=True), "flag", "listed", None),
        (BAD, Standing(promoted=True, disputed=True), "flag", "disputed", None),
        (BAD, Standing(promoted=True, spoofed=True), "flag", "spoofed", None),
        (BAD, Standing(moderated=1, disputed=True), "flag", "disputed", None),
        (changed(BAD, unwanted_long=6.5), Standing(moderated=-1), "flag", "listed", None),
        (changed(BAD, unwanted_long=5.6), Standing(moderated=-1), "allow", "clear", None),
        (BAD, Standing(promoted=True, reassigned=True), "block", "listed", ()),
        (BAD, Standing(promoted=True, immune_until=NOW + 1.0), "allow", "clear", None),
        (BAD, Standing(promoted=True, immune_until=NOW), "block", "listed", ()),
        (BAD, Standing(moderated=1, immune_until=NOW + 1.0), "block", "listed", ()),
        (BAD, Standing(pinned=Action.ALLOW), "allow", "clear", None),
        (GOOD, NOBODY, "allow", "clear", None),
        (GOOD, Standing(pinned=Action.BLOCK), "block", "listed", None),
        (GOOD, Standing(reassigned=True), "allow", "reassigned", None),
        (EMPTY, NOBODY, "allow", "unknown", None),
        (EMPTY, Standing(reassigned=True), "allow", "reassigned", None),
        (EMPTY, Standing(official=True), "allow", "official", None),
        (EMPTY, Standing(moderated=1), "block", "listed", ()),
        (EMPTY, Standing(moderated=-1), "allow", "clear", None),
    ],
)
def test_evidence_and_decisions_make_the_action(evidence, standing, action, status, gates):
    told = judge(evidence, standing, NOW)
    assert (told.action, told.status) == (action, status)
    if gates is not None:
        assert tuple(map(in_english, told.gates)) == gates


@pytest.mark.parametrize(
    ("evidence", "standing", "attestation", "action", "status", "impersonation"),
    [
        (EMPTY, Standing(official=True), "failed", "flag", "spoofed", True),
        (EMPTY, Standing(official=True), "none", "allow", "official", False),
        (EMPTY, Standing(official=True), "A", "allow", "official", False),
        (BAD, PROMOTED, "A", "block", "listed", False),
        (BAD, PROMOTED, "failed", "block", "listed", False),
        (GOOD, NOBODY, "failed", "allow", "unknown", False),
        (changed(BAD, legitimate=6.0), NOBODY, "A", "allow", "clear", False),
        (changed(BAD, legitimate=6.0), NOBODY, "failed", "flag", "listed", False),
        (BAD, Standing(moderated=-1), "failed", "flag", "listed", False),
        (EMPTY, Standing(moderated=-1), "failed", "allow", "unknown", False),
        (BAD, Standing(holder_verified=True, immune_until=NOW + 1.0), "A", "allow", "clear", False),
        (
            BAD,
            Standing(holder_verified=True, immune_until=NOW + 1.0),
            "failed",
            "flag",
            "listed",
            False,
        ),
    ],
)
def test_attestation_makes_the_action_of_one_call(
    evidence, standing, attestation, action, status, impersonation
):
    told = judge(evidence, standing, NOW, attestation=attestation)
    assert (told.action, told.status, told.impersonation) == (action, status, impersonation)


def test_a_failed_attestation_inherits_no_good_score():
    assert judge(GOOD, NOBODY, NOW, attestation="A").probability < 0.05
    assert judge(GOOD, NOBODY, NOW, attestation="failed").raw == pytest.approx(PRIOR)


def test_an_unknown_attestation_is_refused():
    with pytest.raises(ValueError, match=r"attestation must be one of .* got 'D'"):
        judge(EMPTY, NOBODY, NOW, attestation="D")


def test_a_standing_refuses_another_decision():
    with pytest.raises(ValueError, match="moderated must be -1, 0 or 1, got 2"):
        Standing(moderated=2)


NEWCOMER = weight(Record(), Side.UNWANTED)


def reported(*, newcomers=0, established=0, day_step=0.0, own_networks=True):
    said = [
        Voice(
            Side.UNWANTED,
            NOW + i * day_step,
            1.6 if i < established else NEWCOMER,
            "loan_scam",
            f"n{i}" if own_networks else "",
            i < established,
        )
        for i in range(newcomers + established)
    ]
    return rebuild(said)[0]


def test_one_newcomer_alone_never_flags_and_two_in_two_networks_do():
    assert judge(reported(newcomers=1), NOBODY, NOW).action is Action.ALLOW
    assert judge(reported(newcomers=2), NOBODY, NOW).action is Action.FLAG
    assert judge(reported(newcomers=9, own_networks=False), NOBODY, NOW).action is Action.ALLOW


@pytest.mark.parametrize("day_step", [0.0, 0.3, 1.0])
def test_fifty_newcomers_never_block(day_step):
    brigade = reported(newcomers=50, day_step=day_step)
    told = judge(brigade, PROMOTED, brigade.at)
    assert told.action is Action.FLAG
    assert told.raw < 0.75
    assert told.probability < 0.90
    assert Reason(Code.MORE_ESTABLISHED, {"missing": 2}) in told.gates


def test_a_fresh_scam_number_can_be_blocked_within_nine_reports():
    scam = reported(established=5, newcomers=4, day_step=0.4)
    assert judge(scam, PROMOTED, scam.at).action is Action.BLOCK


def test_import_sources_alone_never_flag():
    imported, _ = rebuild([Voice(Side.UNWANTED, NOW, 1.0, "robocall", source="ftc")] * 500)
    assert judge(imported, NOBODY, NOW).action is Action.ALLOW


@given(st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_confidence_grows_with_information_only(less, more):
    low, high = sorted((less, more))
    assert 0.0 <= confidence(low) <= confidence(high) < 1.0


def test_confidence_does_not_say_on_which_side():
    assert (
        judge(BAD, NOBODY, NOW).confidence
        == judge(Evidence(at=NOW, legitimate=5.0, supporters=3), NOBODY, NOW).confidence
    )


@given(evidences, standings.filter(lambda s: s.pinned is None))
def test_nothing_changes_before_reassess_at(evidence, standing):
    def told(at):
        judgement = judge(evidence, standing, at)
        return judgement.action, judgement.status

    # Where p only grazes a threshold, rounding may tell its two sides apart differently.
    def clear(at):
        raw = log_odds(min(max(judge(evidence, standing, at).raw, 1e-9), 1.0 - 1e-9))
        return all(abs(raw - raw_at(threshold)) > 1e-9 for threshold in ACTION_THRESHOLDS)

    due = reassess_at(evidence, standing, NOW)
    until = NOW + 4_000.0 if due is None else due - 2.0 / 1440.0
    before = told(NOW)
    for step in range(60):
        at = NOW + (until - NOW) * step / 60
        if clear(at) and clear(NOW):
            assert told(at) == before
    if due is not None:
        assert due > NOW


def test_evidence_runs_out_into_unknown():
    evidence = Evidence(at=NOW, unwanted_short=1.0, newcomers=1, gathered=1.0)
    steps, at = [], NOW
    while (due := reassess_at(evidence, NOBODY, at)) is not None:
        at = due
        told = judge(evidence, NOBODY, at)
        steps.append((round((at - NOW) / SHORT_HALF_LIFE, 1), told.action.value, told.status.value))
    assert steps == [(0.5, "allow", "clear"), (7.6, "allow", "unknown")]


CONFIRMED = Standing(moderated=1, moderated_at=NOW)


def test_a_moderators_confirmation_fades():
    assert judge(EMPTY, CONFIRMED, NOW).score == 98
    reported = changed(EMPTY, first_unwanted=NOW, last_unwanted=NOW + 180.0)
    due = reassess_at(reported, CONFIRMED, NOW)
    assert due is not None
    assert 200.0 < due - NOW < 215.0
    assert judge(reported, CONFIRMED, due - 0.01).action is Action.BLOCK
    assert judge(reported, CONFIRMED, due).action is Action.FLAG
    assert reassess_at(EMPTY, Standing(moderated=1), NOW) is None


@pytest.mark.parametrize("last", [None, NOW - 90.0, NOW + 30.0])
def test_a_confirmed_number_rests_when_nobody_reports_or_confirms_it_any_more(last: float | None):
    """It may be somebody else's by now, as one that the crowd blocked."""
    known = changed(BAD, first_unwanted=last and last - 3.0, last_unwanted=last)
    rests = max(NOW, last or NOW) + 60.0
    assert reassess_at(known, CONFIRMED, NOW) == rests
    assert judge(known, CONFIRMED, rests - 0.01).action is Action.BLOCK
    told = judge(known, CONFIRMED, rests)
    assert told.action is Action.FLAG
    assert (Code.RECENT_REPORT in [gate.code for gate in told.gates]) is (last is not None)
    anew = Standing(moderated=1, moderated_at=rests)
    assert judge(known, anew, rests).action is Action.BLOCK


@pytest.mark.parametrize(("silent", "action"), [(60.0, Action.BLOCK), (61.0, Action.FLAG)])
def test_one_report_after_sixty_silent_days_does_not_block_a_confirmed_number(
    silent: float, action: Action
):
    late = NOW + silent
    again = changed(BAD, first_unwanted=late, last_unwanted=late)
    assert judge(again, CONFIRMED, late).action is action


def test_what_the_crowd_agrees_on_blocks_a_number_whose_confirmation_has_rested():
    late = NOW + 90.0
    crowd = changed(BAD, at=late, first_unwanted=late - 5.0, last_unwanted=late)
    told = judge(crowd, CONFIRMED, late)
    assert (told.action, told.gates) == (Action.FLAG, (Reason(Code.CONFIRMATION_BY_PASS),))
    promoted = Standing(moderated=1, moderated_at=NOW, promoted=True)
    assert judge(crowd, promoted, late).action is Action.BLOCK


def test_a_number_that_never_calls_and_a_confirmation_of_no_day_do_not_rest():
    late = NOW + 400.0
    assert judge(EMPTY, Standing(moderated=1), late).action is Action.BLOCK
    silent = Standing(moderated=1, moderated_at=NOW, never_calls=True)
    told = judge(EMPTY, silent, late)
    assert (told.action, told.gates) == (Action.BLOCK, ())
    assert confirmed_until(BAD, silent) == math.inf


@given(st.floats(0.0, 9.0), st.sampled_from(["established", "newcomers", "imported"]))
def test_one_voice_alone_lists_nobody_whoever_speaks(unwanted, who):
    once = Evidence(at=NOW, unwanted_long=unwanted, **{who: 1})
    assert judge(once, PROMOTED, NOW).action is Action.ALLOW
    twice = judge(changed(once, established=once.established + 1), NOBODY, NOW)
    assert twice.probability >= judge(once, NOBODY, NOW).probability
    assert (twice.action is Action.FLAG) is (log_odds(PRIOR) + unwanted >= raw_at(FLAG_AT))
    confirmed = Standing(moderated=1, moderated_at=NOW)
    assert judge(once, confirmed, NOW).action is Action.BLOCK
    # Words that are known from other numbers are a second voice.
    campaign = Standing(linked=BLOCKS, linked_until=NOW + 9.0)
    assert (judge(once, campaign, NOW).action is Action.BLOCK) is (twice.action is Action.FLAG)


def test_a_block_rests_when_nobody_reports_any_more_until_somebody_does():
    rests = BAD.last_unwanted + 60.0
    assert reassess_at(BAD, PROMOTED, NOW) == rests
    assert judge(BAD, PROMOTED, rests - 0.01).action is Action.BLOCK
    told = judge(BAD, PROMOTED, rests)
    assert (told.action, [gate.code for gate in told.gates]) == (Action.FLAG, [Code.RECENT_REPORT])
    again = judge(changed(BAD, last_unwanted=rests), PROMOTED, rests)
    assert again.action is Action.BLOCK


def test_immunity_ends_on_its_day():
    standing = Standing(promoted=True, immune_until=NOW + 2.0)
    assert reassess_at(BAD, standing, NOW) == NOW + 2.0
    assert judge(BAD, standing, NOW + 1.9).action is Action.ALLOW
    assert judge(BAD, standing, NOW + 2.0).action is not Action.ALLOW
    assert reassess_at(BAD, standing, NOW + 2.0) == reassess_at(BAD, PROMOTED, NOW + 2.0)
    assert reassess_at(EMPTY, Standing(immune_until=NOW + 2.0), NOW) == NOW + 2.0


@given(st.lists(st.sampled_from(["n1", "n2", "n3"]), min_size=1, max_size=6))
def test_the_closed_gates_name_what_opens_them(networks):
    """Adding exactly what the gates ask for opens them."""
    evidence, buckets = rebuild([Voice(Side.UNWANTED, NOW, 1.0, "robocall", n) for n in networks])
    wanted = {Code.MORE_NETWORKS: 0, Code.MORE_ESTABLISHED: 0, Code.MORE_DAYS: 0}
    for gate in closed_gates(evidence, PROMOTED, NOW):
        wanted[gate.code] = gate.figures["missing"]
    fresh = itertools.count()
    at = NOW + wanted[Code.MORE_DAYS]
    for i in range(max(wanted[Code.MORE_NETWORKS], wanted[Code.MORE_ESTABLISHED])):
        network = f"new{next(fresh)}" if i < wanted[Code.MORE_NETWORKS] else f"n{i + 1}"
        said = Voice(Side.UNWANTED, at, 1.0, "robocall", network, True)
        folded = fold(evidence, buckets, said)
        evidence = folded.evidence
        buckets.update(folded.buckets)
    assert closed_gates(evidence, PROMOTED, at) == ()


def test_probability_of_nothing_is_the_prior():
    assert logit(EMPTY, NOW) == log_odds(PRIOR)
    assert judge(EMPTY, NOBODY, NOW).score == 0


@given(st.floats(-12.0, 12.0), st.floats(0.001, 3.0))
def test_calibration_rises_and_can_be_undone(raw, more):
    assert calibrated(raw) < calibrated(raw + more)
    assert raw_at(expit(calibrated(raw))) == pytest.approx(raw, abs=1e-6)


def test_no_network_and_no_crowd_of_new_accounts_reaches_block():
    assert log_odds(PRIOR) + NETWORK_ESTABLISHED_CAP + NETWORK_NEWCOMERS_CAP < raw_at(BLOCK_AT)
    assert log_odds(PRIOR) + NEWCOMERS_CAP < raw_at(BLOCK_AT)
    assert log_odds(PRIOR) + SOURCE_CAP < raw_at(FLAG_AT)
