"""The SDK's mirror: bytes a number, seconds to load, lookups a second, against alternatives.

    python benchmarks/mirror.py [count]

One core, CPU seconds, the best of several rounds: the machine is shared. Half of the lookups are
for a listed number, half for an unlisted one close by. docs/adr/0015-mirror.md has the reasons for
the mirror's design.
"""

import argparse
import gzip
import hashlib
import importlib
import json
import random
import struct
import sys
import tempfile
import time
import tracemalloc
from bisect import bisect_left
from collections.abc import Callable
from math import log2
from pathlib import Path
from typing import Any

from pyroaring import BitMap64

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sdk" / "src")]

from benchmarks._mirror_numbers import MIXES, draw  # noqa: E402

# By name: the client package is a project of its own, with types of its own.
snapshots: Any = importlib.import_module("ringscore._snapshot")
indexes: Any = importlib.import_module("ringscore._index")
tables: Any = importlib.import_module("ringscore._table")
vocabulary: Any = importlib.import_module("ringscore").Category

HEADING = """\
{count:,} numbers. bound, wire (gzip), raw, memory: bytes a number. listed, not: millions of lookups
a second. delta: bytes of 1,000 changes (gzip).
"""
COUNT = 1_000_000
BLOCKED = 0.3  # of the listed numbers
ASKED = 100_000
ROUNDS = 7
CHANGES = 1000
CATEGORIES = sorted(category for category in vocabulary if category != "legitimate")


def main(count: int) -> None:
    print(HEADING.format(count=count))
    columns = ("", "bound", "wire", "raw", "memory", "load s", "open s", "listed", "not", "delta")
    print(("{:<16}" + "{:>8}" * 9).format(*columns))
    for name, mix in MIXES.items():
        chance = random.Random(7)
        numbers, bound = draw(mix, count, chance)
        blocked = [chance.random() < BLOCKED for _ in numbers]
        measure(name, numbers, blocked, bound, chance)
    rivals(numbers, chance)


def measure(
    name: str, numbers: list[int], blocked: list[bool], bound: float, chance: random.Random
) -> None:
    count = len(numbers)
    bound += count * entropy(BLOCKED) / 8  # which of them are to be blocked
    file = snapshot(numbers, blocked)
    began = time.process_time()
    packed = indexes.build(snapshots.parse(file))
    load = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        path.write_bytes(packed)
        tracemalloc.start()
        began = time.process_time()
        index = indexes.Index(path)
        opened = time.process_time() - began
        memory = tracemalloc.get_traced_memory()[0] + len(packed)
        tracemalloc.stop()
        table = tables.Table(index, {}, cursor=1, checksum=0)
        listed = [f"+{chance.choice(numbers)}" for _ in range(ASKED)]
        near = [f"+{chance.choice(numbers) + chance.randrange(1, 9999)}" for _ in range(ASKED)]
        actions = dict(zip(numbers, blocked, strict=True))
        for key in listed + near:
            expected = actions.get(int(key[1:]))
            assert table.action(key) == (
                None if expected is None else "block" if expected else "flag"
            )
        figures = [
            bound / count, len(gzip.compress(file)) / count, len(file) / count, memory / count,
            load, opened, *(rate(table.action, keys) for keys in (listed, near)),
        ]  # fmt: skip
    delta = changes(numbers, chance)
    print(f"{name:<16}" + "".join(f"{each:8.2f}" for each in figures) + f"{delta:8,}", flush=True)


def rivals(numbers: list[int], chance: random.Random) -> None:
    """The same lookups in other data structures with the last mix."""
    count = len(numbers)
    keys = [
        f"+{chance.choice(numbers) + chance.choice((0, chance.randrange(1, 9999)))}"
        for _ in range(ASKED)
    ]
    print(f"\nOther ways to hold those of {list(MIXES)[-1]}, without the action: bytes, rate")

    def weigh(make: Callable[[], Any]) -> tuple[Any, float]:
        tracemalloc.start()
        made = make()
        size = tracemalloc.get_traced_memory()[0] / count
        tracemalloc.stop()
        return made, size

    texts, size = weigh(lambda: {f"+{number}" for number in numbers})
    print(f"{'set of str':<24}{size:8.1f}{rate(texts.__contains__, keys):8.2f}")
    integers, size = weigh(lambda: {int(str(number)) for number in numbers})
    print(f"{'set of int':<24}{size:8.1f}{rate(lambda key: int(key) in integers, keys):8.2f}")
    packed = memoryview(struct.pack(f"<{count}Q", *numbers)).cast("B").cast("Q")

    def bisected(key: str) -> bool:
        number = int(key)
        place = bisect_left(packed, number)
        return place < count and packed[place] == number

    print(f"{'8 bytes each, bisected':<24}{8.0:8.1f}{rate(bisected, keys):8.2f}")
    bitmap = BitMap64(numbers)  # its memory is C's, which nothing here can weigh
    print(f"{'pyroaring BitMap64':<24}{'?':>8}{rate(lambda key: int(key) in bitmap, keys):8.2f}")


def changes(numbers: list[int], chance: random.Random) -> int:
    """Bytes of 1,000 changes as /v1/feeds/{name}/changes sends them, with random numbers."""
    page = []
    for number in chance.sample(numbers, CHANGES):
        action = chance.choices(["block", "flag", "allow"], [BLOCKED, 1 - BLOCKED, 0.5])[0]
        removed = action == "allow"
        score = chance.randrange(*((90, 99) if action == "block" else (62, 90)))
        page.append(
            {
                "number": f"+{number}",
                "action": action,
                "category": "" if removed else chance.choice(CATEGORIES),
                "score": 0 if removed else score,
            }
        )
    page.sort(key=lambda each: (each["action"], each["category"], each["number"]))
    body = {"changes": page, "cursor": 123_456, "checksum": "0123456789abcdef" * 4, "min_wait": 300}
    return len(gzip.compress(json.dumps(body, separators=(",", ":")).encode(), 9))


def snapshot(numbers: list[int], blocked: list[bool]) -> bytes:
    """A snapshot as a server writes it: docs/guide/feeds-format.md."""
    sections = b""
    for code, wanted in ((1, False), (2, True)):
        chosen = [n for n, block in zip(numbers, blocked, strict=True) if block is wanted]
        bitmap = BitMap64(chosen, optimize=False).serialize()
        sections += struct.pack("<BBHIQ", code, 1, 0, len(chosen), len(bitmap)) + bitmap
    head = struct.pack("<8sHHIQQ32s", b"RSFEED\r\n", 1, 64, 2, 1, 0, bytes(32))
    return head + sections + hashlib.sha256(head + sections).digest()


def entropy(share: float) -> float:
    """Bits that identify the part to which an element belongs."""
    return -share * log2(share) - (1 - share) * log2(1 - share)


def best(run: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        run()
        times.append(time.process_time() - began)
    return min(times)


def rate(ask: Callable[[str], object], keys: list[str]) -> float:
    """Millions of single lookups a second."""

    def loop() -> None:
        for key in keys:
            ask(key)

    return len(keys) / best(loop) / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=COUNT)
    main(parser.parse_args().count)
