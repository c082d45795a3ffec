"""Who works on the shards of the trust pass: this process, or several.

    folders   a shard's desk as a directory of files that are mapped into memory
    rows      reports on their way from the database into shards
    pools     the shards of this machine, in one process or several

Imports no models and no Django, so that a new process can begin here.
"""

from reputation.crews.folders import Folder, ShardError
from reputation.crews.pools import Pool
from reputation.crews.rows import ROW, Decisions, Rows, put_truth, settle

__all__ = ["ROW", "Decisions", "Folder", "Pool", "Rows", "ShardError", "put_truth", "settle"]
