"""The panel's words for decisions, their frequent reasons, and their keys.

reputation.decisions has their permissions and particulars, and takes them.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from reputation.decisions import RULES, Rule

type Words = Any  # a text, or one that is translated when it is shown


@dataclass(frozen=True)
class Decision:
    """The words of a decision, and the key that opens its page."""

    verb: str
    key: str
    label: Words
    consequence: Words
    reasons: tuple[Words, ...]
    subject: str = ""

    @property
    def rule(self) -> Rule:
        return RULES[self.subject][self.verb]


SEEN = _("What was submitted shows it.")
INDEPENDENT = _("Independent reports agree.")
CHECKED = _("Called the number: it is as decided.")
HOLDER = _("The holder showed proof.")
BRIGADE = _("Accounts that move as one.")
MISTAKE = _("An earlier decision was wrong.")

NUMBER = (
    Decision(
        "confirm_number",
        "c",
        _("Confirm as unwanted"),
        _(
            "Calls from this number may be blocked from now on. Whoever reported it before it was "
            "known gains trust, whoever called it legitimate loses some."
        ),
        (INDEPENDENT, SEEN, CHECKED),
    ),
    Decision(
        "clear_number",
        "x",
        _("Clear as legitimate"),
        _(
            "Reports alone neither flag nor block this number from now on. Whoever reported it as "
            "unwanted loses trust, whoever called it legitimate gains some."
        ),
        (CHECKED, BRIGADE, SEEN),
    ),
    Decision(
        "mark_spoofed",
        "s",
        _("Mark as spoofed"),
        _("Others call under this number: it is shown as suspicious, and not blocked."),
        (
            _("The holder does not make these calls."),
            _("A storm of reports on a quiet number."),
            _("The calls failed attestation."),
        ),
    ),
    Decision(
        "unmark_spoofed",
        "s",
        _("No longer spoofed"),
        _("The holder makes these calls: reports count for what they are."),
        (_("The storm is over."), CHECKED, MISTAKE),
    ),
    Decision(
        "mark_reassigned",
        "w",
        _("New holder"),
        _(
            "What was reported and decided before that day is void and stays on record. Reports "
            "from that day on count."
        ),
        (_("The carrier's list."), HOLDER, _("Long silence, then other calls.")),
    ),
    Decision(
        "unmark_reassigned",
        "e",
        _("Same holder after all"),
        _("What was reported of the earlier holder counts again."),
        (MISTAKE, HOLDER),
    ),
    Decision(
        "pin_number",
        "p",
        _("Pin what clients are told"),
        _("Above all evidence, until the end of that day."),
        (_("While an attack goes on."), _("An order of an authority."), HOLDER),
    ),
    Decision(
        "unpin_number",
        "u",
        _("Take the pin off"),
        _("The evidence decides again what clients are told."),
        (_("The attack is over."), _("The order no longer holds."), MISTAKE),
    ),
    Decision(
        "mark_official",
        "o",
        _("Enter in the directory"),
        _("The number is shown under this name, and reports alone neither flag nor block it."),
        (_("On the institution's own page."), _("In the authority's register."), HOLDER),
    ),
    Decision(
        "unmark_official",
        "o",
        _("Take out of the directory"),
        _("Reports count against the number like against any other."),
        (_("The institution gave it up."), _("The register no longer has it."), MISTAKE),
    ),
    Decision(
        "mark_never_calling",
        "i",
        _("Never calls anybody"),
        _(
            "The number is in the directory under this name, and calls that show it are blocked "
            "from that day on, without any report."
        ),
        (_("The holder says so."), _("In a published list of numbers that never call.")),
    ),
    Decision(
        "unmark_never_calling",
        "i",
        _("Calls again"),
        _("Calls from this number are judged like those from other official numbers."),
        (HOLDER, _("The list no longer has it."), MISTAKE),
    ),
    Decision(
        "open_dispute",
        "d",
        _("Open a dispute for the holder"),
        _(
            "For a holder who wrote, such as one whose line gets no codes. The number shows that "
            "it is disputed, block is held at flag, and a decision is due in two weeks. Give as "
            "reason what showed that the number is theirs."
        ),
        (
            HOLDER,
            _("A letter on the holder's paper."),
            _("The carrier says so."),
        ),
    ),
)

REPORT = (
    Decision(
        "reject_report",
        "r",
        _("Reject as untrue"),
        _(
            "The report stops counting and stays on record. Its reporter loses trust. Filing it "
            "again brings nothing back."
        ),
        (_("Made up."), BRIGADE, _("About another number.")),
    ),
    Decision(
        "hide_report",
        "h",
        _("Hide the words"),
        _("Nobody but moderators reads what it says. It still counts."),
        (_("Names people."), _("Insults."), _("Advertises.")),
    ),
    Decision(
        "unhide_report",
        "h",
        _("Show the words again"),
        _("Everybody reads what it says, personal data masked."),
        (_("Names nobody."), MISTAKE),
    ),
    Decision(
        "merge_report",
        "m",
        _("Merge into another report"),
        _(
            "It is the same person or the same call as the report chosen here: only that one "
            "counts. Nobody loses trust."
        ),
        (_("The same person by two channels."), _("The same call, reported twice.")),
    ),
    Decision(
        "unmask_report",
        "v",
        _("Read unmasked"),
        _("Shows you the personal data in it, once. That you read it goes on record."),
        (_("To judge a threat."), _("To find duplicates."), _("An authority asked.")),
    ),
)

REPORTER = (
    Decision(
        "block_reporter",
        "b",
        _("Block the reporter"),
        _("Nothing more is accepted from this account, and what it said stops counting."),
        (_("Makes reports up."), BRIGADE, _("Advertises.")),
    ),
    Decision(
        "block_cluster",
        "B",
        _("Block the whole cluster"),
        _("The same for all accounts that move as one with this."),
        (BRIGADE, _("One person with many accounts.")),
    ),
    Decision(
        "unblock_reporter",
        "b",
        _("Let the reporter speak again"),
        _("New reports are accepted. What was dropped comes back only by taking the block back."),
        (_("Appealed, and was right."), MISTAKE),
    ),
    Decision(
        "unlink_reporter",
        "u",
        _("Undo the link"),
        _(
            "Two voices again: this one gets its reports and its record back as they were before "
            "the link. What moderators decided since stays."
        ),
        (_("They are two persons."), _("Somebody took the voice over."), MISTAKE),
    ),
)

DISPUTE = (
    Decision(
        "uphold_dispute",
        "x",
        _("Uphold: the holder is right"),
        _(
            "What the holder says comes true, and for a time reports alone do not list the "
            "number. The holder reads the reason."
        ),
        (
            _("The reports do not fit this holder."),
            _("The number was called, and what the holder says is true."),
            _("The documents prove it."),
        ),
    ),
    Decision(
        "reject_dispute",
        "c",
        _("Reject: the listing stands"),
        _("The number is what its evidence says. The holder reads the reason and may appeal once."),
        (
            _("Independent reports describe the same calls."),
            _("The statement does not answer the reports."),
            _("The number was called, and the reports are true."),
        ),
    ),
    Decision(
        "hold_dispute",
        "y",
        _("Hold block at flag for two weeks from now"),
        _("The number is not blocked meanwhile. A hold that is about to end lasts longer."),
        (
            _("The holder's statement may be true."),
            _("The holder's documents are being checked."),
        ),
    ),
    Decision(
        "reveal_contact",
        "v",
        _("Read the contact"),
        _("Shows you how the holder can be reached, once. That you read it goes on record."),
        (_("To ask back."), _("To tell the decision."), _("An authority asked.")),
    ),
)

CAMPAIGN = (
    Decision(
        "confirm_campaign",
        "c",
        _("Confirm the campaign"),
        _(
            "Until the end of that day its numbers are flagged, and blocked where two people from "
            "two networks report its words; so is every number to come. Official numbers, cleared "
            "ones and numbers that others defend are left alone."
        ),
        (
            _("All of this is one scam."),
            INDEPENDENT,
            SEEN,
        ),
    ),
    Decision(
        "release_campaign",
        "x",
        _("No longer confirmed"),
        _("What the campaign's words do follows from its numbers again."),
        (_("Its numbers are not one caller's."), _("The campaign is over."), MISTAKE),
    ),
)

NUMBERS_FILE = (
    Decision(
        "accept_numbers_file",
        "c",
        _("Take the numbers over"),
        _(
            "The directory gets the numbers that the organisation publishes, and loses those that "
            "it no longer names. Each change goes on record."
        ),
        (_("The domain is the organisation's own."), _("The register names the domain.")),
    ),
    Decision(
        "decline_numbers_file",
        "x",
        _("Leave the directory as it is"),
        _("The file is looked at again once it changes."),
        (_("The domain may have been taken over."), _("The numbers are not the organisation's.")),
    ),
)

DECISIONS: dict[str, dict[str, Decision]] = {
    subject: {decision.verb: replace(decision, subject=subject) for decision in decisions}
    for subject, decisions in (
        ("number", NUMBER),
        ("report", REPORT),
        ("reporter", REPORTER),
        ("dispute", DISPUTE),
        ("campaign", CAMPAIGN),
        ("numbersfile", NUMBERS_FILE),
    )
}
# By verb alone.
NAMES: dict[str, Words] = {
    decision.verb: decision.label for some in DECISIONS.values() for decision in some.values()
} | {"leave": _("Left as it is")}
UNDO_REASONS = (_("A slip of the hand."), _("New facts."), _("It was about another."))
LEAVE_REASONS = (
    _("Nothing to go by yet."),
    _("As it should be."),
    _("Waits for an answer from outside."),
)
