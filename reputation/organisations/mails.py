"""Mails that tell an organisation's contacts what was decided. No mail has a key in it."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from edge import Sending, count_sent, notice, send_mail
from reputation.models import KeyGrant
from reputation.moderation import reasons

AT_ONCE: Final = 200
State = KeyGrant.State


def send_notices(*, now: datetime) -> int:
    """Mails contacts the outcome of their request or the end of their key. Returns how many.

    A mail that could not be sent is sent by a later run, unless the mail server took another
    contact's: nobody is mailed again and again for a colleague's lost mailbox. A killed run may
    send one twice.
    """
    due = [
        pk
        for state in (State.GRANTED, State.REFUSED, State.EXPIRED, State.ENDED)
        for pk in KeyGrant.objects.in_state(state, now)
        .exclude(told=state)
        .order_by("?")  # see count_sent
        .values_list("pk", flat=True)[:AT_ONCE]
    ]
    return count_sent(sending for pk in due for sending in _tell(pk, now))


@transaction.atomic
def _tell(pk: int, now: datetime) -> list[Sending]:
    grant = KeyGrant.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if grant is None or (state := grant.state(now)) == grant.told:
        return []
    sendings: list[Sending] = []
    contacts = grant.contacts.filter(accepted_at__isnull=False).select_related("user")
    for contact_pk in list(contacts.order_by("?").values_list("pk", flat=True)):  # see count_sent
        # Each is read by itself: PostgreSQL ends a transaction that asks nothing for as long as ten
        # slow mails take, and every run would send them again.
        if (contact := contacts.filter(pk=contact_pk).first()) is None:
            continue
        sending = send_mail(
            _letter(grant, state, contact.user.email), about="an organisation's key"
        )
        sendings.append(sending)
        if sending is Sending.AWAY and Sending.SENT not in sendings:
            break  # once it took one, no later run mails the others
    if Sending.SENT in sendings or all(each.is_over for each in sendings):
        KeyGrant.objects.filter(pk=pk).update(told=state)
    return sendings


def _letter(grant: KeyGrant, state: KeyGrant.State, address: str) -> EmailMessage:
    values = {"organisation": grant.organisation}
    with translation.override(grant.language):
        match state:
            case State.GRANTED:
                subject = _("The key for %(organisation)s is granted") % values
                text = _("Sign in and make it on this page. It is shown there once, to you alone:")
            case State.REFUSED:
                subject = _("The key for %(organisation)s is refused") % values
                text = _("The reason:")
            case State.EXPIRED:
                subject = _("The key for %(organisation)s has expired") % values
                text = _("Its keys no longer work. If you still need them, ask for renewal here:")
            case _:
                subject = _("The key for %(organisation)s has ended") % values
                text = _("Its keys no longer work. The reason:")
        decided = state in (State.REFUSED, State.ENDED)
        reason = reasons.in_words(grant.reason) if decided else ""
        link = f"{settings.PUBLIC_URL}/organisations/{grant.public_id}"
        body = "\n\n".join(filter(None, [text, reason, link]))
    return notice(to=address, subject=subject, body=body)
