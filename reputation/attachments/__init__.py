"""Files that reporters add to their reports: kept, chained, read back, checked."""

from reputation.attachments.log import (
    EXTENSIONS,
    Draft,
    EvidenceError,
    EvidenceFull,
    EvidenceNotFound,
    EvidenceTooLarge,
    EvidenceTypeRefused,
    StorageUnavailable,
    attach_evidence,
    check_room,
    download_name,
    list_evidence,
    open_evidence,
    open_own,
    read_evidence,
    record_of,
)

__all__ = [
    "EXTENSIONS",
    "Draft",
    "EvidenceError",
    "EvidenceFull",
    "EvidenceNotFound",
    "EvidenceTooLarge",
    "EvidenceTypeRefused",
    "StorageUnavailable",
    "attach_evidence",
    "check_room",
    "download_name",
    "list_evidence",
    "open_evidence",
    "open_own",
    "read_evidence",
    "record_of",
]
