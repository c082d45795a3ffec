"""Raids of the bench's small honest world: one of each kind, which many tests look at."""

from functools import cache

from benchmarks.attacks import attacks, deceit, denial, rings
from benchmarks.attacks.attacks import raid_world
from benchmarks.attacks.raid import Raid
from benchmarks.attacks.worlds import World, build_world

SCALE = 0.1


@cache
def honest(gold: int = 0) -> World:
    """Look, do not touch: all tests share it."""
    return build_world(21, scale=SCALE, gold=gold)


def raided_anew(*names: str, gold: int = 0) -> Raid:
    modules = (attacks, rings, deceit, denial)
    found = tuple(getattr(m, n) for n in names for m in modules if hasattr(m, n))
    return raid_world(honest(gold).copy(), found, SCALE)


@cache
def raided(*names: str, gold: int = 0) -> Raid:
    """Look, do not touch: all tests share it."""
    return raided_anew(*names, gold=gold)
