import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reputation.models.report import Report
from reputation.models.reporter import Reporter


class IntakeSender(models.Model):
    """A sender of SMS or e-mail. `handle` is a keyed hash of the address.

    `reporter` is the sender's own account, or the account that the sender linked.
    """

    class Channel(models.TextChoices):
        SMS = "sms", _("SMS")
        EMAIL = "email", _("e-mail")

    channel = models.CharField(max_length=5, choices=Channel)
    handle = models.CharField(max_length=32)
    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="senders")
    language = models.CharField(max_length=10, blank=True, default="")
    first_seen_at = models.DateTimeField()
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the sender asked for no more answers.")
    )
    surplus = models.IntegerField(
        default=0, help_text=_("Messages beyond the hard limit, which were not kept.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "handle"], name="intake_sender_unique"),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email"]), name="intake_sender_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}:{self.handle}"


class IntakeMessageQuerySet(models.QuerySet["IntakeMessage"]):
    def listed(self) -> "IntakeMessageQuerySet":
        """The messages that moderators see: without e-mails that may have a forged sender."""
        return self.filter(
            Q(sender__isnull=False)
            | Q(status__in=[IntakeMessage.Status.KEPT, IntakeMessage.Status.DENIED])
        )

    def waiting(self, now: object) -> "IntakeMessageQuerySet":
        """Messages for a moderator to read: those without a report, and unanswered questions."""
        return self.listed().filter(
            Q(status=IntakeMessage.Status.KEPT)
            | Q(status=IntakeMessage.Status.ASKED, asked_until__lte=now)
        )


class IntakeMessage(models.Model):
    """A message as received, and its outcome.

    Its content is encrypted (reputation.privacy); lists may show `masked`. `sender` is None while
    nothing proves the address in From: then `claimed` is its keyed hash, and the row is deleted
    unless its owner confirms or denies it (keeping.forget). Other messages are never deleted.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")  # not processed yet, for example after a crash
        ASKED = "asked", _("waits for an answer")
        REPORTED = "reported", _("reported")
        ANSWERED = "answered", _("answered")  # a command, or the answer to a question
        KEPT = "kept", _("kept for a moderator")
        IGNORED = "ignored", _("from a machine")
        CLOSED = "closed", _("closed by a moderator")
        DENIED = "denied", _("denied by the owner of the address")

    class Question(models.TextChoices):
        NUMBER = "number", _("which number it was")
        CONFIRMATION = "confirmation", _("whether the sender wrote it")
        PURPOSE = "purpose", _("whether it is a report")

    class Trouble(models.TextChoices):
        UNREADABLE = "unreadable", _("not understood")
        NO_NUMBER = "no_number", _("no number in it")
        REFUSED = "refused", _("the report was refused")
        TOO_MANY = "too_many", _("too many from this sender")
        NOT_A_PERSON = "not_a_person", _("from a short code or a name")
        FAILED = "failed", _("a fault of ours")

    public_id = models.UUIDField(_("id"), default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(_("channel"), max_length=5, choices=IntakeSender.Channel)
    digest = models.CharField(
        max_length=32, help_text=_("Keyed hash by which a repeated message is recognised.")
    )
    sender = models.ForeignKey(
        IntakeSender,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("sender"),
    )
    claimed = models.CharField(
        max_length=32,
        blank=True,
        default="",
        help_text=_("Keyed hash of the claimed, unproven address."),
    )
    claimed_domain = models.CharField(
        max_length=32,
        blank=True,
        default="",
        help_text=_("Keyed hash of the domain of the claimed address."),
    )
    received_at = models.DateTimeField(_("received at"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.RECEIVED)
    asked = models.CharField(_("asked"), max_length=12, choices=Question, blank=True, default="")
    asked_until = models.DateTimeField(_("asked until"), null=True, blank=True)
    token = models.CharField(
        max_length=32,
        blank=True,
        default="",
        help_text=_("Keyed hash of the token that an answer shows."),
    )
    trouble = models.CharField(_("trouble"), max_length=12, choices=Trouble, blank=True, default="")
    masked = models.TextField(_("masked words"), blank=True, default="")
    sealed = models.BinaryField()
    sealed_reply = models.BinaryField(default=bytes)
    replied_at = models.DateTimeField(null=True, blank=True)
    answers = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answered_by",
        verbose_name=_("answers"),
    )
    report = models.ForeignKey(
        Report,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("report"),
    )

    objects: ClassVar[models.Manager["IntakeMessage"]] = IntakeMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["channel", "digest"], name="intake_message_once"),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email"]), name="intake_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        *("received", "asked", "reported", "answered"),
                        *("kept", "ignored", "closed", "denied"),
                    ]
                ),
                name="intake_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="asked", asked_until__isnull=False) & ~Q(asked="")
                | ~Q(status="asked"),
                name="intake_question_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(status="reported") | Q(report__isnull=False),
                name="intake_reported_has_its_report",
            ),
            models.CheckConstraint(
                condition=~Q(status="reported") | Q(sender__isnull=False),
                name="intake_reported_has_a_voice",
            ),
            models.CheckConstraint(
                condition=Q(sender__isnull=False) | (Q(channel="email") & ~Q(claimed="")),
                name="intake_sender_known_or_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(status="kept") | ~Q(trouble=""), name="intake_kept_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["sender", "-received_at", "-id"], name="intake_by_sender"),
            models.Index(
                fields=["received_at", "id"],
                name="intake_waiting",
                condition=Q(status__in=["kept", "asked"]),
            ),
            models.Index(
                fields=["received_at"], name="intake_unproven", condition=Q(sender__isnull=True)
            ),
            models.Index(
                fields=["claimed", "received_at"],
                name="intake_by_claim",
                condition=Q(sender__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.received_at:%Y-%m-%d %H:%M}"

    @property
    def bound(self) -> str:
        """The context to which `sealed` is bound (reputation.privacy.seal)."""
        return f"intake:{self.channel}:{self.digest}"

    @property
    def reply_bound(self) -> str:
        """The context to which `sealed_reply` is bound."""
        return f"{self.bound}:reply"
