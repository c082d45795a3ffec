"""The texts of our answers: what was understood, or what is missing. Short, since each part of an
SMS costs money."""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from edge import page_of
from reputation import languages
from reputation.identity import Identity, display
from reputation.intake.grammar import Reading
from reputation.lookup import Answer
from reputation.models import Dispute, Number
from reputation.reports import AskedBack, CallInFuture, CallTooOld, ReportError
from reputation.scoring import CATEGORIES, Action, Status

QUOTED = 160  # characters of an e-mail that a stranger may read


def understood(
    reading: Reading, number: Number, category: str, zone: tzinfo, *, created: bool, others: int
) -> str:
    """The number, when it called, the category, and the present public answer."""
    parts = [display(number.key)]
    if reading.occurred_at is not None:
        parts.append(_moment(reading.occurred_at.astimezone(zone), reading.has_time))
    what = languages.in_a_row(filter(None, [*parts, _in_words(category)]))
    if category == "legitimate":
        lines = [_("Noted as honest: {number}.").format(number=parts[0])]
    elif created:
        lines = [_("Reported: {what}.").format(what=what), _state(number)]
    else:
        lines = [_("Your report was updated: {what}.").format(what=what), _state(number)]
    if others:
        lines.append(_("Send other numbers in a message each."))
    lines.append(_("Wrong? Answer UNDO."))
    return languages.sentences(*lines)


def _in_words(category: str) -> str:
    """The category, as short as labels are; empty if there is none, or if it says nothing."""
    return _(CATEGORIES[category].label) if category not in ("", "other") else ""


def looked_up(answers: Sequence[Answer], *, may_report: bool) -> str:
    """The public answers about the numbers in a question, and how to report one."""
    lines = [_known(answer) for answer in answers]
    if may_report:
        lines.append(_("Report it? Answer 1."))
    return languages.sentences(*lines)


def _known(answer: Answer) -> str:
    number = display(answer.number)
    match answer.status:
        case Status.SPOOFED if not answer.name:
            return _(
                "{number}: others fake this number. Whoever it belongs to probably did not "
                "call you."
            ).format(number=number)
        case Status.OFFICIAL | Status.SPOOFED if not _is_caught(answer):
            return languages.sentences(
                _("{number}: {name}.").format(number=number, name=answer.name)
                if answer.name
                else _("{number}: an official number.").format(number=number),
                _("Callers can fake it: hang up and dial it yourself."),
            )
        case Status.DISPUTED:
            return _("{number}: reported, and its holder objects.").format(number=number)
    if not answer.reports and answer.action == Action.ALLOW:
        return _("{number}: nobody has reported it, which proves nothing.").format(number=number)
    heading = languages.in_a_row(filter(None, [number, _in_words(answer.category)]))
    linked = _("The same caller is known from other numbers.") if answer.campaign else ""
    judged = languages.sentences(_judged(answer.reports, answer.action), linked)
    return f"{heading}{languages.colon()}{judged}"


def _is_caught(answer: Answer) -> bool:
    """Whether an official number is blocked for its own calls."""
    return answer.status == Status.OFFICIAL and answer.action == Action.BLOCK


def what_purpose(number: Identity) -> str:
    return _(
        "{number}: do you report it? Answer 1 to report it, 2 if it is honest. Without an answer "
        "it is not listed."
    ).format(number=display(number.key))


def what_number() -> str:
    return _("Which number is it about? Send it with what you want: to report, to ask, or UNDO.")


def calls_stopped(number: Identity) -> str:
    return _(
        "Noted: {number} has stopped. Your report stays in your records. It calls again? Report it "
        "again."
    ).format(number=display(number.key))


def no_report(number: Identity) -> str:
    return _("There is no report of yours about {number}.").format(number=display(number.key))


def dispute(number: Identity | None, *, code: str = "", opened: Dispute | None = None) -> str:
    """How to dispute. `code`: proves on the page that the number is the reader's. `opened`: their
    dispute, whose address they may have lost."""
    path = f"{page_of(number.key)}/dispute" if number else "/"
    where = _("Your own number? Object to what is said of it here: {url}").format(
        url=f"{settings.PUBLIC_URL}{path}"
    )
    if not code:
        return where
    shown = _(
        "Your code to dispute your number, for 30 minutes: {code}. Give it to nobody."
    ).format(code=f"{code[:5]} {code[5:]}")
    if opened is not None:
        where = _("Your objection and what became of it: {url}").format(
            url=f"{settings.PUBLIC_URL}/disputes/{opened.public_id}"
        )
    return f"{shown}\n{where}"


def emergency() -> str:
    return _(
        "In danger? Call it. Emergency numbers cannot be reported: if your phone showed one, the "
        "caller faked it. Report the number that you were asked to call back."
    )


def _state(number: Number) -> str:
    return _judged(number.reports, number.action)


def _judged(reports: int, action: str) -> str:
    count = _("People who reported it: {count}.").format(count=reports) if reports else ""
    match action:
        case Action.BLOCK:
            return languages.sentences(count, _("It is being blocked."))
        case Action.FLAG:
            return languages.sentences(count, _("Its calls are marked as suspicious."))
    return count


def evidence(kept: int, refused: int) -> str:
    lines = []
    if kept:
        lines.append(_("Files kept as evidence: {count}.").format(count=kept))
    if refused:
        lines.append(_("Files that we cannot keep: {count}.").format(count=refused))
    return languages.sentences(*lines)


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
    return languages.sentences(
        _("We could not read that, so a moderator will."),
        _("To report a number, send: number*what happened."),
    )


