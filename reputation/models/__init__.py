from reputation.models import replicas
from reputation.models.attachment import NO_ENTRY, DisputeFile, EvidenceEntry, StoredFile
from reputation.models.audit import AuditDigest, AuditEntry
from reputation.models.authority import Authority, AuthorityQuerySet, Channel
from reputation.models.calibration import WAITS, Agreement, Calibration, CalibrationDraw
from reputation.models.call import LoggedCall
from reputation.models.campaign import Campaign, CampaignExample, CampaignMark, CampaignTerm
from reputation.models.canary import Canary
from reputation.models.complaint import Complaint
from reputation.models.copying import Copy, binary_array
from reputation.models.decision_batch import DecisionBatch
from reputation.models.desk import Desk, SavedFilter
from reputation.models.directory import NeverCalling, NumbersFile, OfficialNumber
from reputation.models.dispute import MAX_ATTEMPTS, Dispute, DisputeQuerySet
from reputation.models.erasure import Erasure
from reputation.models.evidence import Chapter, ChapterBucket, EvidenceBucket
from reputation.models.feed import BucketSize, FeedChange, FeedChecksum, FeedHead
from reputation.models.figures import ClusterFigures, DayFigures, HourFigures, QualityFigures
from reputation.models.imported_complaint import ImportedComplaint, RetractedComplaint
from reputation.models.intake import IntakeMessage, IntakeSender
from reputation.models.key_grant import KeyContact, KeyGrant
from reputation.models.key_mark import KeyMark
from reputation.models.linking import LinkCode, LinkedReport, VoiceLink
from reputation.models.note import Note
from reputation.models.number import (
    EVIDENCE_SUMS,
    SLICES,
    STANDING,
    DueNumber,
    Number,
    standing_of,
)
from reputation.models.own_rule import OwnRule
from reputation.models.paid_message import PaidMessage
from reputation.models.pending_reports import PendingReports
from reputation.models.prepared import (
    Prepared,
    Reading,
    Row,
    read_together,
    send_held,
    short_transaction,
)
from reputation.models.proposal import Proposal
from reputation.models.queue import AuditCandidate, QueueItem, QueueItemQuerySet
from reputation.models.report import (
    COMMITS_LATE,
    FEW_REPORTS,
    Report,
    ReportQuerySet,
    ReportRevision,
    network_of,
    voice_of,
)
from reputation.models.reporter import NOBODY, RECORD, AccountOpening, Reporter, account_age
from reputation.models.second_review import LAPSES, SecondReview
from reputation.models.sourced import Sourced
from reputation.models.statute import Provision, ProvisionAct, Statute
from reputation.models.table import MANY, Table, array, as_json
from reputation.models.template import Template
from reputation.models.traffic import Traffic
from reputation.models.transparency import TransparencyMonth
from reputation.models.turns import Busy, alone, hold_voices, take_turn, use_voice
from reputation.models.watch import Reminder, Watch
from reputation.models.webhook import Webhook
