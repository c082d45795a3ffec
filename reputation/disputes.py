"""Disputes: the holder of a number objects to what is told of it, and is heard by a deadline.

    open_dispute → a code goes to the number itself → verify → decide_dispute → (once) appeal

Only who gets calls or messages at the number can bring the code back, so a dispute is the holder's.
From then on block is held at flag until a moderator decides (reputation.dispute_decisions). Who
has lost before is heard too, but nothing is held for him meanwhile, and he has to wait in between.

Locks are taken on the number first, then on its disputes. None is held while a code is sent.
"""

import hmac
import secrets
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Max, Min, Q, Sum
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reputation import code_senders
from reputation.code_senders import Message, NotSent
from reputation.identity import Identity
from reputation.models import Dispute, Number
from reputation.models.dispute import MAX_ATTEMPTS, DisputeQuerySet
from reputation.moderation_record import change_standing
from reputation.pseudonyms import pseudonym
from reputation.scoring.policy import Action
from reputation.sealing import SealBroken, seal, unseal

# Eight digits, read out or typed in two groups. Five attempts at one in 10^8: an attacker who uses
# up each number's codes every day gets hold of one number in four million days.
CODE_DIGITS: Final = 8
CODE_LIFETIME: Final = timedelta(minutes=30)
# Asked for again within this time, the code under way is meant, and nothing is sent.
CODE_PAUSE: Final = timedelta(minutes=1)

# Codes cost money, and ring a telephone whose owner may know nothing of it. The number's own limit
# bounds what strangers can do to him; a network's, how many telephones one can ring.
CODES_PER_NUMBER: Final = 5
CODES_PER_NETWORK: Final = 10
LIMITED_FOR: Final = timedelta(days=1)

DECIDED_WITHIN: Final = timedelta(days=14)
APPEAL_WITHIN: Final = timedelta(days=30)
IMMUNITY: Final = timedelta(days=90)

# After a lost dispute the number waits so long before the next: longer each time, but for those who
# say that they have only now got the number.
COOL_DOWN: Final = timedelta(days=30)
LONGEST_COOL_DOWN: Final = timedelta(days=240)
# A network or a contact that lost so many disputes within a year gets nothing held either.
REPEATED_LOSSES: Final = 3
LOSSES_COUNT_FOR: Final = timedelta(days=365)

# Personal data goes when it has no use: the contact of a decided dispute when the time for an
# appeal is long over, its hash when losses count no more, and all of one that nobody verified.
CONTACT_KEPT: Final = timedelta(days=90)
UNVERIFIED_KEPT: Final = timedelta(days=30)

STATEMENT_LENGTH: Final = 2000
CONTACT_LENGTH: Final = 254

# Lines that take no text message get a call.
BY_VOICE: Final = frozenset({"fixed_line", "toll_free", "voip", "uan", "personal"})
# To these nothing is sent: a stranger could make us pay for each call.
COSTLY: Final = frozenset({"premium_rate", "shared_cost"})
CHINESE: Final = frozenset({"CN", "HK", "MO", "TW"})


class DisputeError(Exception):
    """A dispute does not get on. `field` names the part of the request at fault, or is empty."""

    field = ""


class DisputeNotFound(DisputeError):
    """There is no such dispute."""

    def __init__(self) -> None:
        super().__init__(_("There is no such dispute. Use the id that opening it answered."))


class NothingToDispute(DisputeError):
    """Nothing is held against the number."""

    field = "number"


class CannotReceiveCodes(DisputeError):
    """No code can be sent to this kind of number."""

    field = "number"


class AlreadyDisputed(DisputeError):
    """A verified dispute of the number waits for its decision."""

    field = "number"


class TooSoon(DisputeError):
    """The number lost a dispute lately. `retry_at`: when the next may be opened."""

    field = "number"

    def __init__(self, retry_at: datetime) -> None:
        text = _("The last dispute of this number was rejected. The next may be opened on {day}.")
        super().__init__(text.format(day=(retry_at + timedelta(days=1)).date().isoformat()))
        self.retry_at = retry_at


