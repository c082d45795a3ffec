"""Linking statements into campaigns: accuracy, speed and memory.

    python benchmarks/campaigns.py [--statements N] [--transcripts CSV]

Without --transcripts: N invented statements (1,000,000 unless given; benchmarks/_campaign_world.py)
grouped by a process of its own as the worker does it; then statements join one by one, through a
database of its own and in memory. Printed with the targets, those for grouping in proportion to N.
Beside it, in the same run, one hash of every three neighbouring words of the same texts and one
sort of the hashes: the least cost of finding equal words.

In any case: scripts that 200 people misheard, and the campaigns beside the one of most; and the
invented messages and comments of the tests, odd campaigns (available for tuning)
and even ones (held out). All of `later` are held out. The Chinese ones also amid two hundred
complaints about other callers, which share with them what complaints share.

With --transcripts: a CSV with the columns call, campaign (empty: unknown) and transcript, of which
no copy is kept here. Pair recall is the share of pairs of one campaign that are in one group;
purity, the share of statements whose group is mostly of their campaign. Campaigns with a
transcript that repeats another campaign's words are also counted as one, since no reader of words
can tell them apart: `same script`. Halves are drawn by the campaign's name, so that one half can be
used for tuning and the other for the judgement.
"""

import argparse
import csv
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import orjson

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks._campaign_database import Joined, join  # noqa: E402
from benchmarks._campaign_world import World  # noqa: E402
from reputation.scoring.campaigns import Index, group, keep_ids, likest  # noqa: E402
from reputation.scoring.campaigns.words import words  # noqa: E402

MESSAGES = ROOT / "tests/reputation/scoring/data"
SETS = ("messages_zh", "comments_zh", "comments_en", "comments_later")
CHINESE = SETS[:2]
UNRELATED = "unrelated_zh"  # of no campaign, in words that complaints share
STATEMENTS = 1_000_000
GROUPING = 300.0  # seconds for STATEMENTS of them
MEMORY = 2000.0  # MB for as many
MEMORY_AT_REST = 100.0  # MB for whatever number: counts of terms, caches
JOINED = 5.0  # ms
TERMS = 100_000  # as reputation.counting.regrouping keeps
JOINING = 2000
JOINING_DATABASE = 400  # of these, through the database
SCRIPTS = 30
MISHEARD = 15, 8  # one word in so many
SAME_SCRIPT = 0.6  # of the shorter one's runs of three words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--statements", type=int, default=STATEMENTS)
    parser.add_argument("--transcripts", type=Path)
    options = parser.parse_args()
    for name in SETS:
        for half, rows in halves(messages(name)).items():
            if rows:
                report(f"{name}, {half}", {row["id"]: row["truth"] for row in rows}, group(rows))
                if name in CHINESE:
                    amid_others(name, half, rows)
    for every in MISHEARD:
        mishear(every)
    if options.transcripts:
        judge(options.transcripts)
    else:
        measure(options.statements)


