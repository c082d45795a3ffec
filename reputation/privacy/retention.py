"""How long each kind of data about people is kept. What forgets goes by this table alone.

The worker forgets every night (config.jobs.forget). `manage.py retention` prints the table as
docs/guide/retention.md has it.
"""

from datetime import timedelta
from typing import Final, NamedTuple

ON_RECORD: Final = timedelta.max
# For how long the nightly job drops files of erasures again, in case a process was killed.
SWEPT_FOR: Final = timedelta(days=7)


class Rule(NamedTuple):
    """`kept`: for how long, and since what moment; ON_RECORD: no clock ends it."""

    what: str
    kept: timedelta
    since: str
    then: str


MESSAGES: Final = Rule(
    "Words of messages by SMS and e-mail",
    timedelta(days=180),
    "the message was done with",
    "the words go; what became of the message stays",
)
UNPROVEN_MESSAGES: Final = Rule(
    "E-mails whose sender nobody vouched for and nobody confirmed",
    timedelta(days=7),
    "they came",
    "the row goes",
)
CONTACTS: Final = Rule(
    "Contacts that holders gave with a dispute",
    timedelta(days=90),
    "the decision",
    "the contact goes; a keyed hash stays",
)
UNVERIFIED_DISPUTES: Final = Rule(
    "Disputes that nobody verified by code", timedelta(days=30), "they were opened", "the row goes"
)
UNCONFIRMED_ACCOUNTS: Final = Rule(
    "Accounts that nobody entered", timedelta(days=1), "they were opened", "the account goes"
)
VOICES: Final = Rule(
    "Pseudonyms of mailboxes, with record and block",
    ON_RECORD,
    "",
    "a keyed hash, also when the account is closed: the same mailbox gets its voice back",
)
OPENINGS: Final = Rule(
    "Mail domain and network of a new account, as keyed hashes",
    timedelta(days=30),
    "it was opened",
    "both go",
)
PAID_MESSAGES: Final = Rule(
    "Countries of codes and answers that cost money",
    timedelta(days=2),
    "they were sent",
    "the row goes",
)
IDEMPOTENCY: Final = Rule(
    "Answers kept under an Idempotency-Key", timedelta(hours=48), "the request", "the answer goes"
)
CHANGES: Final = Rule(
    "Changes of the feed that a later change overtook",
    timedelta(days=30),
    "the later change",
    "the change goes; snapshots hold the present state",
)
ERASURES: Final = Rule(
    "The list of erasures, by keyed hash",
    timedelta(days=400),
    "the erasure",
    "the row goes: keep no backup longer than this",
)
ATTACHMENTS: Final = Rule(
    "Files added to reports",
    ON_RECORD,
    "",
    "until they are erased: their reporter alone, and moderators on record, read them",
)
REPORTS: Final = Rule(
    "Reports and what they said before",
    ON_RECORD,
    "",
    "until they are erased, also when withdrawn; kind, day and weight stay without a person",
)

TABLE: Final = (
    REPORTS,
    ATTACHMENTS,
    MESSAGES,
    UNPROVEN_MESSAGES,
    CONTACTS,
    UNVERIFIED_DISPUTES,
    UNCONFIRMED_ACCOUNTS,
    VOICES,
    OPENINGS,
    PAID_MESSAGES,
    IDEMPOTENCY,
    CHANGES,
    ERASURES,
)
