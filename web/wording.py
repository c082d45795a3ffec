"""The words of pages: plain names for categories, acts and errors, and the signs between them."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from reputation.identity import InvalidNumber, display
from reputation.languages import sentences
from reputation.lookup import advice
from reputation.models import Complaint, Report

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    type Words = _StrPromise
else:
    type Words = str

# In the order of the form: what frightens most comes first.
CATEGORIES: dict[str, tuple[Words, Words]] = {
    "illegal_collection": (
        _("Harassing debt collection"),
        _("for a loan of yours, of somebody else, or of nobody"),
    ),
    "threat": (_("Threats"), _("against you, your family or your work")),
    "impersonation": (
        _("Pretended to be somebody else"),
        _("the police, a bank, a court, a company"),
    ),
    "loan_scam": (_("Loan scam"), _("a fee in advance, a loan you never asked for")),
    "phishing": (_("Wanted codes, passwords or data"), _("also by a link in a message")),
    "telemarketing": (_("Sales call"), _("a person selling something")),
    "robocall": (_("Recorded voice"), _("a machine speaks")),
    "silent_call": (_("Silence or hung up"), _("nobody speaks")),
    "survey": (_("Survey"), _("questions, real or not")),
    "other": (_("Something else unwanted"), _("say what, below")),
    "legitimate": (_("It was a wanted, honest call"), _("your word helps a number listed wrongly")),
}

CONDUCT: dict[str, Words] = {
    Report.Conduct.THREATS.value: _("threatened me or my safety"),
    Report.Conduct.INSULT.value: _("insulted me or told lies about me"),
    Report.Conduct.FALSE_ACCUSATION.value: _("accused me falsely before others or the police"),
    Report.Conduct.RETALIATION.value: _("threatened me for testifying or complaining"),
    Report.Conduct.INTIMIDATION.value: _("calls or messages again and again to wear me down"),
    Report.Conduct.PRIVACY.value: _("spread my private data or pried into it"),
    Report.Conduct.THIRD_PARTIES.value: _("called my family, friends or work"),
    Report.Conduct.UNDISCLOSED.value: _("did not say that they collect a debt, or for whom"),
    Report.Conduct.NO_NOTICE.value: _(
        "sent nothing in writing about the debt within five days of the first call"
    ),
}

# Moderators' decisions by the verb of the audit entry, in words for everybody.
DECISIONS: dict[str, Words] = {
    "confirm_number": _("Number confirmed as unwanted"),
    "clear_number": _("Number judged legitimate"),
    "mark_spoofed": _("Number faked by others"),
    "unmark_spoofed": _("Number no longer faked"),
    "mark_reassigned": _("Number has a new holder"),
    "unmark_reassigned": _("Number still has its old holder"),
    "pin_number": _("Answer about a number fixed for a time"),
    "unpin_number": _("Answer about a number released"),
    "mark_official": _("Number entered in the directory"),
    "unmark_official": _("Number taken out of the directory"),
    "mark_never_calling": _("Number never calls"),
    "unmark_never_calling": _("Number calls again"),
    "reject_report": _("Report rejected as untrue"),
    "merge_report": _("Report merged with another"),
    "hide_report": _("Words of a report hidden"),
    "unhide_report": _("Words of a report shown again"),
    "block_reporter": _("Reporter blocked"),
    "unblock_reporter": _("Reporter let in again"),
    "unlink_reporter": _("Two voices of a reporter parted"),
    "uphold_dispute": _("Objection upheld"),
    "reject_dispute": _("Objection rejected"),
    "confirm_campaign": _("Campaign confirmed"),
    "release_campaign": _("Campaign no longer confirmed"),
    "join_campaign": _("Campaign joined to another"),
    "accept_numbers_file": _("Published list taken over"),
    "decline_numbers_file": _("Published list not taken over"),
}

URGENCY: dict[str, Words] = {
    "now": _("At once"),
    "today": _("Today"),
    "later": _("When you have time"),
    "last": _("If nothing else helps"),
}

COMPLAINT_STATES: dict[str, Words] = {
    Complaint.Status.PREPARED.value: pgettext_lazy("complaint", "prepared"),
    Complaint.Status.FILED.value: pgettext_lazy("complaint", "filed"),
    Complaint.Status.ANSWERED.value: pgettext_lazy("complaint", "answered"),
}

STATES: dict[str, Words] = {
    Report.Status.LIVE.value: _("in effect"),
    Report.Status.SETTLED.value: _("settled: they stopped"),
    Report.Status.WITHDRAWN.value: _("withdrawn"),
    Report.Status.REJECTED.value: _("rejected by a moderator"),
    Report.Status.MERGED.value: _("joined with another report"),
}

# The errors of reputation.identity.InvalidNumber in words for people, by code.
NUMBER_ERRORS: dict[str, Words] = {
    "empty": _("Type the number that called, for example +86 154 0000 1234."),
    "withheld": _(
        "The caller hid the number, so there is none to look up. Your phone can block hidden calls."
    ),
    "not_a_number": _(
        "This is not a telephone number. Type the digits, for example +86 154 0000 1234."
    ),
    "letters": _(
        "This is a name, not a telephone number. Type the digits, for example +86 154 0000 1234."
    ),
    "region_required": _("Choose the country of this number, or begin it with + and country code."),
    "unknown_region": _("Choose a country from the list."),
    "too_long": _("This is too long: give one number of at most 20 digits."),
    "impossible": _("No number looks like this. Check for missing or extra digits."),
    "emergency": _(
        "Emergency numbers are never listed. If your phone showed one, the caller faked it."
    ),
    "fictional": _("This number is reserved for films and belongs to nobody. Check the digits."),
}
NO_MOMENT = _("Give date and time, such as 2026-01-31 14:05.")
NO_SUCH_YEAR = _("This lies before 1970. Check the year.")
IN_FUTURE = _("This lies in the future. Give the time at which it came.")
TOO_OLD = _(
    "This is more than a year ago, and says nothing of the number today. Leave it empty, or give "
    "the time of a later call."
)
TOO_MANY_KEYS = _("You have too many keys. Revoke one that you no longer use.")
BLOCKED = _("Reports from your account are no longer accepted. Write to the moderators to appeal.")
# Added to the error about letters, on pages that accept some names.
NAME_UNKNOWN = _("As a sender of text messages, nobody has reported this name.")
NAME_BY_TEXT = _(
    "If a text message came under this name, choose “a text message” under “It came as”."
)
NAME_IN_LIST = _("Names that callers show have a field of their own, below.")


def number_error(error: InvalidNumber, of_names: Any) -> str:
    """What is wrong with a number, and what to do. `of_names`: added to the error about a name."""
    text = str(NUMBER_ERRORS[error.code])
    return sentences(text, str(of_names)) if of_names and error.code == "letters" else text


def own_numbers() -> list[str]:
    """Our numbers for text messages."""
    return [display(number) for number in settings.INTAKE_OWN_NUMBERS]


def next_steps(category: str, conduct: list[str]) -> list[str]:
    """The next steps for the person who just filed this report, most urgent first."""
    return [gettext(step) for step in advice.next_steps(category, conduct)]
