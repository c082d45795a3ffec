"""How long each kind of data about people is kept. All code that forgets reads this table.

The worker forgets every night (config.jobs.forget). `manage.py retention` prints the table as
docs/guide/retention.md has it.
"""

from datetime import timedelta
from typing import Final, NamedTuple

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

ON_RECORD: Final = timedelta.max
# For how long the nightly job drops files of erasures again, in case a process was killed.
SWEPT_FOR: Final = timedelta(days=7)


class Rule(NamedTuple):
    """`kept`: for how long, and since what moment; ON_RECORD: no clock ends it."""

    what: str
    kept: timedelta
    since: str
    then: str

    def shown(self) -> tuple[str, str, str]:
        """What, for how long, and what happens then, in the language in force."""
        return gettext(self.what), self._span(), gettext(self.then)

    def _span(self) -> str:
        if self.kept == ON_RECORD:
            return "–"
        hours = self.kept // timedelta(hours=1)
        if hours > 48:
            span = ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}
        else:
            span = ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
        return gettext("%(span)s after %(since)s") % {"span": span, "since": gettext(self.since)}


MESSAGES: Final = Rule(
    _("Words of messages by SMS and e-mail"),
    timedelta(days=180),
    _("the message was done with"),
    _("the words go; what became of the message stays"),
)
UNPROVEN_MESSAGES: Final = Rule(
    _("E-mails whose sender nobody vouched for and nobody confirmed"),
    timedelta(days=7),
    _("they came"),
    _("all of it goes"),
)
CONTACTS: Final = Rule(
    _("Contacts that holders gave with a dispute"),
    timedelta(days=90),
    _("the decision"),
    _("the contact goes; a keyed hash stays"),
)
DISPUTE_FILES: Final = Rule(
    _("Files that holders added to a dispute"),
    timedelta(days=90),
    _("the decision, or that of the appeal"),
    _("the files go"),
)
UNVERIFIED_DISPUTES: Final = Rule(
    _("Disputes that nobody verified by code"),
    timedelta(days=30),
    _("they were opened"),
    _("all of it goes"),
)
UNCONFIRMED_ACCOUNTS: Final = Rule(
    _("Accounts that nobody entered"),
    timedelta(days=1),
    _("they were opened"),
    _("the account goes"),
)
VOICES: Final = Rule(
    _("Pseudonyms of mailboxes, with record and block"),
    ON_RECORD,
    "",
    _("a keyed hash, also when the account is closed: the same mailbox gets its voice back"),
)
WATCHES: Final = Rule(
    _("Numbers that a person watches"),
    ON_RECORD,
    "",
    _("until the person stops watching them, or closes the account"),
)
REMINDERS: Final = Rule(
    _("Days on which a person wants to be reminded of a complaint"),
    ON_RECORD,
    "",
    _("until the mail is sent, or the person removes it or closes the account"),
)
OPENINGS: Final = Rule(
    _("Mail domain and network of a new account, as keyed hashes"),
    timedelta(days=30),
    _("it was opened"),
    _("both go"),
)
PAID_MESSAGES: Final = Rule(
    _("Countries of codes and answers that cost money"),
    timedelta(days=2),
    _("they were sent"),
    _("all of it goes"),
)
IDEMPOTENCY: Final = Rule(
    _("Answers kept under an Idempotency-Key"),
    timedelta(hours=48),
    _("the request"),
    _("the answer goes"),
)
CHANGES: Final = Rule(
    _("Changes of the feed that a later change overtook"),
    timedelta(days=30),
    _("the later change"),
    _("the change goes; snapshots hold the present state"),
)
ERASURES: Final = Rule(
    _("The list of erasures, by keyed hash"),
    timedelta(days=400),
    _("the erasure"),
    _("all of it goes: keep no backup longer than this"),
)
ATTACHMENTS: Final = Rule(
    _("Files added to reports"),
    ON_RECORD,
    "",
    _("until they are erased: their reporter alone, and moderators on record, read them"),
)
CALL_LOGS: Final = Rule(
    _("Calls that a reporter notes or imports: moment, length, words"),
    ON_RECORD,
    "",
    _("as long as the report is on record, or until its reporter removes them; others read none"),
)
OWN_LISTS: Final = Rule(
    _("Own lists: numbers and patterns that a person blocks or lets through"),
    ON_RECORD,
    "",
    _("until the person removes them or closes the account; nobody else reads them"),
)
KEY_REQUESTS: Final = Rule(
    _("Contact and purpose of requests for an organisation's key"),
    timedelta(days=180),
    _("the request was refused, or the key ended"),
    _("both go; name and terms stay on the moderators' record"),
)
NOTES: Final = Rule(
    _("Notes of moderators on numbers, reports, reporters, disputes and campaigns"),
    timedelta(days=365),
    _("they were written"),
    _("the note goes; the record says that there was one"),
)
REPORTS: Final = Rule(
    _("Reports and what they said before"),
    ON_RECORD,
    "",
    _("until they are erased, also when withdrawn; kind, day and weight stay without a person"),
)

TABLE: Final = (
    REPORTS,
    ATTACHMENTS,
    CALL_LOGS,
    OWN_LISTS,
    MESSAGES,
    UNPROVEN_MESSAGES,
    CONTACTS,
    DISPUTE_FILES,
    UNVERIFIED_DISPUTES,
    NOTES,
    UNCONFIRMED_ACCOUNTS,
    VOICES,
    WATCHES,
    REMINDERS,
    OPENINGS,
    PAID_MESSAGES,
    KEY_REQUESTS,
    IDEMPOTENCY,
    CHANGES,
    ERASURES,
)
