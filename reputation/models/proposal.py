import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self, now: datetime) -> "ProposalQuerySet":
        """The proposals that may be answered."""
        return self.filter(state=Proposal.State.WAITING, expires_at__gt=now)

    def expired(self, now: datetime) -> "ProposalQuerySet":
        return self.filter(state=Proposal.State.WAITING, expires_at__lte=now)


class Proposal(models.Model):
    """A decision that one moderator proposes and another has to approve (reputation.decisions).

    `content`: the decision in the form of `decisions.plans`; `digest` identifies it, so that the
    same proposal sent twice is stored once. `foreseen`: the effect that the proposer saw.
    """

    class What(models.TextChoices):
        DECISION = "decision"
        BATCH = "batch"
        IMPORT = "import"

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    what = models.CharField(max_length=8, choices=What)
    verb = models.CharField(max_length=30)
    about = models.CharField(max_length=300, help_text="The subject, or the number of subjects.")
    number = models.ForeignKey(
        "reputation.Number", on_delete=models.PROTECT, null=True, related_name="proposals"
    )
    permissions = ArrayField(
        models.CharField(max_length=100),
        help_text="The permissions that proposer and approver need.",
    )
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    foreseen = models.JSONField(default=list, help_text="Rows of [about, before, after].")
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals"
    )
    reason = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")
    noticed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the proposer saw the outcome."
    )
    entry = models.ForeignKey(
        "reputation.AuditEntry", on_delete=models.PROTECT, null=True, related_name="+"
    )
    batch = models.ForeignKey(
        "reputation.DecisionBatch", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects: ClassVar[ProposalQuerySet] = ProposalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.UniqueConstraint(
                fields=["proposer", "digest"],
                condition=Q(state="waiting"),
                name="proposal_waits_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="proposal_reason_given"),
            models.CheckConstraint(
                condition=Q(state="waiting", answered_by=None)
                | Q(state="withdrawn", answered_by=F("proposer"))
                | Q(state__in=["approved", "declined"], answered_by__isnull=False)
                & ~Q(answered_by=F("proposer")),
                name="proposal_answered_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state="waiting"), name="proposal_waiting"
            ),
            models.Index(
                fields=["proposer", "created_at"],
                condition=Q(noticed_at=None),
                name="proposal_not_noticed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} · {self.about}"

    def is_open(self, now: datetime) -> bool:
        """Whether it may be answered."""
        return self.state == self.State.WAITING and self.expires_at > now

    def is_expired(self, now: datetime) -> bool:
        return self.state == self.State.WAITING and self.expires_at <= now
