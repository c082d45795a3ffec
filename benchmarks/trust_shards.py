"""How the trust pass learns as reports, processes and machines grow. Needs no database.

    python benchmarks/trust_shards.py [--reports 1000000] [--most 20000000] [--processes 2]
        [--memory 2] [--directory DIR] [--cluster]

Writes the words of a synthetic world (as benchmarks/trust.py: heavy-tailed reporters and numbers,
one word in seven wrong, a few taken back, a few numbers decided, 180 days) straight into shards, in
a process of its own for each line, and learns from them: clusters, records, backers, what is to be
reweighed, what to audit. The process may map --memory GiB and no more (RLIMIT_AS). Seconds are of
the clock and of the processors; on a busy machine the second tell more: what the first process took
and an equal share of what the others did, as if each had a processor. What the first process takes
is what nobody shares; what is left to gain by processes follows from it (Amdahl).

Two references of the same run: one sort of the reports in numpy; and copies of the same rounds of
work, one for each process, that have nothing to do with one another. Processors that share a core
or its memory slow such copies down too, and no pass can gain more than they do. `--cluster` also
starts three Ray nodes on this machine, and kills one of them in a round.
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from reputation.crews import ROW, Decisions, Pool, Rows, put_truth, settle  # noqa: E402
from reputation.scoring import (  # noqa: E402
    audit,
    behind,
    clusters_of,
    learn_records,
    merged,
    put_clusters,
    rounds,
    trust,
)

# The world is made in so many parts, each of the numbers with one remainder.
PARTS: Final = 64
DAY: Final = 20_000.0
SHARD: Final = 500_000
ROUNDS: Final = 20
GIB: Final = 2**30
SELF: Final = resource.RUSAGE_SELF
CHILDREN: Final = resource.RUSAGE_CHILDREN


def main() -> None:
    options = _parser().parse_args()
    if options.copy:
        _copy(options.copy)
    elif options.child:
        print(json.dumps(_pass(**json.loads(options.child), directory=options.directory)))
    else:
        one = _compare_processes(options)
        if options.most > options.reports:
            _compare_sizes(options, one)
        if options.cluster:
            _try_ray()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--most", type=int, default=20_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--memory", type=float, default=2.0)
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--cluster", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--copy", type=int, help=argparse.SUPPRESS)
    return parser


def _compare_processes(options: argparse.Namespace) -> dict[str, Any]:
    """A pass by one process and one by several; returns what the first found."""
    sort = _sort(options.reports)
    print(f"one sort of as many reports: {sort:.2f} s of processors")
    apart = _apart(options.reports, options.processes)
    one = _run(options, "one process", reports=options.reports)
    print(f"  {one['cpu'] / sort:.0f} sorts")
    several = f"{options.processes} processes"
    two = _run(options, several, reports=options.reports, processes=options.processes)
    _say("the same records", one["records"] == two["records"], "to the bit")
    _say("seconds, on all processes", two["seconds"] <= 40.0, f"{two['seconds']:.1f}, target 40")
    by = (("the clock", "seconds", apart), ("processors", "path", float(options.processes)))
    for name, what, bound in by:
        ratio = one[what] / two[what]
        _say(f"times one process, by {name}", ratio >= 1.7, f"{ratio:.2f}, target 1.7")
        print(f"    {ratio / bound:.2f} of the {bound:.2f} of processes that share nothing")
    return one


def _compare_sizes(options: argparse.Namespace, one: dict[str, Any]) -> None:
    """A pass over the most reports, beside that over fewer."""
    most = _run(options, "one process", reports=options.most)
    growth = most["cpu"] / most["reports"] / (one["cpu"] / one["reports"])
    _say("processors' time a report", growth <= 1.5, f"{growth:.2f} times, target 1.5")
    fits = most["peak"] <= options.memory * 1024
    _say("memory", fits, f"{most['peak']:.0f} MB, could map {options.memory:g} GiB")


def _try_ray() -> None:
    script = ROOT / "tests" / "reputation" / "crews" / "three_nodes.py"
    printed = subprocess.check_output(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    found = json.loads(printed.splitlines()[-1])
    _say("Ray on three nodes, the same records", found["same"], f"{found['nodes']} nodes")
    _say("and when one is killed in a round", found["again"], f"{found['left']} nodes left")


def _run(options: argparse.Namespace, title: str, **what: Any) -> dict[str, Any]:
    """Runs `_pass` in a process of its own; prints and returns what it found."""
    what = {"memory": options.memory} | what
    command = [sys.executable, __file__, "--child", json.dumps(what)]
    if options.directory:
        command += ["--directory", str(options.directory)]
    found: dict[str, Any] = json.loads(subprocess.check_output(command))
    print(
        f"{title}: {found['reports']:,} reports, {found['reporters']:,} reporters, "
        f"{found['shards']} shards: {found['seconds']:.1f} s, {found['cpu']:.1f} s of "
        f"processors ({found['path']:.1f} s one after the other, {found['own']:.1f} s of them "
        f"in the first process), peak {found['peak']:.0f} MB a process, "
        f"{found['disk']:.0f} bytes of disk a report, "
        f"records {found['records']}",
        flush=True,
    )
    return found


def _sort(reports: int) -> float:
    """Seconds of this processor for one sort of so many reports by number and time."""
    rows = np.concatenate([some for part in range(PARTS) for some in _words(reports, part)])
    began = time.process_time()
    np.lexsort((rows["at"], rows["number"]))
    return time.process_time() - began


def _apart(reports: int, processes: int) -> float:
    """How much more so many processes do in a second than one does alone, if each works on reports
    of its own."""
    seconds: list[float] = []
    for count in (1, processes):
        command = [sys.executable, __file__, "--copy", str(reports // processes)]
        copies = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        for copy in copies:
            assert copy.stdout
            copy.stdout.readline()  # it is ready
        for copy in copies:
            assert copy.stdin
            copy.stdin.write("\n")
            copy.stdin.flush()
        found = [json.loads(copy.communicate()[0]) for copy in copies]
        seconds.append(sum(each["seconds"] for each in found) / count)
        spent = sum(each["cpu"] for each in found) / count
        print(
            f"{count} copies of the same rounds: {seconds[-1]:.1f} s each, "
            f"{spent:.1f} s of processors each",
            flush=True,
        )
    gain = processes * seconds[0] / seconds[1]
    print(f"  {processes} processes that share nothing do {gain:.2f} times what one does")
    return gain


def _copy(reports: int) -> None:
    """ROUNDS rounds of work on one shard, when a line comes in."""
    with tempfile.TemporaryDirectory() as name:
        with Rows(Path(name), 1) as rows:
            for part in range(PARTS):
                for some in _words(reports, part):
                    rows.add(some)
            ids = rows.close()
        desk = rows.folders[0]
        numbers = settle(desk, ids)
        put_truth(desk, _decisions(numbers[:0]))
        tally = rounds.tally(desk)
        whole = rounds.Whole(*tally[1:])
        pairs = merged([rounds.overlaps(desk, len(ids))], at_least=2)
        rounds.build(desk, whole)
        rounds.put_means(desk, merged([rounds.backing_pairs(desk, len(ids))]), len(ids))
        print("ready", flush=True)
        sys.stdin.readline()
        began, spent = time.perf_counter(), time.process_time()
        given = (np.zeros((5, len(ids))), 0.0, pairs, len(ids), rounds.BITS, whole.last, 0.0)
        for _ in range(ROUNDS):
            rounds.earn(desk, *given)
        seconds, cpu = time.perf_counter() - began, time.process_time() - spent
        print(json.dumps({"seconds": seconds, "cpu": cpu}))


def _decisions(numbers: npt.NDArray[np.int64]) -> Decisions:
    """A decision about each of the numbers, odd ones unwanted, on the last day."""
    return Decisions(
        ids=numbers,
        sides=np.where(numbers % 2 == 1, 1, -1),
        days=np.full(len(numbers), DAY),
        canaries=np.zeros(0, np.int64),
    )


def _say(what: str, reached: bool, figures: str) -> None:
    print(f"  {what}: {figures}: {'reached' if reached else 'MISSED'}", flush=True)


def _pass(
    *, reports: int, memory: float, directory: Path | None, processes: int = 1
) -> dict[str, Any]:
    """Makes a world and learns from it, in this process and its children."""
    limit = int(memory * GIB)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    shards = -(-reports // (processes * SHARD)) * processes
    with tempfile.TemporaryDirectory(dir=directory) as name:
        place = Path(name)
        with Rows(place, shards) as rows:
            for part in range(PARTS):
                for some in _words(reports, part):
                    rows.add(some)
            reporter_ids = rows.close()
        with Pool(place, rows.folders, processes=processes) as crew:
            began, own, others = time.perf_counter(), _cpu(SELF), _cpu(CHILDREN)
            records = _learn(crew, reporter_ids)
            seconds = time.perf_counter() - began
        own, others = _cpu(SELF) - own, _cpu(CHILDREN) - others
        disk = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        return {
            "reports": rows.total,
            "reporters": len(reporter_ids),
            "shards": shards,
            "seconds": seconds,
            "cpu": own + others,
            "own": own,
            "path": own + others / processes,
            "peak": max(resource.getrusage(who).ru_maxrss / 1024 for who in (SELF, CHILDREN)),
            "disk": disk / rows.total,
            "records": records,
        }


def _learn(crew: Pool, reporter_ids: npt.NDArray[np.int64]) -> str:
    """All that the pass does on shards. Returns a digest of the records."""
    count = len(reporter_ids)
    ids = np.concatenate(list(crew.each(settle, crew.share("reporters", reporter_ids))))
    decisions = _decisions(np.sort(ids[ids % 101 == 0]))
    for _ in crew.each(put_truth, crew.share("decisions", decisions)):
        pass
    for _ in crew.each(put_clusters, crew.share("clusters", clusters_of(crew, count))):
        pass
    began = time.perf_counter()

    def progress(turn: int, moved: float) -> None:
        print(
            f"  round {turn} after {time.perf_counter() - began:.1f} s: {moved:.3f}",
            file=sys.stderr,
            flush=True,
        )

    learnt = learn_records(crew, np.zeros((5, count)), progress=progress)
    moved = learnt.records.any(axis=0)
    for _ in crew.each(behind, crew.share("records", learnt.records), crew.share("moved", moved)):
        pass
    audit.most_urgent(crew, learnt, last=DAY, limit=100)
    return hashlib.sha256(learnt.records.tobytes()).hexdigest()[:16]


def _words(reports: int, part: int) -> Iterator[npt.NDArray[np.void]]:
    """The words on the numbers of one part: the same however many shards they go to."""
    chance = np.random.default_rng([reports, part])
    count = reports // PARTS
    reporters, numbers = max(reports // 10, 1), max(reports // 5 // PARTS, 1)
    who = np.floor(reporters * chance.random(count) ** 1.7).astype(np.int64)
    number = np.floor(numbers * chance.random(count) ** 2).astype(np.int64)
    number, who = np.divmod(np.unique(number * reporters + who), reporters)
    number = number * PARTS + part
    rows = np.zeros(len(who), ROW)
    rows["reporter"], rows["number"], rows["network"] = who, number, who // 3
    rows["at"] = DAY - 180.0 * chance.random(len(who))
    gone = chance.random(len(who)) < 0.01
    rows["gone"] = np.where(gone, rows["at"] + 20.0 * chance.random(len(who)), np.inf)
    rows["factor"] = rows["weight"] = 1.0
    rows["unwanted"] = (number % 2 == 1) == (chance.random(len(who)) < 0.857)
    # Accounts were made over 300 days; each one's day follows from its id.
    rows["old_enough"] = rows["at"] - (DAY - 300.0 * (who * 7919 % 1000) / 1000) >= (
        trust.ESTABLISHED_DAYS
    )
    yield rows


def _cpu(who: int) -> float:
    """Seconds of the processors, of this process or of those it has waited for."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
