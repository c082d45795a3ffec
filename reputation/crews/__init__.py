"""Who works on the shards of the trust pass: this process, several, or several machines.

    folders   a shard's desk as a directory of files that are mapped into memory
    rows      reports on their way from the database into shards
    pools     the shards of this machine, in one process or several
    cluster   the shards on the nodes of a Ray cluster

Imports no models and no Django, so that a new process can begin here.
"""

from reputation.crews.cluster import Cluster
from reputation.crews.folders import Folder, ShardError
from reputation.crews.pools import Pool
from reputation.crews.rows import ROW, Decisions, Rows, put_truth, settle

__all__ = [
    "ROW",
    "Cluster",
    "Decisions",
    "Folder",
    "Pool",
    "Rows",
    "ShardError",
    "put_truth",
    "settle",
]
