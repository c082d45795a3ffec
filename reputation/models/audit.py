from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One moderator's decision. Permanent: the database refuses to change or delete it."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=30)
    number = models.ForeignKey(
        "reputation.Number", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    report = models.ForeignKey(
        "reputation.Report", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    reporter = models.ForeignKey(
        "reputation.Reporter", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    campaign = models.ForeignKey(
        "reputation.Campaign", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    key_grant = models.ForeignKey(
        "reputation.KeyGrant", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    batch = models.ForeignKey(
        "reputation.DecisionBatch", on_delete=models.PROTECT, null=True, related_name="entries"
    )
    undoes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="undone_by",
        help_text=_(
            "The decision, or the undo, that this entry takes back. No entry is taken back twice."
        ),
    )
    reason = models.TextField()
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    # The columns that name a subject, the most particular first.
    SUBJECTS: Final = ("report", "reporter", "campaign", "key_grant", "number")

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        permissions = [("export_auditentry", "Can export the record, signed")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="audit_reason_given"),
            models.CheckConstraint(
                condition=~Q(verb="undo") | Q(undoes__isnull=False), name="audit_undo_undoes"
            ),
        ]
        indexes = [
            models.Index(fields=["number", "-at", "-id"], name="audit_by_number"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(
                fields=["number"], condition=Q(verb="uphold_dispute"), name="audit_upheld"
            ),
            BrinIndex(fields=["at"], name="audit_lately", pages_per_range=8),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"

    @property
    def decision(self) -> str:
        """The verb of the decision that the entry takes, or takes back."""
        return self.undoes.verb if self.verb == "undo" and self.undoes else self.verb

    @property
    def subjects(self) -> dict[str, Any]:
        """The subjects of the decision by SUBJECTS; None for columns without one."""
        return {name: getattr(self, name) for name in self.SUBJECTS}

    @property
    def subject(self) -> Any:
        """The first of SUBJECTS that is set; None for a decision without a subject."""
        return next(filter(None, (getattr(self, name) for name in self.SUBJECTS)), None)


class AuditDigest(models.Model):
    """An audit entry's place in the chain: each digest covers the one before and the whole entry.

    So nobody, not even the owner of the tables, can change, drop or insert an entry later without
    breaking all later digests, also those that were noted elsewhere
    (reputation.moderation.chaining). The worker adds digests, since entries would otherwise wait
    for one another.
    """

    position = models.BigIntegerField(primary_key=True, help_text="Position in the chain, from 1.")
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="digest")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["previous"], name="audit_chain_never_forks"),
            models.CheckConstraint(condition=Q(position__gte=1), name="audit_chain_begins_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.digest[:12]}"
