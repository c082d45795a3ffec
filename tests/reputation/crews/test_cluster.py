"""A Ray cluster works on the shards as this machine's processes do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reputation.crews import Cluster, ShardError

THREE_NODES = Path(__file__).with_name("three_nodes.py")


@pytest.mark.slow
def test_three_nodes_learn_what_one_process_learns_also_when_one_is_killed():
    """The second pass loses a node in its second round."""
    found = subprocess.run(
        [sys.executable, str(THREE_NODES)],
        env=os.environ | {"PYTHONPATH": "."},
        stdout=subprocess.PIPE,
        check=True,
        timeout=240,
    )
    said = json.loads(found.stdout.splitlines()[-1])
    assert said == {"nodes": 3, "same": True, "left": 2, "again": True}


def test_an_address_where_no_cluster_is_is_named(tmp_path):
    with pytest.raises(ShardError, match=r"No Ray cluster answers at 127\.0\.0\.1:9: "):
        Cluster(tmp_path, [], address="127.0.0.1:9")
