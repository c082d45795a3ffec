"""Attacks on a world: reports added to its stream, with the numbers they aim at.

The adversary knows the design, sees what the service publishes (which numbers are reported and
listed), never sees truth, and cannot break attestation or moderators. Unless said otherwise every
account has a network of its own, which is dear; targets are legitimate numbers with whatever
reports they have, and nobody comes to their defence (whoever is asked in the world is asked, but
the attack itself triggers no questions). Sizes are per target; counts of targets scale.

The adversary also has phones that spam calls, and so learns of bad numbers as early as anybody.
Fresh attacks make accounts for the purpose. Aged ones made theirs weeks before and voted along.
`patient` accounts also take part like a good member: they report numbers that have only one or
two reports yet, call legitimate numbers legitimate, spread out so that no two share a pattern,
and each brigade strikes once. `retaliation` uses real, active members of the world. `storm` is no
attack by reporters: honest people report the innocent number that a scammer displays.

Rings are in `rings`, what aims at records and labels in `deceit`, what keeps calls from being
blocked in `denial`.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.attacks import deceit, denial, rings
from benchmarks.attacks.designs import projective
from benchmarks.attacks.probes import passer_by
from benchmarks.attacks.raid import (
    Puppet,
    Raid,
    Strike,
    brigades,
    famous,
    take_part,
    vote_along,
)
from benchmarks.attacks.worlds import Character, Kind, World, write_report

FRESH_SIZES = (3, 5, 10, 20, 50)


def fresh(raid: Raid) -> None:
    """3 to 50 accounts made for the purpose: in one network, in many, and slowly over weeks."""
    rng = raid.rng
    for size in FRESH_SIZES:
        for _ in range(raid.many(10)):
            days = rng.choice((1.0, 5.0))
            at = raid.begin(days)
            lair = f"lair{rng.getrandbits(40)}"
            puppets = [raid.account(at, lair) for _ in range(size)]
            raid.strike("fresh, one network", puppets, raid.target(), at, days)
            at = raid.begin(days)
            puppets = [raid.account(at) for _ in range(size)]
            raid.strike("fresh, many networks", puppets, raid.target(), at, days)
            at = raid.begin(28)
            puppets = [raid.account(at - rng.uniform(0, 7)) for _ in range(size)]
            raid.strike("fresh, slow over weeks", puppets, raid.target(), at, 28.0)


def padded(raid: Raid) -> None:
    """20 accounts, each of which first votes along with five long-listed numbers, then waits."""
    for _ in range(raid.many(20)):
        at = raid.begin(4)
        puppets = [raid.account(at - 16) for _ in range(20)]
        long_listed = famous(raid, at - 15, 30)
        for p in puppets:
            for number in raid.rng.sample(long_listed, min(5, len(long_listed))):
                raid.vote(p, number, 1, at - raid.rng.uniform(10, 15), "robocall")
        raid.strike("aged two weeks, voted along, 20", puppets, raid.target(), at, 4.0)


def aged(raid: Raid) -> None:
    """10 accounts that voted along with famous spam for two months, then take on six targets."""
    for _ in range(raid.many(8)):
        born = raid.rng.uniform(10, 25)
        puppets = [raid.account(born + raid.rng.uniform(0, 5)) for _ in range(10)]
        vote_along(raid, puppets, born + 5, born + 65, 20)
        for _ in range(6):
            raid.strike("aged, voted along, 10", puppets, raid.target(), raid.begin(5, 105), 5.0)


def patient(raid: Raid) -> None:
    """5 or 10 aged, camouflaged accounts that strike one target, once, over a week or so."""
    for size in (5, 10):
        for _ in range(raid.many(30)):
            born = raid.rng.uniform(5, 40)
            puppets = [raid.account(born + raid.rng.uniform(0, 20)) for _ in range(size)]
            days = raid.rng.uniform(4, 10)
            at = raid.begin(days, 120, 165)
            for p in puppets:
                take_part(raid, p, p.created, at)
            raid.strike(f"patient, {size}", puppets, raid.target(), at, days)


def mixed(raid: Raid) -> None:
    """Two patient accounts open the gates for 20 fresh ones, all in networks of their own."""
    for _ in range(raid.many(20)):
        days = raid.rng.uniform(4, 10)
        at = raid.begin(days, 120, 165)
        patient_ones = [raid.account(raid.rng.uniform(5, 40)) for _ in range(2)]
        for p in patient_ones:
            take_part(raid, p, p.created, at)
        fresh_ones = [raid.account(at) for _ in range(20)]
        raid.strike(
            "2 patient with 20 fresh", [*patient_ones, *fresh_ones], raid.target(), at, days
        )


def pile_on(raid: Raid) -> None:
    """Strikes on the legitimate numbers that honest people are most often wrong about.

    By 20 fresh accounts, by 5 patient ones, and by a ring of 13, whose strikes begin when at least
    some of the mistakes are less than six weeks old.
    """
    rng = raid.rng
    for k in range(raid.many(12)):
        days = rng.uniform(6, 10)
        at = raid.begin(days, 105, 180)
        target = raid.doubted(at - 40, at)
        if k % 3 == 0:
            line, crew = "20 fresh on a doubted number", [raid.account(at) for _ in range(20)]
        elif k % 3 == 1:
            line, crew = (
                "5 patient on a doubted number",
                [raid.account(rng.uniform(5, 40)) for _ in range(5)],
            )
            for puppet in crew:
                take_part(raid, puppet, puppet.created, at)
        else:
            line = "ring of 13 on a doubted number"
            crew = rings.gather(raid, rings.Plan(line, projective(3), 0))
        squad = rng.sample(crew, 4) if len(crew) == 13 else crew
        raid.strike(line, squad, target, at, days, crew=crew, evenly=True)


def retaliation(raid: Raid) -> None:
    """Three active members of long standing gang up on a number within a few days."""
    accounts, rng = raid.world.accounts, raid.rng
    for _ in range(raid.many(40)):
        days = rng.choice((1.0, 6.0))
        at = raid.begin(days, 90)
        members = [
            i
            for i in range(len(accounts))
            if accounts.created[i] < at - 40
            and accounts.quit[i] > at
            and accounts.reports[i] >= 8
            and accounts.character[i] == Character.HONEST
        ]
        puppets = [
            Puppet(f"a{i}", accounts.created[i], accounts.network[i])
            for i in rng.sample(members, min(3, len(members)))
        ]
        raid.strike("retaliation, 3 members", puppets, raid.target(), at, days)


def storm(raid: Raid) -> None:
    """A scammer displays an innocent number for one to five days; 15 honest people report it.

    In the two weeks after, up to three of those who call back say that it is legitimate. Where
    nobody looks at attestation the storm is a line of its own.
    """
    w, rng = raid.world, raid.rng
    line = "spoofing storm, 15 victims"
    if not w.assumptions.attestation_known:
        line += ", unattested"
    for _ in range(raid.many(40)):
        days, number = rng.uniform(1, 5), raid.target()
        at = raid.begin(days)
        heard: set[int] = set()
        for _ in range(15):
            time = at + rng.uniform(0, days)
            i = passer_by(w, time, heard, rng)
            report = write_report(w, i, number, time, 1, rng)
            report["category"] = rng.choice(("loan_scam", "phishing", "impersonation"))
            if (
                w.numbers.attested[number] and w.assumptions.attestation_known
            ):  # nobody can sign for a number they do not hold
                report["attestation"] = rng.choice(("C", "none", "failed"))
            raid.reports.append(report)
        for _ in range(rng.randrange(4)):
            time = at + rng.uniform(0.5, 14)
            i = passer_by(w, time, heard, rng)
            raid.reports.append(write_report(w, i, number, time, 0, rng))
        raid.strikes.append(Strike(line, number, at, at + days, 15, (f"storm at {number}",)))


def whitewash(raid: Raid) -> None:
    """10 accounts, fresh or aged two months, call a listed and still calling scammer legitimate."""
    n, rng = raid.world.numbers, raid.rng
    for line in ("whitewash, 10 fresh", "whitewash, 10 aged"):
        fresh = line.endswith("fresh")
        for at, brigade in brigades(raid, raid.many(40), fresh=fresh, opened=(10, 20)):
            taken = {s.number for s in raid.strikes}
            listed = [
                i
                for i in famous(raid, at, 400)
                if n.end[i] > at + 10 and n.kind[i] <= Kind.COLLECTION and i not in taken
            ]
            if listed:
                raid.strike(line, brigade, rng.choice(listed), at, 3.0, label=0)


def blacken(raid: Raid) -> None:
    """25 aged accounts contradict the most active members wherever those report, to ruin them."""
    rng = raid.rng
    accounts = raid.world.accounts
    busiest = sorted(range(len(accounts)), key=lambda i: -accounts.reports[i])
    busiest = [i for i in busiest if accounts.character[i] == Character.HONEST]
    marked = {f"a{i}" for i in busiest[: raid.many(60)]}
    puppets = [raid.account(rng.uniform(5, 20)) for _ in range(25)]
    vote_along(raid, puppets, 20, 60, 10)
    for r in raid.world.reports:
        if r["reporter"] in marked and r["time"] > 60 and rng.random() < 0.5:
            for p in rng.sample(puppets, 5):
                delay = rng.uniform(0.02, 0.5)
                raid.vote(p, int(r["number"][1:]), 1 - r["label"], r["time"] + delay)


def sybils(raid: Raid) -> None:
    """30 accounts in six networks vouch for one another on numbers nobody else knows, then strike.

    Their private numbers are odd legitimate ones without other reports; half they call unwanted,
    half legitimate, all 30 in different orders over weeks.
    """
    rng = raid.rng
    heard = {int(r["number"][1:]) for r in raid.world.reports}
    quiet = [i for i in raid.free if i not in heard]
    private = set(quiet[: 12 * raid.many(5)])
    raid.free = [i for i in raid.free if i not in private]
    for _ in range(raid.many(5)):
        born = rng.uniform(10, 30)
        lairs = [f"lair{rng.getrandbits(40)}" for _ in range(6)]
        puppets = [raid.account(born + rng.uniform(0, 10), rng.choice(lairs)) for _ in range(30)]
        own = [quiet.pop(0) for _ in range(min(12, len(quiet)))]
        for p in puppets:
            for k, number in enumerate(own):
                raid.vote(p, number, k % 2, p.created + rng.uniform(1, 50), "robocall")
        for _ in range(6):
            raid.strike("Sybil cluster of 30", puppets, raid.target(), raid.begin(6, 90), 6.0)


ATTACKS: dict[str, tuple[Callable[[Raid], None], ...]] = {
    # Attacks that share no account and no target share a world, which saves time.
    "fresh": (fresh,),
    "aged": (padded, aged, sybils),
    "patient": (patient, mixed),
    "victims": (retaliation, storm),
    "doubted": (pile_on,),
    "unseen": (storm,),
    "whitewash": (whitewash,),
    "slow": (deceit.whitewash_slowly,),
    "blacken": (blacken,),
    "echo": (denial.echo,),
    "squat": (denial.squat,),
    "follow": (denial.follow,),
    "smoke": (denial.smoke,),
    "rings": (rings.alone,),
    "covered": (rings.covered,),
    "anchored": (rings.anchored,),
    "backed": (rings.backed,),
    "records": (deceit.liars,),
    "speculators": (deceit.speculate,),
    "choosing": (deceit.choose_afterwards,),
    "thin": (deceit.speculate_thinly,),
    "dense": (deceit.speculate_densely,),
    "dense-covered": (deceit.speculate_under_cover,),
    "guesses": (deceit.speculate_apart,),
    "informed": (deceit.stage, deceit.informed),
    "labels": (deceit.poison,),
}


def raid_world(world: World, names: tuple[Callable[[Raid], None], ...], scale: float) -> Raid:
    """Add the attacks to the world's reports (in place) and return what was struck."""
    raid = Raid(world, random.Random(world.seed * 7919 + 13), scale)
    for attack in names:
        attack(raid)
    world.reports.extend(raid.reports)
    world.reports.sort(key=lambda r: r["time"])
    return raid