class TooManyCodes(DisputeError):
    """Too many codes went to this number, or were asked for from this network.

    `wait`: seconds after which the first of them counts no more.
    """

    def __init__(self, wait: int) -> None:
        super().__init__(_("Too many codes were asked for. Try again tomorrow."))
        self.wait = wait


class CodeNotSent(DisputeError):
    """The code is not on its way. `dispute` is kept: ask again, and nothing need be typed anew."""

    def __init__(self, dispute: Dispute) -> None:
        super().__init__(
            _("No code can be sent at the moment. What you wrote is kept: try again later.")
        )
        self.dispute = dispute


class WrongCode(DisputeError):
    field = "code"


class NoMoreAttempts(DisputeError):
    """Too many wrong codes: open the dispute anew."""

    field = "code"

    def __init__(self) -> None:
        super().__init__(_("Too many wrong codes. Open the dispute again to get another."))


class CodeExpired(DisputeError):
    """The code came too late: open the dispute anew."""

    field = "code"

    def __init__(self) -> None:
        super().__init__(_("This code is no longer valid. Open the dispute again to get another."))


class NotAppealable(DisputeError):
    """There is nothing to appeal against, or it is too late, or it was done."""


def open_dispute(
    *,
    identity: Identity,
    grounds: str,
    statement: str,
    contact: str = "",
    network: str,
    via: str = "",
    language: str = "",
    send: Callable[[Message], None] = code_senders.send,
    now: datetime,
) -> Dispute:
    """Opens a dispute and sends a code to the number. It counts for nothing until `verify`.

    The same again (number, grounds, words, contact, network) while the code is valid is the same
    dispute, and gets another code when the last was sent a minute ago or could not be. `via`: sms
    or voice, by default what suits the line; `language`: en or zh-hans, by default the country's.

    Call it outside of a transaction: what is written must last while the gateway is asked, which
    is what `send` does by default. Raises
    NothingToDispute, CannotReceiveCodes, AlreadyDisputed, TooSoon, TooManyCodes, CodeNotSent.
    """
    dispute, code = _prepare(
        identity=identity,
        grounds=grounds,
        statement=statement.strip(),
        contact=contact.strip(),
        network=network,
        via=via,
        language=language,
        now=now,
    )
    return _send(dispute, code, now, send)


def send_again(*, public_id: uuid.UUID, now: datetime) -> Dispute:
    """Sends another code for a dispute that waits for one; the one before is void then.

    Within a minute nothing is sent. Raises DisputeNotFound, CodeExpired, NoMoreAttempts,
    AlreadyDisputed, TooManyCodes, CodeNotSent.
    """
    with transaction.atomic():
        number, dispute = _lock(public_id)
        _require_awaiting(dispute, now)
        _require_none_open(number)
        code = _new_code(dispute, now)
        dispute.save()
    return _send(dispute, code, now, code_senders.send)


