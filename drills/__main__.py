"""Drills of disasters, by the guide's own commands; each with its own PostgreSQL and service.

    python -m drills [point-in-time] [failover] [replica] [upgrade]

Prints what was acknowledged before, found after and lost, and how many seconds the service was
away. Ends with 1 if anything was lost that must not be.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from drills import failover, point_in_time, replica, upgrade
from drills.processes import Failed

DRILLS: dict[str, Callable[[Path], bool]] = {
    "point-in-time": point_in_time.drill,
    "failover": failover.drill,
    "replica": replica.drill,
    "upgrade": upgrade.drill,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m drills", description="Drills of disasters.")
    parser.add_argument("drills", nargs="*", metavar="DRILL", help=f"of {', '.join(DRILLS)}")
    chosen = parser.parse_args().drills or list(DRILLS)
    if unknown := set(chosen) - DRILLS.keys():
        parser.error(
            f"there is no drill {', '.join(sorted(unknown))}; there are {', '.join(DRILLS)}"
        )
    failed = [name for name in chosen if not _run(name)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _run(name: str) -> bool:
    began = time.monotonic()
    home = Path(tempfile.mkdtemp(prefix="ringscore-drill-"))
    home.chmod(0o711)  # PostgreSQL's account has a folder in it
    print(f"== {name}", flush=True)
    try:
        well = DRILLS[name](home)
    except Failed as error:
        print(error)
        well = False
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{'well' if well else 'FAILED'}, {time.monotonic() - began:.0f} s", flush=True)
    return well


if __name__ == "__main__":
    main()
