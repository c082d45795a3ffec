import math
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reputation.scoring import Record, to_days

# Columns of Reporter that are a Record, under the names of its fields.
RECORD = tuple(field.name for field in fields(Record))
_record_of = attrgetter(*RECORD)
# The prefix of the handle of an erased voice. Handles of people are hexadecimal.
NOBODY: Final = "erased-"


def account_age(created_at: datetime, vouched_at: datetime | None, at: datetime) -> float:
    """Days from the account's creation to `at`; infinite where a moderator vouches for it."""
    return math.inf if vouched_at is not None else to_days(at) - to_days(created_at)


class Reporter(models.Model):
    """One account that reports: a person, or a program on behalf of one.

    `handle` is a keyed hash or an internal label, never an address, a phone number or an e-mail.
    The sums are settled credits (scoring.trust.Record).
    """

    class Kind(models.TextChoices):
        KEY = "key", _("API key")
        PERSON = "person", _("signed-in person")
        SMS = "sms", _("SMS sender")
        EMAIL = "email", _("e-mail sender")

    kind = models.CharField(max_length=6, choices=Kind)
    handle = models.TextField()
    created_at = models.DateTimeField()
    tp = models.FloatField(default=0.0)
    fn = models.FloatField(default=0.0)
    tn = models.FloatField(default=0.0)
    fp = models.FloatField(default=0.0)
    firsts = models.FloatField(
        default=0.0, help_text=_("Trust from outside in this reporter (scoring.anchors).")
    )
    backers = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text=_("The anchored reporters who back this one, if it is not anchored itself."),
    )
    cluster = models.BigIntegerField(
        null=True, blank=True, help_text=_("Reporters who act as one share this number.")
    )
    moved_seq = models.IntegerField(
        default=0, db_default=0, help_text="How often this reporter's record moved."
    )
    marked_seq = models.IntegerField(
        default=0,
        db_default=0,
        help_text="The last move for which the reporter's numbers were marked due.",
    )
    kept_fp = models.FloatField(
        default=0.0,
        db_default=0.0,
        help_text="The part of `fp` that outlives erased reports, since mistakes last.",
    )
    kept_fn = models.FloatField(
        default=0.0, db_default=0.0, help_text="The part of `fn` that outlives erased reports."
    )
    vouched_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when a moderator vouches for this voice."
    )
    blocked_at = models.DateTimeField(null=True, blank=True)
    crowd = models.CharField(
        max_length=32,
        blank=True,
        default="",
        help_text="The network in which it counts until somebody vouches (see AccountOpening).",
    )
    erased_on = ArrayField(
        models.DateTimeField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="Days on which words of this person were erased (see Report.erased_at).",
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        help_text="The reporter who now speaks for the same person.",
    )

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")
        permissions = [("vouch_for_reporter", "Can vouch for reporters")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "handle"], name="reporter_handle_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=["key", "person", "sms", "email"]), name="reporter_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(tp__gte=0, fn__gte=0, tn__gte=0, fp__gte=0, firsts__gte=0)
                & Q(kept_fp__gte=0, kept_fn__gte=0),
                name="reporter_credits_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("id")), name="reporter_not_merged_into_itself"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="reporter_moved",
                condition=Q(marked_seq__lt=models.F("moved_seq")),
            ),
            models.Index(
                fields=["cluster"],
                name="reporter_by_cluster",
                condition=Q(cluster__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.handle}"

    @property
    def record(self) -> Record:
        """The settled credits as the arithmetic takes them."""
        return Record(*_record_of(self))

    @record.setter
    def record(self, record: Record) -> None:
        for name in RECORD:
            setattr(self, name, getattr(record, name))


class AccountOpening(models.Model):
    """A mailbox whose account was opened lately, for the caps on new accounts.

    All three are keyed hashes. `domain` is empty for providers with millions of users. `crowd` is
    the domain or network that had too many openings at the time, or empty.
    """

    mailbox = models.CharField(max_length=32, unique=True)
    opened_at = models.DateTimeField()
    domain = models.CharField(max_length=32, blank=True, default="")
    network = models.CharField(max_length=32, blank=True, default="")
    crowd = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["domain", "opened_at"], name="opening_by_domain"),
            models.Index(fields=["network", "opened_at"], name="opening_by_network"),
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.opened_at:%Y-%m-%d}"
