"""Makes a backup of all data in one file while the service runs, and restores it completely.

The file is a tar archive, perhaps encrypted:

    backup.json       facts: versions, counts of rows, last cursor, which keys are needed
    database/000000…  the dump of pg_dump, in pieces, since its length is not known in advance
    evidence/…        the files of reports, and the list of erasures
    manifest.json     the SHA-256 of all members before it: without it the file was cut short

docs/guide/backup.md. A backup does not contain the keys.
"""

from config.backups.archive import BackupBroken
from config.backups.aside import restored_aside
from config.backups.last import last_backup, note_backup, note_verified
from config.backups.making import Made, make
from config.backups.restoring import NotRestored, restore