def messages(name: str) -> list[dict[str, Any]]:
    """The tests' frozen messages; a line of `=` opens a campaign, `= -` the messages of none."""
    campaign, found = "-", []
    lines = (MESSAGES / f"campaign_{name}.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("="):
            campaign = line[2:]
        elif line and not line.startswith("#"):
            truth = None if campaign == "-" else int(campaign)
            found.append({"id": number, "text": line, "truth": truth})
    return found


def halves(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The messages of odd and of even campaigns, each with those of none."""
    return {
        half: [row for row in rows if row["truth"] is None or row["truth"] % 2 == odd]
        for half, odd in (("odd", 1), ("even", 0))
    }


def amid_others(name: str, half: str, rows: list[dict[str, Any]]) -> None:
    """The same among as many complaints about other callers, each of which is one of its own."""
    mixed = [*rows, *({**row, "id": ("other", row["id"])} for row in messages(UNRELATED))]
    found = group(mixed)
    truth = {row["id"]: row["truth"] for row in mixed}
    apart = {key: ("alone", key) if each is None else each for key, each in truth.items()}
    _, purity = score(apart, found)
    report(f"{name}, {half}, amid others", truth, found)
    print(f"    purity, if each of these is a campaign of its own: {purity:.3f}")


def mishear(every: int) -> None:
    """Scripts of which each call mishears one word in so many: some who misheard alike are a
    campaign of their own, and likeness names the larger one."""
    apart = seen = 0
    for seed in range(SCRIPTS):
        world = World(seed)
        script, slips = world.text(45), world.text(200)
        heard = [
            " ".join(slip if n % every == at % every else word for n, word in enumerate(script))
            for at, slip in enumerate(slips)
        ]
        index = Index({"id": n, "text": text, "at": n} for n, text in enumerate(heard))
        sizes = Counter(filter(None, index.campaigns().values()))
        (largest, _), *others = sizes.most_common()
        having = dict(index.common(TERMS))
        found = likest(list(index.examples()), sizes, having=having, texts=index.texts())
        apart += bool(others)
        seen += bool(others) and all(found.get(name) == largest for name, _ in others)
    print(
        f"of {SCRIPTS} scripts of which 200 people misheard one word in {every}, {apart} have "
        "smaller campaigns beside one;",
        end="",
    )
    print(f" likeness names it for {seen}")


# --- Speed ---------------------------------------------------------------------------------------


class Cost(NamedTuple):
    """What a process of its own took: seconds of its processor and by the clock, its peak memory in
    MB above what it had before; what joining cost through the database, and in memory in seconds of
    the processor for each statement."""

    processor: float
    clock: float
    memory: float
    joined: Joined
    joining: list[float]
    campaigns: dict[Hashable, str | None]


def measure(count: int) -> None:
    statements = World(7).statements(count)
    truth = {row["id"]: row["truth"] for row in statements}
    reference = sort_of_runs(statements)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statements.jsonl"
        with path.open("wb") as file:
            file.writelines(orjson.dumps(row) + b"\n" for row in statements)
        del statements
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            cost = process.submit(regroup, path).result()
    share = count / STATEMENTS
    took, joined = sorted(cost.joining), cost.joined
    python, database = mean(joined.cost.python), mean(joined.cost.database)
    print(f"{count:,} statements in {len(set(cost.campaigns.values())) - 1:,} campaigns")
    report("found", truth, cost.campaigns)
    print("\nwhat                                              result      target")
    for what, result, target in (
        ("grouping, s of one processor", cost.processor, GROUPING * share),
        ("grouping, s by the clock", cost.clock, GROUPING * share),
        ("peak memory, MB", cost.memory, MEMORY_AT_REST + MEMORY * share),
        ("joining one in memory, ms, median", 1e3 * took[len(took) // 2], JOINED),
        ("the same, 99 of 100", 1e3 * took[int(len(took) * 0.99)], JOINED),
        ("through the database, ms, mean", 1e3 * (python + database), JOINED),
    ):
        print(f"{what:<42}{result:14.2f}{target:12.2f}  {verdict(result, target)}")
    print(
        f"joining through the database, of the processor: {1e3 * python:.2f} ms in Python and "
        f"{1e3 * database:.2f} ms in PostgreSQL, {mean(joined.cost.statements):.1f} statements in "
        f"{mean(joined.cost.trips):.1f} round trips; of {joined.asked} reports {joined.found} found"
        f" a campaign, among {joined.examples:,} examples"
    )
    print(f"by the clock it had {100 * cost.processor / cost.clock:.0f} % of a processor")
    print(f"hashing and sorting the same texts' runs of three words: {reference:.1f} s; ", end="")
    print(f"grouping takes {cost.processor / reference:.1f} times as long")


def verdict(result: float, target: float) -> str:
    return "met" if result <= target else "missed"


def regroup(path: Path) -> Cost:
    """Groups the statements of a file as the worker does those of the database: in the order of
    time, none of them kept, and with the ids of the grouping before. Then others join."""
    words("a text that loads what is loaded once")
    before = memory()
    processor, clock = time.process_time(), time.perf_counter()
    index = Index(_read(path), ordered=True)
    found = index.campaigns()
    keep_ids(found, found)
    having, reports = dict(index.common(TERMS)), Counter(filter(None, found.values()))
    likest(list(index.examples()), reports, having=having, texts=index.texts())
    deque(index.marks(), maxlen=0)
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    used = memory() - before
    later = _later(path)
    joined = join(index, later[:JOINING_DATABASE])
    joining = []
    for statement in later:
        began = time.process_time()
        index.add(statement)
        joining.append(time.process_time() - began)
    return Cost(processor, clock, used, joined, joining, found)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            yield orjson.loads(line)


def _later(path: Path) -> list[dict[str, Any]]:
    """Statements that come after those of the file: half of another world, half the same texts as
    before with a word left out, by people who have said nothing yet."""
    others = World(8).statements(JOINING // 2)
    again = random.Random(9).sample(list(islice(_read(path), 100 * JOINING)), JOINING // 2)
    made = []
    for place, row in enumerate([*others, *again]):
        text = row["text"]
        shortened = text[: len(text) // 2] + text[len(text) // 2 + 3 :]
        made.append(row | {"id": f"new {place}", "text": shortened, "reporter": f"new {place}"})
    random.Random(9).shuffle(made)
    return made


def sort_of_runs(statements: list[dict[str, Any]]) -> float:
    began = time.process_time()
    runs: list[int] = []
    for statement in statements:
        said = words(statement["text"])
        runs += [hash(run) for run in zip(said, said[1:], said[2:], strict=False)]
    np.sort(np.asarray(runs))
    return time.process_time() - began


def memory() -> float:
    """This program's peak memory, in MB. (What getrusage says begins with its parent's.)"""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


# --- Rightness -----------------------------------------------------------------------------------


def judge(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    truth = {row["call"]: row["campaign"] or None for row in rows}
    print("half      campaigns as recorded             same script as one campaign")
    for half in (0, 1):
        kept = [row for row in rows if not row["campaign"] or in_half(row["campaign"], half)]
        judge_part(("first", "second")[half], kept, truth)
    judge_part("all", rows, truth)


def in_half(campaign: str, half: int) -> bool:
    return crc32(campaign.encode()) % 2 == half


def judge_part(name: str, rows: list[dict[str, str]], truth: Mapping[str, str | None]) -> None:
    found = group({"id": row["call"], "text": row["transcript"]} for row in rows)
    own = {row["call"]: truth[row["call"]] for row in rows}
    scripts = same_script(rows)
    merged = {call: scripts.get(campaign or "", campaign) for call, campaign in own.items()}
    recall, purity = score(own, found)
    merged_recall, merged_purity = score(merged, found)
    print(
        f"{name:<8}  pair recall {recall:.3f}, purity {purity:.3f}   "
        f"pair recall {merged_recall:.3f}, purity {merged_purity:.3f}"
    )


def same_script(rows: list[dict[str, str]]) -> dict[str, str]:
    """For each campaign, the name of the first campaign that reads the same script."""
    runs: dict[str, list[set[tuple[str, ...]]]] = defaultdict(list)
    for row in rows:
        if row["campaign"]:
            said = row["transcript"].casefold().replace(".", " ").replace(",", " ").split()
            if len(said) > 9:
                runs[row["campaign"]].append(set(zip(said, said[1:], said[2:], strict=False)))
    names = {campaign: campaign for campaign in runs}
    for one in runs:
        for other in runs:
            if one < other and any(
                len(a & b) >= SAME_SCRIPT * min(len(a), len(b))
                for a in runs[one]
                for b in runs[other]
            ):
                old, new = names[other], names[one]
                names = {key: new if name == old else name for key, name in names.items()}
    return names


def score(truth: Mapping[Any, Any], found: Mapping[Any, str | None]) -> tuple[float, float]:
    """Pair recall and purity over the statements with a known campaign in `truth`."""
    known = [
        (truth[call], found[call] or ("alone", call)) for call in truth if truth[call] is not None
    ]
    pairs = sum(size * (size - 1) for size in Counter(pair[0] for pair in known).values())
    together = sum(size * (size - 1) for size in Counter(known).values())
    groups: dict[Any, Counter[Any]] = defaultdict(Counter)
    for campaign, name in known:
        groups[name][campaign] += 1
    main_part = sum(max(counts.values()) for counts in groups.values())
    return together / max(pairs, 1), main_part / max(len(known), 1)


def report(name: str, truth: Mapping[Any, Any], found: Mapping[Any, str | None]) -> None:
    recall, purity = score(truth, found)
    alone = [call for call in truth if truth[call] is None]
    grouped = sum(found[call] is not None for call in alone)
    print(
        f"{name}: pair recall {recall:.3f}, purity {purity:.3f}; "
        f"of {len(alone):,} statements of no campaign {grouped:,} in one"
    )


if __name__ == "__main__":
    main()
