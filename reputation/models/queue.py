from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from reputation.models.dispute import Dispute


class QueueItemQuerySet(models.QuerySet["QueueItem"]):
    def hold(self, *, waits: bool = True) -> bool:
        """Locks the items and all others about their numbers, in the order in which everybody
        locks several, so that nobody waits for ever: who holds one item of a number waits for no
        other. `waits`: for who holds one; otherwise the answer is False if somebody does."""
        numbers = dict(self.values_list("pk", "number_id"))
        items = QueueItem.objects.filter(Q(pk__in=numbers) | Q(number__in=set(numbers.values())))
        rows = items.order_by("pk").select_for_update(skip_locked=not waits, of=("self",))
        return numbers.keys() <= set(rows.values_list("pk", flat=True))

    def drop(self) -> None:
        """Deletes the items but those that somebody holds."""
        rows = self.order_by("pk").select_for_update(skip_locked=True, of=("self",))
        QueueItem.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()

    def rest(self, *, until: datetime) -> None:
        """Puts items to rest until `until`, an open dispute at most until its deadline, and ends
        their claims, assignments and escalations.
        """
        self.hold()
        deadline = Dispute.objects.open().filter(pk=OuterRef("subject_id")).values("deadline_at")
        capped = Least(Value(until), Subquery(deadline), output_field=models.DateTimeField())
        self.update(
            claimed_by=None,
            claimed_until=None,
            assigned_to=None,
            escalated_by=None,
            escalation="",
            rests_until=Case(When(kind="dispute", then=capped), default=Value(until)),
        )

    def wake(self) -> None:
        """Makes resting items wait again."""
        self.hold()
        self.update(rests_until=None)


class QueueItem(models.Model):
    """A case that waits for a moderator, derived from the stored rows.

    An assigned item waits for one moderator, an escalated one for a senior. A claim holds until
    `claimed_until`. An item that a moderator left as it is rests until `rests_until`.
    """

    class Kind(models.TextChoices):
        DISPUTE = "dispute"
        NUMBER = "number"
        REPORTER = "reporter"
        REPORT = "report"
        CLAIM = "claim"
        AUDIT = "audit"
        CAMPAIGN = "campaign"
        MESSAGE = "message"
        REVIEW = "review"
        SPLIT = "split"
        KEY_GRANT = "keygrant"

    # The kinds whose subject is a number; most other kinds have the name of their subject's model.
    ON_NUMBERS = (Kind.NUMBER, Kind.CLAIM, Kind.AUDIT)
    # The kinds whose subject is a second review of a decision.
    REVIEWS = (Kind.REVIEW, Kind.SPLIT)

    kind = models.CharField(max_length=8, choices=Kind)
    subject_id = models.BigIntegerField(help_text="Id of the row in the kind's table.")
    number = models.ForeignKey(
        "reputation.Number", on_delete=models.CASCADE, null=True, related_name="+"
    )
    reporter = models.ForeignKey(
        "reputation.Reporter", on_delete=models.CASCADE, null=True, related_name="+"
    )
    report = models.ForeignKey(
        "reputation.Report", on_delete=models.CASCADE, null=True, related_name="+"
    )
    harm = models.FloatField(
        help_text="Harm at stake, or the worth of an audit; the highest comes first."
    )
    accounts = models.IntegerField(
        default=0, help_text="For an audit: the accounts about which the number's truth would tell."
    )
    draw = models.ForeignKey(
        "reputation.CalibrationDraw",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="For an audit that was drawn at random. No page and no answer shows this.",
    )
    traffic = models.FloatField(help_text="Recent lookups per day.")
    uncertainty = models.FloatField(help_text="0 to 1; highest at even odds.")
    dispute = models.FloatField(help_text="1 without a dispute, up to 3 at its deadline.")
    attack = models.FloatField(help_text="1 without a sign of an attack, up to 4.")
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When a refresh last found it.")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    escalated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    escalation = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="The masked question to a senior moderator.",
    )
    rests_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[QueueItemQuerySet] = QueueItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("item of the queue")
        verbose_name_plural = _("queue")
        permissions = [("senior_queueitem", "Can take escalated items, and reassign any")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="queue_item_once"),
            models.CheckConstraint(condition=Q(harm__gte=0), name="queue_harm_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("dispute", "number", "reporter", "report", "claim", "audit", "campaign"),
                        *("message", "review", "split", "keygrant"),
                    ]
                ),
                name="queue_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_until=None) | Q(claimed_until__isnull=False),
                name="queue_claims_expire",
            ),
        ]
        indexes = [
            models.Index(fields=["-harm", "id"], name="queue_by_harm"),
            models.Index(fields=["kind", "-harm", "id"], name="queue_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"

    def is_claimed(self, now: datetime) -> bool:
        """Whether a moderator has claimed it, and the claim still holds."""
        return self.claimed_until is not None and self.claimed_until > now


class AuditCandidate(models.Model):
    """A number whose truth would tell most about reporters, as of the last trust pass."""

    number = models.OneToOneField(
        "reputation.Number", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    worth = models.FloatField(
        help_text="How far records would move, times the present reports (scoring.audit)."
    )
    accounts = models.IntegerField(help_text="How many accounts' records could move.")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(worth__gt=0, accounts__gt=0), name="audit_candidate_tells_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number_id}: {self.worth:.1f}"
