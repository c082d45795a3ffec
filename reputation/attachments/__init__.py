"""Files that people add to reports and disputes: stored, chained, read and verified.

drafts      an incoming file: which kinds are taken
content     the store: each content once, dropped with its last use
log         the files of a report, as a log that nobody can change
quotas      how much is kept
"""

from reputation.attachments import content, quotas
from reputation.attachments.content import download_name, open_own, storage_name, sweep
from reputation.attachments.drafts import (
    EXTENSIONS,
    Content,
    Draft,
    EvidenceEmpty,
    EvidenceErased,
    EvidenceError,
    EvidenceFull,
    EvidenceNotFound,
    EvidenceQuotaUsed,
    EvidenceTooLarge,
    EvidenceTypeRefused,
    StorageUnavailable,
    guarded,
)
from reputation.attachments.log import (
    attach_evidence,
    check_room,
    erase_evidence,
    list_evidence,
    open_evidence,
    read_evidence,
    shown_fields,
    verify_evidence,
)
