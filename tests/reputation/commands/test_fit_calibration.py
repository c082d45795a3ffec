import io
import json

import pytest
from django.core.management import CommandError, call_command

from reputation.counting.samples import moderated_samples
from reputation.identity import identify
from reputation.models import Number
from reputation.scoring import fitting
from reputation.scoring.curves import PRIORS
from tests.given.reporters import BAKERY, NOW, SCAMMER, say, veteran

pytestmark = pytest.mark.django_db


def decided(key: str, moderated: int) -> None:
    Number.objects.filter(key=key).update(moderated=moderated, moderated_at=NOW)


def test_a_sample_is_what_reports_said_of_a_decided_number():
    say(veteran("a"))
    say(veteran("b"), "legitimate", BAKERY)
    say(veteran("c"), "robocall", identify("+390612345678"))
    decided(SCAMMER.key, 1)
    decided(BAKERY.key, -1)
    bakery, scammer = sorted(moderated_samples(), key=lambda sample: sample.raw)
    assert (scammer.unwanted, scammer.category) == (True, "loan_scam")
    assert (bakery.unwanted, bakery.category) == (False, "legitimate")
    assert scammer.line_type == Number.objects.get(key=SCAMMER.key).line_type


@pytest.mark.slow
def test_too_few_decisions_are_refused_and_enough_make_a_file():
    with pytest.raises(CommandError, match="0 samples are too few"):
        call_command("fit_calibration")
    reporter = veteran("a")
    for place in range(fitting.ENOUGH):
        number = identify(f"+4930901{place:03}")
        say(reporter, "loan_scam" if place % 4 else "legitimate", number)
        decided(number.key, 1 if place % 4 else -1)
    out = io.StringIO()
    call_command("fit_calibration", source="a test", stdout=out)
    content = json.loads(out.getvalue())
    assert (content["samples"], content["data"]) == (100, "a test")
    assert {check["group"] for check in content["checked"]} >= {"all"}
    fitting.read_knots(content)


def test_a_line_type_s_own_prior_reaches_its_numbers(monkeypatch):
    say(veteran("a"))
    number = Number.objects.get(key=SCAMMER.key)
    monkeypatch.setitem(PRIORS, number.line_type, 0.3)
    call_command("rescore", upgrade=True, stdout=io.StringIO())
    number.refresh_from_db()
    assert number.prior == 0.3
    assert number.trust_seq < number.seq
    say(veteran("b"), number=identify("+8613812345679"))
    assert Number.objects.get(key="+8613812345679").prior == 0.3
