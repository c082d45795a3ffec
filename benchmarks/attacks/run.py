"""Runs worlds through the scorers, a few processes at once, and prints the table."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

from benchmarks.attacks import attacks, frontier, gold, losses, measure, prices, table
from benchmarks.attacks.assumptions import MAKES
from benchmarks.attacks.attacks import ATTACKS
from benchmarks.attacks.measure import BATCH, CLEAN_DAYS, ONLINE, QUICK_DAYS, Engine, Snapshot
from benchmarks.attacks.outcome import DENIALS, Outcome, Task
from benchmarks.attacks.probes import PROBE_COUNTS, PROBE_FIRST, PROBE_PACE, add_probes
from benchmarks.attacks.raid import ATTACK_DAYS, WHITEWASH_DAYS, Price, Raid, Strike
from benchmarks.attacks.rivals import RIVALS
from benchmarks.attacks.worlds import MODERATED, Report, World, build_world
from reputation.scoring import replay

TUNING_SEEDS = tuple(range(101, 181))  # look as often as you like
# Held out: run to judge, never to tune. 8101 to 8104 and 8201 to 8204 have been looked at and led
# to changes, so they no longer count; of these, 8301 to 8310 were run once and changed nothing,
# and what 8311 and 8312 missed was then looked for on tuning seeds. What came of 8313 to 8340 is in
# docs/guide/scoring.md and ADR 0031; 8341 on have not been run.
FINAL_SEEDS = tuple(range(8301, 8361))


RECORD_DAYS = (90.0, 120.0, 150.0, 180.0)  # when the weights of reporters are looked at
WASHING_DAYS = {  # just before each strike and after it, by group
    "whitewash": tuple(d + later for d in WHITEWASH_DAYS for later in (0, 4)),
    "slow": tuple(d + later for d in WHITEWASH_DAYS for later in (0, 26)),
}


class Ours:
    """`reputation.scoring.replay.explain`, remembering what it found on the last day asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: dict[float, dict[str, replay.Found]] = {}  # by day, of batch
        self.heard: dict[float, frontier.Heard] = {}  # by day, the last one only

    def engine(self, name: str) -> Engine:
        """The scorer of that name: online, batch, or one of frontier.ENGINES."""

        def score(known: Sequence[Report], now: float) -> dict[str, float]:
            with frontier.heard_once(name, self.heard, now), frontier.loosened(name):
                found = replay.explain(known, now=now, gold=self.world.gold, batch=name != ONLINE)
            if name == BATCH:
                self.found[now] = found
            return {number: each.probability for number, each in found.items()}

        return score


def run(task: Task) -> Outcome:
    began = time.perf_counter()
    make = "unseen" if task.group == "unseen" else task.make
    at_random = task.gold if task.gold_by == "random" else 0
    world = build_world(
        task.seed, scale=task.scale, gold=at_random, until=task.gold_until, make=make
    )
    raid: Raid | None = None
    strikes: dict[str, list[Strike]] = {}
    costs: dict[str, list[Price]] = {}
    percents: dict[str, list[float]] = {}
    probes: list[int] = []
    days = task.days
    if task.group == "probes":
        probes = _probe(task, world)
        days = tuple(PROBE_FIRST + k * PROBE_PACE for k in PROBE_COUNTS)
    elif task.group != "clean":
        raid = attacks.raid_world(world, ATTACKS[task.group], task.scale)
        strikes, costs = measure.strikes_by_line(raid), raid.prices()
        days = _days_of(task, raid, strikes)
    if task.gold and task.gold_by != "random":
        world.gold = gold.decide(world, task.gold, task.gold_by, task.gold_until)
    ours = Ours(world)
    engines = {name: ours.engine(name) for name in task.engines}
    rivals = RIVALS if task.rivals else ()
    shots = measure.snapshots(world, days, engines, rivals=rivals)
    if raid and task.engines:
        percents = measure.weights_lost(raid, RECORD_DAYS)
        percents |= measure.weights_gained(raid, RECORD_DAYS)
        percents |= measure.labels_taken(raid)
    lost = None
    if task.group == "clean" and BATCH in task.engines:
        lost = losses.tally(world, days, lambda day: ours.found[day])
    if task.group not in ("clean", "probes", *DENIALS):  # whose other numbers matter
        shots = [_only(s, [k.number for ks in strikes.values() for k in ks]) for s in shots]
    seconds = time.perf_counter() - began
    counts = len(world.reports), len(world.accounts)
    return Outcome(
        task, shots, strikes, percents, costs, probes, *counts, seconds=seconds, lost=lost
    )


def _probe(task: Task, world: World) -> list[int]:
    return add_probes(
        world,
        probes=max(30, round(60 * task.scale)),
        reports=max(PROBE_COUNTS),
        pace=PROBE_PACE,
        first=PROBE_FIRST,
    )


