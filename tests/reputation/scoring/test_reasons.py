"""Every number in a sentence is the field it names."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.scoring.categories import UNWANTED, Side
from reputation.scoring.curves import calibrated
from reputation.scoring.evidence import EMPTY, PRIOR, Evidence, Voice, expit, log_odds, sums
from reputation.scoring.policy import Action, Standing, is_alone, judge, percent
from reputation.scoring.reasons import before_any_report, explain
from reputation.scoring.sentences import in_english
from tests.given.folded import rebuild

NOW = 20_780.0  # 2026-11-23


def said_of(evidence, standing, judgement, now):
    return list(map(in_english, explain(evidence, standing, judgement, now)))


@st.composite
def voices(draw):
    side = draw(st.sampled_from(Side))
    category = draw(st.sampled_from(UNWANTED)) if side else "legitimate"
    return Voice(
        side,
        NOW - draw(st.floats(0.0, 60.0)),
        draw(st.floats(0.1, 1.8)),
        category,
        draw(st.sampled_from(["", "n1", "n2", "n3"])),
        draw(st.booleans()),
        draw(st.sampled_from(["", "", "ftc"])),
    )


def found(sentences, pattern):
    matches = [match for line in sentences if (match := re.search(pattern, line))]
    assert len(matches) <= 1
    return matches[0] if matches else None


@given(st.lists(voices(), min_size=1, max_size=20), st.floats(0.0, 100.0))
def test_every_number_is_the_field_it_names(said, later):
    evidence, _ = rebuild(sorted(said, key=lambda voice: voice.at))
    now = NOW + later
    judgement = judge(evidence, Standing(), now)
    told = said_of(evidence, Standing(), judgement, now)
    unwanted, legitimate = sums(evidence, now)

    assert int(found(told, r"Before any report: (\d+)%")[1]) == round(100 * PRIOR)
    line = found(told, r"^(\d+) unwanted reports? .*: (\d+) by established .*, (\d+) by new")
    reported = evidence.established + evidence.newcomers
    assert (line is not None) == (reported > 0)
    if line:
        assert [int(n) for n in line.groups()] == [
            reported,
            evidence.established,
            evidence.newcomers,
        ]
        networks = found(told, r"from (\d+) networks?")
        assert (int(networks[1]) if networks else 0) == evidence.networks
    odds = found(told, r"raises the odds ([\d.]+) times")
    assert (odds is not None) == (evidence.gathered > 0)
    if odds:
        assert float(odds[1]) == pytest.approx(math.exp(unwanted), abs=0.0501)
    age = found(told, r"Age has taken (\d+)%")
    if age:
        assert int(age[1]) == pytest.approx(100 * (1 - unwanted / evidence.gathered), abs=0.51)
    support = found(told, r"^(\d+) reports? to the contrary.*odds ([\d.]+) times")
    assert (support is not None) == (evidence.supporters > 0)
    if support:
        assert int(support[1]) == evidence.supporters
        assert float(support[2]) == pytest.approx(math.exp(legitimate), abs=0.0501)
    imported = found(told, r"^(\d+) imported complaint")
    assert (int(imported[1]) if imported else 0) == evidence.imported
    added = found(told, r"^Added up: (\d+)%; after calibration: (\d+)%")
    if evidence.gathered or evidence.supporters:
        assert int(added[1]) == percent(judgement.raw)
        told_at = calibrated(log_odds(judgement.raw), alone=is_alone(evidence))
        assert int(added[2]) == percent(expit(told_at))
        if judgement.probability == judgement.after:  # no action moves it
            assert int(added[2]) == judgement.score
    withheld = found(told, r"withheld ([\d.]+) of log-odds")
    assert (float(withheld[1]) if withheld else 0.0) == pytest.approx(evidence.saturated, abs=0.011)
    ceiling = found(told, r"cannot lift this number above (\d+)%")
    if ceiling:
        assert evidence.established == 0
        assert 100 * judgement.probability <= int(ceiling[1])
    gates = found(told, r"^Blocking needs (.*)\.$")
    assert (gates is not None) == (judgement.action is Action.FLAG)
    if gates:
        assert gates[1].split("; ") == list(map(in_english, judgement.gates))


def test_the_whole_explanation_of_a_brigaded_number():
    said = [Voice(Side.UNWANTED, NOW + i % 2, 1.45, "telemarketing", f"n{i}") for i in range(50)]
    said.append(Voice(Side.LEGITIMATE, NOW, 1.4, "legitimate", "m", True))
    evidence, _ = rebuild(sorted(said, key=lambda voice: voice.at))
    standing = Standing(promoted=True)
    told = said_of(evidence, standing, judge(evidence, standing, NOW + 1), NOW + 1)
    assert told == [
        "Before any report: 45% likely to be unwanted.",
        "50 unwanted reports from 50 networks: 0 by established reporters, 50 by new accounts.",
        "This evidence raises the odds 3.3 times today.",
        "1 report to the contrary (legitimate): this lowers the odds 2.7 times today.",
        "Added up: 49%; after calibration: 45%.",
        "Limits on one network, one day and all new accounts together withheld 71.71 of log-odds.",
        "New accounts alone cannot lift this number above 90%.",
    ]


@pytest.mark.parametrize(
    ("standing", "sentence"),
    [
        (Standing(pinned=Action.FLAG), "A moderator fixed the action to flag."),
        (
            Standing(official=True),
            "A moderator entered this official number: reports alone neither flag nor block it.",
        ),
        (
            Standing(moderated=1),
            "A moderator confirmed that calls from this number are unwanted.",
        ),
        (Standing(moderated=-1), "A moderator judged this number legitimate."),
        (Standing(holder_verified=True), "The holder has proved control of the number."),
        (
            Standing(immune_until=NOW + 90.0),
            "The holder's dispute was upheld: reports alone do not list the number before "
            "2027-02-21.",
        ),
        (
            Standing(disputed=True),
            "The holder disputes the listing; it is not blocked until that is decided.",
        ),
        (
            Standing(spoofed=True),
            "Others appear to call under this number; it is not blocked for that.",
        ),
        (
            Standing(reassigned=True),
            "The number has a new holder; earlier reports no longer count.",
        ),
    ],
)
def test_decisions_are_told(standing, sentence):
    assert sentence in said_of(EMPTY, standing, judge(EMPTY, standing, NOW), NOW)


def test_impersonation_is_told():
    standing = Standing(official=True)
    judgement = judge(EMPTY, standing, NOW, attestation="failed")
    assert said_of(EMPTY, standing, judgement, NOW) == [
        "This call claims an official number but failed attestation: impersonation.",
        "Blocking needs a moderator's confirmation.",
    ]


def test_nothing_known_is_told():
    assert said_of(EMPTY, Standing(), judge(EMPTY, Standing(), NOW), NOW) == [
        "Nothing that still counts is known about this number."
    ]
    old = Evidence(at=NOW, unwanted_short=1.0, newcomers=1, first_unwanted=NOW, last_unwanted=NOW)
    later = NOW + 600.0
    assert said_of(old, Standing(), judge(old, Standing(), later), later) == [
        "Nothing that still counts is known about this number.",
        "On record, but too old to count: 1 report.",
    ]
    both = old._replace(supporters=1, imported=42)
    assert said_of(both, Standing(), judge(both, Standing(), later), later)[1:] == [
        "On record, but too old to count: 2 reports and 42 imported complaints."
    ]


@pytest.mark.parametrize(("prior", "told"), [(0.45, 45), (0.004, 0), (0.996, 100)])
def test_what_is_likely_before_any_report_is_told_in_whole_percent(prior, told):
    said = f"Before any report: {told}% likely to be unwanted."
    assert in_english(before_any_report(prior)) == said
