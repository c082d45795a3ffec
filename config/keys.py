"""Secrets in files of a folder: generated once, unless somebody put them there."""

import os
import secrets
from pathlib import Path


def kept(path: Path) -> str:
    """The secret stored at `path`, generated on first use with mode 0600.

    Two processes that start at once agree: the second reads the secret of the first.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)  # unlike rename, link never replaces a file
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
