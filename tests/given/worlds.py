"""Random worlds for moderators: numbers in all states, by what people and moderators did."""

import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction

from reputation.counting import group_anew, publish_all, settle, trust_pass
from reputation.decisions import RULES, Rule, take
from reputation.disputes import DisputeError
from reputation.identity import identify
from reputation.models import Campaign, Dispute, Number, Report, Reporter
from reputation.moderation import DecisionError, meanwhile
from reputation.reports import withdraw_report
from reputation.reports.linking import merge_reporters
from reputation.scoring import CATEGORIES, Action
from tests.given.reporters import DAY, NOW, say
from tests.given.staff import member

NUMBERS = [identify(f"+1202555{place:04}", allow_fictional=True) for place in range(100, 105)]
WORDS = (
    "Said my parcel is held at customs and I must pay a release fee by gift card",
    "A recorded voice: your parcel is held at customs, pay the release fee with a gift card",
    "Silent, then hung up",
    "",
)
MODELS: dict[str, Any] = {
    "number": Number,
    "report": Report,
    "reporter": Reporter,
    "dispute": Dispute,
    "campaign": Campaign,
}


def subjects(kind: str) -> list[Any]:
    return list(MODELS[kind].objects.order_by("pk"))


def particulars(rule: Rule, subject: Any, chance: random.Random) -> dict[str, Any]:
    """What a moderator may write into the form of this decision."""
    others = Report.objects.live().filter(number=getattr(subject, "number_id", None))
    others = others.exclude(pk=subject.pk).order_by("pk")
    offered: dict[str, Callable[[], Any]] = {
        "action": lambda: chance.choice(list(Action)),
        "until": lambda: NOW + chance.randrange(1, 300) * DAY,
        "since": lambda: NOW - chance.randrange(0, 40) * DAY,
        "name": lambda: "A Bank",
        "source": lambda: "Its page",
        "keep": lambda: chance.choice([*others, subject]),
        "grounds": lambda: chance.choice(Dispute.Grounds.values),
        "statement": lambda: "We are a florist.",
        "contact": lambda: "florist@example.org",
    }
    return {name: offered[name]() for name in rule.fields}


def build(chance: random.Random) -> bool:
    """A world: people report five numbers, and moderators decide on some of it.

    Returns whether the trust pass wrote reporters' records, which then are not their credits' sums.
    """
    people = [_person(place, chance) for place in range(9)]
    for number in NUMBERS:
        unwanted = chance.random()
        for who in chance.sample(people, chance.randrange(0, len(people))):
            said = chance.random() < unwanted
            side = [name for name, each in CATEGORIES.items() if each.side.value == int(not said)]
            brigade = who.cluster is not None
            say(
                who,
                chance.choice(side),
                number,
                at=NOW - chance.randrange(1, 60) * DAY,
                network="one" if brigade else "",
                comment=chance.choice(WORDS),
            )
    if chance.random() < 0.5:
        group_anew(now=NOW - DAY)
    for report in chance.sample(list(Report.objects.order_by("pk")), 2):
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW - DAY)
    if chance.random() < 0.5:
        _link(people, chance)
    learnt = chance.random() < 0.5
    if learnt:
        trust_pass.learn_trust()
        trust_pass.reweigh(now=NOW - DAY)
    Number.objects.filter(key=chance.choice(NUMBERS).key).update(holder_verified=True)
    past = member("boss")
    for turn in range(chance.randrange(0, 8)):
        decide(past, chance, now=NOW - DAY + timedelta(minutes=turn))
    # As the worker does every few minutes: what is told is of NOW.
    with transaction.atomic():
        numbers = list(Number.objects.select_for_update().order_by("key"))
        settle(numbers, now=NOW)
        publish_all(numbers, now=NOW)
    return learnt


def _person(place: int, chance: random.Random) -> Reporter:
    record = chance.choice(({}, {"tp": 10.0, "tn": 10.0, "firsts": 5.0}, {"firsts": 3.0}))
    who = Reporter.objects.create(
        kind=chance.choice(("person", "sms", "email")),
        handle=f"person {place}",
        created_at=NOW - chance.choice((60, 400)) * DAY,
        **record,
    )
    if place < 3:
        who.cluster = Reporter.objects.order_by("pk")[0].pk
        who.save(update_fields=["cluster"])
    return who


def _link(people: Iterable[Reporter], chance: random.Random) -> None:
    into = next((who for who in people if who.kind == "person"), None)
    other = next((who for who in people if who.kind != "person"), None)
    if into is not None and other is not None:
        merge_reporters(into=into, other=other, now=NOW - DAY)


def decide(actor: Any, chance: random.Random, *, now: Any) -> None:
    """One decision by chance; what is refused is left."""
    kind = chance.choice([kind for kind in MODELS if MODELS[kind].objects.exists()])
    subject = chance.choice(subjects(kind))
    rule = chance.choice(list(RULES[kind].values()))
    try:
        take(
            rule=rule,
            subject=subject,
            given=particulars(rule, subject, chance),
            actor=actor,
            reason="before",
            seen=meanwhile.newest(subject),
            now=now,
        )
    except (DecisionError, DisputeError):
        return
