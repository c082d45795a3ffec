from reputation.models.audit import AuditEntry
from reputation.models.authority import Authority, Channel
from reputation.models.complaint import ImportedComplaint
from reputation.models.decision_batch import DecisionBatch
from reputation.models.dispute import Dispute
from reputation.models.evidence import EvidenceEntry
from reputation.models.feed import BucketSize, FeedChange, FeedChecksum, FeedHead
from reputation.models.figures import DayFigures, HourFigures
from reputation.models.filing import Complaint
from reputation.models.intake import IntakeMessage, IntakeSender, LinkCode
from reputation.models.number import EvidenceBucket, Number, OfficialNumber
from reputation.models.queue import QueueItem, SavedFilter, Traffic
from reputation.models.report import Report, ReportRevision
from reputation.models.reporter import Reporter
from reputation.models.statute import Provision, ProvisionAct, Statute
from reputation.models.template import Template

__all__ = [
    "AuditEntry",
    "Authority",
    "BucketSize",
    "Channel",
    "Complaint",
    "DayFigures",
    "DecisionBatch",
    "Dispute",
    "EvidenceBucket",
    "EvidenceEntry",
    "FeedChange",
    "FeedChecksum",
    "FeedHead",
    "HourFigures",
    "ImportedComplaint",
    "IntakeMessage",
    "IntakeSender",
    "LinkCode",
    "Number",
    "OfficialNumber",
    "Provision",
    "ProvisionAct",
    "QueueItem",
    "Report",
    "ReportRevision",
    "Reporter",
    "SavedFilter",
    "Statute",
    "Template",
    "Traffic",
]
