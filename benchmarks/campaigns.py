"""Linking statements into campaigns: accuracy, speed and memory.

    python benchmarks/campaigns.py [--statements N] [--transcripts CSV]

Without --transcripts: N invented statements (1,000,000 unless given) in campaigns of all sizes and
none, grouped in one go; then statements join one by one. Beside it, in the same run, one hash of
every three neighbouring words of the same texts and one sort of the hashes: the least cost of
finding equal words.

In any case: the invented messages and comments of the tests, odd campaigns (available for tuning)
and even ones (held out). All of `later` are held out.

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
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from reputation.scoring.campaigns import Index, group  # noqa: E402
from reputation.scoring.campaigns.words import words  # noqa: E402

MESSAGES = ROOT / "tests/reputation/scoring/data"
SETS = ("messages_zh", "comments_zh", "comments_en", "comments_later")
STATEMENTS = 1_000_000
VOCABULARY = 60_000
SCRIPT = 45  # words
COMMENT = 14
IN_CAMPAIGNS = 0.6  # of all statements
LARGEST = 0.01  # of all statements, in one campaign
NOISE = 0.05  # words that the transcription got wrong
JOINING = 2000
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


# --- Speed ---------------------------------------------------------------------------------------


class World:
    """Invented words, drawn as often as words occur (Zipf's law), and scripts made of them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        letters = "bcdfghklmnprstvw"
        self.vocabulary = [
            "".join(
                self.chance.choice(letters) + self.chance.choice("aeiou")
                for _ in range(self.chance.randint(1, 4))
            )
            + str(index)[-1:].translate(str.maketrans("0123456789", "bdfglmnrst"))
            for index in range(VOCABULARY)
        ]
        self.cumulative = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))

    def text(self, length: int) -> list[str]:
        return self.chance.choices(self.vocabulary, cum_weights=self.cumulative, k=length)

    def statements(self, count: int) -> Iterator[dict[str, Any]]:
        """Statements with their campaign, or None, as `truth`."""
        made = 0
        campaign = 0
        while made < count * IN_CAMPAIGNS:
            size = min(int(2 * self.chance.paretovariate(0.9)), max(2, int(count * LARGEST)))
            script = self.text(SCRIPT)
            for _ in range(size):
                yield self._statement(made, self._heard(script), campaign)
                made += 1
            campaign += 1
        while made < count:
            yield self._statement(made, self.text(COMMENT), None)
            made += 1

    def _heard(self, script: list[str]) -> list[str]:
        start = self.chance.randrange(SCRIPT // 3) if self.chance.random() < 0.5 else 0
        end = SCRIPT - self.chance.randrange(SCRIPT // 3) if self.chance.random() < 0.5 else SCRIPT
        return [
            self.chance.choice(self.vocabulary) if self.chance.random() < NOISE else word
            for word in script[start:end]
        ]

    def _statement(self, number: int, text: list[str], truth: int | None) -> dict[str, Any]:
        return {
            "id": number,
            "text": " ".join(text),
            "reporter": number,
            "at": self.chance.random() * 90,
            "truth": truth,
        }


def measure(count: int) -> None:
    statements = list(World(7).statements(count))
    before = memory()
    began = time.process_time()
    index = Index(statements)
    grouping = time.process_time() - began
    used = memory() - before
    reference = sort_of_runs(statements)
    print(f"{count:,} statements in {len(set(index.campaigns().values())) - 1:,} campaigns")
    print(f"grouped in {grouping:.1f} s of one processor, {used / count * 1e6:.0f} bytes each")
    print(f"hashing and sorting the same texts' runs of three words: {reference:.1f} s")
    print(f"ratio {grouping / reference:.1f}")
    truth = {row["id"]: row["truth"] for row in statements}
    report("found", truth, index.campaigns())
    joining = [row | {"id": f"new {row['id']}"} for row in World(8).statements(JOINING)]
    World(9).chance.shuffle(joining)
    took = []
    for statement in joining:
        began = time.process_time()
        index.add(statement)
        took.append(time.process_time() - began)
    took.sort()
    print(
        f"joining one: {took[len(took) // 2] * 1e3:.2f} ms in the median, "
        f"{took[int(len(took) * 0.99)] * 1e3:.2f} ms at 99 %, {took[-1] * 1e3:.2f} ms at most"
    )


def sort_of_runs(statements: list[dict[str, Any]]) -> float:
    began = time.process_time()
    runs: list[int] = []
    for statement in statements:
        said = words(statement["text"])
        runs += [hash(run) for run in zip(said, said[1:], said[2:], strict=False)]
    np.sort(np.asarray(runs))
    return time.process_time() - began


def memory() -> float:
    """This process's peak memory, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
