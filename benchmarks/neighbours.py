"""Whether a new number is suspect because its neighbours are complained of, in North America.

    python benchmarks/neighbours.py [--complaints CSV]

A CSV as the FTC publishes its Do Not Call complaints; the sample of the service unless another is
named. Numbers are taken in the order in which they were first complained of, in two halves. A block
is tainted if two of its numbers are complained of in the first half for one subject. Printed, for
blocks of three sizes:

reached     of the numbers new in the second half, the share in tainted blocks
by chance   the same for numbers drawn within their prefix (within their area code, for the largest
            blocks), so that what is above it is no effect of where people live
others      of all other numbers of tainted blocks, the share complained of in the second half

Complaints say nothing of honest calls, so no probability follows from them: `others` bounds how
many numbers of such a block one day's complaints speak against at all.
"""

import argparse
import csv
import random
from collections import Counter
from pathlib import Path
from typing import Final

SAMPLE: Final = Path(__file__).resolve().parent.parent / "reputation/data/ftc_sample.csv"
LENGTH: Final = 10  # digits of a number of North America
PREFIX: Final = 6  # area code and exchange
BLOCKS: Final = (6, 7, 8)  # digits that name a block of 10,000, 1,000 and 100
LEAST: Final = 2
DRAWS: Final = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--complaints", type=Path, default=SAMPLE)
    subjects = first_subjects(parser.parse_args().complaints)
    numbers = list(subjects)
    half = len(numbers) // 2
    early, new = numbers[:half], numbers[half:]
    print(f"{half:,} numbers, then {len(new):,} new ones")
    print("block      tainted   reached, %   by chance, %   others, %")
    for digits in BLOCKS:
        size = 10 ** (LENGTH - digits)
        seen = Counter((number[:digits], subjects[number]) for number in early)
        tainted = {block for (block, _), count in seen.items() if count >= LEAST}
        members = sum(number[:digits] in tainted for number in early)
        reached = sum(number[:digits] in tainted for number in new)
        chance = random.Random(digits)
        drawn = sum(
            moved(number, digits, numbers, chance)[:digits] in tainted
            for _ in range(DRAWS)
            for number in new
        )
        others = max(1, len(tainted) * size - members)
        print(
            f"{size:>6,}{len(tainted):>12,}{100 * reached / len(new):>13.2f}"
            f"{100 * drawn / DRAWS / len(new):>15.2f}{100 * reached / others:>12.2f}"
        )


def first_subjects(path: Path) -> dict[str, str]:
    """What each number was first complained of for, in the order of time."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["Created_Date"])
    found: dict[str, str] = {}
    for row in rows:
        number = row["Company_Phone_Number"]
        if len(number) == LENGTH and number.isdecimal() and number[0] > "1" < number[3]:
            found.setdefault(number, row["Subject"])
    return found


def moved(number: str, digits: int, numbers: list[str], chance: random.Random) -> str:
    """The number somewhere else: in its prefix, or in an exchange of its area code."""
    if digits > PREFIX:
        return f"{number[:PREFIX]}{chance.randrange(10 ** (LENGTH - PREFIX)):04}"
    return number[:3] + chance.choice(numbers)[3:PREFIX] + number[PREFIX:]


if __name__ == "__main__":
    main()
