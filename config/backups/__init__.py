"""One file with all that has to be kept, made while the service runs, and brought back whole.

The file is a tar archive, perhaps encrypted:

    backup.json       what it is: versions, counts of rows, last cursor, which keys are needed
    database/000000…  what pg_dump wrote, in pieces, since its length is not known before its end
    evidence/…        the files of reports, and the list of erasures
    manifest.json     the SHA-256 of all that came before: without it the file was cut short

docs/guide/backup.md. The keys themselves are in no backup.
"""

from config.backups.archive import BackupBroken
from config.backups.facts import Facts
from config.backups.last import last_backup, note_backup, note_verified
from config.backups.making import Made, make
from config.backups.restoring import NotRestored, restore

__all__ = [
    "BackupBroken",
    "Facts",
    "Made",
    "NotRestored",
    "last_backup",
    "make",
    "note_backup",
    "note_verified",
    "restore",
]
