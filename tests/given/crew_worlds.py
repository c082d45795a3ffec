"""Worlds of words for crews: rows as the pass reads them, and the same as columns in memory."""

import dataclasses
from typing import NamedTuple

import numpy as np

from reputation.crews import ROW, Decisions, Pool, Rows, put_truth, settle
from reputation.scoring import (
    Crew,
    Floats,
    Ints,
    Reports,
    audit,
    behind,
    clusters_of,
    learn_records,
    put_clusters,
)


class World(NamedTuple):
    rows: np.ndarray
    decisions: Decisions
    given: Floats


def world(seed: int) -> World:
    """Reporters of whom some move together, some know much and some lie; words taken back, firsts,
    moderated numbers and a canary."""
    chance = np.random.default_rng(seed)
    count, people = int(chance.integers(1, 700)), int(chance.integers(2, 60))
    numbers = int(chance.integers(1, 90))
    rows = np.zeros(count, ROW)
    who = np.floor(people * chance.random(count) ** 1.5).astype(np.int64)
    number = np.floor(numbers * chance.random(count) ** 2).astype(np.int64)
    rows["reporter"], rows["number"] = 3 * who + 5, 2 * number + 11
    rows["network"] = (who // 2) * 10**15
    at = 20_000 + np.round(chance.random(count) * chance.choice([3, 40, 400]), 2)
    rows["at"] = at
    rows["gone"] = np.where(chance.random(count) < 0.15, at + 60 * chance.random(count), np.inf)
    rows["factor"] = chance.choice([0.0, 0.8, 1.0], count, p=[0.05, 0.2, 0.75])
    rows["weight"] = np.where(np.isinf(rows["gone"]), 1.45, np.nan)
    rows["unwanted"] = (number % 2 == 0) == (chance.random(count) < 0.85)
    rows["old_enough"] = chance.random(count) < 0.8
    rows["stopped"] = chance.random(count) < 0.3
    ids = np.unique(rows["number"])
    some = ids[chance.random(len(ids)) < 0.3]
    on = np.unique(
        chance.integers(0, 2 * numbers, numbers) * 1000 + chance.integers(0, 400, numbers)
    )
    decisions = Decisions(
        ids=some,
        sides=np.where((some - 11) // 2 % 2 == 0, 1, -1),
        days=20_000 + 400 * chance.random(len(some)),
        canaries=ids[chance.random(len(ids)) < 0.05],
        complained=on // 1000 + 11,
        complained_on=20_000.0 + on % 1000,
    )
    given = np.zeros((5, len(np.unique(rows["reporter"]))))
    given[:, chance.random(given.shape[1]) < 0.2] = np.array([[5.0, 0.0, 5.0, 0.0, 3.0]]).T
    return World(rows, decisions, given)


def set_down(directory, world: World, *, shards: int) -> list:
    """The world's rows in folders, which are ready for a pass."""
    directory.mkdir()
    with Rows(directory, shards) as rows:
        for some in np.array_split(world.rows, 3):
            rows.add(some)
        ids = rows.close()
    crew = Pool(directory, rows.folders, processes=1)
    for _ in crew.each(settle, ids):
        pass
    for _ in crew.each(put_truth, crew.share("decisions", world.decisions)):
        pass
    return rows.folders


def outcome(crew: Crew, world: World, *, progress=None) -> dict[str, bytes]:
    """All that a pass over these shards writes to the database, to the bit."""
    reporters = world.given.shape[1]
    clusters = clusters_of(crew, reporters)
    for _ in crew.each(put_clusters, crew.share("clusters", clusters)):
        pass
    learnt = learn_records(crew, world.given, progress=progress)
    moved = learnt.records[0] > 1.0
    off: list[Ints] = []
    concerned = 0
    for ids, count in crew.each(behind, learnt.records, moved):
        off.append(ids)
        concerned += count
    last = float(world.rows["at"].max())
    return {
        "clusters": clusters.tobytes(),
        "records": learnt.records.tobytes(),
        "backers": learnt.backers.tobytes(),
        "links": b"".join(part.tobytes() for part in learnt.links),
        "behind": np.sort(np.concatenate(off)).tobytes(),
        "concerned": str(concerned).encode(),
        "audits": repr(audit.most_urgent(crew, learnt, last=last, limit=20)).encode(),
    }


def in_memory(world: World) -> tuple[Reports, Decisions]:
    """The rows as one shard of columns, in time order."""
    rows = world.rows[np.lexsort((world.rows["number"], world.rows["reporter"], world.rows["at"]))]
    names = {field.name for field in dataclasses.fields(Reports)}
    columns = {name: rows[name].copy() for name in names & set(rows.dtype.names)}
    for name in ("reporter", "number", "network"):
        columns[name] = np.unique(rows[name], return_inverse=True)[1]
    return Reports(day=np.floor(rows["at"]).astype(np.int64), **columns), world.decisions