@transaction.atomic
def _prepare(
    *,
    identity: Identity,
    grounds: str,
    statement: str,
    contact: str,
    network: str,
    via: str,
    language: str,
    now: datetime,
) -> tuple[Dispute, str]:
    number = Number.objects.select_for_update().filter(key=identity.key).first()
    if number is None or not _is_disputable(number, now):
        raise NothingToDispute(
            _("Nothing is held against this number: there is nothing to settle.")
        )
    if not number.key.startswith("+") or number.line_type in COSTLY:
        raise CannotReceiveCodes(
            _("No code can be sent to this kind of number. Write to the moderators instead.")
        )
    _require_none_open(number)
    _require_patience(number, grounds, now)
    contact_hash = pseudonym("contact", _folded(contact)) if contact else ""
    dispute = (
        Dispute.objects.filter(
            number=number,
            status=Dispute.Status.AWAITING_CODE,
            code_expires_at__gt=now,
            attempts__lt=MAX_ATTEMPTS,
            network=network,
            grounds=grounds,
            statement=statement,
            contact_hash=contact_hash,
        )
        .order_by("-opened_at", "-id")
        .first()
    )
    if dispute is None:
        dispute = Dispute(
            number=number,
            grounds=grounds,
            statement=statement,
            contact_hash=contact_hash,
            network=network,
            opened_at=now,
            code_expires_at=now + CODE_LIFETIME,
            language=language or ("zh-hans" if number.country in CHINESE else "en"),
        )
        if contact:
            dispute.contact_sealed = seal(contact.encode(), bound=_bound(dispute))
    by_voice = number.line_type in BY_VOICE
    dispute.via = via or (Dispute.Via.VOICE if by_voice else Dispute.Via.SMS).value
    code = _new_code(dispute, now)
    dispute.save()
    return dispute, code


def _is_disputable(number: Number, now: datetime) -> bool:
    if number.immune_until is not None and number.immune_until > now and number.moderated <= 0:
        return False
    said = number.established + number.newcomers + number.imported  # what says unwanted
    return said > 0 or number.moderated > 0 or number.action != Action.ALLOW


def _require_none_open(number: Number) -> None:
    if Dispute.objects.open().filter(number=number).exists():
        raise AlreadyDisputed(
            _("This number is disputed already, and a moderator is going to decide.")
        )


def _require_patience(number: Number, grounds: str, now: datetime) -> None:
    lost = Dispute.objects.lost().filter(number=number)
    if number.epoch_at is not None:
        lost = lost.filter(opened_at__gte=number.epoch_at)
    losses = lost.count()
    rejected = Dispute.objects.filter(number=number, status=Dispute.Status.REJECTED)
    last: datetime | None = rejected.aggregate(last=Max("decided_at"))["last"]
    if not losses or last is None:
        return
    wait = COOL_DOWN
    if grounds != Dispute.Grounds.NEW_HOLDER:
        wait = min(COOL_DOWN * 2 ** min(losses - 1, 10), LONGEST_COOL_DOWN)
    if now < last + wait:
        raise TooSoon(last + wait)


def _new_code(dispute: Dispute, now: datetime) -> str:
    """Gives the dispute a new code and counts it; empty while the last is on its way."""
    sent_at = dispute.code_expires_at and dispute.code_expires_at - CODE_LIFETIME
    if dispute.codes_sent and sent_at is not None and now < sent_at + CODE_PAUSE:
        return ""
    if now >= dispute.opened_at + LIMITED_FOR:
        raise CodeExpired
    # Two numbers' holders in one network count one after the other.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('dispute codes'), hashtext(%s))",
            [dispute.network],
        )
    lately = Dispute.objects.filter(opened_at__gt=now - LIMITED_FOR)
    _require_room(lately.filter(number=dispute.number), CODES_PER_NUMBER, now)
    _require_room(lately.filter(network=dispute.network), CODES_PER_NETWORK, now)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    dispute.code_digest = _digest(dispute, code)
    dispute.code_expires_at = now + CODE_LIFETIME
    dispute.codes_sent += 1
    return code


def _require_room(disputes: DisputeQuerySet, limit: int, now: datetime) -> None:
    sent = disputes.filter(codes_sent__gt=0).aggregate(
        codes=Sum("codes_sent", default=0), first=Min("opened_at")
    )
    if sent["codes"] >= limit:
        wait = sent["first"] + LIMITED_FOR - now
        raise TooManyCodes(max(1, int(wait.total_seconds())))


