"""Encrypts and decrypts backups by age or GnuPG, which must be installed."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Final

from config.backups.archive import BackupBroken
from config.backups.programs import PIPE, complaint_of, input_of, output_of, running

AGE: Final = (b"age-encryption.org/", b"-----BEGIN AGE")
TAR_AT: Final = 257
TAR: Final = b"ustar"


class NoProgram(Exception):
    """age or gpg is not installed, or refused. The message says which."""


def command(recipients: Sequence[str]) -> list[str]:
    """The command that encrypts to these recipients: public keys of age or SSH, or names of GnuPG
    keys."""
    if all(recipient.startswith(("age1", "ssh-")) for recipient in recipients):
        each = [part for recipient in recipients for part in ("--recipient", recipient)]
        return [_found("age"), *each]
    if any(recipient.startswith(("age1", "ssh-")) for recipient in recipients):
        raise NoProgram("Recipients are all of age, or all of GnuPG.")
    each = [part for recipient in recipients for part in ("--recipient", recipient)]
    return [_found("gpg"), "--batch", "--trust-model=always", "--encrypt", *each]


@contextmanager
def encrypted(to: IO[bytes], recipients: Sequence[str]) -> Iterator[IO[bytes]]:
    """A stream whose content reaches `to` encrypted, or unchanged without recipients."""
    if not recipients:
        yield to
        return
    line = command(recipients)
    with running(line, stdin=PIPE, stdout=to) as process:
        try:
            yield input_of(process)
            input_of(process).close()
        except BrokenPipeError:
            pass  # its output gives the reason
        problem = complaint_of(process)
    if process.returncode:
        raise NoProgram(f"{Path(line[0]).name} did not encrypt: {problem}")


@contextmanager
def decrypted(source: BufferedReader, identity: str | None) -> Iterator[IO[bytes]]:
    """The archive in a stream, encrypted or not. `identity`: the file with age's private key.
    Raises BackupBroken or NoProgram."""
    head = source.peek(512)
    if head[TAR_AT:].startswith(TAR):
        yield source
        return
    if head.startswith(AGE):
        if identity is None:
            raise BackupBroken("It is encrypted by age: name the private key by --identity FILE.")
        line = [_found("age"), "--decrypt", "--identity", identity]
    elif head[:1] and (head[0] & 0x80 or head.startswith(b"-----BEGIN PGP")):
        line = [_found("gpg"), "--batch", "--decrypt"]
    else:
        raise BackupBroken("It is no backup: neither an archive nor encrypted by age or GnuPG.")
    with running(line, stdin=PIPE) as process:
        feeder = threading.Thread(target=_feed, args=(source, input_of(process)), daemon=True)
        feeder.start()
        try:
            yield output_of(process)
        except BackupBroken:
            # The program's output explains a stream that ended too early.
            output_of(process).close()
            if process.wait():
                message = complaint_of(process)
                raise NoProgram(f"{Path(line[0]).name} did not decrypt: {message}") from None
            raise
        finally:
            process.kill()


def _feed(source: IO[bytes], to: IO[bytes]) -> None:
    try:
        shutil.copyfileobj(source, to)
        to.close()
    except OSError:  # it has ended, and its output says why
        return


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise NoProgram(f"{program} is not installed. Debian: apt-get install {program}")
    return path
