"""Runs the programs that write, encrypt and read backups, and reads why one failed."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

PIPE: Final = subprocess.PIPE


@contextmanager
def running(
    line: Sequence[str | Path],
    *,
    env: dict[str, str] | None = None,
    stdin: int | None = None,
    stdout: int | IO[bytes] = PIPE,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is killed if the block fails, and has ended after it."""
    with subprocess.Popen(line, env=env, stdin=stdin, stdout=stdout, stderr=PIPE) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def input_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None  # noqa: S101 -- for types
    return process.stdin


def output_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None  # noqa: S101 -- for types
    return process.stdout


def complaint_of(process: subprocess.Popen[bytes]) -> str:
    """What the program says on standard error until it ends."""
    assert process.stderr is not None  # noqa: S101 -- for types
    return process.stderr.read().decode(errors="replace").strip()
