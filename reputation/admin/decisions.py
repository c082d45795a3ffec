"""The panel's decisions: their permissions, form fields, keys and words.

reputation.moderation carries them out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from reputation import moderation
from reputation.disputes import (
    DisputeError,
    decide_dispute,
    has_contact,
    hold_dispute,
    open_for_holder,
    reveal_contact,
)
from reputation.models import Dispute, Number, Report, Reporter

type Take = Callable[[Any, Mapping[str, Any], dict[str, Any]], object]
type Words = Any  # a text, or one that is translated when it is shown


def always(subject: Any) -> bool:
    return True


@dataclass(frozen=True)
class Decision:
    """A decision. `take`: called with the subject, the form's other fields, and actor, reason, now.

    `would`: the columns of the number's standing that change, to compute the public answer
    afterwards; None where the evidence changes too, and a trial shows the answer. `batch`: can be
    taken on many rows. `tells`: the public answer may change. `shows`: decides nothing, but shows
    the subject's personal data once.
    """

    verb: str
    permission: str
    key: str
    label: Words
    consequence: Words
    take: Take
    reasons: tuple[Words, ...]
    fields: tuple[str, ...] = ()
    offered: Callable[[Any], bool] = always
    would: Callable[[Any, float], dict[str, Any]] | None = None
    batch: bool = False
    tells: bool = True
    shows: bool = False
    subject: str = ""


def _on_number(verb: Callable[..., object], *names: str) -> Take:
    def take(number: Number, given: Mapping[str, Any], by: dict[str, Any]) -> object:
        return verb(identity=number.identity, **{name: given[name] for name in names}, **by)

    return take


def _on(verb: Callable[..., object], name: str, *names: str) -> Take:
    def take(subject: Any, given: Mapping[str, Any], by: dict[str, Any]) -> object:
        return verb(**{name: subject}, **{field: given[field] for field in names}, **by)

    return take


def _merge(report: Report, given: Mapping[str, Any], by: dict[str, Any]) -> object:
    return moderation.merge_reports(keep=given["keep"], duplicates=[report], **by)


def _block_cluster(reporter: Reporter, given: Mapping[str, Any], by: dict[str, Any]) -> object:
    return moderation.block_cluster(cluster=reporter.cluster or 0, **by)


def _dispute(upheld: bool) -> Take:
    def take(dispute: Dispute, given: Mapping[str, Any], by: dict[str, Any]) -> object:
        return decide_dispute(dispute=dispute, upheld=upheld, **by)

    return take


def _never_calling(number: Number, given: Mapping[str, Any], by: dict[str, Any]) -> object:
    silence = moderation.Silence(given["since"].date(), None, given["source"])
    return moderation.mark_never_calling(
        identity=number.identity, name=given["name"], silence=silence, **by
    )


def _open_dispute(number: Number, given: Mapping[str, Any], by: dict[str, Any]) -> object:
    try:
        return open_for_holder(identity=number.identity, **given, **by)
    except DisputeError as error:
        raise moderation.DecisionError(str(error)) from error


def is_live(report: Report) -> bool:
    return report.status == Report.Status.LIVE


SEEN = _("What was submitted shows it.")
INDEPENDENT = _("Independent reports agree.")
CHECKED = _("Called the number: it is as decided.")
HOLDER = _("The holder showed proof.")
BRIGADE = _("Accounts that move as one.")
MISTAKE = _("An earlier decision was wrong.")

NUMBER = (
    Decision(
        "confirm_number",
        "reputation.change_number",
        "c",
        _("Confirm as unwanted"),
        _(
            "Calls from this number may be blocked from now on. Whoever reported it before it was "
            "known gains trust, whoever called it legitimate loses some."
        ),
        _on_number(moderation.confirm_number),
        (INDEPENDENT, SEEN, CHECKED),
        offered=lambda number: number.moderated <= 0,
        would=lambda number, at: {"moderated": 1, "moderated_at": at},
        batch=True,
    ),
    Decision(
        "clear_number",
        "reputation.change_number",
        "x",
        _("Clear as legitimate"),
        _(
            "Reports alone neither flag nor block this number from now on. Whoever reported it as "
            "unwanted loses trust, whoever called it legitimate gains some."
        ),
        _on_number(moderation.clear_number),
        (CHECKED, BRIGADE, SEEN),
        offered=lambda number: number.moderated >= 0,
        would=lambda number, at: {"moderated": -1, "moderated_at": at, "promoted": False},
        batch=True,
    ),
    Decision(
        "mark_spoofed",
        "reputation.change_number",
        "s",
        _("Mark as spoofed"),
        _("Others call under this number: it is shown as suspicious, and not blocked."),
        _on_number(moderation.mark_spoofed),
        (
            _("The holder does not make these calls."),
            _("A storm of reports on a quiet number."),
            _("The calls failed attestation."),
        ),
        offered=lambda number: not number.spoofed,
        would=lambda number, at: {"spoofed": True},
    ),
    Decision(
        "unmark_spoofed",
        "reputation.change_number",
        "s",
        _("No longer spoofed"),
        _("The holder makes these calls: reports count for what they are."),
        _on_number(moderation.unmark_spoofed),
        (_("The storm is over."), CHECKED, MISTAKE),
        offered=lambda number: number.spoofed,
        would=lambda number, at: {"spoofed": False},
    ),
    Decision(
        "mark_reassigned",
        "reputation.change_number",
        "r",
        _("New holder"),
        _(
            "What was reported and decided before that day is void and stays on record. Reports "
            "from that day on count."
        ),
        _on_number(moderation.mark_reassigned, "since"),
        (_("The carrier's list."), HOLDER, _("Long silence, then other calls.")),
        ("since",),
    ),
    Decision(
        "unmark_reassigned",
        "reputation.change_number",
        "e",
        _("Same holder after all"),
        _("What was reported of the earlier holder counts again."),
        _on_number(moderation.unmark_reassigned),
        (MISTAKE, HOLDER),
        offered=lambda number: number.reassigned,
    ),
    Decision(
        "pin_number",
        "reputation.pin_number",
        "p",
        _("Pin what clients are told"),
        _("Above all evidence, until the end of that day."),
        _on_number(moderation.pin_number, "action", "until"),
        (_("While an attack goes on."), _("An order of an authority."), HOLDER),
        ("action", "until"),
    ),
    Decision(
        "unpin_number",
        "reputation.pin_number",
        "u",
        _("Take the pin off"),
        _("The evidence decides again what clients are told."),
        _on_number(moderation.unpin_number),
        (_("The attack is over."), _("The order no longer holds."), MISTAKE),
        offered=lambda number: bool(number.pinned),
        would=lambda number, at: {"pinned": None},
    ),
    Decision(
        "mark_official",
        "reputation.mark_official_number",
        "o",
        _("Enter in the directory"),
        _("The number is shown under this name, and reports alone neither flag nor block it."),
        _on_number(moderation.mark_official, "name"),
        (_("On the institution's own page."), _("In the authority's register."), HOLDER),
        ("name",),
        offered=lambda number: not number.official,
        would=lambda number, at: {"official": True, "promoted": False},
    ),
    Decision(
        "unmark_official",
        "reputation.mark_official_number",
        "o",
        _("Take out of the directory"),
        _("Reports count against the number like against any other."),
        _on_number(moderation.unmark_official),
        (_("The institution gave it up."), _("The register no longer has it."), MISTAKE),
        offered=lambda number: number.official,
        would=lambda number, at: {"official": False},
    ),
    Decision(
        "mark_never_calling",
        "reputation.mark_official_number",
        "i",
        _("Never calls anybody"),
        _(
            "The number is in the directory under this name, and calls that show it are blocked "
            "from that day on, without any report."
        ),
        _never_calling,
        (_("The holder says so."), _("In a published list of numbers that never call.")),
        ("name", "since", "source"),
        offered=lambda number: not number.never_calls,
        would=lambda number, at: {"official": True, "never_calls": True},
    ),
    Decision(
        "unmark_never_calling",
        "reputation.mark_official_number",
        "i",
        _("Calls again"),
        _("Calls from this number are judged like those from other official numbers."),
        _on_number(moderation.unmark_never_calling),
        (HOLDER, _("The list no longer has it."), MISTAKE),
        offered=lambda number: number.never_calls,
        would=lambda number, at: {"never_calls": False},
    ),
    Decision(
        "open_dispute",
        "reputation.change_dispute",
        "d",
        _("Open a dispute for the holder"),
        _(
            "For a holder who wrote, such as one whose line gets no codes. The number shows that "
            "it is disputed, block is held at flag, and a decision is due in two weeks. Give as "
            "reason what showed that the number is theirs."
        ),
        _open_dispute,
        (
            HOLDER,
            _("A letter on the holder's paper."),
            _("The carrier says so."),
        ),
        ("grounds", "statement", "contact"),
        offered=lambda number: not number.disputed,
    ),
)

REPORT = (
    Decision(
        "reject_report",
        "reputation.change_report",
        "r",
        _("Reject as untrue"),
        _(
            "The report stops counting and stays on record. Its reporter loses trust. Filing it "
            "again brings nothing back."
        ),
        _on(moderation.reject_report, "report"),
        (_("Made up."), BRIGADE, _("About another number.")),
        offered=lambda report: report.status != Report.Status.REJECTED,
        batch=True,
    ),
    Decision(
        "hide_report",
        "reputation.change_report",
        "h",
        _("Hide the words"),
        _("Nobody but moderators reads what it says. It still counts."),
        _on(moderation.hide_report, "report"),
        (_("Names people."), _("Insults."), _("Advertises.")),
        offered=lambda report: not report.hidden,
        batch=True,
        tells=False,
    ),
    Decision(
        "unhide_report",
        "reputation.change_report",
        "h",
        _("Show the words again"),
        _("Everybody reads what it says, personal data masked."),
        _on(moderation.unhide_report, "report"),
        (_("Names nobody."), MISTAKE),
        offered=lambda report: report.hidden,
        tells=False,
    ),
    Decision(
        "merge_report",
        "reputation.change_report",
        "m",
        _("Merge into another report"),
        _(
            "It is the same person or the same call as the report chosen here: only that one "
            "counts. Nobody loses trust."
        ),
        _merge,
        (_("The same person by two channels."), _("The same call, reported twice.")),
        ("keep",),
        offered=is_live,
    ),
    Decision(
        "unmask_report",
        "reputation.unmask_report",
        "v",
        _("Read unmasked"),
        _("Shows you the personal data in it, once. That you read it goes on record."),
        _on(moderation.unmask_report, "report"),
        (_("To judge a threat."), _("To find duplicates."), _("An authority asked.")),
        tells=False,
        shows=True,
    ),
)

REPORTER = (
    Decision(
        "block_reporter",
        "reputation.change_reporter",
        "b",
        _("Block the reporter"),
        _("Nothing more is accepted from this account, and what it said stops counting."),
        _on(moderation.block_reporter, "reporter"),
        (_("Makes reports up."), BRIGADE, _("Advertises.")),
        offered=lambda reporter: reporter.blocked_at is None,
        batch=True,
    ),
    Decision(
        "block_cluster",
        "reputation.add_decisionbatch",
        "k",
        _("Block the whole cluster"),
        _("The same for all accounts that move as one with this."),
        _block_cluster,
        (BRIGADE, _("One person with many accounts.")),
        offered=lambda reporter: reporter.cluster is not None,
    ),
    Decision(
        "unblock_reporter",
        "reputation.change_reporter",
        "b",
        _("Let the reporter speak again"),
        _("New reports are accepted. What was dropped comes back only by taking the block back."),
        _on(moderation.unblock_reporter, "reporter"),
        (_("Appealed, and was right."), MISTAKE),
        offered=lambda reporter: reporter.blocked_at is not None,
    ),
    Decision(
        "unlink_reporter",
        "reputation.change_reporter",
        "i",
        _("Undo the link"),
        _(
            "Two voices again: this one gets its reports and its record back as they were before "
            "the link. What moderators decided since stays."
        ),
        _on(moderation.unlink_reporter, "reporter"),
        (_("They are two persons."), _("Somebody took the voice over."), MISTAKE),
        offered=lambda reporter: reporter.merged_into_id is not None,
    ),
)

DISPUTE = (
    Decision(
        "uphold_dispute",
        "reputation.change_dispute",
        "u",
        _("Uphold: the holder is right"),
        _(
            "What the holder says comes true, and for a time reports alone do not list the "
            "number. The holder reads the reason."
        ),
        _dispute(upheld=True),
        (
            _("The reports do not fit this holder."),
            _("The number was called, and what the holder says is true."),
            _("The documents prove it."),
        ),
        offered=lambda dispute: dispute.status == Dispute.Status.OPEN,
    ),
    Decision(
        "reject_dispute",
        "reputation.change_dispute",
        "d",
        _("Reject: the listing stands"),
        _("The number is what its evidence says. The holder reads the reason and may appeal once."),
        _dispute(upheld=False),
        (
            _("Independent reports describe the same calls."),
            _("The statement does not answer the reports."),
            _("The number was called, and the reports are true."),
        ),
        offered=lambda dispute: dispute.status == Dispute.Status.OPEN,
    ),
    Decision(
        "hold_dispute",
        "reputation.change_dispute",
        "h",
        _("Hold block at flag for two weeks from now"),
        _("The number is not blocked meanwhile. A hold that is about to end lasts longer."),
        _on(hold_dispute, "dispute"),
        (
            _("The holder's statement may be true."),
            _("The holder's documents are being checked."),
        ),
        offered=lambda dispute: dispute.status == Dispute.Status.OPEN,
        would=lambda dispute, at: {"disputed": True},
    ),
    Decision(
        "reveal_contact",
        "reputation.unmask_report",
        "v",
        _("Read the contact"),
        _("Shows you how the holder can be reached, once. That you read it goes on record."),
        _on(reveal_contact, "dispute"),
        (_("To ask back."), _("To tell the decision."), _("An authority asked.")),
        offered=has_contact,
        tells=False,
        shows=True,
    ),
)

CAMPAIGN = (
    Decision(
        "confirm_campaign",
        "reputation.change_campaign",
        "c",
        _("Confirm the campaign"),
        _(
            "Until the end of that day its numbers are flagged, and blocked where two people from "
            "two networks report its words; so is every number to come. Official numbers, cleared "
            "ones and numbers that others defend are left alone."
        ),
        _on(moderation.confirm_campaign, "campaign", "until"),
        (
            _("All of this is one scam."),
            INDEPENDENT,
            SEEN,
        ),
        ("until",),
        offered=lambda campaign: campaign.confirmed_at is None or campaign.held,
        tells=False,
    ),
    Decision(
        "release_campaign",
        "reputation.change_campaign",
        "x",
        _("No longer confirmed"),
        _("What the campaign's words do follows from its numbers again."),
        _on(moderation.release_campaign, "campaign"),
        (_("Its numbers are not one caller's."), _("The campaign is over."), MISTAKE),
        offered=lambda campaign: campaign.confirmed_at is not None,
        tells=False,
    ),
)

NUMBERS_FILE = (
    Decision(
        "accept_numbers_file",
        "reputation.mark_official_number",
        "c",
        _("Take the numbers over"),
        _(
            "The directory gets the numbers that the organisation publishes, and loses those that "
            "it no longer names. Each change goes on record."
        ),
        _on(moderation.published.accept_file, "file"),
        (_("The domain is the organisation's own."), _("The register names the domain.")),
        offered=lambda file: file.found is not None,
        tells=False,
    ),
    Decision(
        "decline_numbers_file",
        "reputation.mark_official_number",
        "x",
        _("Leave the directory as it is"),
        _("The file is looked at again once it changes."),
        _on(moderation.published.decline_file, "file"),
        (_("The domain may have been taken over."), _("The numbers are not the organisation's.")),
        offered=lambda file: file.found is not None,
        tells=False,
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
# By verb alone: the label; and the permission, which also covers undoing.
NAMES: dict[str, Words] = {
    decision.verb: decision.label for some in DECISIONS.values() for decision in some.values()
} | {"leave": _("Left as it is")}
PERMISSIONS = {
    decision.verb: decision.permission for some in DECISIONS.values() for decision in some.values()
} | {"leave": "reputation.change_queueitem"}

UNDO_REASONS = (_("A slip of the hand."), _("New facts."), _("It was about another."))
LEAVE_REASONS = (
    _("Nothing to go by yet."),
    _("As it should be."),
    _("Waits for an answer from outside."),
)
