from reputation.models.audit import AuditEntry
from reputation.models.complaint import ImportedComplaint
from reputation.models.evidence import EvidenceEntry
from reputation.models.feed import BucketSize, FeedChange, FeedChecksum, FeedHead
from reputation.models.number import EvidenceBucket, Number
from reputation.models.report import Report, ReportRevision
from reputation.models.reporter import Reporter

__all__ = [
    "AuditEntry",
    "BucketSize",
    "EvidenceBucket",
    "EvidenceEntry",
    "FeedChange",
    "FeedChecksum",
    "FeedHead",
    "ImportedComplaint",
    "Number",
    "Report",
    "ReportRevision",
    "Reporter",
]
