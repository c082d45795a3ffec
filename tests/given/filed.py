"""Reports of small communities and rings, as the pass takes them."""

import math
from dataclasses import replace

from reputation.scoring import batch, trust
from reputation.scoring.batch import Decision, Filed
from reputation.scoring.categories import Side

# After all reports.
CONFIRMED, CLEARED = Decision(1, math.inf), Decision(-1, math.inf)
# Numbers of the community that a moderator confirmed.
SOME = dict.fromkeys(range(0, 60, 4), CONFIRMED)
# The plane of order two: every two accounts meet on one number, and everybody is first once.
PLANE = ((0, 1, 3), (1, 2, 4), (2, 3, 5), (3, 4, 6), (4, 5, 0), (5, 6, 1), (6, 0, 2))


def filed(reporter, number, at, side=Side.UNWANTED, age=100.0, network="", factor=1.0):
    return Filed(
        reporter=reporter,
        number=number,
        side=side,
        at=at,
        age=age,
        category="legitimate" if side is Side.LEGITIMATE else "telemarketing",
        network=network or f"n{reporter}",
        factor=factor,
        attested=True,
        dated=True,
    )


def in_order(reports):
    return sorted(reports, key=lambda f: (f.at, f.reporter))


def community(numbers=60, members=31, per_number=5):
    """Each number is reported by five members, other ones each time, a day apart."""
    return in_order(
        [
            filed((n * 7 + k * (1 + n % 11)) % members, n, 10.0 + n + k)
            for n in range(numbers)
            for k in range(per_number)
        ]
    )


def learnt(reports, decisions=None):
    table = batch.learn(reports, decisions or {}, {}).records
    return [trust.Record(*column) for column in table.T.tolist()]


def ring(born=10.0, first=100):
    """Seven accounts that confirm one another on seven numbers, no two of them twice."""
    return [
        filed(first + who, 1000 + line, born + 8.0 * line + 3.0 * place)
        for line, block in enumerate(PLANE)
        for place, who in enumerate(block)
    ]


def numbered(reports):
    """The reports with reporters and numbers from 0 without gaps, and the place of each of both."""
    words = batch.all_words(in_order(reports))
    who = {r: i for i, r in enumerate(dict.fromkeys(f.reporter for f in words))}
    numbers = {n: i for i, n in enumerate(dict.fromkeys(f.number for f in words))}
    words = [replace(f, number=numbers[f.number], reporter=who[f.reporter]) for f in words]
    return words, who, numbers


def records_by_reporter(reports, decisions):
    words, who, numbers = numbered(reports)
    records = learnt(words, {numbers[n]: t for n, t in decisions.items()})
    return {name: records[place] for name, place in who.items()}
