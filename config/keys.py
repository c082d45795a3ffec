"""Our own secrets: from the environment, or from files of a folder that are generated once."""

import os
import secrets
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from config.env import required, text

# The settings whose secrets a service cannot do without: what they wrote is lost without them.
KEYS: Final = ("SECRET_KEY", "PSEUDONYM_KEY", "PSEUDONYM_LATER_KEYS", "SEALING_KEYS")


def secret(name: str, purpose: str, *, folder: str, missing: list[str]) -> str:
    """The variable `name`, or else the secret stored in the folder, if there is one. Without both,
    returns "" and adds a sentence to `missing`. Refuses a weak secret."""
    value = text(name)
    if not value and folder:
        path = Path(folder).resolve() / name.lower()
        try:
            value = kept(path)
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name} is not set, and cannot be kept in a file: {error}. Set it, or set "
                "KEYS_DIR to a folder that this account can write to."
            ) from None
        if not value:
            raise ImproperlyConfigured(
                f"{name} is not set, and {path} is empty: put the key back from its copy. Only "
                "where there is none, remove the file, and another key is made: docs/guide/keys.md"
            )
    value = value or required(name, purpose, missing)
    if value:
        refuse_weak(name, value)
    return value


def refuse_weak(name: str, value: str) -> None:
    if len(value) < 50 or len(set(value)) < 16:
        raise ImproperlyConfigured(
            f"{name} has {len(value)} characters, {len(set(value))} different ones: too few to "
            "resist guessing. Make another: "
            'python -c "import secrets; print(secrets.token_urlsafe(64))"'
        )


def refuse_weak_or_shared(lists: dict[str, list[str]], *others: str) -> None:
    """Refuses a weak key in a list of keys, and one key that has two purposes."""
    for name, values in lists.items():
        for value in values:
            refuse_weak(f"A key of {name}", value)
    used = [*others, *(value for values in lists.values() for value in values)]
    if len(set(used)) < len(used):
        raise ImproperlyConfigured(
            "SECRET_KEY, PSEUDONYM_KEY, PSEUDONYM_LATER_KEYS, SEALING_KEYS and SIGNING_KEY hold "
            "the same key twice: make one of them anew."
        )


def kept(path: Path) -> str:
    """The secret stored at `path`, generated on first use with mode 0600.

    Two processes that start at once agree: the second reads the secret of the first.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        new = os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w")
        try:
            with new:
                new.write(secrets.token_urlsafe(64))
            os.link(draft, path)  # unlike rename, link never replaces a file
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
