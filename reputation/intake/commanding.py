"""Handles messages that are commands: UNDO, LINK, STOP, or the answer to a question."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from reputation import rights
from reputation.identity import Identity
from reputation.intake import keeping, replies
from reputation.intake.correcting import last_report
from reputation.intake.grammar import Command, Reading
from reputation.intake.meanings import defended, own_number
from reputation.intake.working import Question, Status, Work
from reputation.models import IntakeMessage, Reporter
from reputation.privacy import pseudonym
from reputation.reports import link_codes, linking, mailboxes, withdraw_report

ERASE_WITHIN = timedelta(minutes=30)  # and up to twice as long


def help(work: Work, argument: str) -> str:
    return replies.help_text()


def stop(work: Work, argument: str) -> str:
    work.known().stopped_at = work.now
    work.known().save(update_fields=["stopped_at"])
    return replies.stopped()


def start(work: Work, argument: str) -> str:
    work.known().stopped_at = None
    work.known().save(update_fields=["stopped_at"])
    return replies.started()


def report_it(work: Work, argument: str) -> str:
    return _decided(work, lambda reading: reading)


def spare_it(work: Work, argument: str) -> str:
    return _decided(work, defended)


def _decided(work: Work, as_what: Callable[[Reading], Reading]) -> str:
    """Makes the message about which we last answered or asked a report; returns the answer."""
    question = _asked_for_purpose(work)
    first = work.reading_of(answer=False, of=keeping.content_of(question)) if question else None
    if question is None or first is None or first.number is None or first.further:
        return replies.help_text()
    reply = work.file(question, as_what(first), first.number, files_of=question)
    question.save()
    work.message.answers, work.message.report = question, question.report
    return reply


def _asked_for_purpose(work: Work) -> IntakeMessage | None:
    """The message of the sender about which we last asked what they want."""
    asked = IntakeMessage.objects.filter(
        sender=work.sender, asked=Question.PURPOSE, asked_until__gt=work.now
    )
    open_ = asked.filter(status__in=[Status.ASKED, Status.ANSWERED]).exclude(pk=work.pk)
    return open_.order_by("-received_at", "-id").first()


def is_asked_for_purpose(work: Work) -> bool:
    return _asked_for_purpose(work) is not None


def undo(work: Work, argument: str) -> str:
    if work.reading.number is not None:
        return _undo_of(work, (work.reading.number, *work.reading.further))
    report = last_report(work)
    if report is None:
        return replies.nothing_to_undo()
    withdraw_report(reporter=work.reporter(), public_id=report.public_id, now=work.now)
    return replies.undone(report.number)


def _undo_of(work: Work, numbers: Sequence[Identity]) -> str:
    """Takes back the report of the first of these numbers that the sender reported."""
    reports = (work.own_report(each) for each in numbers)
    report = next((each for each in reports if each is not None), None)
    if report is None:
        return replies.no_report(numbers[0])
    withdraw_report(reporter=work.reporter(), public_id=report.public_id, now=work.now)
    return replies.undone(report.number, others=len(numbers) - 1)


def link(work: Work, code: str) -> str:
    """Gives out a code, or redeems one that came by e-mail. Over SMS we only give codes out: a code
    that is entered on a page proves that the sender has the phone. Otherwise a forger who fakes a
    sender could send a code of their own and take over that person's voice. A code by e-mail is
    answered with a second one for the same reason."""
    reporter = work.reporter()
    try:
        if not code or work.message.channel == "sms":
            return replies.link_code(link_codes.issue_code(reporter=reporter, now=work.now))
        try:
            merged = link_codes.redeem_second(reporter=reporter, code=code, now=work.now)
        except link_codes.CodeUnknown:
            return replies.link_asked_back(
                link_codes.ask_back(reporter=reporter, code=code, now=work.now)
            )
    except link_codes.CodeUnknown:
        return replies.code_unknown()
    except link_codes.AlreadyOne:
        return replies.already_one()
    except linking.ReportsPending:
        return replies.link_later()
    except linking.LinkRefused:
        return replies.link_refused()
    return replies.linked(merged.moved)


def erase(work: Work, code: str) -> str:
    """Erases the sender when the code comes back, which only the sender gets, as for LINK. People
    with an account do this on the pages, which show what else is erased."""
    reporter = work.reporter()
    if reporter.kind == Reporter.Kind.PERSON or _has_account(work):
        return replies.erase_in_account()
    if not code:
        return replies.erase_code(_erase_code(work, work.now))
    valid = (_erase_code(work, work.now), _erase_code(work, work.now - ERASE_WITHIN))
    if "".join(filter(str.isalnum, code)).upper() not in {c.replace("-", "") for c in valid}:
        return replies.code_unknown()
    is_mail = work.message.channel == "email"
    names = [
        (reporter.kind, reporter.handle),
        *(mailboxes.names_of_mailbox(work.incoming.sender) if is_mail else ()),
    ]
    phones = [work.phone.key] if work.phone else []
    contacts = {work.incoming.sender, work.incoming.reply_to}  # both spellings of the sender
    who = rights.DataSubject(names, contacts=contacts, phones=phones)
    rights.hold(who)  # before its numbers: all of this is one transaction
    rights.erase(who=who, now=work.now)
    digest = work.message.digest
    work.message.refresh_from_db()
    # Otherwise the same message, delivered once more, would be new and begin a new voice.
    work.message.digest, work.message.status = digest, Status.ANSWERED
    return replies.erased()


def _has_account(work: Work) -> bool:
    """Whether the mailbox has an account, where it speaks under another name; then the account's
    erasure includes all of it."""
    if work.message.channel != "email":
        return False
    account, _ = mailboxes.names_of_mailbox(work.incoming.sender)
    addresses = {work.incoming.sender, work.incoming.reply_to.lower()}
    return (
        Reporter.objects.filter(kind=account[0], handle=account[1]).exists()
        or User.objects.filter(email__in=addresses, is_staff=False).exists()
    )


def dispute(work: Work, argument: str) -> str:
    return own_number(work, work.reading)


def _erase_code(work: Work, at: datetime) -> str:
    """A code for the sender in the half hour of `at`; it is not stored."""
    window = int(at.timestamp() // ERASE_WITHIN.total_seconds())
    code = pseudonym("erase", f"{work.known().pk}\0{window}")[:10].upper()
    return f"{code[:5]}-{code[5:]}"


COMMANDS: dict[Command, Callable[[Work, str], str]] = {
    Command.HELP: help,
    Command.STOP: stop,
    Command.START: start,
    Command.UNDO: undo,
    Command.LINK: link,
    Command.DISPUTE: dispute,
    Command.ERASE: erase,
    Command.REPORT: report_it,
    Command.LEGITIMATE: spare_it,
}
