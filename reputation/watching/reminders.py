"""A mail on the day on which the answer to a complaint is due, if its complainant wants one."""

from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from edge import Sending, count_sent, notice, send_mail
from reputation.identity import zone_of
from reputation.models import Complaint, Reminder

AT_ONCE: Final = 500
LONGEST: Final = timedelta(days=365)
MORNING: Final = time(8)  # of the day, by the person's clock


class DayRefused(Exception):
    """The day is over, or more than LONGEST away."""


class NotFiled(Exception):
    """No answer to the complaint is due: it was not filed, or was answered."""


def due_on(complaint: Complaint, *, zone: tzinfo) -> date | None:
    """The day by which the authority's term ends; None where nobody knows of a term."""
    days = complaint.authority.answer_days
    if complaint.filed_at is None or days is None:
        return None
    return complaint.filed_at.astimezone(zone).date() + timedelta(days=days)


def remind(
    *, user: User, complaint: Complaint, on: date, zone: ZoneInfo, language: str, now: datetime
) -> Reminder:
    """Promises one mail on the morning of that day in `zone`, or at once when it is over; once
    more, another day. The complaint is the user's.

    Raises DayRefused, NotFiled.
    """
    if complaint.status != Complaint.Status.FILED:
        raise NotFiled
    today = now.astimezone(zone).date()
    if not today <= on <= today + LONGEST:
        raise DayRefused
    values = {"user": user, "on": on, "zone": zone.key, "language": language}
    found, _created = Reminder.objects.update_or_create(complaint=complaint, defaults=values)
    return found


def forget_reminder(*, complaint: Complaint) -> None:
    Reminder.objects.filter(complaint=complaint).delete()


def send_reminders(*, now: datetime) -> int:
    """Mails the reminders that are due, and deletes each with its mail; returns how many were sent.

    A complaint that was answered meanwhile needs no mail. A mail that could not be sent is sent by
    a later run, unless no mail server will ever take it; a killed run may send one twice.
    """
    # East of Greenwich it is tomorrow already.
    near = Reminder.objects.filter(on__lte=now.date() + timedelta(days=1))
    rows = near.order_by("?").values_list("pk", "on", "zone").iterator()  # see count_sent
    due = (pk for pk, on, zone in rows if _morning(on, zone) <= now)
    return count_sent(_tell(pk) for pk in list(islice(due, AT_ONCE)))


def _morning(on: date, zone: str) -> datetime:
    return datetime.combine(on, MORNING, ZoneInfo(zone))


@transaction.atomic
def _tell(pk: int) -> Sending | None:
    reminder = (
        Reminder.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("user", "complaint__authority")
        .filter(pk=pk)
        .first()
    )
    if reminder is None:
        return None
    sending = Sending.NEVER
    if reminder.complaint.status == Complaint.Status.FILED:
        sending = send_mail(_letter(reminder), about="a complaint")
    if sending.is_over:
        reminder.delete()
    return sending


def _letter(reminder: Reminder) -> EmailMessage:
    complaint = reminder.complaint
    authority = complaint.authority
    filed_on = complaint.filed_at and complaint.filed_at.astimezone(zone_of(authority.country))
    with translation.override(reminder.language):
        subject = _("Is there an answer to your complaint?")
        lines = [
            _("You filed a complaint with %(authority)s on %(day)s.")
            % {
                "authority": authority.name_in(reminder.language),
                "day": date_format(filed_on.date()) if filed_on else "",
            },
            authority.answer_basis_in(reminder.language),
            _("Note what came of it, or see where else to turn:")
            + f"\n{settings.PUBLIC_URL}/complaints/{complaint.public_id}",
            _("You asked for this mail. There will be no other about this complaint."),
        ]
    return notice(to=reminder.user.email, subject=subject, body="\n\n".join(filter(None, lines)))