def _send(dispute: Dispute, code: str, now: datetime, send: Callable[[Message], None]) -> Dispute:
    if not code:
        return dispute
    try:
        send(
            Message(
                to=dispute.number.key,
                via=dispute.via,
                language=dispute.language,
                text=_text(dispute, code),
                reference=f"{dispute.public_id.hex}-{dispute.codes_sent}",
            )
        )
    except NotSent:
        # Nobody's fault: it does not count, and the next request need not wait a minute. The code
        # stays good, for it may arrive all the same.
        Dispute.objects.filter(pk=dispute.pk, codes_sent=dispute.codes_sent).update(
            codes_sent=dispute.codes_sent - 1, code_expires_at=now + CODE_LIFETIME - CODE_PAUSE
        )
        dispute.refresh_from_db(fields=["codes_sent", "code_expires_at"])
        raise CodeNotSent(dispute) from None
    return dispute


def _text(dispute: Dispute, code: str) -> str:
    minutes = int(CODE_LIFETIME.total_seconds()) // 60
    with translation.override(dispute.language):
        if dispute.via == Dispute.Via.VOICE:
            return _(
                "This is Ringscore. Your code to dispute the listing of this number is: {code}. "
                "Again: {code}. Give it to nobody. If you did not ask for it, just hang up."
            ).format(code=", ".join(code))
        return _(
            "Ringscore: {code} is your code to dispute the listing of this number, valid for "
            "{minutes} minutes. Give it to nobody. Not you? Ignore this."
        ).format(code=f"{code[:4]} {code[4:]}", minutes=minutes)


def code_in(text: str) -> str:
    """The code in the text of a message, as its reader would type it."""
    return "".join(filter(str.isdecimal, text))[:CODE_DIGITS]


def verify(*, public_id: uuid.UUID, code: str, now: datetime) -> Dispute:
    """The code came back: the dispute is open, and the number shows it (see `open_dispute`).

    Verifying an open dispute again with the same code changes nothing. A wrong code counts, also
    when several come at once. Raises DisputeNotFound, WrongCode, NoMoreAttempts, CodeExpired,
    AlreadyDisputed.
    """
    with transaction.atomic():
        number, dispute = _lock(public_id)
        right = _is_right(dispute, code)
        if dispute.verified_at is not None:
            if right:
                return dispute
            raise CodeExpired
        _require_awaiting(dispute, now)
        if right:
            _require_none_open(number)
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
    past = history(dispute, now=now)
    dispute.status = Dispute.Status.OPEN.value
    dispute.verified_at = now
    dispute.deadline_at = now + DECIDED_WITHIN
    dispute.held = not past.has_lost_before
    dispute.save()
    if dispute.held:
        change_standing(number, {"disputed": True}, now=now)
    return dispute


def _is_right(dispute: Dispute, code: str) -> bool:
    digits = "".join(
        str(unicodedata.decimal(char))
        for char in code
        if char.isdecimal()  # full-width ones too; spaces and dashes are how people write it
    )
    return bool(dispute.code_digest) and hmac.compare_digest(
        dispute.code_digest, _digest(dispute, digits)
    )


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
        _require_none_open(number)
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


def find_dispute(*, public_id: uuid.UUID) -> Dispute:
    """The dispute with its number and its appeal (`appeals`). Raises DisputeNotFound."""
    disputes = Dispute.objects.select_related("number", "appeal_of").prefetch_related("appeals")
    found = disputes.filter(public_id=public_id).first()
    if found is None:
        raise DisputeNotFound
    return found


@dataclass(frozen=True, slots=True)
class History:
    """What else is known of who disputes: for moderators, and for what is held meanwhile.

    Losses are rejected disputes within a year that no appeal turned round: of this number (by its
    present holder), from this network, with this contact. `numbers_*`: how many numbers in all
    disputed from there, with that contact.
    """

    lost_by_number: int
    lost_by_network: int
    lost_by_contact: int
    numbers_by_network: int
    numbers_by_contact: int

    @property
    def has_lost_before(self) -> bool:
        return (
            self.lost_by_number > 0
            or self.lost_by_network >= REPEATED_LOSSES
            or self.lost_by_contact >= REPEATED_LOSSES
        )


