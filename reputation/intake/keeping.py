"""Stores messages, encrypted, before they are processed, and deletes them in time.

Anybody can write an e-mail in somebody's name, so unconfirmed e-mails get little room.
"""

import hashlib
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from reputation.attachments import StorageUnavailable, quotas
from reputation.identity import Identity
from reputation.intake import senders
from reputation.intake.incoming import Incoming
from reputation.intake.marks import digest_of
from reputation.models import Erasure, IntakeMessage, IntakeSender, Reporter
from reputation.privacy import mask, pseudonym, retention, seal, unseal
from reputation.reports import mailboxes

logger = logging.getLogger(__name__)

DAILY = 200  # messages of one sender; further ones are counted and not stored
# Bytes of e-mails in a day of one network (senders.network_of_address), in which anybody may own a
# domain and invent senders. From half of them on only UNPROVEN_BYTES of each are stored; beyond
# them further ones are counted. Files of a report that is filed at once are evidence all the same.
NETWORK_DAILY = quotas.DayShare("letters", 200_000_000)
# An unconfirmed address may belong to somebody else: it gets few letters of ours, and none after
# its owner denied an e-mail, as long as such e-mails are stored.
CONFIRMATIONS_DAILY = 3
# Unconfirmed e-mails: in all, from one domain, and unreadable ones. Further ones are not stored.
UNPROVEN_HOURLY = 200
UNPROVEN_DOMAIN_HOURLY = 50
UNREADABLE_HOURLY = 10
UNPROVEN_BYTES = 20_000  # stored of each until it is confirmed
UNPROVEN_KEPT_FOR = retention.UNPROVEN_MESSAGES.kept  # of which working.ANSWER_WITHIN to confirm
MASKED = 500  # characters of a message that lists show
KEPT_FOR = retention.MESSAGES.kept

_Status, _Question = IntakeMessage.Status, IntakeMessage.Question


def content_of(message: IntakeMessage) -> Incoming:
    """The message as received. Reading somebody's message must be recorded before."""
    return Incoming.unpack(unseal(bytes(message.sealed), bound=message.bound))


def reply_of(message: IntakeMessage) -> str:
    if not message.sealed_reply:
        return ""
    return unseal(bytes(message.sealed_reply), bound=message.reply_bound).decode()


def forget(*, now: datetime) -> int:
    """Deletes the texts of messages that were finished KEPT_FOR ago, and returns how many. Their
    outcome stays, and messages that wait for a moderator stay complete.

    E-mails that were not confirmed are deleted after UNPROVEN_KEPT_FOR; the rows of denied ones
    stay.
    """
    old = IntakeMessage.objects.filter(
        sender=None, received_at__lt=now - UNPROVEN_KEPT_FOR, answered_by=None
    )
    # Answers first: a question is deleted after the last of its answers, the next night.
    denials = IntakeMessage.objects.filter(status=_Status.DENIED).values("pk")
    gone = old.exclude(status=_Status.DENIED).exclude(answers__in=denials)
    unproven, _ = gone.delete()
    done = IntakeMessage.objects.filter(
        Q(
            received_at__lt=now - KEPT_FOR,
            status__in=[_Status.REPORTED, _Status.ANSWERED, _Status.IGNORED, _Status.CLOSED],
        )
        | Q(sender=None, received_at__lt=now - UNPROVEN_KEPT_FOR)
    )
    return unproven + done.exclude(sealed=b"").update(sealed=b"", sealed_reply=b"", masked="")


@transaction.atomic
def keep(incoming: Incoming, now: datetime) -> IntakeMessage | None:
    """The message's row, created if it is new; None if there is no room for it."""
    digest = _digest(incoming)
    known = IntakeMessage.objects.filter(channel=incoming.channel, digest=digest).first()
    if known is not None:
        return known
    if not quotas.messages_fit(now=now):
        logger.error(
            "messages are refused: MESSAGES_TOTAL_BYTES is used up. Make room, or raise it."
        )
        raise StorageUnavailable("There is no room for messages now: send it again later.")
    message = IntakeMessage(channel=incoming.channel, digest=digest, received_at=now)
    if incoming.authentic:
        message.sender = sender = sender_of(incoming, now)
        today = IntakeMessage.objects.filter(sender=sender, received_at__gt=now - timedelta(days=1))
        share = None if today.count() >= DAILY else _within_share(incoming)
        if share is None:
            IntakeSender.objects.filter(pk=sender.pk).update(surplus=sender.surplus + 1)
            return None
        incoming = share
    else:
        message.claimed = _handle(incoming)
        message.claimed_domain = pseudonym("mail-domain", incoming.sender.rpartition("@")[2])
        if not _has_room(message, incoming, now):
            logger.warning("an e-mail that nobody vouches for was one too many: not kept")
            return None
        incoming = incoming.bounded(UNPROVEN_BYTES)
    message.sealed = seal(incoming.pack(), bound=message.bound)
    message.masked = masked_beginning(incoming)
    IntakeMessage.objects.bulk_create([message], ignore_conflicts=True)
    return IntakeMessage.objects.get(channel=incoming.channel, digest=digest)


