"""Reporters who act as one count as one voice, since a bloc only looks like agreement.

Two reporters who first say the same of a number within CLUSTER_DAYS of each other, on at least
CLUSTER_AGREEMENTS numbers and on at least CLUSTER_SHARE of what the less active of them ever said
of any, are close. Each number counts once: people who report every call of one caller are several.
Two groups become one, the closest pairs first, where more than CLUSTER_LINKAGE of the pairs between
them are close: so an account that repeats what others say, and is close to everybody, does not make
one voice of people who are not close to each other (average linkage).
"""

from dataclasses import replace
from typing import Final

import numpy as np

from reputation.scoring.chains import Ints
from reputation.scoring.pairs import Pairs, counted, merged, unordered
from reputation.scoring.relations import first_words, lines_of
from reputation.scoring.shards import Crew, Desk, Desks, Reports, keeps

CLUSTER_AGREEMENTS: Final = 3
CLUSTER_DAYS: Final = 2.0
CLUSTER_SHARE: Final = 0.25
# Each echo can then join about one member to its group, where with union-find one joined everybody.
CLUSTER_LINKAGE: Final = 0.5
# Any two reporters meet on numbers with many reports: beyond so many neighbours, agreement shows
# nothing.
CLUSTER_NEIGHBOURS: Final = 60
# Pairs are counted and merged whenever so many have gathered, which bounds the memory.
GATHERED: Final = 4_000_000

ALONE: Final = -1


def find_clusters(reports: Reports) -> Ints:
    """The lowest member of each reporter's cluster, or ALONE."""
    return clusters_of(Desks([{"reports": reports}]), int(reports.reporter.max(initial=-1)) + 1)


def clusters_of(crew: Crew, reporters: int) -> Ints:
    """`find_clusters` of the "reports" on all desks of a crew."""
    pairs, counts = crew.merged(crew.each(agreements, reporters), at_least=CLUSTER_AGREEMENTS)
    history = np.zeros(reporters, np.int64)
    for ids, said in crew.each(_histories):
        history[ids] += said
    one, other = np.divmod(pairs, max(reporters, 1))
    fewer = np.maximum(np.minimum(history[one], history[other]), 1)
    close = counts >= CLUSTER_SHARE * fewer
    order = np.argsort(-counts[close] / fewer[close], kind="stable")
    return _joined(one[close][order], other[close][order], reporters)


@keeps
def put_clusters(desk: Desk, clusters: Ints) -> None:
    """Gives each cluster a network of its own, in place of its members' networks."""
    reports: Reports = desk["reports"]
    mine = clusters[reports.reporter]
    network = np.where(mine == ALONE, reports.network, reports.network.max(initial=0) + 1 + mine)
    desk["reports"] = replace(reports, network=network)


def agreements(desk: Desk, reporters: int) -> Pairs:
    """Pairs of reporters, and on how many numbers they agreed."""
    reports: Reports = desk["reports"]
    line = lines_of(reports)
    words = first_words(reports.reporter, line)
    words = words[reports.day[words] >= 0]
    words = words[np.argsort(line[words], kind="stable")]
    line, at, who = line[words], reports.at[words], reports.reporter[words]
    pairs, found = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64)), list[Ints]()
    for gap in range(1, min(CLUSTER_NEIGHBOURS + 1, len(words))):
        near = (line[gap:] == line[:-gap]) & (at[gap:] - at[:-gap] <= CLUSTER_DAYS)
        if not near.any():
            break
        found.append(unordered(who[gap:][near], who[:-gap][near], reporters))
        if sum(map(len, found)) > GATHERED:
            pairs, found = merged([pairs, counted(found)]), []
    return merged([pairs, counted(found)])


def _histories(desk: Desk) -> tuple[Ints, Ints]:
    reports: Reports = desk["reports"]
    words = first_words(reports.reporter, lines_of(reports))
    return np.unique(reports.reporter[words], return_counts=True)


def _joined(one: Ints, other: Ints, reporters: int) -> Ints:
    """Average linkage over the given close pairs, in their order: the groups grow with the pairs.

    A pair that cannot join its groups yet is looked at again when either of them has grown.
    """
    parent: dict[int, int] = {}
    size: dict[int, int] = {}
    links: dict[int, dict[int, int]] = {}  # close pairs between groups, by their roots

    def root(member: int) -> int:
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    pairs = list(zip(one.tolist(), other.tolist(), strict=True))
    for a, b in pairs:
        for member in (a, b):
            parent[member], size[member] = member, 1
        links.setdefault(a, {})[b] = 1
        links.setdefault(b, {})[a] = 1
    waiting = pairs
    while waiting:
        left = []
        joined = False
        for a, b in waiting:
            low, high = sorted((root(a), root(b)))
            if low == high:
                continue
            if links[low][high] <= CLUSTER_LINKAGE * size[low] * size[high]:
                left.append((low, high))
                continue
            joined = True
            parent[high] = low
            size[low] += size[high]
            for third, count in links.pop(high).items():
                del links[third][high]
                if third != low:
                    links[low][third] = links[third][low] = links[low].get(third, 0) + count
        waiting = sorted(set(left)) if joined else []
    cluster = np.full(reporters, ALONE, np.int64)
    for member in parent:
        if size[root(member)] > 1:
            cluster[member] = root(member)
    return cluster
