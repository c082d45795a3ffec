"""Frequent reasons by code, so that each reader reads them in their own language.

A stored reason is text. If a moderator chose a frequent reason, the text begins with its code, such
as `#independent_reports They rang my mother.`; `in_words` replaces the code by the reason. So a
moderator reads it in Chinese and a holder in English, and reasons can be counted.
"""

import re
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

_CODED = re.compile(r"#([a-z_]+)(?:\s+|$)")

REASONS: Final[dict[str, Any]] = {
    "independent_reports": _("Independent reports agree."),
    "submitted_evidence": _("What was submitted shows it."),
    "called_the_number": _("Called the number: it is as decided."),
    "accounts_move_as_one": _("Accounts that move as one."),
    "holder_does_not_call": _("The holder does not make these calls."),
    "storm_on_quiet_number": _("A storm of reports on a quiet number."),
    "failed_attestation": _("The calls failed attestation."),
    "storm_is_over": _("The storm is over."),
    "earlier_mistake": _("An earlier decision was wrong."),
    "carriers_list": _("The carrier's list."),
    "holder_showed_proof": _("The holder showed proof."),
    "long_silence": _("Long silence, then other calls."),
    "attack_goes_on": _("While an attack goes on."),
    "order_of_authority": _("An order of an authority."),
    "account_taken_over": _("A moderator's account was taken over."),
    "attack_is_over": _("The attack is over."),
    "order_ended": _("The order no longer holds."),
    "institutions_page": _("On the institution's own page."),
    "authoritys_register": _("In the authority's register."),
    "institution_gave_it_up": _("The institution gave it up."),
    "gone_from_register": _("The register no longer has it."),
    "holder_says_so": _("The holder says so."),
    "published_list": _("In a published list of numbers that never call."),
    "gone_from_list": _("The list no longer has it."),
    "holders_letter": _("A letter on the holder's paper."),
    "carrier_says_so": _("The carrier says so."),
    "made_up": _("Made up."),
    "about_another_number": _("About another number."),
    "names_people": _("Names people."),
    "insults": _("Insults."),
    "advertises": _("Advertises."),
    "names_nobody": _("Names nobody."),
    "same_person": _("The same person by two channels."),
    "same_call": _("The same call, reported twice."),
    "judge_a_threat": _("To judge a threat."),
    "find_duplicates": _("To find duplicates."),
    "authority_asked": _("An authority asked."),
    "makes_reports_up": _("Makes reports up."),
    "many_accounts": _("One person with many accounts."),
    "appeal_was_right": _("Appealed, and was right."),
    "two_persons": _("They are two persons."),
    "voice_taken_over": _("Somebody took the voice over."),
    "reports_do_not_fit": _("The reports do not fit this holder."),
    "called_and_holder_is_right": _("The number was called, and what the holder says is true."),
    "documents_prove_it": _("The documents prove it."),
    "independent_reports_agree_on_calls": _("Independent reports describe the same calls."),
    "statement_answers_nothing": _("The statement does not answer the reports."),
    "called_and_reports_are_true": _("The number was called, and the reports are true."),
    "statement_may_be_true": _("The holder's statement may be true."),
    "documents_being_checked": _("The holder's documents are being checked."),
    "ask_back": _("To ask back."),
    "tell_the_decision": _("To tell the decision."),
    "one_scam": _("All of this is one scam."),
    "not_one_caller": _("Its numbers belong to different callers."),
    "campaign_is_over": _("The campaign is over."),
    "own_domain": _("The domain is the organisation's own."),
    "register_names_domain": _("The register names the domain."),
    "domain_taken_over": _("The domain may have been taken over."),
    "not_their_numbers": _("The numbers are not the organisation's."),
    "known_organisation": _("A known organisation, reached at its published address."),
    "verifies_calls": _("It showed how it verifies calls."),
    "purpose_is_clear": _("The purpose is clear."),
    "nobody_known": _("Nobody known under this name."),
    "purpose_is_not_clear": _("The purpose is not clear. Ask again, and say more."),
    "own_key_is_enough": _("A key of your own is enough for this."),
    "still_needed": _("It is still needed."),
    "needs_more": _("It needs more."),
    "needs_less": _("It needs less."),
    "key_in_wrong_hands": _("The key is in the wrong hands."),
    "not_as_agreed": _("It was not used as agreed."),
    "no_longer_needed": _("It is no longer needed."),
    "slip": _("A slip of the hand."),
    "new_facts": _("New facts."),
    "wrong_subject": _("It was about another."),
    "nothing_yet": _("Nothing to go by yet."),
    "as_it_should_be": _("As it should be."),
    "awaits_answer": _("Waits for an answer from outside."),
    "regular_review": _("For the regular review."),
    "to_file_it": _("To file it."),
    "plain_words": _("Plain from the words."),
    "sender_said_so": _("The sender said so."),
    "nothing_to_go_by": _("Nothing to go by."),
}


def coded(code: str, words: str = "") -> str:
    """The text of a frequent reason, followed by the moderator's own words."""
    return f"#{code} {words}".strip()


def code_of(reason: str) -> str:
    """The code with which a reason begins; "" without a known code."""
    begins = _CODED.match(reason)
    return begins[1] if begins and begins[1] in REASONS else ""


def codes_saying(words: str) -> list[str]:
    """The codes whose reason contains the words, in the reader's language."""
    return [code for code, text in REASONS.items() if words.lower() in str(text).lower()]


def in_words(reason: str) -> str:
    """The reason in the reader's language; unchanged without a known code."""
    code = code_of(reason)
    if not code:
        return reason
    return f"{REASONS[code]} {_CODED.sub('', reason, count=1)}".strip()
