"""Schedules by which accounts confirm one another without any two of them meeting often.

A schedule is a list of blocks. A block is one number, and the accounts in it (from 0) are those
that report the number, in the order in which they speak. Everybody confirms somebody, and yet no
pair of accounts agrees on more than one number, so a rule that discounts pairs sees nothing.

Sources: Singer, Trans. AMS 43 (1938) 377 (the difference sets of projective planes); Colbourn and
Dinitz, Handbook of Combinatorial Designs, II.7 (affine planes).
"""

from __future__ import annotations

import random
from itertools import combinations, product

Block = tuple[int, ...]


def projective(order: int) -> list[Block]:
    """The projective plane of a prime order: order² + order + 1 accounts and as many blocks.

    Each block has order + 1 accounts, each account is in order + 1 blocks and speaks first in one
    of them, and each pair of accounts meets exactly once. Orders 2, 3, 5, 7 and 11 give 7, 13, 31,
    57 and 133 accounts. ValueError for an order without such a plane here.
    """
    count = order**2 + order + 1
    base = _difference_set(order)
    return [tuple((point + shift) % count for point in base) for shift in range(count)]


def _difference_set(order: int) -> Block:
    """Residues modulo order² + order + 1 whose differences are each of the others once: the places
    where a linear recurrence of degree three over the field of that prime is zero."""
    count = order**2 + order + 1
    for one, two, three in product(range(order), range(order), range(1, order)):
        state, zeros = (0, 0, 1), []
        for place in range(count):
            if state[2] == 0:
                zeros.append(place)
            low, middle, high = state
            state = (
                three * high % order,
                (low + two * high) % order,
                (middle + one * high) % order,
            )
        differences = {(a - b) % count for a in zeros for b in zeros if a != b}
        if len(zeros) == order + 1 and len(differences) == count - 1:
            return tuple(zeros)
    raise ValueError(f"no projective plane of order {order} here: give a prime")


def affine(order: int) -> list[Block]:
    """The affine plane of a prime order: order² accounts, order² + order blocks.

    Each block has `order` accounts, each account is in order + 1 blocks, each pair meets exactly
    once. The blocks are turned so that first words are spread over the accounts.
    """
    lines = [
        [(x, (slope * x + cut) % order) for x in range(order)]
        for slope, cut in product(range(order), repeat=2)
    ]
    lines += [[(x, y) for y in range(order)] for x in range(order)]
    blocks = []
    for place, line in enumerate(lines):
        turn = (place // order + place) % order
        points = line[turn:] + line[:turn]
        blocks.append(tuple(x * order + y for x, y in points))
    return blocks


def sparse(
    accounts: int, blocks: int, size: int, rng: random.Random, *, meetings: int = 1
) -> list[Block]:
    """Random blocks of `size` in which no pair meets more than `meetings` times.

    Accounts that have spoken first less often speak first. Returns fewer blocks where no more fit.
    """
    met: dict[tuple[int, int], int] = {}
    used, first = [0] * accounts, [0] * accounts
    found: list[Block] = []
    for _ in range(blocks):
        block: list[int] = []
        for account in sorted(range(accounts), key=lambda a: (used[a], rng.random())):
            if all(met.get(_pair(account, other), 0) < meetings for other in block):
                block.append(account)
            if len(block) == size:
                break
        if len(block) < size:
            break
        rng.shuffle(block)
        block.sort(key=lambda a: first[a])
        first[block[0]] += 1
        for account in block:
            used[account] += 1
        for one, other in combinations(block, 2):
            met[_pair(one, other)] = met.get(_pair(one, other), 0) + 1
        found.append(tuple(block))
    return found


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)