def _days_of(task: Task, raid: Raid, strikes: dict[str, list[Strike]]) -> tuple[float, ...]:
    """The days on which scores are taken; none where what counts is what the pass thinks of
    reporters, or the labels."""
    if not strikes and task.group not in DENIALS:
        return ()
    begin = min((s.first for s in raid.strikes), default=0.0)
    return WASHING_DAYS.get(task.group, tuple(d for d in ATTACK_DAYS if d >= begin))


def _only(shot: Snapshot, numbers: Sequence[int]) -> Snapshot:
    """Forget all but the targets' scores, to keep what crosses between processes small."""
    for scores in shot.scores.values():
        kept = scores[numbers]
        scores[:] = float("nan")
        scores[numbers] = kept
    return shot


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description=__doc__)
    p.add_argument("--seeds", type=int, default=3, help="how many seeds of the set")
    p.add_argument("--skip", type=int, default=0, help="so many of its first seeds are left out")
    p.add_argument("--scale", type=float, default=1.0, help="1: 2,500 abusive, 3,000 legitimate")
    which = p.add_mutually_exclusive_group()
    which.add_argument("--tune", action="store_true", help="tuning seeds (the default)")
    which.add_argument("--final", action="store_true", help="held-out seeds")
    p.add_argument("--quick", action="store_true", help="scale .15, one seed, fewer days")
    p.add_argument(
        "--attack", choices=[*ATTACKS, "probes", "none"], help="one group of attacks only"
    )
    p.add_argument("--days", help="days to look at the clean world, comma separated")
    p.add_argument("--gold", type=int, default=0, help="numbers with moderated truth")
    p.add_argument("--gold-by", choices=["random", *gold.ORDERS], default="random")
    p.add_argument("--gold-until", type=float, default=MODERATED, help="the last day of that")
    p.add_argument("--make", choices=MAKES, default="plain", help="of another make than tuned on")
    p.add_argument("--prices", action="store_true", help="what each attack costs and gets")
    p.add_argument("--processes", type=int, default=2, help="at most so many at once")
    p.add_argument("--batch-only", action="store_true")
    p.add_argument("--online-only", action="store_true")
    p.add_argument("--frontier", action="store_true", help="what each condition for block costs")
    p.add_argument("--plot", type=Path, help="file to draw the frontier into: .svg or .png")
    p.add_argument("--json", type=Path, help="file for every figure")
    return p.parse_args(argv)


def plan(options: argparse.Namespace, engines: tuple[str, ...]) -> list[Task]:
    known: Sequence[int] = FINAL_SEEDS if options.final else TUNING_SEEDS
    seeds = known[options.skip : options.skip + options.seeds]
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
            options.make,
            options.gold_by,
            options.gold_until,
        )
        for seed in seeds
        for group in groups
    ]


def scorers(options: argparse.Namespace) -> tuple[str, ...]:
    if options.online_only:
        return (ONLINE,)
    if options.frontier:
        return frontier.ENGINES
    return (BATCH,) if options.batch_only else (ONLINE, BATCH)


def main(argv: Sequence[str] | None = None) -> None:
    options = arguments(argv)
    engines = scorers(options)
    tasks = plan(options, engines)
    if options.prices:
        tasks = prices.plan(tasks)
    if options.frontier:
        tasks = frontier.plan(tasks, options.attack)
    outcomes: list[Outcome] = []
    processes = min(options.processes, len(tasks))
    with get_context("spawn").Pool(processes, maxtasksperchild=4) as pool:
        for done in pool.imap_unordered(run, tasks):
            outcomes.append(done)
            print(
                f"[{len(outcomes)}/{len(tasks)}] {done.task.group}, seed {done.task.seed}, "
                f"{done.task.gold} moderated: "
                f"{done.reports:,} reports by {done.accounts:,} members, {done.seconds:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    outcomes.sort(key=lambda o: (o.task.group, o.task.seed))
    if options.prices:
        print(table.setting(tasks, final=options.final))
        print(prices.render(outcomes))
        return
    if options.frontier:
        print(table.setting(tasks, final=options.final))
        print(frontier.render(outcomes))
        if options.plot:
            from benchmarks.attacks import plot

            plot.conditions(outcomes, options.plot)
        return
    figures = table.figures(outcomes, engines)
    print(table.heading(tasks, final=options.final))
    print(table.render(figures))
    found = [o.lost for o in outcomes if o.lost is not None]
    if found:
        print("\n" + losses.render(sum(found, losses.Losses())))
    if options.json:
        options.json.write_text(json.dumps(table.plain(figures), indent=1) + "\n")
    if options.plot:
        from benchmarks.attacks import plot

        plot.frontier(outcomes, engines, options.plot)
