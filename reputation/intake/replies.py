"""What we answer: what was understood, or what is missing. Short: an SMS costs by the part."""

from datetime import datetime, tzinfo

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reputation.identity import display
from reputation.intake.grammar import Reading
from reputation.models import Number
from reputation.reports import CallInFuture, CallTooOld, ReportError
from reputation.scoring import Action

_AS = {
    "illegal_collection": gettext_noop("illegal debt collection"),
    "threat": gettext_noop("threats"),
    "impersonation": gettext_noop("impersonation"),
    "loan_scam": gettext_noop("loan scam"),
    "phishing": gettext_noop("phishing"),
    "telemarketing": gettext_noop("telemarketing"),
    "robocall": gettext_noop("robocall"),
    "silent_call": gettext_noop("silent call"),
    "survey": gettext_noop("survey"),
}


def understood(
    reading: Reading, number: Number, category: str, zone: tzinfo, *, created: bool, others: int
) -> str:
    """The number, when, as what, and what the public is told now."""
    said = [display(number.key)]
    if reading.occurred_at is not None:
        said.append(_moment(reading.occurred_at.astimezone(zone), reading.has_time))
    if category != "other":
        said.append(_(_AS[category]))
    what = _(", ").join(said)
    lines = [
        _("Reported: {what}.").format(what=what)
        if created
        else _("Your report was updated: {what}.").format(what=what),
        _state(number),
    ]
    if others:
        lines.append(_("Send other numbers in a message each."))
    lines.append(_("Wrong? Answer UNDO."))
    return _joined(lines)


def _state(number: Number) -> str:
    count = _("People who reported it: {count}.").format(count=number.reports)
    match number.action:
        case Action.BLOCK:
            return _joined([count, _("It is being blocked.")])
        case Action.FLAG:
            return _joined([count, _("Its calls are marked as suspicious.")])
    return count


def evidence(kept: int, refused: int) -> str:
    lines = []
    if kept:
        lines.append(_("Files kept as evidence: {count}.").format(count=kept))
    if refused:
        lines.append(_("Files that we cannot keep: {count}.").format(count=refused))
    return _joined(lines)


def which_number() -> str:
    return _(
        "Which number did it come from? Answer with the number or the sender's name, or with "
        '"don\'t know".'
    )


def which_country() -> str:
    return _("Please send the number with + and the country's code, such as +44 7700 900123.")


def kept_without_number() -> str:
    return _("Thank you. Without a number we cannot count it; a moderator will read it.")


def unreadable() -> str:
    return _joined(
        [
            _("We could not read that, so a moderator will."),
            _("To report a number, send: number*what happened."),
        ]
    )


def refused(error: ReportError) -> str:
    if isinstance(error, CallTooOld):
        return _("That call was more than a year ago. Please report what came lately.")
    if isinstance(error, CallInFuture):
        return _("The time of that call lies in the future. Please send it again.")
    return _("We could not take that report, so a moderator will look at it.")


def confirm() -> str:
    return _(
        "We got an e-mail that has your address as its sender. If you wrote it, answer this one "
        "without changing its subject, and it counts. If not, do nothing."
    )


def help_text() -> str:
    return _joined(
        [
            _("Report a call: time and number. Report a text: number*its words."),
            _("UNDO takes the last report back, LINK joins this to your account."),
            _("STOP ends answers."),
        ]
    )


def stopped() -> str:
    return _("You will get no more answers. What you report still counts. START brings them back.")


def started() -> str:
    return _("You will get answers again.")


def undone(number: Number) -> str:
    return _("Taken back: {number}.").format(number=display(number.key))


def nothing_to_undo() -> str:
    return _("There is no report of the last day to take back.")


def link_code(code: str) -> str:
    return _(
        "Your code is {code}, for 30 minutes. Enter it in your account, or send LINK {code} by "
        "e-mail. Give it to nobody else. You did not ask for it? Ignore this."
    ).format(code=code)


def linked(moved: int) -> str:
    return _("Linked: you count as one person now. Reports that came along: {count}.").format(
        count=moved
    )


def code_unknown() -> str:
    return _("This code is not known, was used, or is too old. Ask for a new one.")


def link_refused() -> str:
    return _("These two cannot be linked.")


def in_language(language: str) -> translation.override:
    return translation.override(language or "en")


def _moment(moment: datetime, has_time: bool) -> str:
    # Translators: formats of Django's date filter.
    return date_format(moment, _("j M Y, H:i") if has_time else _("j M Y"))


def _joined(sentences: list[str]) -> str:
    between = "" if (translation.get_language() or "").startswith("zh") else " "
    return between.join(filter(None, sentences))
