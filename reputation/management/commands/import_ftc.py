import csv
from collections import Counter
from itertools import batched
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from edge import guarded
from reputation.management.bars import add_progress, bar
from reputation.moderation import FileImport
from reputation.reports import PublishedComplaint, ftc

# One batch locks its numbers for a second or two: short enough for reports about them to wait.
BATCH = 1000


class Command(BaseCommand):
    help = (
        "Import Do Not Call complaints from a CSV file as the US FTC publishes it. Rows without a "
        "usable number go to a rejects file. Importing a file again adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="DNC_Complaint_Numbers_YYYY-MM-DD.csv")
        parser.add_argument(
            "--rejects",
            type=Path,
            help="the file for rows that cannot be imported: line, reason and unchanged row "
            "(default: NAME.rejects.csv beside FILE); it is overwritten",
        )
        add_progress(parser)

    def handle(
        self, *, file: Path, rejects: Path | None, progress: bool | None, **options: Any
    ) -> None:
        rejects = rejects or file.parent / f"{file.stem}.rejects.csv"
        if rejects.resolve() == file.resolve():
            raise CommandError("The rejects file is the file to import. Choose another --rejects.")
        self.added = self.known = 0
        self.rejected: Counter[str] = Counter()
        self.touched = _Distinct()
        try:
            self._import(file, rejects, progress)
        except ftc.NotFtcFile as error:
            raise CommandError(f"{file}: {error}") from error
        except OSError as error:
            remedy = " Name another: --rejects" if error.filename == str(rejects) else ""
            raise CommandError(f"{error.filename or file}: {error.strerror}.{remedy}") from error
        except KeyboardInterrupt:
            raise CommandError(
                f"Interrupted. Imported and kept so far: {self.added:,}. Run it again: "
                "no complaint counts twice."
            ) from None
        self._sum_up(file, rejects)

    def _import(self, file: Path, rejects: Path, progress: bool | None) -> None:
        importing = FileImport(name=file.name, source=ftc.SOURCE)
        with file.open("rb") as source:
            rows = ftc.read_complaints(source, now=timezone.now())
            with (
                rejects.open("w", newline="", encoding="utf-8", errors="surrogateescape") as sink,
                bar(
                    progress, total=file.stat().st_size, desc=file.name, unit="B", unit_scale=True
                ) as shown,
            ):
                write = csv.writer(sink, lineterminator="\n").writerow
                write(["line", "reason", "row"])
                for batch in batched(rows, BATCH):
                    complaints = []
                    for row in batch:
                        if isinstance(row, PublishedComplaint):
                            complaints.append(row)
                        else:
                            self.rejected[row.reason] += 1
                            write([row.line, row.reason, guarded(row.row)])
                    imported = importing.bring_in(complaints, now=timezone.now())
                    self.added += imported.added
                    self.known += imported.known
                    self.touched.add(imported.numbers)
                    shown.update(source.tell() - shown.n)

    def _sum_up(self, file: Path, rejects: Path) -> None:
        rejected = self.rejected.total()
        for count, text in (
            (self.added + self.known + rejected, f"rows in {file.name}"),
            (self.added, f"complaints imported, numbers touched: {self.touched.count():,}"),
            (self.known, "already on record, or twice in the file"),
            (rejected, f"rejected and written to {rejects}"),
        ):
            self.stdout.write(f"{count:>9,} {text}")
        for reason, count in self.rejected.most_common():
            self.stdout.write(f"{count:>13,} {reason}: {ftc.REASONS[reason]}")
        if self.rejected["cut_off"]:
            self.stdout.write("The file looks cut off: download and import it again.")


class _Distinct:
    """Counts distinct integers in one bit each: memory grows with the table, not with the file."""

    def __init__(self) -> None:
        self.bits = bytearray()

    def add(self, values: frozenset[int]) -> None:
        for value in values:
            place, bit = divmod(value, 8)
            if place >= len(self.bits):
                self.bits.extend(bytes(place + 1 - len(self.bits)))
            self.bits[place] |= 1 << bit

    def count(self) -> int:
        return int.from_bytes(self.bits).bit_count()
