"""The names of the permissions for which code asks in several places; `roles` says who has them."""

from typing import Final

CHANGE_NUMBER: Final = "reputation.change_number"
PIN_NUMBER: Final = "reputation.pin_number"
HOLD_NUMBER: Final = "reputation.hold_number"  # keeps a number from being blocked, for a day
MARK_OFFICIAL: Final = "reputation.mark_official_number"  # the verified directory
VIEW_REPORT: Final = "reputation.view_report"
CHANGE_REPORT: Final = "reputation.change_report"
UNMASK_REPORT: Final = "reputation.unmask_report"  # reads personal data in reports, on record
CHANGE_REPORTER: Final = "reputation.change_reporter"
VOUCH_FOR_REPORTER: Final = "reputation.vouch_for_reporter"  # its voice counts without a record
CHANGE_DISPUTE: Final = "reputation.change_dispute"
CHANGE_CAMPAIGN: Final = "reputation.change_campaign"  # decides on all its numbers, also later ones
CHANGE_KEY_GRANT: Final = "reputation.change_keygrant"  # organisations' keys and attestation
VIEW_QUEUE: Final = "reputation.view_queueitem"
WORK_QUEUE: Final = "reputation.change_queueitem"  # claims and releases work
SENIOR_QUEUE: Final = "reputation.senior_queueitem"  # gets escalated items, assigns those of others
DECIDE_ON_MANY: Final = "reputation.add_decisionbatch"  # on many rows at once, or on a cluster
ADD_NOTE: Final = "reputation.add_note"
ADD_FILTER: Final = "reputation.add_savedfilter"
SETTLE_REVIEW: Final = "reputation.settle_secondreview"  # says who was right when two differ
SEE_QUALITY: Final = "reputation.see_quality"  # agreement and overturn rates of all moderators
EXPORT_RECORD: Final = "reputation.export_auditentry"  # the record as a signed file, on record
