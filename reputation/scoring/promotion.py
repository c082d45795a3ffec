"""What the trust pass asks, beyond the gates and BLOCK_AT, before it opens block for a number.

The pass hears all reports on a number (`Case.hear`, in time order, with what the records are worth
now) and names what stands in the way (`Case.obstacles`); nothing: it promotes. The same code serves
the pass over the database (`refolding`) and the replay (`batch`).
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from reputation.scoring.anchors import COLLUDERS
from reputation.scoring.categories import Side
from reputation.scoring.evidence import NEWCOMERS_LEGITIMATE_CAP, Voice
from reputation.scoring.trust import SETTLE_WINDOW

# Three members that retaliate together are three networks; with two mistaken reports from earlier
# days they are five. Mistakes are rare and lie months apart, calls of one caller do not: so five
# must have been heard within four weeks, or eight in all.
NETWORKS: Final = 5
TOGETHER_DAYS: Final = 28.0
NETWORKS_EVER: Final = 8
# Voices heard within four weeks must rest on more anchored accounts than one hand may hold
# (anchors.COLLUDERS). Two in one hand need a third who is mistaken at just that time. How old an
# account is does not matter here: who stands behind it is found out, not waited for.
ANCHORS: Final = COLLUDERS + 1
# A number somebody else shows as theirs is reported by many at once and then no more. Nobody can
# sign such calls for it, so attested calls (trust.ATTESTED) reported from so many
# networks rule that out. So do reports that never came from more than so many networks within one
# day, or from so many networks outside the five busiest days in a row, within sixty days of them.
ATTESTED_NETWORKS: Final = 2
BURST: Final = 3
BURST_DAYS: Final = 1.0
STORM_DAYS: Final = 5.0
OUTSIDE: Final = 3
# Lawful callers that half the people hate draw both kinds of reports. Where trusted
# voices spoke for longer than a storm lasts, accounts that were never right contradict them no
# further than all new accounts together could, since anybody can let accounts age. Where few
# networks speak, as in a retaliation by three with two mistakes, a smaller share of contradiction
# will do.
CONTESTED_SHARE: Final = 0.22
FEW_NETWORKS: Final = 6
CONTESTED_SHARE_OF_FEW: Final = 0.12


class Obstacle(StrEnum):
    """Why the pass does not open block, most basic reason first."""

    NETWORKS = "fewer than five networks"
    SCATTERED = "fewer than eight networks, never five within four weeks"
    PROVEN = "rests on too few anchored reporters"
    STORM = "perhaps shown by somebody else: one burst, unattested"
    CONTESTED = "contested by reporters of some age"


@dataclass(slots=True)
class Case:
    """What speaks for opening block for one number."""

    unwanted: list[tuple[float, str]] = field(default_factory=list)  # (days, network), by time
    rests: list[tuple[float, str, tuple[int, ...]]] = field(default_factory=list)
    attested: set[str] = field(default_factory=set)
    words: list[float] = field(default_factory=lambda: [0.0, 0.0])  # by Side
    doubts: float = 0.0  # weight of contradiction by accounts that were never right

    def hear(
        self, voice: Voice, *, rests_on: tuple[int, ...], old_enough: bool, attested: bool
    ) -> None:
        """One report: `rests_on`: the reporter if it is anchored, else its backers; `old_enough`
        (ESTABLISHED_DAYS) as of then; `attested`: its call carried attestation A or B."""
        if old_enough and voice.side is Side.LEGITIMATE and not (rests_on or voice.established):
            self.doubts += voice.weight
        elif old_enough or rests_on:
            self.words[voice.side] += voice.weight
        if voice.side is Side.UNWANTED and voice.weight:
            self.unwanted.append((voice.at, voice.network))
            if rests_on:
                self.rests.append((voice.at, voice.network, rests_on))
            if attested:
                self.attested.add(voice.network)

    def obstacles(self) -> tuple[Obstacle, ...]:
        networks = self.networks()
        found = []
        if networks < NETWORKS:
            found.append(Obstacle.NETWORKS)
        elif networks < NETWORKS_EVER and self.most_within(TOGETHER_DAYS) < NETWORKS:
            found.append(Obstacle.SCATTERED)
        if not self.is_anchored():
            found.append(Obstacle.PROVEN)
        if self.may_be_storm():
            found.append(Obstacle.STORM)
        if self.contested() >= self.contested_limit():
            found.append(Obstacle.CONTESTED)
        return tuple(found)

    def networks(self) -> int:
        """How many networks call the number unwanted."""
        return len({network for _, network in self.unwanted})

    def contested(self) -> float:
        """The share of the words, 0 to 1, that contradict."""
        resting = sorted((at, network) for at, network, _ in self.rests)
        doubts = self.doubts
        if _busiest(resting, STORM_DAYS)[1] >= OUTSIDE:
            doubts = min(doubts, NEWCOMERS_LEGITIMATE_CAP)
        return (self.words[Side.LEGITIMATE] + doubts) / (sum(self.words) + doubts or 1.0)

    def contested_limit(self) -> float:
        """The share of contradiction from which the pass does not open block."""
        return CONTESTED_SHARE if self.networks() >= FEW_NETWORKS else CONTESTED_SHARE_OF_FEW

    def is_anchored(self) -> bool:
        """Whether the voices rest on enough anchored accounts."""
        return self.anchors() >= ANCHORS

    def anchors(self) -> int:
        """The most anchored accounts on which voices within TOGETHER_DAYS rest, up to ANCHORS."""
        heard = sorted(self.rests)
        most = 0
        for begin, (at, _, _) in enumerate(heard):
            # A network is one voice: the first, or one that is anchored itself.
            of: dict[str, tuple[int, ...]] = {}
            for later, network, accounts in heard[begin:]:
                if later - at > TOGETHER_DAYS:
                    break
                if network not in of or len(accounts) < len(of[network]):
                    of[network] = accounts
                most = max(most, len({account for each in of.values() for account in each}))
                if most >= ANCHORS:
                    return ANCHORS
        return most

    def most_within(self, days: float) -> int:
        """The most networks that called the number unwanted within so many days on end."""
        return _busiest(sorted(self.unwanted), days)[0]

    def may_be_storm(self) -> bool:
        """Whether all of this may be about calls that somebody else made under this number."""
        if len(self.attested) >= ATTESTED_NETWORKS:
            return False
        heard = sorted(self.unwanted)
        return _busiest(heard, BURST_DAYS)[0] > BURST and _busiest(heard, STORM_DAYS)[1] < OUTSIDE


def may_pass(networks: int, accounts: int) -> bool:
    """Whether a case may be without obstacles in which so many networks speak, and whose voices
    rest on so many accounts, counted once for each voice. Saves hearing most cases."""
    return networks >= NETWORKS and accounts >= ANCHORS


def _busiest(heard: list[tuple[float, str]], days: float) -> tuple[int, int]:
    """Networks within the busiest `days` on end, and networks heard outside of them.

    `heard` by time. The busiest is the stretch with most networks, the earliest of equals. Outside
    is before it began or after it ended, within SETTLE_WINDOW: what was said earlier or later may
    be about another caller.
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
    ends = begins + days
    return best, len(
        {
            network
            for at, network in heard
            if begins - SETTLE_WINDOW <= at < begins or ends < at <= ends + SETTLE_WINDOW
        }
    )
