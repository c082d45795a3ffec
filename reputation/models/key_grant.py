import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class KeyGrantQuerySet(models.QuerySet["KeyGrant"]):
    def in_state(self, state: str, now: datetime) -> "KeyGrantQuerySet":
        """The grants whose `KeyGrant.state` is this one."""
        if state == "ended":
            return self.filter(ended_at__isnull=False)
        lasting = self.filter(ended_at=None)
        match state:
            case "granted":
                return lasting.filter(granted_at__isnull=False, expires_at__gt=now)
            case "expired":
                return lasting.filter(granted_at__isnull=False, expires_at__lte=now)
        return lasting.filter(granted_at=None, refused_at__isnull=state == "waiting")


class KeyGrant(models.Model):
    """A key for an organisation: what was asked for, what was granted, and until when.

    Each request with one of the organisation's keys (api.models.ApiKey) is limited by this row.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for a decision")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        EXPIRED = "expired", _("expired")
        ENDED = "ended", _("ended")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.TextField()
    contact = models.TextField(
        blank=True, help_text="How people reach the organisation; erased after some time."
    )
    purpose = models.TextField(blank=True)
    calls_per_day = models.IntegerField(help_text="Expected calls per day.")
    asked_scopes = ArrayField(models.CharField(max_length=10))
    asked_attestation = models.BooleanField(
        help_text="The organisation says that it verifies STIR/SHAKEN."
    )
    networks = ArrayField(
        models.CharField(max_length=43),
        default=list,
        blank=True,
        help_text="The only networks from which its keys may ask; empty for any.",
    )
    region = models.CharField(max_length=2, blank=True, default="")
    language = models.CharField(max_length=10, help_text="Language of the mails.")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_from = models.CharField(
        max_length=32, blank=True, default="", help_text="Keyed hash of the asker's network."
    )
    asked_at = models.DateTimeField()

    granted_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    renewal_asked_at = models.DateTimeField(null=True, blank=True)
    ended_by_contact = models.BooleanField(default=False)
    reason = models.TextField(blank=True, default="", help_text="Reason of the last decision.")
    scopes = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    lookups_per_minute = models.IntegerField(default=0)
    verifies_attestation = models.BooleanField(
        default=False, help_text="The organisation verifies calls: its attestations A and B count."
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    voice = models.ForeignKey(
        "reputation.Reporter",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The reporter in whose name its keys report, whoever asked for them.",
    )
    told = models.CharField(
        max_length=8,
        blank=True,
        default="",
        help_text="The last state of which its contacts were told.",
    )

    objects: ClassVar[KeyGrantQuerySet] = KeyGrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        default_permissions = ("view", "change")
        verbose_name = _("organisation's key")
        verbose_name_plural = _("organisations' keys")
        constraints = [
            models.CheckConstraint(condition=~Q(organisation=""), name="key_grant_names_somebody"),
            models.CheckConstraint(
                condition=Q(granted_at=None)
                | Q(expires_at__isnull=False, lookups_per_minute__gt=0, refused_at=None)
                & Q(scopes__len__gt=0, voice__isnull=False),
                name="key_grant_says_what",
            ),
        ]

    def __str__(self) -> str:
        return self.organisation

    def state(self, now: datetime) -> State:
        if self.ended_at is not None:
            return self.State.ENDED
        if self.granted_at is None:
            return self.State.WAITING if self.refused_at is None else self.State.REFUSED
        over = self.expires_at is not None and self.expires_at <= now
        return self.State.EXPIRED if over else self.State.GRANTED


class KeyContact(models.Model):
    """A person who looks after an organisation's keys. The keys stay when the person leaves."""

    grant = models.ForeignKey(KeyGrant, on_delete=models.CASCADE, related_name="contacts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="key_contacts"
    )
    added_at = models.DateTimeField()
    accepted_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the contact accepted. A contact named by others gets no mail before.",
    )

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["grant", "user"], name="key_contact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.user_id}"
