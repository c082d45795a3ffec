"""The list of erasures: what was erased and when, so that it goes again after a restore.

It stands in the database, and in the file store too: a database that comes back from a backup has
forgotten the erasures since.
"""

from datetime import UTC, datetime
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from reputation import attachments
from reputation.models import Erasure, Reporter
from reputation.privacy import retention

FOLDER: Final = "erasures"


def erasures() -> dict[str, datetime]:
    """Subjects of all erasures with their latest moment: of the database and of the file store.

    Raises StorageUnavailable.
    """
    found: dict[str, datetime] = {}
    with attachments.guarded("read the list of erasures"):
        for name in _names():
            subject, _, at = name.partition("-")
            moment = datetime.strptime(at, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
            found[subject] = max(moment, found.get(subject, moment))
    for subject, moment in Erasure.objects.values_list("subject", "erased_at"):
        found[subject] = max(moment, found.get(subject, moment))
    return found


def forget(*, now: datetime) -> int:
    """Drops erasures from the list, and their days from voices, once no backup can bring back what
    was erased; and drops again the files of the last days. Raises StorageUnavailable."""
    since = now - retention.ERASURES.kept
    attachments.sweep(since=now - retention.SWEPT_FOR, now=now)
    with attachments.guarded("forget erasures"):
        for name in _names():
            if name.partition("-")[2] < _written(since):
                storages["evidence"].delete(f"{FOLDER}/{name}")
    for voice in Reporter.objects.filter(erased_on__0__lt=since).only("erased_on"):
        voice.erased_on = [day for day in voice.erased_on if day >= since]
        voice.save(update_fields=["erased_on"])
    return Erasure.objects.filter(erased_at__lt=since).delete()[0]


def note(subject: str, at: datetime) -> None:
    """Puts an erasure on the file store's list. Raises StorageUnavailable."""
    with attachments.guarded("note an erasure"):
        name = f"{FOLDER}/{subject}-{_written(at)}"
        if not storages["evidence"].exists(name):
            storages["evidence"].save(name, ContentFile(b""))


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def _names() -> list[str]:
    try:
        return storages["evidence"].listdir(FOLDER)[1]
    except FileNotFoundError:
        return []
