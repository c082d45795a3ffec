"""What is run, and what came of it."""

from dataclasses import dataclass, field

from benchmarks.attacks.losses import Losses
from benchmarks.attacks.measure import Snapshot
from benchmarks.attacks.raid import Price, Strike
from benchmarks.attacks.worlds import MODERATED

# Groups of attacks that strike nobody: what counts is how many abusive calls are still blocked.
DENIALS = {
    "blacken": "members are blackened",
    "echo": "5 accounts echo all others",
    "squat": "5 accounts speak first",
    "follow": "members are followed",
    "smoke": "scammers report themselves",
}


@dataclass(frozen=True, slots=True)
class Task:
    group: str  # "clean", "probes" or a key of ATTACKS
    seed: int
    scale: float
    gold: int
    days: tuple[float, ...]
    engines: tuple[str, ...]
    make: str = "plain"
    gold_by: str = "random"
    gold_until: float = MODERATED
    rivals: bool = True


@dataclass(slots=True)
class Outcome:
    task: Task
    shots: list[Snapshot]
    strikes: dict[str, list[Strike]] = field(default_factory=dict)
    percents: dict[str, list[float]] = field(default_factory=dict)  # of each line, one a victim
    prices: dict[str, list[Price]] = field(default_factory=dict)
    probes: list[int] = field(default_factory=list)
    reports: int = 0
    accounts: int = 0
    seconds: float = 0.0
    lost: Losses | None = None  # of the clean world, where ours was asked
