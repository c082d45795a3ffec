"""Mails to holders who gave an e-mail address with a dispute: the way back to it, and its outcome.

Only a holder who proved to hold the number gets mail, so nobody's mailbox can be filled from here.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from edge import Sending, count_sent, notice, send_mail
from reputation.disputes.histories import contact_of
from reputation.disputes.opening import appealable_until
from reputation.identity import display, zone_name, zone_of
from reputation.models import Dispute

AT_ONCE = 100


def send_notices() -> int:
    """Mails holders what became of their disputes since the last mail. Returns how many were sent.

    A mail that could not be sent is sent by the next run, unless no mail server will ever take it:
    there would soon be no room for others. A killed run may send one twice.
    """
    given = ~Q(contact_sealed=b"") | ~Q(appeal_of=None) & ~Q(appeal_of__contact_sealed=b"")
    due = (
        Dispute.objects.filter(given, verified_at__isnull=False)
        .exclude(noticed=F("status"))
        .order_by("?")  # see count_sent
    )
    return count_sent(_notice(pk) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _notice(pk: int) -> Sending | None:
    dispute = (
        Dispute.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("number", "appeal_of")
        .filter(pk=pk)
        .exclude(noticed=F("status"))
        .first()
    )
    if dispute is None:
        return None
    contact = contact_of(dispute).strip()
    sending = Sending.NEVER
    if _is_mail(contact):
        sending = send_mail(_letter(dispute, contact), about=f"dispute {dispute.public_id}")
    if sending.is_over:
        Dispute.objects.filter(pk=pk).update(noticed=dispute.status)
    return sending


def _is_mail(contact: str) -> bool:
    try:
        validate_email(contact)
    except ValidationError:
        return False
    return True


def _letter(dispute: Dispute, to: str) -> EmailMessage:
    steps = Dispute.Status
    deadline, zone = dispute.deadline_at, zone_of(dispute.number.country)
    language = dispute.language or "en"
    with translation.override(language):
        shown = {
            "number": display(dispute.number.key),
            "deadline": date_format(timezone.localdate(deadline, zone)) if deadline else "",
        }
        texts = {
            steps.OPEN.value: _("A moderator decides about %(number)s by %(deadline)s."),
            steps.UPHELD.value: _("Your objection about %(number)s was right."),
            steps.REJECTED.value: _("Your objection about %(number)s was rejected."),
        }
        subject = texts[dispute.status] % shown
        link = f"{settings.PUBLIC_URL}/disputes/{dispute.public_id}"
        way = f"{_('How it stands, with the reasons:')}\n{link}"
        if until := appealable_until(dispute):
            last = date_format(timezone.localtime(until, zone), "DATETIME_FORMAT")
            appeal = _("There you can appeal until %(day)s (%(zone)s): another moderator decides.")
            way = f"{way}\n{appeal % {'day': last, 'zone': zone_name(zone.key, language)}}"
        keep = _("Whoever has this link can read it: keep it to yourself.")
    return notice(to=to, subject=subject, body=f"{subject}\n\n{way}\n\n{keep}")
