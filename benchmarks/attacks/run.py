"""Runs worlds through the scorers, two processes at most, and prints the table."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

from benchmarks.attacks import attacks, measure, table
from benchmarks.attacks.attacks import ATTACK_DAYS, ATTACKS, WHITEWASH_DAYS, Strike
from benchmarks.attacks.measure import BATCH, CLEAN_DAYS, ONLINE, QUICK_DAYS, Engine, Snapshot
from benchmarks.attacks.outcome import Outcome, Task
from benchmarks.attacks.probes import PROBE_COUNTS, PROBE_FIRST, PROBE_PACE, add_probes
from benchmarks.attacks.worlds import Report, build_world

TUNING_SEEDS = tuple(range(101, 121))  # look as often as you like
FINAL_SEEDS = tuple(range(7001, 7021))  # held out: run to judge, never to tune


def engine(name: str, gold: dict[str, int] | None) -> Engine:
    """Ours, as `reputation.scoring.replay.score`, imported only when asked for."""
    from reputation.scoring import replay

    def score(reports: Sequence[Report], now: float) -> dict[str, float]:
        return dict(replay.score(reports, now=now, gold=gold, batch=name == BATCH))

    return score


def run(task: Task) -> Outcome:
    began = time.perf_counter()
    world = build_world(task.seed, scale=task.scale, gold=task.gold)
    strikes: dict[str, list[Strike]] = {}
    probes: list[int] = []
    days = task.days
    if task.group == "probes":
        probes = add_probes(
            world,
            probes=max(30, round(60 * task.scale)),
            reports=max(PROBE_COUNTS),
            pace=PROBE_PACE,
            first=PROBE_FIRST,
        )
        days = tuple(PROBE_FIRST + k * PROBE_PACE for k in PROBE_COUNTS)
    elif task.group != "clean":
        raid = attacks.raid_world(world, ATTACKS[task.group], task.scale)
        strikes = measure.strikes_by_line(raid)
        days = ATTACK_DAYS
        if task.group == "whitewash":
            days = tuple(d + later for d in WHITEWASH_DAYS for later in (0, 4))
    engines = {name: engine(name, world.gold) for name in task.engines}
    shots = measure.snapshots(world, days, engines)
    if task.group not in ("clean", "probes", "blacken"):
        shots = [_only(s, [k.number for ks in strikes.values() for k in ks]) for s in shots]
    seconds = time.perf_counter() - began
    return Outcome(task, shots, strikes, probes, len(world.reports), len(world.accounts), seconds)


def _only(shot: Snapshot, numbers: Sequence[int]) -> Snapshot:
    """Forget all but the targets' scores, to keep what crosses between processes small."""
    for scores in shot.scores.values():
        kept = scores[numbers]
        scores[:] = float("nan")
        scores[numbers] = kept
    return shot


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description=__doc__)
    p.add_argument("--seeds", type=int, default=3, help="how many seeds of the set (1 to 20)")
    p.add_argument("--scale", type=float, default=1.0, help="1: 2,500 abusive, 3,000 legitimate")
    which = p.add_mutually_exclusive_group()
    which.add_argument("--tune", action="store_true", help="tuning seeds (the default)")
    which.add_argument("--final", action="store_true", help="held-out seeds")
    p.add_argument("--quick", action="store_true", help="scale .15, one seed, fewer days")
    p.add_argument("--attack", choices=[*ATTACKS, "none"], help="one group of attacks only")
    p.add_argument("--days", help="days to look at the clean world, comma separated")
    p.add_argument("--gold", type=int, default=0, help="numbers with moderated truth")
    p.add_argument("--batch-only", action="store_true")
    p.add_argument("--online-only", action="store_true")
    p.add_argument("--plot", type=Path, help="PNG to draw the frontier into")
    p.add_argument("--json", type=Path, help="file for every figure")
    return p.parse_args(argv)


def plan(options: argparse.Namespace, engines: tuple[str, ...]) -> list[Task]:
    seeds: Sequence[int] = (FINAL_SEEDS if options.final else TUNING_SEEDS)[: options.seeds]
    scale, days = options.scale, CLEAN_DAYS
    if options.quick:
        seeds, days = seeds[:1], QUICK_DAYS
        scale = scale if scale != 1.0 else 0.15
    if options.days:
        days = tuple(float(d) for d in options.days.split(","))
    groups = ["clean"]
    if options.attack is None:
        groups += ["probes", *ATTACKS]
    elif options.attack != "none":
        groups.append(options.attack)
    # Online scoring never blocks, so it is asked only where flags and probabilities matter.
    blocking = tuple(name for name in engines if name != ONLINE)
    return [
        Task(
            group,
            seed,
            scale,
            options.gold,
            days,
            engines if group in ("clean", "probes") else blocking,
        )
        for seed in seeds
        for group in groups
    ]


def ours_available(options: argparse.Namespace) -> tuple[str, ...]:
    try:
        from reputation.scoring import replay  # noqa: F401
    except ImportError as error:
        print(f"reputation.scoring.replay is not there yet ({error}): rivals only", file=sys.stderr)
        return ()
    if options.batch_only:
        return (BATCH,)
    return (ONLINE,) if options.online_only else (ONLINE, BATCH)


def main(argv: Sequence[str] | None = None) -> None:
    options = arguments(argv)
    engines = ours_available(options)
    tasks = plan(options, engines)
    outcomes: list[Outcome] = []
    with get_context("spawn").Pool(min(2, len(tasks)), maxtasksperchild=4) as pool:
        for done in pool.imap_unordered(run, tasks):
            outcomes.append(done)
            print(
                f"[{len(outcomes)}/{len(tasks)}] {done.task.group}, seed {done.task.seed}: "
                f"{done.reports:,} reports by {done.accounts:,} members, {done.seconds:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    outcomes.sort(key=lambda o: (o.task.group, o.task.seed))
    figures = table.figures(outcomes, engines)
    print(table.heading(tasks, final=options.final))
    print(table.render(figures))
    if options.json:
        options.json.write_text(json.dumps(table.plain(figures), indent=1) + "\n")
    if options.plot:
        from benchmarks.attacks import plot

        plot.frontier(outcomes, engines, options.plot)
