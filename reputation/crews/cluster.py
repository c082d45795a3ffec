"""The shards on the nodes of a Ray cluster.

Each node's workers keep their shards in a directory of their own. When a worker is lost, this
process sends its shards to other workers from its own folders, and these repeat the work on them.
"""

import logging
import os
import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from reputation.crews.folders import Folder, ShardError
from reputation.crews.pools import Directory, Lost

# Seconds within which the head of a cluster accepts a connection, and its workers clean up.
KNOCK: Final = 10.0


class Worker:
    """A process on a node, with some of the shards."""

    def __init__(self) -> None:
        self.directory = tempfile.TemporaryDirectory(prefix="ringscore-trust-")

    def take(self, shard: str, name: str, data: bytes) -> None:
        folder = self._folder(shard)
        (folder.path / name).write_bytes(data)

    def perform(self, shard: str, work: Callable[..., Any], *given: Any) -> Any:
        return work(self._folder(shard), *given)

    def close(self) -> None:
        self.directory.cleanup()

    def _folder(self, shard: str) -> Folder:
        return Folder(Path(self.directory.name) / shard)


class Cluster(Directory):
    """Runs work on the shards in these folders on the Ray cluster at `address`, of which this
    machine is a node. All nodes need the same release of Ringscore and of its requirements.

    Raises ShardError.
    """

    def __init__(self, directory: Path, folders: Sequence[Folder], *, address: str) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # sends its makers no usage data
        try:
            _knock(address)
            import ray  # an extra, not needed on one machine

            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except ImportError:
            raise ShardError(
                "Ray is not installed. Install ringscore-server[ray] on all nodes."
            ) from None
        except (OSError, ValueError, RuntimeError) as error:
            raise ShardError(f"No Ray cluster answers at {address}: {error}") from error
        self.ray: Any = ray
        processors = max(int(self.ray.cluster_resources().get("CPU", 1)), 1)
        super().__init__(directory, folders, at_once=2 * processors)
        remote = self.ray.remote(Worker).options(num_cpus=1, scheduling_strategy="SPREAD")
        self.workers = [remote.remote() for _ in range(min(processors, len(self.folders)))]
        self._kept: dict[str, list[tuple[Callable[..., Any], Sequence[Any]]]] = {}
        self._at: dict[str, Any] = {}
        for place, folder in enumerate(self.folders):
            self._kept[folder.path.name] = []
            self._bring(folder, self.workers[place % len(self.workers)])

    def share(self, name: str, value: Any) -> Any:
        return self.ray.put(value)

    def submit(self, folder: Folder, work: Callable[..., Any], given: Sequence[Any]) -> Any:
        shard = folder.path.name
        return self._at[shard].perform.remote(shard, work, *given)

    def result(self, begun: Any) -> Any:
        try:
            return self.ray.get(begun)
        except self.ray.exceptions.RayTaskError:
            raise
        except self.ray.exceptions.RayError as error:
            raise Lost("A worker of the cluster was lost") from error

    def done(self, folder: Folder, work: Callable[..., Any], given: Sequence[Any]) -> None:
        if getattr(work, "keeps", False):
            self._kept[folder.path.name].append((work, given))

    def mend(self, folder: Folder) -> None:
        """Gives the shards of the lost worker to the remaining workers."""
        gone = self._at[folder.path.name]
        self.workers = [worker for worker in self.workers if worker is not gone]
        if not self.workers:
            raise ShardError("All workers of the cluster were lost. Run the pass again.")
        behind = [each for each in self.folders if self._at[each.path.name] is gone]
        for place, each in enumerate(behind):
            self._bring(each, self.workers[place % len(self.workers)])

    def close(self) -> None:
        self.ray.wait(
            [worker.close.remote() for worker in self.workers],
            num_returns=len(self.workers),
            timeout=KNOCK,
        )
        self.ray.shutdown()

    def _bring(self, folder: Folder, worker: Any) -> None:
        """Sends a shard to a worker in its initial state, and repeats the work done on it. A worker
        runs calls in order, so nothing has to be waited for."""
        shard = folder.path.name
        self._at[shard] = worker
        for name in folder:
            worker.take.remote(shard, name, (folder.path / name).read_bytes())
        for work, given in self._kept[shard]:
            self.submit(folder, work, given)


def _knock(address: str) -> None:
    """Raises OSError if nothing listens at the address. Ray itself would wait for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=KNOCK).close()
