"""The words of pages: plain names for categories, acts, verdicts and errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from edge import Share
from reputation.identity import InvalidNumber, display
from reputation.languages import gap, is_chinese
from reputation.lookup import Answer, advice
from reputation.models import Complaint, Report
from reputation.privacy import FEW
from reputation.scoring import Action, Code, Status

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words
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
    "empty": _("Type the number that called, for example +86 138 1234 5678."),
    "withheld": _(
        "The caller hid the number, so there is none to look up. Your phone can block hidden calls."
    ),
    "not_a_number": _(
        "This is not a telephone number. Type the digits, for example +86 138 1234 5678."
    ),
    "letters": _(
        "This is a name, not a telephone number. Type the digits, for example +86 138 1234 5678."
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
BLOCKED = _("Reports from your account are no longer accepted. Write to the moderators to appeal.")
# Added to the error about letters, on pages that accept some names.
NAME_UNKNOWN = _("As a sender of text messages, nobody has reported this name.")
NAME_BY_TEXT = _(
    "If a text message came under this name, choose “a text message” under “It came as”."
)
NAME_IN_LIST = _("Names that callers show have a field of their own, below.")


def number_error(error: InvalidNumber, of_names: Any = "") -> str:
    """What is wrong with a number, and what to do. `of_names`: added to the error about a name."""
    text = str(NUMBER_ERRORS[error.code])
    return sentences(text, str(of_names)) if of_names and error.code == "letters" else text


def colon(term: object = "") -> str:
    """The sign between a term and a statement about it. A question has its own."""
    if str(term).endswith(("?", "？")):
        return gap()
    return "：" if is_chinese(get_language() or "") else ": "


def comma() -> str:
    """The sign between items of a list, or before an addition."""
    return "，" if is_chinese(get_language() or "") else ", "


def semicolon() -> str:
    """The sign between items of a list that may contain commas."""
    return "；" if is_chinese(get_language() or "") else "; "


def own_numbers() -> list[str]:
    """Our numbers for text messages."""
    return [display(number) for number in settings.INTAKE_OWN_NUMBERS]


def sentences(*texts: str) -> str:
    """The sentences, joined as the reader's language does."""
    return gap().join(texts)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a number is, in a few words. `look` is a class of the style sheet and an icon."""

    look: str
    title: Words
    meaning: Words
    steps: tuple[Words, ...]


_HANG_UP = _("Do not answer, or hang up. You owe a caller nothing, not even an answer.")
_NO_DATA = _("Do not confirm your name, ID, address, or whether a loan exists.")
_NO_MONEY = _("Pay nothing on a call, and nothing to a private account.")
_CHECK = _("Check a claim yourself: the lender's own app, or the number on your contract.")
_BLOCK = _("Block the number on your phone, and keep the call log.")
_FAKED = _("A number on the screen can be faked. For anything important, hang up and call back.")
_NOT_BACK = _("Do not call back: you would reach its holder, who did not call you.")
_DIAL = _("Hang up. Then dial the number yourself: so you reach its real holder.")
_DECIDE = _("Answer if you like. There is no reason to warn of it now.")
_POLICE = _(advice.Step.POLICE)
_REPORT = _("If the call was unwanted, report it: the next person will see it.")

BLOCK = Verdict(
    "block",
    _("Do not answer"),
    _("Calls from this number are unwanted. Phones that use our list block it."),
    (_HANG_UP, _NO_DATA, _NO_MONEY, _BLOCK),
)
FLAG = Verdict(
    "flag",
    _("Be careful"),
    _("People have reported this number. It may well be an unwanted call."),
    (_NO_DATA, _NO_MONEY, _CHECK),
)
OFFICIAL = Verdict(
    "good",
    _("Official number"),
    _("We have verified whose number this is."),
    (_FAKED, _DIAL, _NO_DATA),
)
ATTACKED = Verdict(
    "flag",
    _("A real number that callers fake"),
    _(
        "The number belongs to the holder named above. People report calls that only showed it: "
        "who calls you under it may be somebody else."
    ),
    (_DIAL, _NO_DATA, _NO_MONEY),
)
IMPERSONATED = Verdict(
    "flag",
    _("This number is being faked"),
    _("Others call under this number. Whoever it belongs to is probably not who called you."),
    (_NOT_BACK, _NO_DATA, _NO_MONEY),
)
DISPUTED = Verdict(
    "flag",
    _("Be careful: this is disputed"),
    _("People have reported this number, and its holder objects. A moderator will decide."),
    (_NO_DATA, _NO_MONEY, _CHECK),
)
REASSIGNED = Verdict(
    "none",
    _("New holder"),
    _("This number changed hands. What was reported before no longer counts."),
    (_DECIDE, _REPORT),
)
CLEAR = Verdict(
    "good",
    _("No warning"),
    _("What we know about this number gives no reason to warn of it."),
    (_DECIDE, _REPORT),
)
UNCLEAR = Verdict(
    "none",
    _("Not clear"),
    _("Some report this number, but they are too few, too new, or others disagree."),
    (_NO_DATA, _NO_MONEY, _CHECK),
)
UNKNOWN = Verdict(
    "none",
    _("Nobody has reported this number"),
    _("We know nothing about it. That makes it neither good nor bad."),
    (_NO_DATA, _CHECK, _REPORT),
)
FADED = Verdict(
    "none",
    _("Nothing recent is known"),
    _("What was reported is too old to count. That makes the number neither good nor bad."),
    (_NO_DATA, _CHECK, _REPORT),
)


# The confidence from which evidence is called strong, or fair.
STRONG, FAIR = 0.75, 0.45
# From this percentage on, "no warning" would sound like praise.
UNCLEAR_AT = 30


def verdict(answer: Answer, *, attacked: bool = False) -> Verdict:
    """The verdict of an answer. `attacked`: several people lately reported faked calls with this
    official number."""
    match answer.status:
        case Status.OFFICIAL if answer.action == Action.BLOCK:
            return BLOCK
        case Status.OFFICIAL:
            return ATTACKED if attacked else OFFICIAL
        case Status.SPOOFED:
            return IMPERSONATED
        case Status.DISPUTED:
            return DISPUTED
    if answer.action == Action.BLOCK:
        return BLOCK
    if answer.action == Action.FLAG:
        return FLAG
    match answer.status:
        case Status.REASSIGNED:
            return REASSIGNED
        case Status.CLEAR:
            return CLEAR if answer.score < UNCLEAR_AT else UNCLEAR
    return FADED if answer.reports else UNKNOWN


def steps(answer: Answer, *, attacked: bool = False, dials: bool = True) -> list[Words]:
    """What to do now, the most urgent first. `dials`: whether the reader's country can dial the
    number; a short code of another country is another number here, or none."""
    urgent = [
        _CHECK if step is _DIAL and not dials else step
        for step in verdict(answer, attacked=attacked).steps
    ]
    if answer.category == "threat" and answer.action != Action.ALLOW:
        urgent.insert(0, _POLICE)
    return urgent


def speaks_of_the_caller(answer: Answer) -> bool:
    """Whether to show the score: that of a faked number is about those who fake it."""
    return answer.score > 0 and answer.status not in (
        Status.UNKNOWN,
        Status.OFFICIAL,
        Status.SPOOFED,
    )


# More reasons that need no statistics: the effect of words, and that a number never calls.
PLAIN_REASONS = frozenset(
    {
        *(Code.NEVER_CALLS, Code.SAME_WORDS, Code.SAME_CAMPAIGN, Code.SAME_AS_OTHERS),
        *(Code.CAMPAIGN_CONFIRMED, Code.LINKED_FOR_NOW),
    }
)


def why(
    answer: Answer, kinds: Sequence[Share], *, last_day: date | None, only_new: bool = False
) -> list[str]:
    """Why a number is judged as it is, without statistics.

    `kinds`: the categories of its reports, most frequent first. `only_new`: all its reporters are
    new, and none was right before.
    """
    standing: dict[str, str] = {
        Status.OFFICIAL: gettext("A moderator verified whose number this is."),
        Status.SPOOFED: gettext("A moderator found that others fake this number."),
        Status.DISPUTED: gettext("Its holder objects, and proved to hold it."),
        Status.REASSIGNED: gettext("A moderator found that it has a new holder."),
    }
    sentences = [standing[answer.status]] if answer.status in standing else []
    if not answer.reports:
        return sentences or [gettext("Nobody has reported it.")]
    shown = {"count": answer.reports, "day": date_format(last_day) if last_day else ""}
    if answer.reports < FEW:  # then `last_day` is the Monday of a week
        shown["day"] = gettext("the week of %(day)s") % shown
    sentences.append(
        ngettext(
            "%(count)s report in all, the last from %(day)s.",
            "%(count)s reports in all, the last from %(day)s.",
            answer.reports,
        )
        % shown
    )
    if len(kinds) > 1:
        sentences.append(gettext("Most often: %(kind)s.") % {"kind": kinds[0].label})
    if speaks_of_the_caller(answer):
        if answer.score < UNCLEAR_AT and answer.confidence >= FAIR:
            sentences.append(
                gettext("Those who were right before, or a moderator, see no reason for a warning.")
            )
        elif answer.confidence >= STRONG:
            sentences.append(
                gettext("Many who reported it were right before, or a moderator agrees.")
            )
        elif answer.confidence >= FAIR and not only_new:
            sentences.append(gettext("Some who reported it were right before."))
        else:
            sentences.append(
                gettext("Those who reported it are few or new here: it may be a mistake.")
            )
    return sentences


def certainty(confidence: float, *, only_new: bool = False) -> Words:
    """How reliable a score is, in a word. `confidence` 0 to 1; `only_new` as in `why`."""
    if confidence >= STRONG:
        return pgettext_lazy("evidence", "strong")
    if confidence >= FAIR and not only_new:
        return pgettext_lazy("evidence", "fair")
    if confidence > 0.0:
        return pgettext_lazy("evidence", "thin")
    return pgettext_lazy("evidence", "none")


def next_steps(category: str, conduct: list[str]) -> list[str]:
    """The next steps for the person who just filed this report, most urgent first."""
    return [gettext(step) for step in advice.next_steps(category, conduct)]
