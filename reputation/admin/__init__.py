"""The admin: find a number and what was said of it, and decide.

Nothing is added, changed or deleted here but through reputation.moderation, which demands a reason
and keeps a record.
"""

from reputation.admin.audit import AuditEntryAdmin
from reputation.admin.bulk import DecisionBatchAdmin
from reputation.admin.complaints import (
    AuthorityAdmin,
    ChannelAdmin,
    ProvisionAdmin,
    StatuteAdmin,
    TemplateAdmin,
)
from reputation.admin.directory import OfficialNumberAdmin
from reputation.admin.disputes import DisputeAdmin
from reputation.admin.filters import SavedFilterAdmin
from reputation.admin.intake import IntakeMessageAdmin
from reputation.admin.labels import sentence, word
from reputation.admin.numbers import NumberAdmin
from reputation.admin.queue import QueueItemAdmin
from reputation.admin.reporters import ReporterAdmin
from reputation.admin.reports import ReportAdmin
from reputation.admin.roles import StaffAdmin
from reputation.admin.words import masked_words, verb

__all__ = [
    "AuditEntryAdmin",
    "AuthorityAdmin",
    "ChannelAdmin",
    "DecisionBatchAdmin",
    "DisputeAdmin",
    "IntakeMessageAdmin",
    "NumberAdmin",
    "OfficialNumberAdmin",
    "ProvisionAdmin",
    "QueueItemAdmin",
    "ReportAdmin",
    "ReporterAdmin",
    "SavedFilterAdmin",
    "StaffAdmin",
    "StatuteAdmin",
    "TemplateAdmin",
    "masked_words",
    "sentence",
    "verb",
    "word",
]
