"""Hashes every keyed hash in the database once more, with a later PSEUDONYM_KEY.

The hashed values are not stored, so no hash can be computed anew. But a hash of a hash identifies
the same value: privacy.pseudonym applies PSEUDONYM_KEY and then each of PSEUDONYM_LATER_KEYS to new
values, and this applies the last of them to the stored ones. A thief with an old key and an old
copy can read that copy; the present database needs the new key too.

The list of erasures recognizes nobody any more who was erased before: such an entry is a hash of
the former handle, and none of the new handle can be made of it. Entries of reports still match,
since they are hashes of public ids.
"""

import re
from collections.abc import Iterator

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, models, transaction

from config import known_keys
from reputation.models import (
    ChapterBucket,
    EvidenceBucket,
    IntakeMessage,
    KeyMark,
    LinkedReport,
    Reporter,
)
from reputation.privacy import hashed_again, seal, unseal
from reputation.rights import FOLDER

HASH = re.compile(r"[0-9a-f]{32}")
LENGTH = 32
AT_ONCE = 5_000
# Columns with keyed hashes whose length differs from that of a hash.
_LONGER = ((Reporter, "handle"), (EvidenceBucket, "bucket"), (ChapterBucket, "bucket"))


class AlreadyDone(Exception):
    """The database is already written with all of these keys."""


def rehash() -> int:
    """Hashes all keyed hashes once more, in one transaction. Returns how many values it changed.

    Nothing else may write meanwhile: stop web processes and worker first. Raises WrongKey,
    AlreadyDone.
    """
    mark = KeyMark.objects.filter(purpose=KeyMark.Purpose.PSEUDONYM)
    with transaction.atomic():
        old = mark.select_for_update().first()
        if old is not None and old.mark == known_keys.pseudonym_mark():
            raise AlreadyDone
        if old is None or hashed_again(old.mark) != known_keys.pseudonym_mark():
            raise known_keys.WrongKey(
                "The database was written with other keys than all but the last of PSEUDONYM_KEY "
                "and PSEUDONYM_LATER_KEYS. Add one key at a time, at the end."
            )
        opened = [(row.pk, row.bound, row.reply_bound) for row in _sealed()]
        changed = sum(_column(model, name) for model, name in _columns())
        for link in LinkedReport.objects.select_for_update().iterator():
            if HASH.fullmatch(link.before.get("network") or ""):
                link.before["network"] = hashed_again(link.before["network"])
                link.save(update_fields=["before"])
                changed += 1
        _bind_anew(opened)
        mark.update(mark=known_keys.pseudonym_mark())
        _note_anew()
    return changed


def _columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every column that can hold a keyed hash."""
    yield from _LONGER
    for model in (
        *apps.get_app_config("reputation").get_models(),
        *apps.get_app_config("api").get_models(),
    ):
        if model is not KeyMark and not model._meta.proxy:
            for field in model._meta.concrete_fields:
                if isinstance(field, models.CharField) and field.max_length == LENGTH:
                    yield model, field.attname


def _column(model: type[models.Model], name: str) -> int:
    # The names come from our own models, and are quoted.
    table = connection.ops.quote_name(model._meta.db_table)
    column = connection.ops.quote_name(name)
    find = f"SELECT DISTINCT {column} FROM {table} WHERE {column} ~ '^[0-9a-f]{{32}}$'"  # noqa: S608
    change = (
        f"UPDATE {table} SET {column} = v.new FROM unnest(%s::text[], %s::text[]) "  # noqa: S608
        f"AS v(old, new) WHERE {column} = v.old"
    )
    with connection.cursor() as cursor:
        cursor.execute(find)
        values = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(values), AT_ONCE):
            some = values[start : start + AT_ONCE]
            cursor.execute(change, [some, [hashed_again(value) for value in some]])
    return len(values)


def _sealed() -> models.QuerySet[IntakeMessage]:
    return IntakeMessage.objects.exclude(sealed=b"", sealed_reply=b"").order_by("pk")


def _bind_anew(opened: list[tuple[int, str, str]]) -> None:
    """Seals contents again, bound to the changed hashes of their rows."""
    for pk, bound, reply_bound in opened:
        row = IntakeMessage.objects.get(pk=pk)
        if row.sealed:
            row.sealed = seal(unseal(bytes(row.sealed), bound=bound), bound=row.bound)
        if row.sealed_reply:
            reply = unseal(bytes(row.sealed_reply), bound=reply_bound)
            row.sealed_reply = seal(reply, bound=row.reply_bound)
        row.save(update_fields=["sealed", "sealed_reply"])


def _note_anew() -> None:
    """Writes the list of erasures in the file store again. The old names stay, without meaning."""
    storage = storages["evidence"]
    try:
        names = storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return
    for name in names:
        subject, _, at = name.partition("-")
        storage.save(f"{FOLDER}/{hashed_again(subject)}-{at}", ContentFile(b""))
