"""The conditions, beyond the gates and BLOCK_AT, on which the trust pass promotes a number to
block.

The pass hears all reports on a number in time order, with the present records of their reporters
(`BlockCase.hear`), and names what stands in the way (`BlockCase.obstacles`). Where nothing does, it
promotes the number. The same code serves the pass over the database (`refolding`) and the replay
(`batch`).
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from reputation.scoring.anchors import COLLUDERS, carried
from reputation.scoring.categories import Side
from reputation.scoring.evidence import Voice
from reputation.scoring.trust import SETTLE_WINDOW

# Three members that retaliate together are three networks; with two mistaken reports from earlier
# days they are five. Mistakes are rare and lie months apart, calls of one caller do not: so five
# must have been heard within four weeks, or eight in all.
NETWORKS: Final = 5
TOGETHER_DAYS: Final = 28.0
NETWORKS_EVER: Final = 8
# Voices heard within sixty days must rest on more anchored accounts than one hand may hold
# (anchors.COLLUDERS), each on one of its own. Two in one hand need a third who is mistaken at just
# that time; what was said longer apart may be about another caller. How old an account is does not
# matter here: who stands behind it is found out, not waited for.
ANCHORS: Final = COLLUDERS + 1
ANCHORED_DAYS: Final = SETTLE_WINDOW
# A number that others display in spoofed calls is reported by many at once and then no more. Nobody
# can sign such calls for it, so attested calls (trust.ATTESTED) reported from so many networks rule
# that out. So do reports that never came from more than so many networks within one day, or from so
# many networks outside the five busiest days in a row. What was reported more than sixty days
# before or after those says nothing of them, attested or not.
ATTESTED_NETWORKS: Final = 2
BURST: Final = 3
BURST_DAYS: Final = 1.0
STORM_DAYS: Final = 5.0
OUTSIDE: Final = 3
# Lawful callers that half the people hate draw both kinds of reports. By chance nearly everybody
# objects to such a number or nearly nobody does, at some moment. So what is asked is a lead, as in
# a sequential test (Wald, Ann. Math. Stat. 16 (1945) 117): where half object to a gray number and
# one in ten to a bad one, an objection takes off what OBJECTION reports add, and a LEAD of three is
# odds of six to one. Where nobody objects, five networks are five ahead.
OBJECTION: Final = 2.7
LEAD: Final = 3.0
# To object takes no call. Where trusted voices spoke for longer than a storm lasts, accounts that
# were never right count as objections up to this share of what their kind adds as reports. Where
# they did not, aged accounts all count, and new ones do not: a bad number is called legitimate
# by new accounts sooner than it is by anybody else.
DOUBTERS: Final = 0.5


class Obstacle(StrEnum):
    """Why the pass does not open block, most basic reason first."""

    NETWORKS = "fewer than five networks"
    SCATTERED = "fewer than eight networks, never five within four weeks"
    PROVEN = "rests on too few anchored reporters"
    STORM = "perhaps shown by somebody else: one burst, unattested"
    CONTESTED = "contested: reports lead objections by too few"


@dataclass(slots=True)
class BlockCase:
    """What speaks for opening block for one number."""

    unwanted: list[tuple[float, str]] = field(default_factory=list)  # (days, network)
    rests: list[tuple[float, str, tuple[int, ...]]] = field(default_factory=list)
    attested: list[tuple[float, str]] = field(default_factory=list)
    # How many spoke, by Side: those who were right before, and of the others aged and new accounts.
    right: list[int] = field(default_factory=lambda: [0, 0])
    aged: list[int] = field(default_factory=lambda: [0, 0])
    new: list[int] = field(default_factory=lambda: [0, 0])

    def hear(
        self, voice: Voice, *, rests_on: tuple[int, ...], old_enough: bool, attested: bool
    ) -> None:
        """One report: `rests_on`: the reporter if it is anchored, else its backers; `old_enough`
        (ESTABLISHED_DAYS) as of then; `attested`: its call carried attestation A or B."""
        if not voice.weight:
            return
        known = bool(rests_on) or voice.established
        (self.right if known else self.aged if old_enough else self.new)[voice.side] += 1
        if voice.side is Side.UNWANTED:
            # Who says it again speaks on the day of the first call, too.
            days = {voice.begins, voice.at}
            self.unwanted += [(day, voice.network) for day in days]
            if rests_on:
                self.rests += [(day, voice.network, rests_on) for day in days]
            if attested:
                self.attested.append((voice.at, voice.network))

    def obstacles(self) -> tuple[Obstacle, ...]:
        networks = self.networks()
        found = []
        if networks < NETWORKS:
            found.append(Obstacle.NETWORKS)
        elif networks < NETWORKS_EVER and self.most_together() < NETWORKS:
            found.append(Obstacle.SCATTERED)
        if not self.is_anchored():
            found.append(Obstacle.PROVEN)
        if self.may_be_storm():
            found.append(Obstacle.STORM)
        if self.lead() < LEAD:
            found.append(Obstacle.CONTESTED)
        return tuple(found)

    def networks(self) -> int:
        """How many networks call the number unwanted."""
        return len({network for _, network in self.unwanted})

    def lead(self) -> float:
        """How many more report than object, each objection counted OBJECTION times.

        Accounts that were never right count up to as many as those who were, or NETWORKS: they
        cost nothing, and would outweigh any objections.
        """
        right = self.right[Side.UNWANTED]
        others = min(self.aged[Side.UNWANTED] + self.new[Side.UNWANTED], max(right, NETWORKS))
        doubts: float = self.aged[Side.LEGITIMATE]
        resting = sorted((at, network) for at, network, _ in self.rests)
        if _busiest(resting, STORM_DAYS).outside >= OUTSIDE:
            doubts = min(doubts + self.new[Side.LEGITIMATE], DOUBTERS * others)
        objections = self.right[Side.LEGITIMATE] + doubts
        return right + others - OBJECTION * objections

    def is_anchored(self) -> bool:
        """Whether enough voices rest on anchored accounts of their own."""
        return self.anchors() >= ANCHORS

    def anchors(self) -> int:
        """The most voices within ANCHORED_DAYS that rest on an anchored account each, up to
        ANCHORS. A network is one voice."""
        heard = sorted(self.rests)
        most = 0
        for begin, (at, _, _) in enumerate(heard):
            resting: dict[str, set[int]] = {}
            for later, network, accounts in heard[begin:]:
                if later - at > ANCHORED_DAYS:
                    break
                resting.setdefault(network, set()).update(accounts)
            if len(resting) > most:
                most = max(most, carried(resting, most=ANCHORS))
            if most >= ANCHORS or heard[-1][0] - at <= ANCHORED_DAYS:
                break  # from later ones on there are fewer
        return most

    def most_together(self) -> int:
        """The most networks that called the number unwanted within TOGETHER_DAYS on end."""
        return _busiest(sorted(self.unwanted), TOGETHER_DAYS).networks

    def may_be_storm(self) -> bool:
        """Whether all of this may be about calls that somebody else made under this number."""
        heard = sorted(self.unwanted)
        if _busiest(heard, BURST_DAYS).networks <= BURST:
            return False
        busiest = _busiest(heard, STORM_DAYS)
        attested = {network for at, network in self.attested if busiest.is_near(at)}
        return busiest.outside < OUTSIDE and len(attested) < ATTESTED_NETWORKS


def may_pass(networks: int, resting: int) -> bool:
    """Whether a case may be without obstacles in which so many networks speak, and so many voices
    rest on anchored accounts. Saves hearing most cases."""
    return networks >= NETWORKS and resting >= ANCHORS


class _Stretch(NamedTuple):
    """So many days on end: how many networks were heard in them, and near them but `outside`."""

    begins: float
    ends: float
    networks: int
    outside: int

    def is_near(self, at: float) -> bool:
        """Whether a report at `at` may be about the same caller."""
        return self.begins - SETTLE_WINDOW <= at <= self.ends + SETTLE_WINDOW


def _busiest(heard: list[tuple[float, str]], days: float) -> _Stretch:
    """The `days` on end in which most networks were heard, the earliest of equals.

    `heard` by time.
    """
    inside: Counter[str] = Counter()
    best, begins, first = 0, 0.0, 0
    for at, network in heard:
        inside[network] += 1
        while at - heard[first][0] > days:
            gone = heard[first][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        if len(inside) > best:
            best, begins = len(inside), heard[first][0]
    found = _Stretch(begins, begins + days, best, 0)
    outside = {
        network
        for at, network in heard
        if found.is_near(at) and not found.begins <= at <= found.ends
    }
    return found._replace(outside=len(outside))