def _within_share(incoming: Incoming) -> Incoming | None:
    """As much of a proven message as its network's share of the room takes; None if none is
    left."""
    if incoming.channel != "email":
        return incoming
    network = senders.network_of_address(incoming.sender)
    left = NETWORK_DAILY.left(network)
    if not left:
        return None
    if 2 * left < NETWORK_DAILY.most:
        incoming = incoming.bounded(UNPROVEN_BYTES)
    NETWORK_DAILY.take(network, len(incoming.raw) + len(incoming.text))
    return incoming


def _has_room(message: IntakeMessage, incoming: Incoming, now: datetime) -> bool:
    """Whether one more unconfirmed e-mail may be stored."""
    unproven = IntakeMessage.objects.filter(sender=None, received_at__gt=now - timedelta(days=1))
    own = unproven.filter(claimed=message.claimed)
    if own.count() >= DAILY:
        return False
    if confirmable(incoming, now).exists():
        return True
    hour = unproven.filter(received_at__gt=now - timedelta(hours=1))
    if (
        hour.count() >= UNPROVEN_HOURLY
        or hour.filter(claimed_domain=message.claimed_domain).count() >= UNPROVEN_DOMAIN_HOURLY
    ):
        return False
    if not incoming.readable:
        return hour.filter(status=_Status.KEPT).count() < UNREADABLE_HOURLY
    if own.filter(status=_Status.ASKED).count() >= CONFIRMATIONS_DAILY:
        return False
    wants_none = IntakeSender.objects.filter(
        channel=incoming.channel, handle=message.claimed, stopped_at__isnull=False
    )
    denied = IntakeMessage.objects.filter(
        sender=None,
        claimed=message.claimed,
        status=_Status.DENIED,
        received_at__gt=now - UNPROVEN_KEPT_FOR,
    )
    return not wants_none.exists() and not denied.exists()


def confirmable(incoming: Incoming, now: datetime) -> QuerySet[IntakeMessage]:
    """The e-mail of that address that an answer with its mark may confirm."""
    if not incoming.token:
        return IntakeMessage.objects.none()
    return IntakeMessage.objects.filter(
        sender=None,
        claimed=_handle(incoming),
        status=_Status.ASKED,
        asked=_Question.CONFIRMATION,
        asked_until__gt=now,
        token=digest_of(incoming.token),
    )


def _handle(incoming: Incoming) -> str:
    return pseudonym(incoming.channel, _canonical_sender(incoming))


def masked_beginning(incoming: Incoming) -> str:
    """The beginning of the text, without personal data. Masking takes time in the square of the
    length, so it gets little more than is shown; a word that this would cut in two is left out."""
    text = " ".join(filter(None, (incoming.subject, incoming.text)))
    begin = "".join(char if char.isprintable() else " " for char in text[: 2 * MASKED])
    if len(text) > 2 * MASKED and " " in begin:
        begin = begin[: begin.rindex(" ")]
    return mask(begin)[:MASKED]


def sender_of(incoming: Incoming, now: datetime) -> IntakeSender:
    handle = _handle(incoming)
    known = IntakeSender.objects.filter(channel=incoming.channel, handle=handle).first()
    if known is not None:
        return known
    if incoming.channel == "email":
        reporter = mailboxes.voice_of_letters(incoming.sender, now=now)
    else:
        reporter, _ = Reporter.objects.get_or_create(
            kind=incoming.channel,
            handle=handle,
            defaults={
                "created_at": now,
                "erased_on": Erasure.days_of([(incoming.channel, handle)]),
            },
        )
    sender, _ = IntakeSender.objects.get_or_create(
        channel=incoming.channel,
        handle=handle,
        defaults={"reporter": reporter, "first_seen_at": now},
    )
    return sender


def _canonical_sender(incoming: Incoming) -> str:
    if incoming.channel == "email":
        return incoming.sender
    phone = phone_of(incoming)
    return phone.key if phone else incoming.sender.strip().upper()


def phone_of(incoming: Incoming) -> Identity | None:
    return senders.phone_of(
        incoming.sender, region=incoming.region, allow_fictional=settings.FICTIONAL_NUMBERS
    )


def network_of(incoming: Incoming) -> str:
    """The network of the sender. Anybody may choose a sender's name: all of them are one."""
    if incoming.channel == "email":
        return senders.network_of_address(incoming.sender)
    phone = phone_of(incoming)
    return senders.network_of_phone(phone.key if phone else "")


def _digest(incoming: Incoming) -> str:
    """The identity of a message: its id; its text, since mail programs have repeated ids; and
    whether its sender is proven, so that a forger who guesses the text in advance suppresses
    nothing."""
    content = f"{incoming.subject}\0{incoming.text.strip()}".encode("utf-8", "surrogatepass")
    words = hashlib.sha256(content if incoming.readable else incoming.raw).hexdigest()
    sender = _canonical_sender(incoming) if incoming.authentic else f"?{incoming.sender}"
    return pseudonym("intake", f"{sender}\0{incoming.provider_id}\0{words}")
