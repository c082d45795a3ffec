"""A small world, as the domain knows it and as replay reads it."""

import random
from datetime import timedelta

from reputation.counting import trust_pass
from reputation.identity import Identity
from reputation.models import Reporter
from reputation.scoring.days import to_days
from tests.given.reporters import NOW, numbered, say


def numbers_in_a_row(count: int) -> list[Identity]:
    return [numbered(place) for place in range(count)]


def reports_of_a_world(
    seed: int, *, people: int = 24, numbers: int = 12
) -> list[dict[str, object]]:
    """Reports of a small world through the domain, and the same as replay reads them."""
    chance = random.Random(seed)
    known = numbers_in_a_row(numbers)
    reporters = [
        Reporter.objects.create(
            kind="person",
            handle=f"p{place}",
            created_at=NOW - timedelta(days=chance.uniform(90, 150)),
        )
        for place in range(people)
    ]
    said = sorted(
        (chance.uniform(0, 90), chance.randrange(people), chance.randrange(numbers))
        for _ in range(people * 8)
    )
    rows: list[dict[str, object]] = []
    for day, who, which in said:
        at = NOW - timedelta(days=90 - day)
        unwanted = (which % 2 == 0) == (chance.random() < 0.9)
        category = "loan_scam" if unwanted else "legitimate"
        network = f"net{who // 2}"
        say(reporters[who], category, known[which], at=at, network=network)
        rows.append(
            {
                "reporter": who,
                "number": known[which].key,
                "label": int(unwanted),
                "time": to_days(at),
                "created": to_days(reporters[who].created_at),
                "network": network,
                "category": category,
            }
        )
    return rows


def reweigh_all() -> trust_pass.Reweighed:
    """Has the trust pass weigh all numbers that are due, five at a time."""
    total = trust_pass.Reweighed()
    while (done := trust_pass.reweigh(limit=5, now=NOW)).numbers:
        total += done
    return total
