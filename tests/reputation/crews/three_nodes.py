"""Starts three Ray nodes on this machine, passes over a world on them, kills one, passes again.

Prints as JSON what the test asks. A process of its own: Ray's nodes listen at the machine's address
beyond the loopback, and its handlers of signals last.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
from ray.cluster_utils import Cluster as Nodes

from reputation.crews import Cluster, Pool
from tests.given.crew_worlds import outcome, set_down, world

SEED = 1
SHARDS = 7
# A node that is gone is noticed within seconds.
NOTICED = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 4,
}


def node(_desk: Any) -> str:
    return str(ray.get_runtime_context().get_node_id())


def main(directory: Path) -> None:
    this = world(SEED)
    one = Pool(directory, set_down(directory / "one", this, shards=1), processes=1)
    expected = outcome(one, this)
    head = {"num_cpus": 1, "include_dashboard": False, "_system_config": NOTICED}
    nodes = Nodes(initialize_head=True, head_node_args=head)
    others = [nodes.add_node(num_cpus=1) for _ in range(2)]
    try:
        folders = set_down(directory / "three", this, shards=SHARDS)
        with Cluster(directory, folders, address=nodes.address) as crew:
            used = set(crew.each(node))
            same = outcome(crew, this) == expected
        left: set[str] = set()

        def kill(turn: int, _moved: float) -> None:
            if turn == 2:
                nodes.remove_node(others[0], allow_graceful=False)

        folders = set_down(directory / "two", this, shards=SHARDS)
        with Cluster(directory, folders, address=nodes.address) as crew:
            again = outcome(crew, this, progress=kill) == expected
            left = set(crew.each(node))
    finally:
        nodes.shutdown()
    found = {"nodes": len(used), "same": same, "left": len(left), "again": again}
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
    sys.stdout.flush()
    os._exit(0)  # what Ray leaves behind in this process may wait for its nodes
