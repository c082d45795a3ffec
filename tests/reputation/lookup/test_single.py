"""The answer about a number is the arithmetic on its row, at the moment of the request."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.identity import Identity, InvalidNumber, identify
from reputation.lookup.advice import advise
from reputation.lookup.many import look_up_many
from reputation.lookup.single import (
    TTL,
    VERSTAT,
    Answer,
    attestation_of,
    look_up,
)
from reputation.models import Number
from reputation.scoring.days import to_days
from reputation.scoring.policy import Action, Status, judge
from reputation.scoring.reasons import explain
from reputation.scoring.sentences import in_english
from reputation.scoring.trust import ATTESTATION_FACTORS
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER

pytestmark = pytest.mark.django_db


def told(answer: Answer) -> dict[str, Any]:
    return answer._asdict()


def expected(number: Number, attestation: str, now: Any) -> dict[str, Any]:
    """The same from the model, by the plain functions of scoring."""
    at = to_days(now)
    evidence, standing = number.evidence, number.standing
    judgement = judge(evidence, standing, at, prior=number.prior, attestation=attestation)
    due = TTL
    if number.reassess_at is not None:
        due = max(0, min(TTL, int((to_days(number.reassess_at) - at) * 86_400)))
    category = "" if judgement.status is Status.UNKNOWN else number.category
    if category == "legitimate" and judgement.action is not Action.ALLOW:
        category = ""

    def shown(moment: Any) -> str:
        """Midnight of the day; of its Monday, where fewer than five people reported."""
        if not moment:
            return ""
        back = moment.weekday() if number.reports < 5 else 0
        return f"{moment.date() - timedelta(days=back)}T00:00:00Z"

    return {
        "number": number.key,
        "action": judgement.action.value,
        "score": judgement.score,
        "confidence": judgement.confidence,
        "status": judgement.status.value,
        "category": category,
        "reports": number.reports + number.complaints,
        "reporters": number.reports,
        "first_reported_at": shown(number.first_reported_at),
        "last_reported_at": shown(number.last_reported_at),
        "name": number.name,
        "country": number.country,
        "line_type": number.line_type,
        "reasons": list(map(in_english, explain(evidence, standing, judgement, at))),
        "advice": advise(judgement.action.value, category),
        "ttl": due,
        "campaign": "",
        "own_rule": "",
    }


days_ago = st.integers(0, 400 * 24).map(lambda hours: NOW - timedelta(hours=hours))
mass = st.sampled_from([0.0, 0.003, 0.3, 0.9, 1.7, 2.6, 5.0, 12.5])
count = st.integers(0, 12)
decided = st.sampled_from([False, False, False, True])


@st.composite
def rows(draw: st.DrawFn) -> Number:
    """Rows as the fold leaves them, and some that it never would."""
    short, long = draw(mass), draw(mass)
    unwanted = short + long > 0.0
    established = draw(count) if unwanted else 0
    newcomers = draw(count) if unwanted else 0
    last = draw(days_ago)
    first = last - timedelta(hours=draw(st.integers(0, 500)))
    counted = established + newcomers > 0
    moderated = draw(st.sampled_from([0, 0, 0, 1, -1]))
    return Number(
        key=SCAMMER.key,
        country="CN",
        line_type="mobile",
        name=draw(st.sampled_from(["", "A Bank 银行"])),
        created_at=first,
        evidence_at=draw(days_ago) if not counted else last,
        prior=draw(st.sampled_from([0.45, 0.1, 0.9])),
        unwanted_short=short,
        unwanted_long=long,
        legitimate=draw(mass),
        networks=min(draw(count), established + newcomers),
        established=established,
        newcomers=newcomers,
        established_networks=min(draw(count), established),
        supporters=draw(count),
        imported=draw(st.sampled_from([0, 0, 1, 40])),
        gathered=(short + long) * draw(st.sampled_from([1.0, 1.001, 2.0])),
        saturated=draw(mass),
        first_unwanted_at=first if counted else None,
        last_unwanted_at=last if counted else None,
        category=draw(st.sampled_from(["loan_scam", "legitimate", "telemarketing", ""])),
        reports=draw(count),
        complaints=draw(count),
        first_reported_at=first if counted else None,
        last_reported_at=last if counted else None,
        reassess_at=draw(
            st.none() | st.integers(-60, 600).map(lambda s: NOW + timedelta(seconds=s + 0.5))
        ),
        official=draw(decided),
        holder_verified=draw(decided),
        moderated=moderated,
        moderated_at=draw(st.none() | days_ago) if moderated else None,
        promoted=draw(decided),
        never_calls=draw(decided),
        linked=(linked := draw(st.sampled_from([0, 0, 1, 2]))),
        linked_until=draw(days_ago) + 30 * DAY if linked else None,
        disputed=draw(decided),
        spoofed=draw(decided),
        reassigned=draw(decided),
        pinned=draw(st.sampled_from(["", "", "", "allow", "flag", "block"])),
        immune_until=draw(
            st.none() | st.integers(0, 400 * 24).map(lambda hours: NOW + timedelta(hours=hours))
        ),
    )


@pytest.mark.slow
@settings(settings.get_profile("database"), max_examples=150)
@given(
    st.lists(rows(), min_size=1, max_size=4),
    st.sampled_from([*ATTESTATION_FACTORS, ""]),
    st.integers(0, 900 * 24),
)
def test_it_is_what_the_arithmetic_says(numbers, attestation, hours):
    """Of one number, and of several at once with others among them that nobody knows."""
    with transaction.atomic():
        for place, number in enumerate(numbers):
            number.key = f"+861381234567{place}"
            number.save(force_insert=True)
        now = NOW + timedelta(hours=hours)
        keys = [number.key for number in numbers]
        for key, number in zip(keys, numbers, strict=True):
            answer = look_up(identify(key), now=now, attestation=attestation)
            assert told(answer) == expected(number, attestation, now)
        asked = ["+8613812345699", *reversed(keys), keys[0], "110", "138 1234 5670"]
        unknown, *known, again, error, written = look_up_many(asked, region="CN", now=now)
        assert unknown == look_up(identify(asked[0]), now=now)
        assert [told(each) for each in (*reversed(known), again, written)] == [
            expected(number, "", now) for number in (*numbers, numbers[0], numbers[0])
        ]
        assert isinstance(error, InvalidNumber)
        transaction.set_rollback(True)


UNKNOWN = {
    "number": "+8613812345678",
    "action": "allow",
    "score": 0,
    "confidence": 0.0,
    "status": "unknown",
    "category": "",
    "reports": 0,
    "reporters": 0,
    "first_reported_at": "",
    "last_reported_at": "",
    "name": "",
    "country": "CN",
    "line_type": "mobile",
    "reasons": ["Nothing that still counts is known about this number."],
    "advice": "",
    "ttl": TTL,
    "campaign": "",
    "own_rule": "",
}


@pytest.mark.parametrize("attestation", ATTESTATION_FACTORS)
def test_an_unknown_number(attestation):
    assert told(look_up(SCAMMER, now=NOW, attestation=attestation)) == UNKNOWN


def test_a_number_of_which_nothing_counts_any_more_is_unknown_without_a_category():
    Number.objects.create(
        key=SCAMMER.key,
        country="CN",
        line_type="mobile",
        created_at=NOW,
        evidence_at=NOW,
        prior=0.45,
        unwanted_short=3.0,
        gathered=3.0,
        networks=1,
        newcomers=1,
        first_unwanted_at=NOW,
        last_unwanted_at=NOW,
        category="loan_scam",
        reports=1,
    )
    assert look_up(SCAMMER, now=NOW).category == "loan_scam"
    later = look_up(SCAMMER, now=NOW + 3000 * DAY)
    assert (later.status, later.category, later.advice) == ("unknown", "", "")
    assert (later.action, later.score, later.confidence) == ("allow", 0, 0.0)


def test_many_at_once_known_and_unknown():
    Number.objects.create(
        key=BAKERY.key, country="DE", created_at=NOW, evidence_at=NOW, prior=0.45, name="Bakery"
    )
    asked = [SCAMMER.key, BAKERY.key, "MyBank", SCAMMER.key]
    one, bakery, sender, again = look_up_many(asked, region="CN", now=NOW)
    assert told(one) == told(again) == UNKNOWN
    assert (bakery.number, bakery.name) == (BAKERY.key, "Bakery")
    assert (sender.number, sender.line_type) == ("CN@MYBANK", "sender")


def test_none_at_all():
    assert look_up_many([], now=NOW) == []


@pytest.mark.parametrize("name", ["O'BRIEN", "R&D", "A.B*", "银行", "Ü"])
def test_keys_that_would_trip_a_query(name):
    sender = Identity(f"CN@{name}", "CN", "sender")
    Number.objects.create(
        key=sender.key, country="CN", created_at=NOW, evidence_at=NOW, prior=0.45, name="found"
    )
    assert look_up(sender, now=NOW).name == "found"
    [many] = look_up_many([sender.key], now=NOW)
    assert many.name == "found"


@pytest.mark.parametrize(
    ("stated", "attestation"),
    [
        *VERSTAT.items(),
        *zip(ATTESTATION_FACTORS, ATTESTATION_FACTORS, strict=True),
        *[("a", "A"), (" tn-validation-passed-b ", "B"), ("FAILED", "failed")],
        # Twilio's words for forwarded calls, of which Passport Passthrough is one.
        *[("TN-Validation-Failed-A-Diverted", "failed"), ("TN-Validation-Passed-B-Diverted", "B")],
        ("TN-Validation-Failed-C-Passthrough", "failed"),
        # Asterisk's words, and texts of callers: these vouch for nothing, and are no error.
        *[("signature_failed", "failed"), ("Verification mismatch", "failed")],
        *[
            (word, "none")
            for word in ("not_present", "verified", "x", "\0", "TN-Validation-Passed-D")
        ],
    ],
)
def test_what_networks_say_of_a_call(stated, attestation):
    assert attestation_of(stated) == attestation


def test_numbers_that_are_due_and_numbers_that_are_listed():
    def make(n: int, **fields: Any) -> Number:
        return Number.objects.create(
            key=f"+861381234560{n}", created_at=NOW, evidence_at=NOW, prior=0.45, **fields
        )

    due = make(0, reassess_at=NOW)
    later = make(1, reassess_at=NOW + DAY, action="flag")
    never = make(2, action="block")
    assert set(Number.objects.due(NOW)) == {due}
    assert set(Number.objects.due(NOW + DAY)) == {due, later}
    assert set(Number.objects.listed()) == {later, never}
