"""Runs the trust pass over its shards: in this process, in several, or on several machines.

    folders   a shard's desk: a directory of files that are mapped into memory
    rows      writes reports from the database into shards
    pools     the shards of this machine, in one process or several
    cluster   the shards on the nodes of a Ray cluster

Imports no models and no Django, so that a new process starts quickly.
"""

from reputation.crews.cluster import Cluster
from reputation.crews.folders import Folder, ShardError
from reputation.crews.pools import Pool
from reputation.crews.rows import ROW, Decisions, Rows, put_truth, settle
