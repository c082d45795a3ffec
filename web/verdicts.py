"""What a page says of a number: the verdict, what to do now, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from edge import Share
from reputation.lookup import Answer, advice
from reputation.privacy import FEW
from reputation.scoring import Action, Code, Status
from web.wording import Words

# The confidence from which evidence is called strong, or fair.
STRONG, FAIR = 0.75, 0.45
# From this percentage on, "no warning" would sound like praise.
UNCLEAR_AT = 30
# More reasons that need no statistics: the effect of words, and that a number never calls.
PLAIN_REASONS = frozenset(
    {
        *(Code.NEVER_CALLS, Code.SAME_WORDS, Code.SAME_CAMPAIGN, Code.SAME_AS_OTHERS),
        *(Code.CAMPAIGN_CONFIRMED, Code.LINKED_FOR_NOW),
    }
)


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
UNCERTAIN = Verdict(
    "none",
    _("Nothing certain is known"),
    _(
        "What was reported is too old to count, or proves nothing by itself. That makes the number "
        "neither good nor bad."
    ),
    (_NO_DATA, _CHECK, _REPORT),
)


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
    return UNCERTAIN if answer.reports else UNKNOWN


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
        sentences.append(_of_reporters(answer, only_new=only_new))
    return sentences


def _of_reporters(answer: Answer, *, only_new: bool) -> str:
    """How far those who reported the number can be believed."""
    if answer.score < UNCLEAR_AT and answer.confidence >= FAIR:
        return gettext("Those who were right before, or a moderator, see no reason for a warning.")
    if answer.confidence >= STRONG:
        return gettext("Many who reported it were right before, or a moderator agrees.")
    if answer.confidence >= FAIR and not only_new:
        return gettext("Some who reported it were right before.")
    return gettext("Those who reported it are few or new here: it may be a mistake.")


def certainty(confidence: float, *, only_new: bool) -> Words:
    """How reliable a score is, in a word. `confidence` 0 to 1; `only_new` as in `why`."""
    if confidence >= STRONG:
        return pgettext_lazy("evidence", "strong")
    if confidence >= FAIR and not only_new:
        return pgettext_lazy("evidence", "fair")
    if confidence > 0.0:
        return pgettext_lazy("evidence", "thin")
    return pgettext_lazy("evidence", "none")