def winmail() -> str:
    return languages.sentences(
        _("Your mail came as winmail.dat, which only Outlook can read."),
        _("Send it again: in Outlook choose Format Text, then Plain Text."),
        _("To report a number, send: number*what happened."),
    )


def with_unread_mails(reply: str) -> str:
    """The reply to an e-mail that passes on more mails than are read."""
    only = _("Only the first of the mails that you passed on was read: please send each alone.")
    return f"{reply}\n\n{only}"


def refused(error: ReportError) -> str:
    if isinstance(error, CallTooOld):
        return _("That call was more than a year ago. Please report what came lately.")
    if isinstance(error, CallInFuture):
        return _("The time of that call lies in the future. Please send it again.")
    return _("We could not take that report, so a moderator will look at it.")


def confirm(
    *, code: str, hours: int, quote: str, reading: Reading, is_cut: bool, again: bool
) -> str:
    """Asks the owner of an address whether the message is theirs. `hours`: how long the question
    stands; `quote`: the message's masked beginning.

    It goes to people who may never have written to us, so except for the quote all words are ours.
    """
    what = ""
    if reading.command is not None:
        what = _("It asks for: {what}.").format(what=reading.command.name)
    elif reading.number is not None:
        of = filter(None, [display(reading.number.key), _in_words(reading.category)])
        what = _("It reports: {what}.").format(what=languages.in_a_row(of))
    cut = _("Files were not kept: attach them to your answer.") if is_cut else ""
    return "\n\n".join(
        filter(
            None,
            [
                _("Your answer does not say whether you wrote it.") if again else "",
                _("Somebody sent us this e-mail with your address as its sender:"),
                f"> {_harmless(quote)}",
                what,
                _("If it is yours, answer YES in the first line, or with this code: {code}").format(
                    code=code
                ),
                cut,
                _("If it is not, answer NO. It counts only after a YES."),
                ngettext(
                    "You can answer within {hours} hour of our first mail.",
                    "You can answer within {hours} hours of our first mail.",
                    hours,
                ).format(hours=hours),
            ],
        )
    )


def confirm_subject() -> str:
    return _("Is this e-mail yours?")


def denied() -> str:
    return _("Thank you. It does not count, and we have noted that it was not yours.")


def _harmless(quote: str) -> str:
    """The beginning, in a line in which mail programs find no address to click on."""
    words = " ".join(quote[:QUOTED].split())
    more = " …" if len(quote) > QUOTED else ""
    return re.sub(r"(?<=\w)[.。．](?=\w)", " . ", words).replace("://", " ") + more


def help_text() -> str:
    return languages.sentences(
        _("Report a call: time and number. Report a text: number*its words."),
        _("UNDO takes the last report back, LINK joins this to your account."),
        _("STOP ends answers."),
    )


def stopped() -> str:
    return _("You will get no more answers. What you report still counts. START brings them back.")


def started() -> str:
    return _("You will get answers again.")


def undone(number: Number, *, others: int = 0) -> str:
    """`others`: how many more numbers the message names, such as the one that was meant."""
    taken_back = _("Taken back: {number}. Was it not you? Report it again.").format(
        number=display(number.key)
    )
    rest = _("Send other numbers in a message each.") if others else ""
    return languages.sentences(taken_back, rest)


def nothing_to_undo() -> str:
    return _("There is no report of the last day to take back.")


def link_code(code: str) -> str:
    return _(
        "Your code is {code}, for 30 minutes. Enter it in your account, or send LINK {code} by "
        "e-mail. Give it to nobody else. You did not ask for it? Ignore this."
    ).format(code=code)


def link_asked_back(asked: AskedBack) -> str:
    """The answer to an address that sent a code: a second code, and what it will do."""
    if asked.is_account:
        what = _(
            "An account on our pages is to be linked with this address. Reports from here that it "
            "takes over: {count}. Whoever has that account can read them in full, change them, and "
            "speaks for this address from then on."
        )
    else:
        what = _(
            "A telephone or another address is to be linked with this one, as one person. Reports "
            "that come along: {count}. What either of them sends counts for both from then on."
        )
    return "\n\n".join(
        [
            what.format(count=asked.moves),
            _("Only if that is you, answer within 30 minutes: LINK {code}").format(code=asked.code),
            _("You did not ask for it? Ignore this. Nothing is linked then."),
        ]
    )


def linked(moved: int) -> str:
    return _("Linked: you count as one person now. Reports that came along: {count}.").format(
        count=moved
    )


def erase_code(code: str) -> str:
    return _(
        "This erases what we keep of you: your words, messages and files. Your reports go on "
        "counting, without you. There is no way back. To erase, send within 30 minutes: ERASE "
        "{code}. You did not ask for it? Ignore this."
    ).format(code=code)


def erased() -> str:
    return _("Erased. What we keep without you: kind, day and weight of your reports.")


def erase_in_account() -> str:
    return _("Erase everything in your account: {url}").format(
        url=f"{settings.PUBLIC_URL}/my/account"
    )


def code_unknown() -> str:
    return _("This code is not known, was used, or is too old. Ask for a new one.")


def already_one() -> str:
    return _("You count as one person here already. There is nothing to link.")


def link_refused() -> str:
    return _("These two cannot be linked.")


def link_later() -> str:
    return _("These two cannot be linked yet. Try again in a few minutes.")


def in_language(language: str) -> translation.override:
    return translation.override(language or languages.ENGLISH)


def _moment(moment: datetime, has_time: bool) -> str:
    return date_format(moment, "DATETIME_FORMAT" if has_time else "DATE_FORMAT")
