"""Decisions of moderators on messages from which no program could make a report.

Reading one is recorded, since it shows who wrote it.
"""

from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from reputation.identity import Identity
from reputation.intake.grammar.reading import plain
from reputation.intake.grammar.words import is_forwarded
from reputation.intake.incoming import Incoming
from reputation.intake.keeping import content_of, network_of
from reputation.intake.working import COMMENT
from reputation.models import IntakeMessage, IntakeSender, Reporter
from reputation.moderation import By, DecisionError, record, require_reason
from reputation.reports import Statement, Submission, submit_report

_Status = IntakeMessage.Status


def read_message(*, message: IntakeMessage, **by: Unpack[By]) -> Incoming:
    """The message with its sender; the reading is recorded. Raises ReasonMissing, SealBroken."""
    with transaction.atomic():
        record(verb="read_message", after=_named(message), **by)
    return content_of(message)


@transaction.atomic
def file_message(
    *, message: IntakeMessage, identity: Identity, category: str, **by: Unpack[By]
) -> Submission:
    """Files the report that the sender meant, in the sender's voice: it counts as if a program had
    read it.

    Raises DecisionError, ReportError.
    """
    require_reason(by["reason"])
    waiting = _waiting(message)
    if waiting.sender is None:
        raise DecisionError(
            _(
                "Nobody vouches for the sender of this e-mail, so no report can be made for them. "
                "Close it."
            )
        )
    incoming = content_of(waiting)
    words = plain(f"{incoming.subject}\n{incoming.text}".strip())
    submission = submit_report(
        reporter=Reporter.objects.get(pk=waiting.sender.reporter_id),
        identity=identity,
        statement=Statement(
            category=category,
            comment=words[:COMMENT],
            channel="sms" if is_forwarded(words) else "call",
        ),
        network=network_of(incoming),
        now=by["now"],
    )
    before = {"status": waiting.status}
    waiting.status, waiting.report = _Status.REPORTED, submission.report
    waiting.save()
    after = _named(waiting) | {"status": waiting.status}
    record(
        verb="file_message",
        before=before,
        after=after,
        number=submission.number,
        report=submission.report,
        **by,
    )
    return submission


@transaction.atomic
def close_message(*, message: IntakeMessage, **by: Unpack[By]) -> None:
    """Closes the message without a report. It stays stored. Raises DecisionError."""
    require_reason(by["reason"])
    waiting = _waiting(message)
    before = {"status": waiting.status}
    waiting.status = _Status.CLOSED
    waiting.save()
    after = _named(waiting) | {"status": waiting.status}
    record(verb="close_message", before=before, after=after, **by)


def can_be_decided(message: IntakeMessage) -> bool:
    is_asked = message.status == _Status.ASKED and message.sender_id is not None
    return is_asked or message.status == _Status.KEPT


def _waiting(message: IntakeMessage) -> IntakeMessage:
    """The message, locked in the same order as for the sender's next message."""
    if message.sender_id is not None:
        IntakeSender.objects.select_for_update().get(pk=message.sender_id)
    locked = IntakeMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if not can_be_decided(locked):
        raise DecisionError(_("Something has become of this message already."))
    return locked


def _named(message: IntakeMessage) -> dict[str, str]:
    return {"message": str(message.public_id)}
