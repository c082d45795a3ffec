"""What disputes and decisions leave behind is what replay says of the same reports."""

import pytest
from pytest_django import Settings

from reputation.counting import trust_pass
from reputation.disputes import open_dispute, verify
from reputation.disputes.deciding import decide_dispute
from reputation.identity import identify
from reputation.models import Number, Reporter
from reputation.scoring import replay
from reputation.scoring.batch import Decision
from reputation.scoring.days import to_days
from reputation.scoring.policy import Standing, judge
from tests.given.phone import plug_in
from tests.given.replayed import reports_of_a_world, reweigh_all
from tests.given.reporters import NOW, moderator

pytestmark = pytest.mark.django_db


def as_evidence(number: Number) -> float:
    """What would be published on evidence and moderated truth alone, as replay knows them."""
    known = Standing(
        moderated=number.moderated,
        moderated_at=to_days(NOW) if number.moderated else None,
        promoted=number.promoted,
    )
    evidence = number.evidence
    return judge(evidence, known, to_days(NOW), prior=number.prior).probability


@pytest.mark.slow
def test_the_pass_says_what_replay_says_whatever_was_disputed(settings: Settings):
    phone = plug_in(settings)
    rows = reports_of_a_world(7)
    accused = sorted({str(row["number"]) for row in rows if row["label"]})[:4]
    for n, (key, grounds) in enumerate(
        zip(accused, ("mistaken", "spoofed", "other", "mistaken"), strict=True)
    ):
        dispute = open_dispute(
            identity=identify(key), grounds=grounds, statement="No.", contact=f"{n}@example.org",
            network=f"n{n}", via="sms", language="en", now=NOW,
        )  # fmt: skip
        dispute = verify(public_id=dispute.public_id, code=phone.code, now=NOW)
        if n < 3:  # the last stays open
            decide_dispute(
                actor=moderator(str(n)), dispute=dispute, upheld=n < 2, reason="Because.", now=NOW
            )
    Reporter.objects.update(tp=0, fn=0, tn=0, fp=0, firsts=0)  # replay starts from strangers
    trust_pass.learn_trust()
    reweigh_all()

    gold = {accused[0]: Decision(-1, to_days(NOW))}
    expected = replay.score(rows, now=to_days(NOW), gold=gold, batch=True)
    numbers = {number.key: number for number in Number.objects.all()}
    assert {key: as_evidence(numbers[key]) for key in expected} == {
        key: pytest.approx(p, abs=1e-9) for key, p in expected.items()
    }
    assert [numbers[key].disputed for key in accused] == [False, False, False, True]
    assert [numbers[key].action for key in accused[:2]] == ["allow", "allow"]
    assert numbers[accused[3]].action != "block"
