"""Rings: accounts that confirm one another on numbers made up for it, and then strike.

Every ring follows a schedule of `designs` in which no two accounts agree on more than one made-up
number. Its members report a number further apart than the two days within which the pass looks for
accounts that move together. They take turns in speaking first, and take turns at the targets, so
that no two of them meet often there either.

`alone`: nothing but that. `covered`: each member also reports true numbers that others report too.
`anchored`: one or two members have really been called, and were right and first on numbers that
the moderators decided (or, without moderated numbers, on numbers that many others then confirmed).
What one such account can pass on to the others is tried in four forms: as a member like any other,
as the confirmer of every member, as the confirmer of one other account with whom it then strikes,
and two or three of them that strike with accounts that are nothing, again and again or just once.

`backed`: two members have really been called, a few times, and no moderator decided about these
numbers: so some accounts stand behind each of the two, often not enough of them to anchor it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.attacks.designs import Block, affine, projective, sparse
from benchmarks.attacks.raid import ATTACK_DAYS, Puppet, Raid, take_part
from benchmarks.attacks.worlds import Kind, add_numbers, number_name
from reputation.scoring.batch import Decision

PACE = (2.2, 3.0)  # days between the reports of one number: slower than CLUSTER_DAYS
COVER = 8  # true reports of each member, copied from others
TRUE_CALLS = 5  # of an account that is really anchored; one or two on moderated numbers
FEW_CALLS = 2  # of one that others only stand behind; on numbers that no moderator decided


@dataclass(frozen=True, slots=True)
class Plan:
    line: str
    blocks: Sequence[Block]
    targets: int
    cover: int = 0
    anchored: int = 0  # so many accounts, the first ones, received true calls
    backed: int = 0  # so many accounts, the first ones, received a few, and no moderator knows
    both_sides: bool = False  # every other made-up number is called legitimate
    everywhere: int = 0  # so many accounts, the first ones, take part in each strike
    leaders: int = 0  # so many accounts, the first ones, speak first wherever they are in a block
    strikers: int = 7


def alone(raid: Raid) -> None:
    """Planes of 7 to 133 accounts, an affine plane, and a random schedule on both sides."""
    for order, count, targets in ((2, 20, 3), (3, 12, 4), (5, 6, 6), (7, 4, 9), (11, 2, 15)):
        blocks = projective(order)
        plan = Plan(f"ring of {len(blocks)}", blocks, targets)
        for _ in range(raid.some(count)):
            strike_as_ring(raid, plan)
    led = Plan("ring of 7, led by 3", projective(2), 1, everywhere=3, leaders=3, strikers=5)
    for _ in range(raid.some(20)):
        strike_as_ring(raid, led)
    for _ in range(raid.some(6)):
        strike_as_ring(raid, Plan("affine ring of 25", affine(5), 5))
        blocks = sparse(24, 24, 4, raid.rng)
        strike_as_ring(raid, Plan("loose ring of 24, both sides", blocks, 5, both_sides=True))


def covered(raid: Raid) -> None:
    """The same with true reports as cover."""
    for order, count, targets in ((2, 20, 3), (3, 12, 4), (5, 6, 6), (7, 4, 9), (11, 2, 15)):
        blocks = projective(order)
        plan = Plan(f"ring of {len(blocks)}, cover", blocks, targets, cover=COVER)
        for _ in range(raid.some(count)):
            strike_as_ring(raid, plan)
    for _ in range(raid.some(6)):
        blocks = sparse(24, 24, 4, raid.rng)
        plan = Plan("loose ring of 24, both sides, cover", blocks, 5, COVER, both_sides=True)
        strike_as_ring(raid, plan)


def anchored(raid: Raid) -> None:
    """Rings in which one or two accounts are really anchored."""
    for number in (1, 2):
        for order, count, targets in ((2, 12, 3), (3, 8, 4), (5, 4, 6), (7, 2, 9), (11, 1, 15)):
            blocks = projective(order)
            line = f"ring of {len(blocks)}, {number} anchored"
            plan = Plan(line, blocks, targets, COVER, anchored=number, everywhere=number)
            for _ in range(raid.some(count)):
                strike_as_ring(raid, plan)
    # The anchored account confirms every member once, each on a number of the member's own, with
    # two helpers who are always others.
    star = [(m, 0, 1 + (m + 4) % 12, 1 + (m + 9) % 12) for m in range(1, 13)]
    # It confirms one other account, on three numbers, with helpers who are always others.
    pair = [(1, 0, 2, 3), (1, 0, 4, 5), (1, 0, 6, 7)]
    none: list[Block] = [(2, 3), (4, 5), (6, 7)]  # they know nothing of one another's reports
    for _ in range(raid.some(8)):
        strike_as_ring(raid, Plan("star of 13, 1 anchored", star, 4, 4, 1, everywhere=1))
        strike_as_ring(raid, Plan("pair of 8, 1 anchored", pair, 3, 4, 1, everywhere=2))
        strike_as_ring(raid, Plan("2 anchored with 6 others", none, 3, 4, 2, everywhere=2))
        strike_as_ring(raid, Plan("2 anchored with 6 others, once", none, 1, 4, 2, everywhere=2))
        strike_as_ring(raid, Plan("3 anchored with 5 others", none, 3, 4, 3, everywhere=3))


def backed(raid: Raid) -> None:
    """Two accounts that others stand behind, in each strike."""
    none: list[Block] = [(2, 3), (4, 5), (6, 7)]
    for _ in range(raid.some(24)):
        strike_as_ring(raid, Plan("2 backed with 6 others", none, 3, 4, backed=2, everywhere=2))


def gather(raid: Raid, plan: Plan) -> list[Puppet]:
    """Make the accounts and let them confirm one another."""
    rng = raid.rng
    born = rng.uniform(1, 8)
    size = 1 + max(account for block in plan.blocks for account in block)
    crew = [raid.account(born + rng.uniform(0, 4)) for _ in range(size)]
    begin = born + 12
    for puppet in crew[: plan.anchored]:
        receive_calls(raid, puppet)
    for puppet in crew[: plan.backed]:
        receive_calls(raid, puppet, FEW_CALLS, confirmed=False)
    numbers = raid.invent(len(plan.blocks))
    for place, (number, block) in enumerate(zip(numbers, plan.blocks, strict=True)):
        at = begin + rng.uniform(0, 25)
        label = 0 if plan.both_sides and place % 2 else 1
        for account in sorted(block, key=lambda a: a >= plan.leaders):
            raid.vote(crew[account], number, label, at, "loan_scam")
            at += rng.uniform(*PACE)
    for puppet in crew:
        if plan.cover:
            # Nobody spends the word that is to come, or helps another ring by chance.
            others = raid.aims - puppet.voiced
            puppet.voiced.update(others)
            take_part(raid, puppet, puppet.created + 2, 85, plan.cover)
            puppet.voiced.difference_update(others)
    return crew


def strike_as_ring(raid: Raid, plan: Plan) -> None:
    """Gather a ring, then strike each target in turn."""
    rng = raid.rng
    crew = gather(raid, plan)
    targets = [raid.target() for _ in range(plan.targets)]
    peaks = [day for day in ATTACK_DAYS if day >= 105]
    squads = _squads(raid, plan, len(crew))
    for place, (target, squad) in enumerate(zip(targets, squads, strict=True)):
        days = PACE[1] * (len(squad) - 1)
        peak = peaks[place * len(peaks) // plan.targets]
        puppets = [crew[account] for account in squad]
        first = peak - rng.uniform(0.1, 2) - days
        raid.strike(plan.line, puppets, target, first, days, crew=crew, evenly=True)


def _squads(raid: Raid, plan: Plan, size: int) -> list[Block]:
    """Who strikes each target: pairs meet as rarely as can be."""
    always = tuple(range(plan.everywhere))
    rest = size - plan.everywhere
    strikers = min(plan.strikers - plan.everywhere, rest)
    meetings = 1
    found: list[Block] = []
    while len(found) < plan.targets:
        found = sparse(rest, plan.targets, strikers, raid.rng, meetings=meetings)
        meetings += 1
    squads = [(*always, *(account + plan.everywhere for account in block)) for block in found]
    return [tuple(raid.rng.sample(squad, len(squad))) for squad in squads]


def receive_calls(
    raid: Raid, puppet: Puppet, calls: int = TRUE_CALLS, *, confirmed: bool = True
) -> None:
    """The account reports true numbers before anybody else.

    Where the world has no such number left, a new scammer calls the account and others. Where there
    are moderated numbers, some of the account's are among them if `confirmed`, else none.
    """
    w, rng = raid.world, raid.rng
    first: dict[int, float] = {}
    unwanted: dict[int, int] = {}
    for r in w.reports:
        i = int(r["number"][1:])
        first.setdefault(i, r["time"])
        unwanted[i] = unwanted.get(i, 0) + r["label"]
    true = [
        i
        for i, time in first.items()
        if puppet.created + 2 < time < 80
        and w.numbers.kind[i] <= Kind.COLLECTION
        and w.numbers.start[i] < time - 0.1
        and unwanted[i] >= 3
        and i not in raid.taken
    ]
    rng.shuffle(true)
    decided = [i for i in true if w.gold and number_name(i) in w.gold]
    if not confirmed:
        true, decided = [i for i in true if i not in decided], []
    decided = decided[:2]
    chosen = decided + [i for i in true if i not in decided][: calls - len(decided)]
    while len(chosen) < calls or (confirmed and w.gold and not decided):
        begin = rng.uniform(puppet.created + 2, 60)
        (new,) = add_numbers(w, 1, kind=Kind.SCAM, start=begin, end=begin + 30)
        heard: set[int] = set()
        for _ in range(6):
            raid.answer(new, begin + rng.uniform(1, 30), heard)
        first[new] = begin + 0.5
        chosen.insert(0, new)
        if confirmed and w.gold and not decided:
            w.gold[number_name(new)] = Decision(1, begin + 1.0)
            decided.append(new)
    for i in chosen[:calls]:
        raid.taken.add(i)
        raid.hear(puppet, i, first[i] - rng.uniform(0.01, 0.09), "robocall")
