from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

SCOPES = ("lookup", "report", "bulk", "feed", "intake", "compat")
# The scope of keys by which a moderator decides.
MODERATE = "moderate"


class ApiKey(models.Model):
    """The credential of a program. The secret is shown once and stored only as a SHA-256.

    A plain hash is enough: nobody can guess 256 random bits.
    """

    prefix = models.CharField(max_length=8, help_text="The visible part, by which it is found.")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the whole key.")
    name = models.TextField()
    scopes = ArrayField(models.CharField(max_length=10))
    region = models.CharField(max_length=2, blank=True, default="")
    reporter = models.ForeignKey(
        "reputation.Reporter",
        on_delete=models.PROTECT,
        related_name="keys",
        help_text="In whose voice it reports: one of its own, or the person's who made it.",
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    verifies_attestation = models.BooleanField(
        default=False,
        help_text="A carrier's or PBX's that verifies calls: its A and B count.",
    )

    made_with = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The key with which it was made, which takes it along when it is revoked.",
    )
    pairing = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="SHA-256 of the state with which an app asked for it: once, and not again.",
    )
    grant = models.ForeignKey(
        "reputation.KeyGrant",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="keys",
        help_text="What its organisation was granted, which bounds it at each request.",
    )
    personal = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A person's: the limits of a person hold for all of theirs.",
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="In whose name it decides; it may what their roles may at the moment.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix"], name="apikey_prefix_unique"),
            models.UniqueConstraint(
                fields=["pairing"], condition=~Q(pairing=""), name="apikey_pairing_unique"
            ),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=[*SCOPES, MODERATE]), name="apikey_scopes_known"
            ),
            models.CheckConstraint(
                condition=Q(scopes__contains=[MODERATE], moderator__isnull=False)
                | ~Q(scopes__contains=[MODERATE]) & Q(moderator=None),
                name="apikey_moderates_for_one",
            ),
            models.CheckConstraint(
                condition=Q(region__regex=r"^([A-Z]{2})?$"), name="apikey_region_shape"
            ),
        ]

    def __str__(self) -> str:
        return f"rsk_{self.prefix}…"


class IdempotencyRecord(models.Model):
    """The answer to a write under an Idempotency-Key, for repetitions."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.SmallIntegerField(default=0)
    body = models.TextField(default="", help_text="The answer as it was sent: jsonb reorders it.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api_key", "key"], name="idempotency_key_unique"),
        ]
        indexes = [
            models.Index(fields=["api_key", "created_at"], name="idempotency_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.api_key_id}:{self.key}"


class HashedNumber(models.Model):
    """A number that PhoneBlock's clients may request by hash (api.dialects.hashes writes it).

    The answer about it is decided at the request.
    """

    key = models.TextField(help_text="E.164 with the plus.")
    sha1 = models.BinaryField(max_length=20, help_text="SHA-1 of the key.")
    tens = models.BinaryField(max_length=20, help_text="SHA-1 of the key without its last digit.")
    hundreds = models.BinaryField(max_length=20, help_text="The same without the last two.")
    blocked = models.BooleanField(default=False, help_text="It was blocked at some time.")
    called_at = models.DateTimeField(
        null=True, blank=True, help_text="When a client last met it while it was listed."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="hashed_number_unique"),
        ]
        indexes = [
            models.Index(fields=["sha1"], name="hashed_by_sha1"),
            models.Index(fields=["tens"], name="hashed_by_tens"),
            models.Index(fields=["hundreds"], name="hashed_by_hundreds"),
        ]

    def __str__(self) -> str:
        return self.key


class HashCursor(models.Model):
    """The cursor up to which the hashed numbers follow the change log: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    cursor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="hash_cursor_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.cursor)


class ChangeTally(models.Model):
    """How often each action became another, up to a cursor of the change log: one row.

    Written and read by api.tally.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    cursor = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="`allow flag`: how often, and so on.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="change_tally_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.cursor)
