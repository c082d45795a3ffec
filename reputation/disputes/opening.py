"""From the objection to the proof that it comes from the holder, and to the appeal.

Only who gets calls or messages at the number can bring the code back, so a dispute is the holder's.
From then on block may be held at flag (reputation.disputes.holds) until a moderator decides
(reputation.disputes.deciding). A holder who has lost before is heard too, but nothing is held for
them meanwhile, and they have to wait in between.

Locks are taken on the number first, then on its disputes. None is held while a code is sent.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Unpack

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reputation.disputes import senders
from reputation.disputes.codes import (
    CODE_LIFETIME,
    CodeExpired,
    DisputeError,
    NoMoreAttempts,
    TooManyCodes,
    WrongCode,
    is_holders,
    is_right,
    new_code,
    require_awaiting,
    send_code,
    suits,
)
from reputation.disputes.disputable import (
    NothingToDispute,
    is_code_sent,
    is_worth_a_code,
    lock_disputable,
    require_none_open,
    require_patience,
)
from reputation.disputes.former import give_way
from reputation.disputes.histories import contact_hash, seal_contact
from reputation.disputes.holds import may_hold
from reputation.disputes.senders import Message
from reputation.identity import Identity
from reputation.models import MAX_ATTEMPTS, Dispute, Number
from reputation.moderation import By, change_standing, record, require_reason
from reputation.privacy import is_reachable

DECIDED_WITHIN: Final = timedelta(days=14)
APPEAL_WITHIN: Final = timedelta(days=30)

STATEMENT_LENGTH: Final = 2000
CONTACT_LENGTH: Final = 254


class DisputeNotFound(DisputeError):
    """There is no such dispute."""

    def __init__(self) -> None:
        super().__init__(_("There is no such dispute. Use the id that opening it answered."))


class ContactUnreachable(DisputeError):
    """The contact has neither an e-mail address nor a telephone number."""

    field = "contact"

    def __init__(self) -> None:
        super().__init__(
            _("Nobody can be reached by this. Give an e-mail address or a telephone number.")
        )


class NotAppealable(DisputeError):
    """No decision of the dispute can be appealed, or not any more. The message says why."""


def open_dispute(
    *,
    identity: Identity,
    grounds: str,
    statement: str,
    contact: str = "",
    network: str,
    via: str = "",
    language: str = "",
    by_text: bool = False,
    send: Callable[[Message], None] = senders.send,
    now: datetime,
) -> Dispute:
    """Opens a dispute and sends a code to the number. It counts for nothing until `verify`.

    The same request (number, grounds, words, contact, network) while the code is valid returns the
    same dispute, and sends another code if the last was sent a minute ago or could not be sent.
    `via`: sms or voice, by default what suits the line; mobiles get texts alone. `language`: one of
    reputation.languages, by default the country's. `by_text`: the holder can text from the number
    for a code, so that a number to which we send no code can be disputed, too.

    Call it outside a transaction: the rows must be committed before `send` asks the gateway. Raises
    ContactUnreachable, NothingToDispute, CannotReceiveCodes, AlreadyDisputed, TooSoon,
    TooManyCodes, CodeNotSent.
    """
    statement, contact = statement.strip(), contact.strip()
    if contact and not is_reachable(contact):
        raise ContactUnreachable
    with transaction.atomic():
        number = lock_disputable(identity, now)
        gets_code = is_code_sent(number, by_text, now)
        require_patience(number, grounds, now)
        suiting_via, suiting_language = suits(number, via)
        said = {"number": number, "grounds": grounds, "statement": statement, "network": network}
        dispute = _awaiting(said, contact, now)
        if dispute is None:
            dispute = Dispute(
                **said,
                opened_at=now,
                code_expires_at=now + CODE_LIFETIME,
                language=language or suiting_language,
            )
            seal_contact(dispute, contact)
        dispute.via = suiting_via
        code, surplus = "", None
        try:
            code = new_code(dispute, now) if gets_code else ""
        except TooManyCodes as error:
            surplus, dispute.code_expires_at = error, now + CODE_LIFETIME
        dispute.save()
    if surplus is not None:
        raise TooManyCodes(surplus.wait, dispute)
    return send_code(dispute, code, now, send)


def _awaiting(said: Mapping[str, Any], contact: str, now: datetime) -> Dispute | None:
    """The newest dispute that says the same, and still waits for its code."""
    awaiting = Dispute.objects.filter(
        **said,
        contact_hash=contact_hash(contact),
        status=Dispute.Status.AWAITING_CODE,
        code_expires_at__gt=now,
        attempts__lt=MAX_ATTEMPTS,
    )
    return awaiting.order_by("-opened_at", "-id").first()


def send_again(*, public_id: uuid.UUID, now: datetime) -> Dispute:
    """Sends another code for a dispute that waits for one; the one before is void then.

    Within a minute nothing is sent. Raises DisputeNotFound, NothingToDispute, CodeExpired,
    NoMoreAttempts, AlreadyDisputed, TooManyCodes, CodeNotSent.
    """
    with transaction.atomic():
        number, dispute = _lock(public_id)
        require_awaiting(dispute, now)
        require_none_open(number)
        if not dispute.codes_sent and not is_worth_a_code(number):
            raise NothingToDispute(_("No code is sent to this number before others report it."))
        code = new_code(dispute, now)
        dispute.save()
    return send_code(dispute, code, now, senders.send)


def verify(*, public_id: uuid.UUID, code: str, now: datetime) -> Dispute:
    """The code came back: the dispute is open, and the number shows it (see `open_dispute`).

    Verifying an open dispute again with the same code changes nothing. A wrong code counts, also
    when several come at once. Raises DisputeNotFound, WrongCode, NoMoreAttempts, CodeExpired,
    AlreadyDisputed.
    """
    with transaction.atomic():
        number, dispute = _lock(public_id)
        right = is_right(dispute, code) or is_holders(number.key, code, now)
        if dispute.verified_at is not None:
            if right:
                return dispute
            raise CodeExpired
        require_awaiting(dispute, now)
        if right:
            require_none_open(number)
            return _opened(dispute, number, now)
        dispute.attempts += 1
        dispute.save(update_fields=["attempts"])
    left = MAX_ATTEMPTS - dispute.attempts
    if not left:
        raise NoMoreAttempts
    raise WrongCode(
        ngettext(
            "This is not the code that was sent. You have {left} attempt left.",
            "This is not the code that was sent. You have {left} attempts left.",
            left,
        ).format(left=left)
    )


def _opened(dispute: Dispute, number: Number, now: datetime) -> Dispute:
    give_way(number, now=now)
    dispute.held = may_hold(dispute, number, now=now)
    dispute.status = Dispute.Status.OPEN.value
    dispute.verified_at = now
    dispute.deadline_at = now + DECIDED_WITHIN
    dispute.save()
    if dispute.held:
        change_standing(number, {"disputed": True}, now=now)
    return dispute


@transaction.atomic
def open_for_holder(
    *,
    identity: Identity,
    grounds: str,
    statement: str,
    contact: str = "",
    **by: Unpack[By],
) -> Dispute:
    """A moderator opens a dispute for a holder who wrote: for numbers that get no codes, say.

    `reason`: how the holder showed that the number is theirs; it goes on record. The dispute counts
    as verified by a code, without any wait. Raises ReasonMissing, NothingToDispute,
    AlreadyDisputed.
    """
    require_reason(by["reason"])
    now = by["now"]
    number = lock_disputable(identity, now)
    require_none_open(number)
    dispute = Dispute(
        number=number,
        grounds=grounds,
        statement=statement.strip(),
        via=Dispute.Via.PANEL,
        language=suits(number)[1],
        opened_at=now,
    )
    seal_contact(dispute, contact.strip())
    dispute.save()
    opened = _opened(dispute, number, now)
    named = {"dispute": str(opened.public_id)}
    after = named | {"held": opened.held}
    record(verb="open_dispute", before=named, after=after, number=number, **by)
    return opened


def appeal(*, public_id: uuid.UUID, statement: str, now: datetime) -> Dispute:
    """Appeals, once, against a rejection: another moderator decides anew, by a new deadline.

    The decision stands meanwhile. Returns the appeal, a dispute with an id of its own; the same
    appeal again is that one. Raises DisputeNotFound, NotAppealable, AlreadyDisputed.
    """
    with transaction.atomic():
        number, dispute = _lock(public_id)
        known = dispute.appeals.first()
        if known is not None:
            if known.statement == statement.strip():
                return known
            raise NotAppealable(_("This decision was appealed before. The next one is final."))
        if dispute.appeal_of_id is not None:
            raise NotAppealable(_("The decision of an appeal is final."))
        if dispute.status != Dispute.Status.REJECTED or dispute.decided_at is None:
            raise NotAppealable(_("Only a rejected dispute can be appealed."))
        if now > dispute.decided_at + APPEAL_WITHIN:
            raise NotAppealable(
                _("An appeal is due within {days} days of the decision.").format(
                    days=APPEAL_WITHIN.days
                )
            )
        if not dispute.is_of_present_holder:
            raise NotAppealable(_("The number has another holder now, who alone may object."))
        require_none_open(number)
        give_way(number, now=now)
        return Dispute.objects.create(
            number=number,
            status=Dispute.Status.OPEN,
            grounds=dispute.grounds,
            statement=statement.strip(),
            network=dispute.network,
            contact_hash=dispute.contact_hash,
            via=dispute.via,
            language=dispute.language,
            opened_at=now,
            verified_at=now,
            deadline_at=now + DECIDED_WITHIN,
            appeal_of=dispute,
            barred_id=dispute.decided_by_id,
        )


def appealable_until(dispute: Dispute) -> datetime | None:
    """Until when the rejection can be appealed; None if it cannot be appealed, or was."""
    if dispute.status != Dispute.Status.REJECTED or dispute.decided_at is None:
        return None
    final = dispute.appeal_of_id is not None or bool(dispute.appeals.all())
    final = final or not dispute.is_of_present_holder
    return None if final else dispute.decided_at + APPEAL_WITHIN


def find_dispute(*, public_id: uuid.UUID) -> Dispute:
    """The dispute with its number and its appeal (`appeals`). Raises DisputeNotFound."""
    disputes = Dispute.objects.select_related("number", "appeal_of").prefetch_related("appeals")
    found = disputes.filter(public_id=public_id).first()
    if found is None:
        raise DisputeNotFound
    return found


def holders_dispute(*, key: str, now: datetime) -> Dispute | None:
    """The dispute of a number to which its holder can still do something: the open one, or else the
    last that was decided less than APPEAL_WITHIN ago. Only who proves to hold the number may be
    told its id, as for `codes.holders_code`."""
    of_holder = Dispute.objects.of_present_holder()
    verified = of_holder.filter(number__key=key, verified_at__isnull=False)
    return (
        verified.filter(status=Dispute.Status.OPEN).first()
        or verified.filter(decided_at__gte=now - APPEAL_WITHIN).order_by("-decided_at").first()
    )


def _lock(public_id: uuid.UUID) -> tuple[Number, Dispute]:
    """The number, then the dispute, locked until the transaction ends. Raises DisputeNotFound."""
    found = Dispute.objects.filter(public_id=public_id).values_list("number_id", flat=True).first()
    if found is None:
        raise DisputeNotFound
    number = Number.objects.select_for_update(no_key=True).get(pk=found)
    dispute = Dispute.objects.select_for_update().filter(public_id=public_id).first()
    if dispute is None:
        raise DisputeNotFound
    dispute.number = number
    return number, dispute
