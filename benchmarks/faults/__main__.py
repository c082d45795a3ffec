"""Acknowledged writes by six channels, and lookups, under one fault after the other.

    python -m benchmarks.faults [--seconds 6] [--only "database frozen" …] [--seed 1]

Starts PostgreSQL, Redis, server and worker of its own, and ends them. Prints for each fault how the
lookups ended and how long the longest took, then for each channel what was tried, lost, doubled and
wrong. Exits with 1 if anything was lost, doubled or wrong, or does not come back by itself. Lookups
that took longer than a phone waits are marked with !.
"""

import argparse
import random
import sys
import time
from typing import TYPE_CHECKING

import psycopg
import redis
from django.core.management import call_command
from django.db import connection

from benchmarks.faults.stack import Stack

if TYPE_CHECKING:
    from benchmarks.faults.work import Lookups, Work

PHONE = 1.0  # seconds that a telephone waits
COMES_BACK = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=6.0, help="of each fault")
    parser.add_argument("--only", nargs="*", metavar="FAULT")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    stack = Stack()
    try:
        failed = run(stack, options.seconds, options.only)
    finally:
        stack.end()
    sys.exit(failed)


def run(stack: Stack, seconds: float, only: list[str] | None) -> int:
    import django

    django.setup()

    from benchmarks.faults.faults import FAULTS, NotPossible
    from benchmarks.faults.work import Work

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    work = Work(stack.port)
    connection.close()
    stack.start()
    work.start()
    print(f"{'fault':<24}{'lookups':>8}{'503':>6}{'broken':>8}{'longest s':>11}", end="")
    print(f"{'healthz s':>11}{'acknowledged':>14}{'back after s':>14}{'connections':>13}")
    failed = 0
    for name, fault in FAULTS.items():
        if only and name not in only:
            continue
        work.lookups.clear()
        before = work.acknowledged()
        try:
            fault(stack, work, seconds)
        except NotPossible as error:
            print(f"{name:<24}not tried: {error}")
            continue
        except (psycopg.Error, redis.RedisError) as error:
            failed = 1
            print(f"{name:<24}not caused: {error}")
        back, is_back = _come_back(work)
        failed = failed or int(not is_back)
        acknowledged = sum(work.acknowledged().values()) - sum(before.values())
        print(f"{name:<24}{_sums(work.lookups)}{acknowledged:>14,}", end="")
        print(f"{back:>14.1f}{stack.connections():>13}", flush=True)
    work.stop()
    is_whole = _audit(work)
    connection.close()
    return failed or int(not is_whole)


def _come_back(work: "Work") -> tuple[float, bool]:
    """Waits until each channel acknowledges again. Returns for how many seconds, and whether all
    did."""
    told, since = work.acknowledged(), time.monotonic()
    while True:
        silent = [name for name, count in work.acknowledged().items() if count == told[name]]
        waited = time.monotonic() - since
        if not silent:
            return waited, True
        if waited > COMES_BACK:
            for name in silent:
                trouble = work.channels[name].trouble
                print(f"{name} did not come back within {COMES_BACK:.0f} s: {trouble}")
            return waited, False
        time.sleep(0.1)


def _sums(lookups: "Lookups") -> str:
    """How the lookups under one fault ended, and how long the longest took."""
    found, refused = lookups.ended["found"], lookups.ended["503"]
    other = lookups.ended.total() - found - refused
    slow = "!" if lookups.longest > PHONE else " "
    ended = f"{found:>8,}{refused:>6,}{other:>8,}"
    return f"{ended}{lookups.longest:>10.1f}{slow}{lookups.longest_health:>11.1f}"


def _audit(work: "Work") -> bool:
    """Prints for each channel what was kept of what it tried. Returns whether nothing was lost,
    doubled or wrong."""
    print(f"\n{'channel':<24}{'tried':>8}{'kept':>8}{'lost':>8}{'doubled':>9}{'wrong':>8}")
    is_whole = True
    for channel, *counts in work.audit():
        print(
            f"{channel:<24}"
            + "".join(f"{n:>{w},}" for n, w in zip(counts, (8, 8, 8, 9, 8), strict=True))
        )
        if any(counts[2:]):
            is_whole = False
            if channel in work.channels:
                print(f"  the last answer: {work.channels[channel].trouble}")
    return is_whole


if __name__ == "__main__":
    main()
