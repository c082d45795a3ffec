"""Reports on their way into shards: rows as they are read, set down by number, then as columns."""

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from reputation.crews.folders import Folder, broken
from reputation.scoring import Complaints, Desk, Floats, Ints, Reports

# A report or an earlier word of a reporter. `reporter`, `number`: their ids, of a number's former
# holder below 0. `network`: a hash.
# `at`, `gone`: days, `gone` inf where it stands. `factor`: trust.provenance. `weight` and
# `established`: for what a live report counts. Other columns as in scoring.Reports.
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
# Ids of reporters are gathered in lists that are merged beyond this length.
GATHERED: Final = 2_000_000


class Rows:
    """Sets rows down in so many folders below `directory`, all of a number in the same one.

    `live`, `total`: rows that stand, and all. `last`: the latest day.
    """

    def __init__(self, directory: Path, shards: int) -> None:
        self.folders = [Folder(directory / f"shard-{place}") for place in range(shards)]
        with ExitStack() as stack:
            self._files = [stack.enter_context(_path(each).open("wb")) for each in self.folders]
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
        """The ids of all reporters, rising. The folders are ready for `settle`. ShardError."""
        for file, folder in zip(self._files, self.folders, strict=True):
            try:
                file.close()
            except OSError as error:
                raise broken(_path(folder), error) from error
        return np.unique(np.concatenate(self._reporters))


class Decisions(NamedTuple):
    """Moderators' decisions about numbers, `ids` rising: 1 unwanted, -1 legitimate; and the day.

    `canaries`: numbers that only liars report. `complained`: numbers of which an authority
    published a complaint, and `complained_on` its day; in order of both.
    """

    ids: Ints
    sides: Ints
    days: Floats
    canaries: Ints
    complained: Ints = np.zeros(0, np.int64)
    complained_on: Floats = np.zeros(0)


def settle(desk: Folder, reporter_ids: Ints) -> Ints:
    """Puts "reports", "counted" (see scoring.behind) and "ids" of numbers on the desk of a folder,
    in place of its rows. Returns the ids."""
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
    """Puts what is known of each number on the desk: "truth", "decided" and "complaints"
    (scoring.learn), and "audited", the truth without canaries."""
    ids: Ints = desk["ids"]
    truth = np.zeros(len(ids), np.int64)
    decided = np.full(len(ids), np.inf)
    _, here, there = np.intersect1d(ids, decisions.ids, assume_unique=True, return_indices=True)
    truth[here], decided[here] = decisions.sides[there], decisions.days[there]
    desk["audited"] = truth
    canary = np.isin(ids, decisions.canaries)
    desk["truth"] = np.where(canary, -1, truth)  # whatever a moderator made of lies about it
    desk["decided"] = np.where(canary, -np.inf, decided)
    some = np.isin(decisions.complained, ids)
    place = np.searchsorted(ids, decisions.complained[some])
    desk["complaints"] = Complaints(place, decisions.complained_on[some])


def _path(folder: Folder) -> Path:
    return folder.path / "rows.raw"
