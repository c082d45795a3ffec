"""The CSV files that somebody names on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from django.core.management.base import CommandError


@contextmanager
def table(file: Path, at_fault: type[Exception]) -> Iterator[TextIO]:
    """The file, open to be read as UTF-8.

    What is wrong with it, `at_fault` included, becomes a CommandError that names the file.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as source:
            yield source
    except at_fault as error:
        raise CommandError(f"{file}: {error}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: not UTF-8 at byte {error.start}. Save it as UTF-8.") from error
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
