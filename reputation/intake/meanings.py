"""Handles messages other than reports: questions, praise, calls that stopped, the sender's own
number."""

from collections.abc import Callable
from dataclasses import replace

from reputation import disputes
from reputation.intake import replies
from reputation.intake.grammar import Kind, Reading
from reputation.intake.working import NATIONAL, Status, Work
from reputation.lookup import look_up
from reputation.reports import mark_stopped

LOOKED_UP = 3  # how many numbers of one message are answered: an SMS is short


def asked_about(work: Work, reading: Reading) -> str:
    """Answers a question about numbers. A sender who wants to report one replies with a word."""
    numbers = [each for each in (reading.number, *reading.further) if each is not None]
    work.expect_purpose(Status.ANSWERED)
    answers = [look_up(each, now=work.now) for each in numbers[:LOOKED_UP]]
    return replies.looked_up(answers, may_report=len(numbers) == 1)


def unclear(work: Work, reading: Reading) -> str:
    if reading.number is None:
        work.message.status = Status.ANSWERED
        unread = not work.region and NATIONAL.search(reading.text)
        return replies.which_country() if unread else replies.what_number()
    work.expect_purpose(Status.ASKED)
    return replies.what_purpose(reading.number)


def praise(work: Work, reading: Reading) -> str:
    assert reading.number is not None  # noqa: S101 -- that is what makes it one
    return work.file(work.message, defended(reading), reading.number)


def calls_stopped(work: Work, reading: Reading) -> str:
    assert reading.number is not None  # noqa: S101 -- that is what makes it one
    work.message.status = Status.ANSWERED
    report = work.own_report(reading.number)
    if report is None:
        return replies.no_report(reading.number)
    mark_stopped(reporter=work.reporter(), public_id=report.public_id, now=work.now)
    return replies.calls_stopped(reading.number)


def own_number(work: Work, reading: Reading) -> str:
    work.message.status = Status.ANSWERED
    number = reading.number or work.phone
    if number is None or work.phone is None or number.key != work.phone.key:
        return replies.dispute(number)
    return replies.dispute(
        number,
        code=disputes.holders_code(number.key, work.now),
        opened=disputes.holders_dispute(key=number.key, now=work.now),
    )


def emergency(work: Work, reading: Reading) -> str:
    work.message.status = Status.ANSWERED
    return replies.emergency()


def defended(reading: Reading) -> Reading:
    """The reading, as of a report that the number is legitimate."""
    return replace(reading, category="legitimate", conduct=(), count=1, callback=None)


MEANINGS: dict[Kind, Callable[[Work, Reading], str]] = {
    Kind.NUMBER: asked_about,
    Kind.QUESTION: asked_about,
    Kind.UNCLEAR: unclear,
    Kind.LEGITIMATE: praise,
    Kind.STOPPED: calls_stopped,
    Kind.OWN: own_number,
    Kind.EMERGENCY: emergency,
}
