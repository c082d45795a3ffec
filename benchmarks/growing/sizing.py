"""What a country needs, computed from what benchmarks/growth.py has measured.

The assumptions are named here and printed with the table. Each is a round figure, to be replaced by
a country's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from benchmarks.growing.costs import JUDGED, LISTED, LOOKUP, REFRESH, REPORT, WEIGHED, Cost

PHONES = (1_000_000, 10_000_000, 100_000_000)
LOOKUPS = 6.0  # of a phone and day, that reach the service: clients keep answers and know contacts
REPORTS = 0.01  # of a phone and day
NUMBERS = 0.1  # reported, to a phone
KEPT = 365  # days of which there are reports
PEAK = 3.0  # the busiest hour to the mean
BUSY = 0.5  # of a core in that hour: the rest is for bursts, and for a machine that is lost
INTERVAL = 300.0  # seconds between two publications, and two refreshes of the queue
AGAIN = 30.0  # days after which a number on the list is judged again
WARM = 0.2  # of what is on disk PostgreSQL wants in memory: few numbers are asked for often
CORES, MEMORY, DISK = 32, 128, 4_000  # of one machine; memory and disk in GB
KNOWN = 8  # bytes of a number in each web process, which knows that it exists
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Measured:
    """`costs` by act. Bytes on disk of a `number` and of a `report`, with indexes and all that
    belongs to it. `listed`: the share of numbers that is on the list. Megabytes of a `process`, and
    of one that publishes a million numbers, beyond that."""

    costs: Mapping[str, Cost]
    number: float
    report: float
    listed: float
    process: float
    publishing: float


@dataclass(frozen=True, slots=True)
class Size:
    """Of so many phones: lookups a second and cores in the busiest hour; disk and memory in GB."""

    phones: int
    lookups: float
    reports_a_day: float
    numbers: float
    reports: float
    disk: float
    web: float
    postgresql: float
    worker: float
    memory: float

    @property
    def machines(self) -> int:
        """As many as the scarcest resource needs, without standbys."""
        cores = self.web + self.postgresql + self.worker
        return ceil(max(cores / CORES, self.memory / MEMORY, self.disk / DISK))


def size(phones: int, measured: Measured) -> Size:
    lookups, reports = phones * LOOKUPS / DAY, phones * REPORTS / DAY
    numbers, on_record = phones * NUMBERS, phones * REPORTS * KEPT
    listed = numbers * measured.listed
    costs = measured.costs
    asked = ((lookups * PEAK, costs[LOOKUP]), (reports * PEAK, costs[REPORT]))
    # A report makes its number due to be weighed again.
    jobs = (
        (listed / 1000 / INTERVAL, costs[LISTED]),
        (1 / INTERVAL, costs[REFRESH]),
        (reports * PEAK, costs[WEIGHED]),
        (listed / AGAIN / DAY, costs[JUDGED]),
    )
    web, worker = (sum(rate * cost.own for rate, cost in some) / BUSY for some in (asked, jobs))
    disk = (numbers * measured.number + on_record * measured.report) / 1e9
    processes = ceil(web) * (measured.process / 1e3 + numbers * KNOWN / 1e9)
    publisher = measured.process / 1e3 + measured.publishing / 1e3 * listed / 1e6
    return Size(
        phones=phones,
        lookups=lookups * PEAK,
        reports_a_day=reports * DAY,
        numbers=numbers,
        reports=on_record,
        disk=disk,
        web=web,
        postgresql=sum(rate * cost.database for rate, cost in (*asked, *jobs)) / BUSY,
        worker=worker,
        memory=disk * WARM + processes + publisher,
    )


def lines(measured: Measured) -> Iterator[str]:
    """The table, with what it assumes and what it was computed from."""
    sizes = [size(phones, measured) for phones in PHONES]
    rows: tuple[tuple[str, list[str]], ...] = (
        ("phones", [f"{each.phones / 1e6:,.0f} M" for each in sizes]),
        ("lookups a second, in the busiest hour", [f"{each.lookups:,.0f}" for each in sizes]),
        ("reports a day", [f"{each.reports_a_day:,.0f}" for each in sizes]),
        ("numbers with a report", [f"{each.numbers / 1e6:,.1f} M" for each in sizes]),
        ("reports on record", [f"{each.reports / 1e6:,.1f} M" for each in sizes]),
        ("disk, GB", [f"{each.disk:,.0f}" for each in sizes]),
        ("cores of web processes", [f"{each.web:,.1f}" for each in sizes]),
        ("cores of PostgreSQL", [f"{each.postgresql:,.1f}" for each in sizes]),
        (
            "cores of the worker, without the nightly pass",
            [f"{each.worker:,.1f}" for each in sizes],
        ),
        ("memory, GB", [f"{each.memory:,.0f}" for each in sizes]),
        (f"machines of {CORES} cores, {MEMORY} GB", [f"{each.machines}" for each in sizes]),
    )
    for title, cells in rows:
        yield f"{title:<48}" + "".join(f"{cell:>12}" for cell in cells)
    yield ""
    yield (
        f"Assumed: {LOOKUPS:g} lookups and {REPORTS:g} reports of a phone and day, {NUMBERS:g} "
        f"reported numbers to a phone, reports of {KEPT} days, a busiest hour of {PEAK:g} × the "
        f"mean, cores {BUSY:.0%} busy in it, {WARM:.0%} of the disk in memory, {KNOWN} bytes of a "
        f"number in each web process, publication and the queue's refresh every {INTERVAL:.0f} s, "
        f"each listed number judged again after {AGAIN:g} days. Without standbys."
    )
    yield (
        f"Measured here: {measured.number:,.0f} bytes of a number and {measured.report:,.0f} of a "
        f"report on disk, {measured.listed:.0%} of the numbers listed, {measured.process:,.0f} MB "
        f"of a process, {measured.publishing:,.0f} MB to publish a million numbers. CPU µs, of the "
        "process and of PostgreSQL: "
        + ", ".join(
            f"{act} {cost.own * 1e6:,.0f} + {cost.database * 1e6:,.0f}"
            for act in (LOOKUP, REPORT, LISTED, WEIGHED, JUDGED, REFRESH)
            for cost in [measured.costs[act]]
        )
        + "."
    )
