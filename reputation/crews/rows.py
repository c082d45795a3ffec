"""Writes reports into shards: appends rows by number as they are read, then makes columns of
them."""

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from reputation.crews.folders import Folder, broken
from reputation.scoring import Complaints, Desk, Floats, Ints, Reports

# A report or an earlier version of it. `reporter`, `number`: their ids; below 0 for a former holder
# of the number. `network`: a hash. `at`, `gone`: days; `gone` is inf while the report stands.
# `factor`: trust.provenance. `weight` and `established`: how a live report counts. Other columns as
# in scoring.Reports.
ROW: Final = np.dtype(
    [
        ("reporter", "<i8"),
        ("number", "<i8"),
        ("network", "<i8"),
        ("at", "<f8"),
        ("gone", "<f8"),
        ("factor", "<f8"),
        ("weight", "<f8"),
        ("unwanted", "?"),
        ("old_enough", "?"),
        ("stopped", "?"),
        ("established", "?"),
    ]
)
# Ids of reporters are collected in lists, which are merged beyond this length.
GATHERED: Final = 2_000_000


class Rows:
    """Writes rows to folders below `directory`, one for each shard; all rows of a number go to one.
    `live`, `total`: how many rows stand, and how many there are. `last`: the latest day.

    Raises ShardError.
    """

    def __init__(self, directory: Path, shards: int) -> None:
        self.folders = [Folder(directory / f"shard-{place}") for place in range(shards)]
        with ExitStack() as stack:
            self._files = [stack.enter_context(_opened(each)) for each in self.folders]
            self._open = stack.pop_all()
        self._reporters = [np.zeros(0, np.int64)]
        self.live = self.total = 0
        self.last = -np.inf

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._open.close()

    def add(self, rows: npt.NDArray[np.void]) -> None:
        """Raises ShardError."""
        place = rows["number"] % len(self.folders)
        order = np.argsort(place, kind="stable")
        ends = np.cumsum(np.bincount(place, minlength=len(self.folders)))
        for file, folder, some in zip(
            self._files, self.folders, np.split(rows[order], ends[:-1]), strict=True
        ):
            try:
                file.write(some.tobytes())
            except OSError as error:
                raise broken(_path(folder), error) from error
        self.total += len(rows)
        self.live += int(np.isinf(rows["gone"]).sum())
        self.last = max(self.last, float(rows["at"].max(initial=-np.inf)))
        self._reporters.append(np.unique(rows["reporter"]))
        if sum(map(len, self._reporters)) > GATHERED + 2 * len(self._reporters[0]):
            self._reporters = [np.unique(np.concatenate(self._reporters))]

    def close(self) -> Ints:
        """The ids of all reporters, ascending. The folders are ready for `settle`. Raises
        ShardError."""
        for file, folder in zip(self._files, self.folders, strict=True):
            try:
                file.close()
            except OSError as error:
                raise broken(_path(folder), error) from error
        return np.unique(np.concatenate(self._reporters))


class Decisions(NamedTuple):
    """Moderators' decisions about numbers, by ascending `ids`: 1 unwanted, -1 legitimate; with
    days.

    `canaries`: numbers that only liars report. `complained`: numbers about which an authority
    published a complaint, with its day in `complained_on`; sorted by both.
    """

    ids: Ints
    sides: Ints
    days: Floats
    canaries: Ints
    complained: Ints = np.zeros(0, np.int64)
    complained_on: Floats = np.zeros(0)


def settle(desk: Folder, reporter_ids: Ints) -> Ints:
    """Replaces the rows of a folder by "reports", "counted" (see scoring.behind) and "ids" of
    numbers on its desk. Returns the ids."""
    path = _path(desk)
    rows = np.fromfile(path, ROW)
    rows = rows[np.lexsort((rows["reporter"], rows["at"], rows["number"]))]
    ids, number = np.unique(rows["number"], return_inverse=True)
    network = np.unique(rows["network"], return_inverse=True)[1]
    at = rows["at"].copy()
    desk["ids"] = ids
    desk["reports"] = Reports(
        reporter=np.searchsorted(reporter_ids, rows["reporter"]),
        number=number,
        network=network,
        at=at,
        day=np.floor(at).astype(np.int64),
        **{
            name: rows[name].copy()
            for name in ("unwanted", "old_enough", "factor", "gone", "stopped")
        },
    )
    desk["counted"] = rows["weight"].copy(), rows["established"].copy()
    path.unlink()
    return ids


def put_truth(desk: Desk, decisions: Decisions) -> None:
    """Puts the known truth about the numbers on the desk: "truth", "decided" and "complaints"
    (scoring.learn), and "audited", the truth without canaries."""
    ids: Ints = desk["ids"]
    truth = np.zeros(len(ids), np.int64)
    decided = np.full(len(ids), np.inf)
    _, here, there = np.intersect1d(ids, decisions.ids, assume_unique=True, return_indices=True)
    truth[here], decided[here] = decisions.sides[there], decisions.days[there]
    desk["audited"] = truth
    canary = np.isin(ids, decisions.canaries)
    desk["truth"] = np.where(canary, -1, truth)  # whatever a moderator decided about it
    desk["decided"] = np.where(canary, -np.inf, decided)
    some = np.isin(decisions.complained, ids)
    place = np.searchsorted(ids, decisions.complained[some])
    desk["complaints"] = Complaints(place, decisions.complained_on[some])


def _path(folder: Folder) -> Path:
    return folder.path / "rows.raw"


def _opened(folder: Folder) -> IO[bytes]:
    try:
        return _path(folder).open("wb")
    except OSError as error:
        raise broken(_path(folder), error) from error
