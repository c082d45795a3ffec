"""Attacks that block nobody: they keep the service from blocking whom it should.

What counts is how many abusive calls still arrive blocked, against the same days without. An echo
repeats what others say, so that everybody seems to move together with it; a squatter guesses
numbers before anybody reports them, so that nobody else is first; a follower says what a member
says, so that the member seems to be one of a crew; smoke is a burst of reports with which a scammer
makes a number of his own look like somebody else's.
"""

from __future__ import annotations

import numpy as np

from benchmarks.attacks.raid import Raid
from benchmarks.attacks.worlds import Kind


def echo(raid: Raid) -> None:
    """5 accounts repeat three in ten of all reports, within two days, from the first day on."""
    rng = raid.rng
    for puppet in [raid.account(0.0) for _ in range(5)]:
        for r in raid.world.reports:
            if rng.random() < 0.3:
                later = r["time"] + rng.uniform(0.1, 1.9)
                raid.vote(puppet, int(r["number"][1:]), r["label"], later, r["category"])


def squat(raid: Raid) -> None:
    """5 accounts share out six in ten of the numbers that will be heard of, up to a day ahead."""
    rng = raid.rng
    first: dict[int, float] = {}
    for r in raid.world.reports:
        first.setdefault(int(r["number"][1:]), r["time"])
    crew = [raid.account(0.0) for _ in range(5)]
    for number, time in first.items():
        if time > 1 and rng.random() < 0.6:
            raid.vote(rng.choice(crew), number, 1, time - rng.uniform(0.1, 1), "other")


def follow(raid: Raid) -> None:
    """Of 24 accounts 8 say within days what three in ten members say."""
    rng = raid.rng
    crew = [raid.account(0.0) for _ in range(24)]
    followed: dict[str, bool] = {}
    for r in raid.world.reports:
        if r["label"] == 1 and followed.setdefault(r["reporter"], rng.random() < 0.3):
            for puppet in rng.sample(crew, 8):
                later = r["time"] + rng.uniform(2, 9)
                raid.vote(puppet, int(r["number"][1:]), 1, later, r["category"])


def smoke(raid: Raid) -> None:
    """5 new accounts report each abusive number within half a day of its first call, unattested."""
    rng, n = raid.rng, raid.world.numbers
    for number in np.flatnonzero((n.kind <= Kind.COLLECTION) & (n.start > 0)):
        begin = float(n.start[number]) + 0.2
        for _ in range(5):
            raid.vote(raid.account(begin), int(number), 1, begin + rng.uniform(0, 0.5), "robocall")
    for r in raid.reports:
        r["attestation"] = "none"
