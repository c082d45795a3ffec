"""The shards of this machine, in this process or in several."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from reputation.crews.folders import Folder, ShardError, broken, load, store
from reputation.helpers import end_with_main
from reputation.scoring import Ints, Pairs, merged

# How many processes may be lost in a row without progress. The work of a killed process is
# repeated, but not without end on a shard that kills every process.
LOSSES: Final = 3
_ENDED: Final = "Memory may be short (pass fewer --processes): a process ended"
# How many pairs are merged at a time.
MERGED: Final = 4_000_000


class Shared:
    """A value in a file that each process maps into memory."""

    def __init__(self, path: Path) -> None:
        self.path = path


class Lost(Exception):
    """A worker was lost, so its work must be repeated."""


class Directory(ABC):
    """A crew (scoring.shards) whose shards are in a directory. Yields results in the order of the
    shards, repeats lost work, and keeps shared values and pairs to be merged on this process's
    disk."""

    merging = 1  # the least number of ranges of keys

    def __init__(self, directory: Path, folders: Sequence[Folder], *, at_once: int) -> None:
        self.directory, self.folders, self.at_once = directory, list(folders), at_once
        self._shared: dict[str, Path] = {}
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def submit(self, folder: Folder, work: Callable[..., Any], given: Sequence[Any]) -> Any:
        """Starts work on a shard; returns a handle for `result`. Raises Lost."""

    @abstractmethod
    def result(self, begun: Any) -> Any:
        """Waits for the result of the work. Raises Lost."""

    @abstractmethod
    def mend(self, folder: Folder) -> None:
        """Prepares the shard whose work was lost to be worked on again. Raises ShardError."""

    @abstractmethod
    def close(self) -> None:
        """Releases processes and machines."""

    @abstractmethod
    def done(self, folder: Folder, work: Callable[..., Any], given: Sequence[Any]) -> None:
        """Called when work on a shard is done, so that `mend` can repeat it."""

    def each[T](self, work: Callable[..., T], *given: Any) -> Iterator[T]:
        rest = deque(self.folders)
        begun: deque[tuple[Folder, Any]] = deque()
        lost = 0
        while rest or begun:
            try:
                # Not all at once: results wait in memory until they are taken, in order.
                while rest and len(begun) < self.at_once:
                    begun.append((rest[0], self.submit(rest[0], work, given)))
                    rest.popleft()
                result: T = self.result(begun[0][1])
            except Lost as error:
                lost += 1
                folder = begun[0][0] if begun else rest[0]
                if lost > LOSSES:
                    raise ShardError(f"{error} {lost} times, always at {folder.path}.") from error
                self.mend(folder)
                rest.extendleft(each for each, _ in reversed(begun))
                begun.clear()
                continue
            folder, _ = begun.popleft()
            lost = 0
            self.done(folder, work, given)
            yield result

    def _file(self, name: str) -> Path:
        self._count += 1
        return self.directory / f"{name}-{self._count}"

    def share(self, name: str, value: Any) -> Any:
        path = self._file(name)
        store(path, value)
        before = self._shared.get(name)
        self._shared[name] = path
        if before is not None:
            before.unlink()
        return Shared(path)

    def merged(self, runs: Iterable[Pairs], *, at_least: int = 1) -> Pairs:
        """Splits the runs by ranges of keys, writes the ranges to disk, and merges them one by
        one."""
        bounds: Ints | None = None
        parts: list[Path] = []
        for run in runs:
            if bounds is None and len(run.keys):
                ranges = max(-(-len(run.keys) * len(self.folders) // MERGED), self.merging)
                bounds = run.keys[np.arange(1, ranges) * len(run.keys) // ranges]
                parts = [self._file("pairs") for _ in range(ranges)]
            if bounds is None:
                continue
            cuts = np.searchsorted(run.keys, bounds)
            both = np.stack([run.keys, run.counts], axis=1)
            for path, some in zip(parts, np.split(both, cuts), strict=True):
                _append(path, some)
        found = [merged([]), *self.merge_parts(parts, at_least)]
        for path in parts:
            path.unlink()
        return Pairs(*map(np.concatenate, zip(*found, strict=True)))

    def merge_parts(self, parts: Sequence[Path], at_least: int) -> list[Pairs]:
        """The merged pairs of each range of keys."""
        return [_merged_part(path, at_least) for path in parts]


class Pool(Directory):
    """Runs work on shards in folders of a directory of its own, in this many processes.

    Raises ShardError.
    """

    def __init__(self, directory: Path, folders: Sequence[Folder], *, processes: int) -> None:
        super().__init__(directory, folders, at_once=2 * processes)
        self.processes = self.merging = min(processes, len(self.folders))
        self._executor: ProcessPoolExecutor | None = None

    def each[T](self, work: Callable[..., T], *given: Any) -> Iterator[T]:
        if self.processes < 2:
            return (perform(folder, work, given) for folder in self.folders)
        return super().each(work, *given)

    def submit(self, folder: Folder, work: Callable[..., Any], given: Sequence[Any]) -> Any:
        if self._executor is None:
            # Not forked: a connection to the database must not be shared.
            self._executor = ProcessPoolExecutor(
                self.processes, mp_context=get_context("spawn"), initializer=end_with_main
            )
        try:
            return self._executor.submit(_put_down, folder, work, given)
        except BrokenProcessPool as error:
            raise Lost(_ENDED) from error

    def result(self, begun: Any) -> Any:
        try:
            result: Shared = begun.result()
        except BrokenProcessPool as error:
            raise Lost(_ENDED) from error
        return _taken(result)

    def merge_parts(self, parts: Sequence[Path], at_least: int) -> list[Pairs]:
        if self._executor is not None:
            try:
                begun = [self._executor.submit(_merge_down, path, at_least) for path in parts]
                return [_taken(each.result()) for each in begun]
            except BrokenProcessPool:
                self.close()
        return super().merge_parts(parts, at_least)

    def mend(self, folder: Folder) -> None:
        self.close()  # if one process of a pool ends, all end

    def done(self, folder: Folder, work: Callable[..., Any], given: Sequence[Any]) -> None:
        """The folders outlast the processes."""

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None


def perform[T](folder: Folder, work: Callable[..., T], given: Sequence[Any]) -> T:
    """Runs work on a desk; loads the shared values first."""
    return work(folder, *(load(e.path) if isinstance(e, Shared) else e for e in given))


def _put_down(folder: Folder, work: Callable[..., Any], given: Sequence[Any]) -> Shared:
    """As `perform`, in a process of a pool. Writes the result to a file that the first process
    maps, since sending megabytes through a pipe would take longer than computing them."""
    path = folder.path / "result.out"
    store(path, perform(folder, work, given))
    return Shared(path)


def _taken(result: Shared) -> Any:
    """Loads the value and deletes its file; the mapping stays valid."""
    value = load(result.path)
    result.path.unlink()
    return value


def _merged_part(path: Path, at_least: int) -> Pairs:
    both = np.fromfile(path, np.int64).reshape(-1, 2)
    return merged([Pairs(both[:, 0].copy(), both[:, 1].copy())], at_least=at_least)


def _merge_down(path: Path, at_least: int) -> Shared:
    """As `_merged_part`, with the result in a file. The first process deletes the range."""
    done = path.with_suffix(".merged")
    store(done, _merged_part(path, at_least))
    return Shared(done)


def _append(path: Path, both: Ints) -> None:
    try:
        with path.open("ab") as file:
            file.write(both.tobytes())
    except OSError as error:
        raise broken(path, error) from error
