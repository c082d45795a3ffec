"""Mails about changes of watched numbers, at most one a day for each person."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from edge import Sending, count_sent, notice, page_of, send_mail
from reputation.identity import InvalidNumber, display, identify
from reputation.lookup import look_up
from reputation.models import Watch
from reputation.watching.watches import STANDINGS, standing

PAUSE: Final = timedelta(days=1)  # between two mails to one person
CHECKED_EVERY: Final = timedelta(hours=1)
AT_ONCE: Final = 500  # watches


def send_changes(*, now: datetime) -> int:
    """Mails watchers what changed. Returns how many mails were sent.

    A mail that could not be sent is sent by a later run, a day later where the mail server will not
    have the mailbox: who tries those again and again soon passes for a sender of spam. A killed run
    may send one twice. A change that is reversed before the mail is due is not mailed.
    """
    due = Watch.objects.filter(checked_at__lte=now - CHECKED_EVERY).order_by("checked_at", "pk")
    people = dict.fromkeys(due.values_list("user", flat=True)[:AT_ONCE])
    return count_sent(_tell(user, now) for user in people)


@transaction.atomic
def _tell(user_id: int, now: datetime) -> Sending | None:
    user = User.objects.select_for_update(skip_locked=True).filter(pk=user_id).first()
    if user is None:
        return None
    watches = list(Watch.objects.filter(user=user).order_by("pk"))
    Watch.objects.filter(user=user).update(checked_at=now)
    if any(each.mailed_at is not None and each.mailed_at > now - PAUSE for each in watches):
        return None
    changed = [(each, after) for each in watches if (after := _now(each, now)) != each.said]
    if not changed:
        return None
    sending = send_mail(_letter(user, changed), about="watched numbers")
    if sending.is_over:
        for each, after in changed:
            said = after if sending is Sending.SENT else each.said
            Watch.objects.filter(pk=each.pk).update(said=said, mailed_at=now)
    return sending


def _now(each: Watch, now: datetime) -> str:
    try:
        identity = identify(each.key, region="", allow_fictional=settings.FICTIONAL_NUMBERS)
    except InvalidNumber:  # no longer one, by a newer numbering plan
        return each.said
    return standing(look_up(identity, now=now))


def _letter(user: User, changed: list[tuple[Watch, str]]) -> EmailMessage:
    with translation.override(changed[0][0].language):
        lines = [
            _("%(number)s: now “%(after)s”, before “%(before)s”.")
            % {
                "number": display(each.key),
                "after": _(STANDINGS[after]),
                "before": _(STANDINGS[each.said]),
            }
            + f"\n{settings.PUBLIC_URL}{page_of(each.key)}"
            for each, after in changed
        ]
        subject = ngettext(
            "A number that you watch has changed",
            "%(count)d numbers that you watch have changed",
            len(changed),
        ) % {"count": len(changed)}
        stop = f"{_('You asked for this mail. To stop it:')}\n{settings.PUBLIC_URL}/my/watched"
    return notice(to=user.email, subject=subject, body="\n\n".join([*lines, stop]))
