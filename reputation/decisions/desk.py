"""The work that waits for one moderator, and the mails about it.

Quiet by default: the panel shows a count, and mails go only to moderators who asked for them, at
most one in the interval that they chose, and only when something is new.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count, IntegerField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from edge import Sending, count_sent, notice, send_mail
from reputation.decisions.proposing import answers_to, waiting
from reputation.models import Desk, Dispute, Proposal, QueueItem, SecondReview
from reputation.moderation import ParticularWrong, permissions, queue

# Open disputes with less time than this to the deadline count as near it.
NEAR: Final = timedelta(days=2)
# Hours between two mails, to choose from; 0: no mails.
INTERVALS: Final = (0, 1, 4, 24)
LONGEST_AWAY: Final = timedelta(days=366)
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """The work that waits for a moderator, by kind. `answers`: answers to the moderator's own
    proposals."""

    assigned: QuerySet[QueueItem]
    escalated: QuerySet[QueueItem]
    deadlines: QuerySet[Dispute]
    proposals: QuerySet[Proposal]
    answers: QuerySet[Proposal]

    def kinds(self) -> dict[str, QuerySet[Any]]:
        """The counts, under the names that the mails use."""
        return {
            "assigned": self.assigned,
            "escalated": self.escalated,
            "deadline": self.deadlines,
            "proposal": self.proposals,
            "answer": self.answers,
        }


def waits_for(user: User, *, now: datetime) -> Waiting:
    """The items that the user may decide; none for users without a role."""
    items = queue.waiting(now=now, user=user)
    # Cases that the user judges blind are not counted here either.
    judged = SecondReview.objects.held_by(user, now).numbers()
    works, senior = user.has_perm(permissions.WORK_QUEUE), user.has_perm(permissions.SENIOR_QUEUE)
    open_ones = Dispute.objects.open().filter(deadline_at__lte=now + NEAR).order_by("deadline_at")
    open_ones = open_ones.exclude(number__in=judged)
    proposals = waiting(now=now).exclude(proposer=user)
    proposals = proposals.exclude(number__isnull=False, number__in=judged)
    if not user.is_superuser:  # who has every permission
        held = list(user.get_all_permissions())
        proposals = proposals.filter(permissions__contained_by=held)
    return Waiting(
        assigned=items.filter(assigned_to=user),
        escalated=items.exclude(escalated_by=None) if senior else items.none(),
        deadlines=open_ones if works else open_ones.none(),
        proposals=proposals,
        answers=answers_to(user, now=now),
    )


def count(user: User, *, now: datetime) -> int:
    """How many items wait for this user; one query, for every page of the panel."""
    kinds = waits_for(user, now=now).kinds()
    numbers = {f"{kind}_waits": _count(rows) for kind, rows in kinds.items()}
    row = User.objects.filter(pk=user.pk).annotate(**numbers).values_list(*numbers).first()
    return sum(row or ())


def _count(rows: QuerySet[Any]) -> Any:
    counted = rows.order_by().values(one=Value(1)).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def desk_of(user: User) -> Desk:
    """The user's stored desk, or a new one with the defaults."""
    return Desk.objects.filter(user=user).first() or Desk(user=user)


def arrange(
    *, user: User, away_until: datetime | None, digest_hours: int, language: str, now: datetime
) -> Desk:
    """Stores how a moderator works. Raises ParticularWrong."""
    if digest_hours not in INTERVALS:
        raise ParticularWrong("digest_hours", _("Choose one of the intervals."))
    if away_until is not None and not now < away_until <= now + LONGEST_AWAY:
        raise ParticularWrong("away_until", _("Give a day within a year from now."))
    if digest_hours and not user.email:
        raise ParticularWrong("digest_hours", _("Your account has no e-mail address."))
    kept = {"away_until": away_until, "digest_hours": digest_hours, "language": language}
    desk, _created = Desk.objects.update_or_create(user=user, defaults=kept)
    return desk


def send_digests(*, now: datetime) -> int:
    """Mails each moderator who asked for it what is new for them. Returns how many mails were sent.

    A mail that could not be sent is sent by a later run, after the moderator's interval where the
    mail server will not have the mailbox; a killed run may send one twice.
    """
    chosen = Desk.objects.filter(digest_hours__gt=0, user__is_active=True).order_by("pk")
    return count_sent(_tell(pk, now) for pk in chosen.values_list("pk", flat=True))


@transaction.atomic
def _tell(pk: int, now: datetime) -> Sending | None:
    desks = Desk.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
    desk = desks.filter(pk=pk).first()
    if desk is None or not desk.user.email:
        return None
    if desk.mailed_at is not None and desk.mailed_at > now - timedelta(hours=desk.digest_hours):
        return None
    if desk.away_until is not None and desk.away_until > now:
        return None
    kinds = waits_for(desk.user, now=now).kinds()
    ids = {kind: list(rows.values_list("pk", flat=True)[:SHOWN]) for kind, rows in kinds.items()}
    marks = [f"{kind}-{pk}" for kind, pks in ids.items() for pk in pks]
    if not set(marks) - set(desk.told):
        return None
    letter = _letter(desk, {kind: len(pks) for kind, pks in ids.items()})
    sending = send_mail(letter, about="what waits for a moderator")
    if sending.is_over:
        told = marks if sending is Sending.SENT else desk.told
        desk.told, desk.mailed_at = told, now
        desk.save(update_fields=["told", "mailed_at"])
    return sending


def _letter(desk: Desk, counts: dict[str, int]) -> EmailMessage:
    """A mail with counts and an address, but nothing about the cases: a mailbox is less private."""
    with translation.override(desk.language):
        texts = {
            "assigned": _("assigned to you: %(n)d"),
            "escalated": _("escalated to the seniors: %(n)d"),
            "deadline": _("disputes near their deadline: %(n)d"),
            "proposal": _("proposals that wait for approval: %(n)d"),
            "answer": _("proposals of yours that were answered, or whose time is up: %(n)d"),
        }
        lines = [words % {"n": counts[kind]} for kind, words in texts.items() if counts[kind]]
        total = sum(counts.values())
        subject = ngettext(
            "%(count)d thing waits for you", "%(count)d things wait for you", total
        ) % {"count": total}
        stop = f"{_('You asked for this mail. To stop it:')}\n{settings.PUBLIC_URL}/admin/desk/"
    return notice(to=desk.user.email, subject=subject, body="\n".join([*lines, "", stop]))