def history(dispute: Dispute, *, now: datetime) -> History:
    """What else was disputed and lost by the number, from the network and with the contact."""
    others = Dispute.objects.filter(opened_at__gte=now - LOSSES_COUNT_FOR).exclude(pk=dispute.pk)
    lost = Dispute.objects.lost().filter(pk__in=others)
    of_number = Q(number_id=dispute.number_id)
    if (epoch := dispute.number.epoch_at) is not None:
        of_number &= Q(opened_at__gte=epoch)
    of_network = Q(network=dispute.network)
    of_contact = Q(contact_hash=dispute.contact_hash) & ~Q(contact_hash="")
    verified = Dispute.objects.filter(verified_at__isnull=False, pk__in=others)
    return History(
        lost_by_number=lost.filter(of_number).exclude(appeals=dispute).count(),
        lost_by_network=lost.filter(of_network).count(),
        lost_by_contact=lost.filter(of_contact).count(),
        numbers_by_network=verified.filter(of_network).values("number").distinct().count(),
        numbers_by_contact=verified.filter(of_contact).values("number").distinct().count(),
    )


def contact_of(dispute: Dispute) -> str:
    """The contact in clear; empty when there is none, or none that can be read any more.

    An appeal's is that of the dispute. For `reveal_contact` alone, which puts that on record.
    """
    dispute = dispute.appeal_of or dispute
    try:
        return unseal(bytes(dispute.contact_sealed), bound=_bound(dispute)).decode()
    except SealBroken:
        return ""


@dataclass(frozen=True, slots=True)
class Expired:
    """`codes` ran out, `contacts` were erased, `forgotten` disputes had never been verified."""

    codes: int
    contacts: int
    forgotten: int


@transaction.atomic
def expire(*, now: datetime) -> Expired:
    """Notes codes that ran out and forgets personal data that has no use any more."""
    ran_out = Dispute.objects.filter(status=Dispute.Status.AWAITING_CODE, code_expires_at__lte=now)
    codes = ran_out.update(
        status=Dispute.Status.EXPIRED, contact_sealed=b"", contact_hash="", code_digest=""
    )
    decided = Dispute.objects.filter(decided_at__lte=now - CONTACT_KEPT).exclude(contact_sealed=b"")
    pending = Dispute.objects.open().filter(appeal_of__isnull=False).values("appeal_of")
    contacts = decided.exclude(pk__in=pending).update(contact_sealed=b"")
    Dispute.objects.filter(decided_at__lte=now - LOSSES_COUNT_FOR).exclude(contact_hash="").update(
        contact_hash=""
    )
    forgotten, _each = Dispute.objects.filter(
        status=Dispute.Status.EXPIRED, opened_at__lte=now - UNVERIFIED_KEPT
    ).delete()
    return Expired(codes, contacts, forgotten)


def _lock(public_id: uuid.UUID) -> tuple[Number, Dispute]:
    """The number, then the dispute, locked until the transaction ends. Raises DisputeNotFound."""
    found = Dispute.objects.filter(public_id=public_id).values_list("number_id", flat=True).first()
    if found is None:
        raise DisputeNotFound
    number = Number.objects.select_for_update().get(pk=found)
    dispute = Dispute.objects.select_for_update().filter(public_id=public_id).first()
    if dispute is None:
        raise DisputeNotFound
    dispute.number = number
    return number, dispute


def _require_awaiting(dispute: Dispute, now: datetime) -> None:
    if dispute.status_at(now) != Dispute.Status.AWAITING_CODE:
        raise CodeExpired
    if dispute.attempts >= MAX_ATTEMPTS:
        raise NoMoreAttempts


def _digest(dispute: Dispute, code: str) -> str:
    return pseudonym("dispute code", f"{dispute.public_id}:{code}")


def _bound(dispute: Dispute) -> str:
    return f"contact of dispute {dispute.public_id}"


def _folded(contact: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", contact).casefold().split())
