"""What the trust pass works on: reports as columns, in one shard or many, wherever they lie.

A shard holds all reports on its numbers, so every grouping that looks at one number lies inside it.
What the pass does to a shard is a function of a `Desk`; a `Crew` calls such a function with each
shard's desk: here (`Desks`), or in other processes and on other machines (reputation.counting). All
that comes back and is added up is in whole numbers, so records do not depend on how many shards
there are, who works on them, or in which order.
"""

from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.pairs import Pairs, merged

# The data of one shard by name: its "reports", and the results that functions store there.
type Desk = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports as columns, by time within each number, one that stands per reporter and number.

    `reporter`, `number`: from 0; reporters are the same in all shards, numbers are the shard's own.
    `network`: any numbers, with clusters put in place of their members' networks. `at`: days.
    `day`: whole UTC days, -1 where the time is not known. `old_enough`: the account's age allowed
    it to be established. `factor`: trust.provenance. `gone`: the day on which the report was taken
    back or replaced, inf where it stands. `stopped`: it went because the calls had stopped, so it
    was not wrong.
    """

    reporter: Ints
    number: Ints
    network: Ints
    unwanted: Bools
    at: Floats
    day: Ints
    old_enough: Bools
    factor: Floats
    gone: Floats
    stopped: Bools

    def __len__(self) -> int:
        return len(self.reporter)


class Complaints(NamedTuple):
    """Complaints of unwanted calls that authorities published, by number and then by day: `number`
    as in Reports, `at` in days."""

    number: Ints
    at: Floats


NO_COMPLAINTS: Final = Complaints(np.zeros(0, np.int64), np.zeros(0))


def keeps[**P, T](work: Callable[P, T]) -> Callable[P, T]:
    """Marks a function whose results later functions need: it is run again if a desk is lost."""
    work.keeps = True  # type: ignore[attr-defined]
    return work


class Crew(Protocol):
    """Runs functions on all shards."""

    def each[T](self, work: Callable[..., T], *given: Any) -> Iterator[T]:
        """Yields the result of `work(desk, *given)` for each shard, in the order of the shards.

        `work` is a function of a module. The results that it stores depend only on the desk and
        `given`, since it is run again if a process or a machine is lost.
        """
        ...

    def share[T](self, name: str, value: T) -> T:
        """Brings the value to the shards; returns the handle to pass to `each` in its place. The
        handle of an earlier value of the same `name` may be invalid afterwards.
        """
        ...

    def merged(self, runs: Iterable[Pairs], *, at_least: int = 1) -> Pairs:
        """pairs.merged for any number of runs."""
        ...


class Desks:
    """A crew of one: the shards are in the memory of this process."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        self.desks = desks

    def each[T](self, work: Callable[..., T], *given: Any) -> Iterator[T]:
        return (work(desk, *given) for desk in self.desks)

    def share[T](self, name: str, value: T) -> T:
        return value

    def merged(self, runs: Iterable[Pairs], *, at_least: int = 1) -> Pairs:
        return merged(runs, at_least=at_least)
