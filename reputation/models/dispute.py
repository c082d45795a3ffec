import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reputation.models.number import Number

# Wrong codes after which a dispute can no longer be verified.
MAX_ATTEMPTS = 5


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def open(self) -> "DisputeQuerySet":
        return self.filter(status=Dispute.Status.OPEN)

    def overdue(self, now: datetime) -> "DisputeQuerySet":
        """Open disputes past the deadline that was promised to the holder."""
        return self.open().filter(deadline_at__lte=now)

    def nearest_deadline_first(self) -> "DisputeQuerySet":
        return self.order_by("deadline_at", "id")

    def of_present_holder(self) -> "DisputeQuerySet":
        """Those that were opened since the number has its present holder. Who said to have got it
        only now had it before the decision."""
        epoch = F("number__epoch_at")
        arrived = Q(grounds=Dispute.Grounds.NEW_HOLDER) & ~Q(decided_at__lt=epoch)
        return self.filter(Q(number__epoch_at=None) | Q(opened_at__gte=epoch) | arrived)

    def lost(self) -> "DisputeQuerySet":
        """Rejected disputes, without appeals and without those that an appeal reversed."""
        return self.filter(status=Dispute.Status.REJECTED, appeal_of=None).exclude(
            pk__in=Dispute.objects.filter(
                status=Dispute.Status.UPHELD, appeal_of__isnull=False
            ).values("appeal_of")
        )


class Dispute(models.Model):
    """An objection of a number's holder to its public answer (reputation.disputes).

    A dispute counts once the code that was sent to the number is entered. Knowing `public_id` is
    enough to follow the dispute, so only its opener gets it.
    """

    class Status(models.TextChoices):
        AWAITING_CODE = "awaiting_code", _("waiting for the code")
        OPEN = "open", _("open")
        UPHELD = "upheld", _("upheld")
        REJECTED = "rejected", _("rejected")
        EXPIRED = "expired", _("expired")

    class Grounds(models.TextChoices):
        MISTAKEN = "mistaken", _("The reports are wrong.")
        SPOOFED = "spoofed", _("Others call under my number.")
        NEW_HOLDER = "new_holder", _("The number was somebody else's before.")
        OTHER = "other", _("Another reason.")

    class Via(models.TextChoices):
        SMS = "sms", _("text message")
        VOICE = "voice", _("call")
        PANEL = "panel", _("no code: the holder showed a moderator who he is")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.ForeignKey(Number, on_delete=models.PROTECT, related_name="disputes")
    status = models.CharField(max_length=13, choices=Status, default=Status.AWAITING_CODE)
    grounds = models.CharField(max_length=10, choices=Grounds)
    statement = models.TextField(help_text=_("The holder's words; moderators read them masked."))
    contact_sealed = models.BinaryField(
        default=b"", help_text=_("The encrypted contact, erased after some time.")
    )
    contact_hash = models.CharField(
        max_length=32,
        blank=True,
        default="",
        help_text=_("Keyed hash of the contact, to recognise the same person."),
    )
    network = models.CharField(
        max_length=32, blank=True, help_text=_("Keyed hash of the network of origin.")
    )

    # The code itself is not stored, only its digest.
    via = models.CharField(max_length=5, choices=Via)
    language = models.CharField(max_length=7)
    code_digest = models.CharField(max_length=32, blank=True, default="")
    code_expires_at = models.DateTimeField(null=True, blank=True)
    codes_sent = models.SmallIntegerField(default=0)
    attempts = models.SmallIntegerField(default=0, help_text=_("Wrong codes so far."))

    opened_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    held = models.BooleanField(
        default=False,
        help_text=_("The number is flagged, not blocked, until the dispute is decided."),
    )
    hold_extended_to = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When the hold ends; empty if some days after the deadline."),
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(
        blank=True, default="", help_text=_("The reason that the holder reads.")
    )
    noticed = models.CharField(
        max_length=13,
        blank=True,
        default="",
        help_text=_("The last status of which the holder was told by e-mail."),
    )

    appeal_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="appeals"
    )
    barred = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_(
            "The moderator whose decision is under appeal, and who may not decide the appeal."
        ),
    )

    objects: ClassVar[models.Manager["Dispute"]] = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(status="open"), name="dispute_one_open_per_number"
            ),
            models.UniqueConstraint(fields=["appeal_of"], name="dispute_appealed_once"),
            models.CheckConstraint(
                condition=Q(grounds__in=["mistaken", "spoofed", "new_holder", "other"]),
                name="dispute_grounds_known",
            ),
            models.CheckConstraint(
                condition=Q(via__in=["sms", "voice", "panel"]), name="dispute_via_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["awaiting_code", "expired"],
                    verified_at=None,
                    deadline_at=None,
                    decided_at=None,
                    decided_by=None,
                    reason="",
                    held=False,
                )
                | Q(
                    status="open",
                    verified_at__isnull=False,
                    deadline_at__isnull=False,
                    decided_at=None,
                    decided_by=None,
                    reason="",
                )
                | (
                    Q(
                        status__in=["upheld", "rejected"],
                        verified_at__isnull=False,
                        deadline_at__isnull=False,
                        decided_at__isnull=False,
                        decided_by__isnull=False,
                    )
                    & ~Q(reason="")
                ),
                name="dispute_status_fits_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(attempts__gte=0, attempts__lte=MAX_ATTEMPTS, codes_sent__gte=0),
                name="dispute_attempts_limited",
            ),
            models.CheckConstraint(
                condition=Q(appeal_of=None, barred=None)
                | Q(
                    appeal_of__isnull=False,
                    barred__isnull=False,
                    status__in=["open", "upheld", "rejected"],
                ),
                name="dispute_appeal_needs_no_code",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(barred=None) | ~Q(decided_by=F("barred")),
                name="dispute_appeal_decided_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["number", "-opened_at", "-id"], name="dispute_by_number"),
            models.Index(fields=["network", "-opened_at"], name="dispute_by_network"),
            models.Index(
                fields=["deadline_at", "id"], condition=Q(status="open"), name="dispute_by_deadline"
            ),
            models.Index(
                fields=["code_expires_at"],
                condition=Q(status="awaiting_code"),
                name="dispute_by_code_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.public_id}"

    @property
    def bound(self) -> str:
        """The context to which `contact_sealed` is bound (reputation.privacy.seal)."""
        return f"contact of dispute {self.public_id}"

    @property
    def is_of_present_holder(self) -> bool:
        return Dispute.objects.of_present_holder().filter(pk=self.pk).exists()

    def status_at(self, now: datetime) -> str:
        """The status at `now`: `expired` once the code's time is over, even if the row says
        otherwise."""
        if (
            self.status == Dispute.Status.AWAITING_CODE
            and self.code_expires_at is not None
            and self.code_expires_at <= now
        ):
            return Dispute.Status.EXPIRED.value
        return self.status
