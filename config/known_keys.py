"""Compares the keys in the settings with those that wrote the database, so that a wrong one is
noticed.

Without this, a service with another PSEUDONYM_KEY would start and take every person and network for
a new one; and a service that lost a key of SEALING_KEYS would notice at the first message that it
cannot open. docs/guide/keys.md.
"""

import logging
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from reputation.models import Dispute, IntakeMessage, KeyMark, Webhook
from reputation.privacy import SECOND_FACTOR, is_current, key_id, pseudonym, seal, unseal

logger = logging.getLogger(__name__)

AT_ONCE = 200  # rows that are locked and sealed again together

_Purpose = KeyMark.Purpose


class WrongKey(ImproperlyConfigured):
    """A key is not the one that wrote the database. The message names the remedy."""


def check() -> None:
    """Notes the keys in an empty database; for a filled one, refuses to continue with other keys.

    Skips a database that cannot be reached, is read-only or not migrated yet: the service then
    answers 503. Raises WrongKey.
    """
    try:
        with transaction.atomic():
            lost = missing(set(KeyMark.objects.values_list("purpose", "mark")))
            if not lost:
                _note()
    except DatabaseError as error:
        logger.warning("the keys were not compared with the database: %s", type(error).__name__)
        return
    if lost:
        raise WrongKey(" ".join(lost))


def missing(written: set[tuple[str, str]]) -> list[str]:
    """The faults, a sentence each, if these keys (purpose and mark) wrote the database and the
    settings lack some of them."""
    return [
        {
            _Purpose.PSEUDONYM: "PSEUDONYM_KEY and PSEUDONYM_LATER_KEYS are not those with which "
            "this database was written: every person and network would be a stranger. Put back "
            f"what they had; after adding a later key, run {settings.PROGRAM} keys --rehash.",
            _Purpose.SEALING: f"SEALING_KEYS lacks the key {mark}, which sealed what is in this "
            "database. Put it back, behind the newest.",
        }[_Purpose(purpose)]
        + f" If it is lost for good, `{settings.PROGRAM} keys --accept` continues without it."
        for purpose, mark in sorted(written - set(_marks()))
    ]


def _note() -> None:
    """Notes the keys with which the service writes from now on."""
    now = timezone.now()
    writing = [_marks()[0], _marks()[1]]
    KeyMark.objects.bulk_create(
        [KeyMark(purpose=purpose, mark=mark, since=now) for purpose, mark in writing],
        ignore_conflicts=True,
    )


def _marks() -> list[tuple[str, str]]:
    """Purpose and mark of each key in the settings; the newest sealing key first."""
    sealing = [(_Purpose.SEALING.value, key_id(key).hex()) for key in settings.SEALING_KEYS]
    return [(_Purpose.PSEUDONYM.value, pseudonym_mark()), *sealing]


def pseudonym_mark() -> str:
    return pseudonym("key mark", "")


@transaction.atomic
def accept() -> None:
    """Accepts the keys in the settings: what other keys sealed or hashed is lost."""
    KeyMark.objects.exclude(mark__in=[mark for _, mark in _marks()]).delete()
    _note()


def reseal() -> int:
    """Seals again, with the newest key, everything that other keys sealed, while the service runs.
    Returns how many rows it changed. Afterwards the other keys may be removed from SEALING_KEYS.
    Raises SealBroken."""
    check()
    total = sum(_reseal(model, anew) for model, anew in _SEALED)
    newest = _marks()[1][1]
    KeyMark.objects.filter(purpose=_Purpose.SEALING).exclude(mark=newest).delete()
    return total


def _reseal(model: type[models.Model], anew: Callable[[Any], list[str]]) -> int:
    changed, after = 0, 0
    while True:
        with transaction.atomic():
            rows = list(
                model._default_manager.select_for_update(of=("self",))
                .filter(pk__gt=after)
                .order_by("pk")[:AT_ONCE]
            )
            for row in rows:
                if fields := anew(row):
                    row.save(update_fields=fields)
                    changed += 1
        if not rows:
            return changed
        after = rows[-1].pk


def _fresh(sealed: bytes, bound: str) -> bytes:
    """The same content under the newest key; b"" if nothing has to be done."""
    if not sealed or is_current(sealed):
        return b""
    return seal(unseal(sealed, bound=bound), bound=bound)


def _message(row: IntakeMessage) -> list[str]:
    fresh = {
        "sealed": _fresh(bytes(row.sealed), row.bound),
        "sealed_reply": _fresh(bytes(row.sealed_reply), row.reply_bound),
    }
    return _set(row, fresh)


def _dispute(row: Dispute) -> list[str]:
    return _set(row, {"contact_sealed": _fresh(bytes(row.contact_sealed), row.bound)})


def _webhook(row: Webhook) -> list[str]:
    return _set(row, {"sealed": _fresh(bytes(row.sealed), row.bound)})


def _set(row: models.Model, fresh: dict[str, bytes]) -> list[str]:
    changed = [name for name, value in fresh.items() if value]
    for name in changed:
        setattr(row, name, fresh[name])
    return changed


def _second_factor(row: Authenticator) -> list[str]:
    """The sealed values: the secret of TOTP, or the seed or codes of recovery."""
    data = {name: _anew(value) for name, value in row.data.items()}
    if data == row.data:
        return []
    row.data = data
    return ["data"]


def _anew(value: Any) -> Any:
    if isinstance(value, list):
        return [_anew(each) for each in value]
    try:
        fresh = _fresh(bytes.fromhex(value), SECOND_FACTOR)
    except (ValueError, TypeError):  # includes SealBroken: not a sealed text
        return value
    return fresh.hex() if fresh else value


_SEALED: list[tuple[type[models.Model], Callable[[Any], list[str]]]] = [
    (IntakeMessage, _message),
    (Dispute, _dispute),
    (Authenticator, _second_factor),
    (Webhook, _webhook),
]
