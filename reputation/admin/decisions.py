"""The panel's words for decisions, their frequent reasons, and their keys.

reputation.decisions has their permissions and particulars, and takes them.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from reputation.decisions import BY_VERB, RULES, Rule

type Words = Any  # a text, translated or to be translated when shown


@dataclass(frozen=True)
class Decision:
    """The words of a decision, and the key that opens its page."""

    verb: str
    key: str
    label: Words
    consequence: Words
    reasons: tuple[str, ...]  # codes of moderation.reasons

    @property
    def rule(self) -> Rule:
        return BY_VERB[self.verb]


SEEN = "submitted_evidence"
INDEPENDENT = "independent_reports"
CHECKED = "called_the_number"
HOLDER = "holder_showed_proof"
BRIGADE = "accounts_move_as_one"
MISTAKE = "earlier_mistake"

WORDS = (
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
            "holder_does_not_call",
            "storm_on_quiet_number",
            "failed_attestation",
        ),
    ),
    Decision(
        "unmark_spoofed",
        "s",
        _("No longer spoofed"),
        _("The holder makes these calls: reports count for what they are."),
        ("storm_is_over", CHECKED, MISTAKE),
    ),
    Decision(
        "mark_reassigned",
        "w",
        _("New holder"),
        _(
            "What was reported and decided before that day is void and stays on record. Reports "
            "from that day on count."
        ),
        ("carriers_list", HOLDER, "long_silence"),
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
        _("Overrides all evidence until the end of that day."),
        ("attack_goes_on", "order_of_authority", HOLDER),
    ),
    Decision(
        "unpin_number",
        "u",
        _("Take the pin off"),
        _("The evidence decides again what clients are told."),
        ("attack_is_over", "order_ended", MISTAKE),
    ),
    Decision(
        "hold_number",
        "y",
        _("Hold at flag for a day"),
        _(
            "The number is not blocked for 24 hours, whatever the evidence and whatever others "
            "decided: until a second person can look. For emergencies; one person may do it."
        ),
        ("attack_goes_on", "account_taken_over", HOLDER),
    ),
    Decision(
        "mark_official",
        "o",
        _("Enter in the directory"),
        _("The number is shown under this name, and reports alone neither flag nor block it."),
        ("institutions_page", "authoritys_register", HOLDER),
    ),
    Decision(
        "unmark_official",
        "o",
        _("Take out of the directory"),
        _("Reports count against the number like against any other."),
        ("institution_gave_it_up", "gone_from_register", MISTAKE),
    ),
    Decision(
        "mark_never_calling",
        "i",
        _("Never calls anybody"),
        _(
            "The number is in the directory under this name, and calls that show it are blocked "
            "from that day on, without any report."
        ),
        ("holder_says_so", "published_list"),
    ),
    Decision(
        "unmark_never_calling",
        "i",
        _("Calls again"),
        _("Calls from this number are judged like those from other official numbers."),
        (HOLDER, "gone_from_list", MISTAKE),
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
            "holders_letter",
            "carrier_says_so",
        ),
    ),
    Decision(
        "reject_report",
        "r",
        _("Reject as untrue"),
        _(
            "The report stops counting and stays on record. Its reporter loses trust. Filing it "
            "again brings nothing back."
        ),
        ("made_up", BRIGADE, "about_another_number"),
    ),
    Decision(
        "hide_report",
        "h",
        _("Hide the words"),
        _("Nobody but moderators reads what it says. It still counts."),
        ("names_people", "insults", "advertises"),
    ),
    Decision(
        "unhide_report",
        "h",
        _("Show the words again"),
        _("Everybody reads what it says, personal data masked."),
        ("names_nobody", MISTAKE),
    ),
    Decision(
        "merge_report",
        "m",
        _("Merge into another report"),
        _(
            "It is the same person or the same call as the report chosen here: only that one "
            "counts. Nobody loses trust."
        ),
        ("same_person", "same_call"),
    ),
    Decision(
        "unmask_report",
        "v",
        _("Read unmasked"),
        _("Shows you the personal data in it, once. It goes on record that you read it."),
        ("judge_a_threat", "find_duplicates", "authority_asked"),
    ),
    Decision(
        "block_reporter",
        "b",
        _("Block the reporter"),
        _(
            "No further report is accepted from this account, and its earlier reports stop "
            "counting."
        ),
        ("makes_reports_up", BRIGADE, "advertises"),
    ),
    Decision(
        "block_cluster",
        "B",
        _("Block the whole cluster"),
        _("The same for all accounts that move as one with this."),
        (BRIGADE, "many_accounts"),
    ),
    Decision(
        "unblock_reporter",
        "b",
        _("Let the reporter speak again"),
        _("New reports are accepted. What was dropped comes back only by taking the block back."),
        ("appeal_was_right", MISTAKE),
    ),
    Decision(
        "unlink_reporter",
        "u",
        _("Undo the link"),
        _(
            "Two voices again: this one gets its reports and its record back as they were before "
            "the link. What moderators decided since stays."
        ),
        ("two_persons", "voice_taken_over", MISTAKE),
    ),
    Decision(
        "uphold_dispute",
        "x",
        _("Uphold: the holder is right"),
        _(
            "The holder's objection is met, and for a time reports alone do not list the number. "
            "The holder reads the reason."
        ),
        (
            "reports_do_not_fit",
            "called_and_holder_is_right",
            "documents_prove_it",
        ),
    ),
    Decision(
        "reject_dispute",
        "c",
        _("Reject: the listing stands"),
        _("The evidence about the number stands. The holder reads the reason and may appeal once."),
        (
            "independent_reports_agree_on_calls",
            "statement_answers_nothing",
            "called_and_reports_are_true",
        ),
    ),
    Decision(
        "hold_dispute",
        "y",
        _("Hold block at flag for two weeks from now"),
        _("The number is not blocked meanwhile. A hold that is about to end lasts longer."),
        (
            "statement_may_be_true",
            "documents_being_checked",
        ),
    ),
    Decision(
        "reveal_contact",
        "v",
        _("Read the contact"),
        _("Shows you how the holder can be reached, once. It goes on record that you read it."),
        ("ask_back", "tell_the_decision", "authority_asked"),
    ),
    Decision(
        "confirm_campaign",
        "c",
        _("Confirm the campaign"),
        _(
            "Until the end of that day its numbers are flagged, and so is every number to come. "
            "Numbers that three trusted people from three networks report in its words, two of "
            "them after attested calls, are blocked while reports go on. A campaign may display "
            "numbers of innocent people: decide on the others one by one, and clear what does not "
            "belong. Official numbers, cleared ones and numbers that others defend are left alone."
        ),
        (
            "one_scam",
            INDEPENDENT,
            SEEN,
        ),
    ),
    Decision(
        "release_campaign",
        "x",
        _("No longer confirmed"),
        _("What the campaign's words do follows from its numbers again."),
        ("not_one_caller", "campaign_is_over", MISTAKE),
    ),
    Decision(
        "join_campaign",
        "m",
        _("Join to what it looks like"),
        _("Its reports count as the other campaign's, now and after each grouping."),
        ("one_scam", SEEN),
    ),
    Decision(
        "accept_numbers_file",
        "c",
        _("Take the numbers over"),
        _(
            "The directory gets the numbers that the organisation publishes, and loses those that "
            "it no longer names. Each change goes on record."
        ),
        ("own_domain", "register_names_domain"),
    ),
    Decision(
        "decline_numbers_file",
        "x",
        _("Leave the directory as it is"),
        _("The file is looked at again once it changes."),
        ("domain_taken_over", "not_their_numbers"),
    ),
    Decision(
        "grant_key",
        "c",
        _("Grant the key"),
        _(
            "The organisation's contacts get a mail and make the key themselves: nobody here sees "
            "it. It may do what is ticked, until the end of that day."
        ),
        ("known_organisation", "purpose_is_clear", "verifies_calls"),
    ),
    Decision(
        "refuse_key",
        "x",
        _("Refuse the request"),
        _("The person who asked gets a mail with the reason, and may ask again."),
        ("nobody_known", "purpose_is_not_clear", "own_key_is_enough"),
    ),
    Decision(
        "change_key",
        "p",
        _("Renew or change the terms"),
        _(
            "The new terms hold at once for all keys of the organisation. Where they allow more, "
            "its contacts make a new key for it."
        ),
        ("still_needed", "needs_more", "needs_less"),
    ),
    Decision(
        "end_key",
        "u",
        _("End the key"),
        _("Its keys stop working at once. The contacts get a mail with the reason."),
        ("key_in_wrong_hands", "not_as_agreed", "no_longer_needed"),
    ),
)

_BY_VERB = {decision.verb: decision for decision in WORDS}
DECISIONS = {kind: {verb: _BY_VERB[verb] for verb in rules} for kind, rules in RULES.items()}
# The words by verb.
NAMES: dict[str, Words] = {verb: decision.label for verb, decision in _BY_VERB.items()} | {
    "leave": _("Left as it is")
}
EXPORT_REASONS = ("regular_review", "authority_asked")
UNDO_REASONS = ("slip", "new_facts", "wrong_subject")
LEAVE_REASONS = (
    "nothing_yet",
    "as_it_should_be",
    "awaits_answer",
)
