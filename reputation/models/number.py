from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from math import inf
from operator import attrgetter
from typing import Any, ClassVar, Final

import orjson
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Mod
from django.utils.translation import gettext_lazy as _

from reputation.identity import Identity, display
from reputation.scoring import Action, Evidence, Standing, Status, from_days, to_days

ACTIONS = [action.value for action in Action]
STATUSES = [status.value for status in Status]
# The parts into which numbers are divided by their ids. A refresh of the queue reads one part, so
# there must be at least this many refreshes in a day.
SLICES: Final = 288
# Columns that are scoring's fields under the same names; its moments are the columns *_at.
EVIDENCE_SUMS = (
    "unwanted_short",
    "unwanted_long",
    "legitimate",
    "networks",
    "established",
    "newcomers",
    "established_networks",
    "supporters",
    "imported",
    "gathered",
    "saturated",
)
_sums_of = attrgetter(*EVIDENCE_SUMS)
STANDING = tuple(field.name for field in fields(Standing))
_standing_of = attrgetter(*STANDING)


# Numbers that may wait for moderators, and decided ones.
_DOUBTED = Q(moderated=0, pinned="", disputed=False) & (Q(score__gte=30) | Q(spoofed=True))
_DECIDED = Q(official=True) | ~Q(moderated=0)


def standing_of(columns: Mapping[str, Any]) -> Standing:
    """The standing in the columns STANDING of a number, at any time of its history."""
    return Standing(
        **dict(columns)
        | {
            "moderated_at": _days(columns["moderated_at"]),
            "immune_until": _days(columns["immune_until"]),
            "linked_until": _days(columns["linked_until"]),
            "pinned": Action(columns["pinned"]) if columns["pinned"] else None,
        }
    )


def _days(moment: datetime | None) -> float | None:
    return None if moment is None else to_days(moment)


@lru_cache(maxsize=256)
def _stood(columns: tuple[Any, ...]) -> Standing:
    """`standing_of` for a tuple, cached since most numbers have one of few standings."""
    return standing_of(dict(zip(STANDING, columns, strict=True)))


def _moment(days: float | None) -> datetime | None:
    return None if days is None else from_days(days)


class NumberQuerySet(models.QuerySet["Number"]):
    def due(self, now: object) -> "NumberQuerySet":
        """Numbers whose action changes by decay alone, on or before `now`."""
        return self.filter(reassess_at__lte=now)

    def listed(self) -> "NumberQuerySet":
        return self.filter(action__in=[Action.FLAG, Action.BLOCK])


class Number(models.Model):
    """A caller or sender, with the evidence of all reports about it folded into one row.

    The reports are the source: each evidence column can be rebuilt from them (`manage.py rescore`).
    """

    key = models.TextField(help_text="Canonical identity, see reputation.identity.")
    country = models.CharField(max_length=2, blank=True, default="")
    line_type = models.CharField(max_length=20, default="unknown")
    name = models.TextField(blank=True, default="", help_text=_("From the verified directory."))
    created_at = models.DateTimeField()

    # Folded evidence: log-odds sums, forward-decayed to evidence_at (scoring.evidence.Evidence).
    evidence_at = models.DateTimeField()
    prior = models.FloatField(help_text=_("Probability before any report, 0 to 1."))
    unwanted_short = models.FloatField(default=0.0)
    unwanted_long = models.FloatField(default=0.0)
    legitimate = models.FloatField(default=0.0)
    networks = models.IntegerField(default=0)
    established = models.IntegerField(default=0)
    newcomers = models.IntegerField(default=0)
    established_networks = models.IntegerField(default=0)
    supporters = models.IntegerField(default=0)
    imported = models.IntegerField(default=0)
    gathered = models.FloatField(default=0.0)
    saturated = models.FloatField(default=0.0)
    first_unwanted_at = models.DateTimeField(null=True, blank=True)
    last_unwanted_at = models.DateTimeField(null=True, blank=True)
    category_mix = models.JSONField(default=dict, help_text="Category → decayed weight.")

    # Counts of live reports, and the fold order: each counted statement takes the next `seq`.
    reports = models.IntegerField(default=0)
    complaints = models.IntegerField(default=0)
    first_reported_at = models.DateTimeField(null=True, blank=True)
    last_reported_at = models.DateTimeField(null=True, blank=True)
    seq = models.IntegerField(default=0)
    settled_side = models.SmallIntegerField(
        default=0,
        help_text=_(
            "1 if the number settled as unwanted, -1 as legitimate, 0 if it never settled."
        ),
    )
    settled_seq = models.IntegerField(
        default=0, help_text=_("Reports up to this one were filed before the number settled.")
    )

    trust_seq = models.IntegerField(
        default=0,
        help_text=_(
            "The last report that the trust pass has read; a number with later reports is due."
        ),
    )

    # Decisions of people and of the trust pass (scoring.policy.Standing).
    official = models.BooleanField(default=False)
    holder_verified = models.BooleanField(default=False)
    moderated = models.SmallIntegerField(
        default=0, help_text=_("1 confirmed, -1 cleared, 0 neither.")
    )
    moderated_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("From when the decision fades; empty if it does not fade."),
    )
    promoted = models.BooleanField(default=False, help_text=_("The trust pass allowed blocking."))
    disputed = models.BooleanField(default=False)
    spoofed = models.BooleanField(default=False)
    reassigned = models.BooleanField(default=False)
    epoch_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("First day of the present holder; earlier evidence does not count."),
    )
    pinned = models.CharField(max_length=5, blank=True, default="")
    immune_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("After an upheld dispute, reports alone do not list the number until then."),
    )
    pinned_until = models.DateTimeField(
        null=True, blank=True, help_text=_("When the pin ends; empty if it stays until unpinned.")
    )
    # The pin that a hold stands before, and that returns when the hold ends.
    pinned_after = models.CharField(max_length=5, blank=True, default="", db_default="")
    pinned_after_until = models.DateTimeField(null=True, blank=True)
    never_calls = models.BooleanField(
        default=False, help_text=_("The holder never calls from this number: such calls are faked.")
    )

    # The effect of its reports' words (scoring.campaigns.links), renewed at each publication.
    campaign = models.ForeignKey(
        "reputation.Campaign",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
    )
    linked = models.SmallIntegerField(
        default=0, help_text=_("1 if the campaign flags the number, 2 if it blocks it.")
    )
    linked_until = models.DateTimeField(null=True, blank=True)
    told = models.TextField(
        blank=True,
        default="",
        help_text="The campaign's figures that reasons name, while it lists the number.",
    )

    # The public answer at its last change.
    action = models.CharField(max_length=5, default=Action.ALLOW.value)
    score = models.SmallIntegerField(default=0)
    status = models.CharField(max_length=10, default=Status.UNKNOWN.value)
    category = models.CharField(max_length=20, blank=True, default="")
    reassess_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Number"]] = NumberQuerySet.as_manager()

    class Meta:
        verbose_name = _("number")
        verbose_name_plural = _("numbers")
        permissions = [
            ("pin_number", "Can pin a number's action"),
            ("hold_number", "Can hold a number at flag for a day"),
            ("mark_official_number", "Can enter a number in the verified directory"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="number_key_unique"),
            models.CheckConstraint(
                condition=Q(
                    key__regex=r"^(\+[1-9][0-9]{5,14}|[A-Z]{2}:[0-9]{2,20}|[A-Z]{2}@.{1,24})$"
                ),
                name="number_key_canonical",
            ),
            models.CheckConstraint(condition=Q(action__in=ACTIONS), name="number_action_known"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="number_status_known"),
            models.CheckConstraint(
                condition=Q(pinned__in=["", *ACTIONS]), name="number_pinned_known"
            ),
            models.CheckConstraint(
                condition=Q(pinned_until=None) | ~Q(pinned=""), name="number_only_pins_expire"
            ),
            models.CheckConstraint(
                condition=Q(pinned_after="", pinned_after_until=None) | Q(pinned_after__in=ACTIONS),
                name="number_pinned_after_known",
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=100), name="number_score_percent"
            ),
            models.CheckConstraint(
                condition=Q(prior__gt=0, prior__lt=1), name="number_prior_probability"
            ),
            models.CheckConstraint(
                condition=Q(moderated__in=[-1, 0, 1]), name="number_moderated_sign"
            ),
            models.CheckConstraint(
                condition=Q(unwanted_short__gte=0, unwanted_long__gte=0, legitimate__gte=0),
                name="number_evidence_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(reports__gte=0, complaints__gte=0, seq__gte=0)
                & Q(settled_seq__gte=0, settled_seq__lte=F("seq")),
                name="number_counts_consistent",
            ),
            models.CheckConstraint(
                condition=Q(linked=0) | Q(linked__in=[1, 2], linked_until__isnull=False),
                name="number_link_expires",
            ),
            # The most important protection: reports alone never block an official number.
            models.CheckConstraint(
                condition=~Q(official=True, action=Action.BLOCK.value)
                | Q(moderated=1)
                | Q(never_calls=True)
                | Q(pinned=Action.BLOCK.value),
                name="number_official_not_blocked_by_reports",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reassess_at"],
                name="number_reassess_due",
                condition=Q(reassess_at__isnull=False),
            ),
            models.Index(
                fields=["key"], name="number_trust_due", condition=Q(trust_seq__lt=F("seq"))
            ),
            models.Index(
                fields=["action", "-last_reported_at", "id"],
                name="number_listed",
                condition=~Q(action=Action.ALLOW.value),
            ),
            models.Index(
                fields=["campaign"],
                name="number_by_campaign",
                condition=Q(campaign__isnull=False),
            ),
            # Numbers that may wait for moderators, the last reported first (moderation.queue).
            models.Index(
                fields=["last_reported_at"],
                name="number_doubted",
                condition=_DOUBTED,
            ),
            models.Index(
                fields=["last_reported_at"],
                name="number_decided_lately",
                condition=_DECIDED,
            ),
            # The same numbers of one slice.
            models.Index(
                Mod("id", SLICES),
                "last_reported_at",
                name="number_doubted_slice",
                condition=_DOUBTED,
            ),
            models.Index(
                Mod("id", SLICES),
                "last_reported_at",
                name="number_decided_slice",
                condition=_DECIDED,
            ),
            models.Index(
                fields=["id"],
                name="number_claimed",
                condition=Q(holder_verified=True, official=False, disputed=False),
            ),
            models.Index(fields=["-id"], name="number_official", condition=Q(official=True)),
            models.Index(
                fields=["moderated", "-id"], name="number_moderated", condition=~Q(moderated=0)
            ),
        ]

    def __str__(self) -> str:
        """As people read it, on every page of the panel; `key` is for programs."""
        return display(self.key)

    @property
    def identity(self) -> Identity:
        return Identity.on_record(self.key, self.country)

    @property
    def evidence(self) -> Evidence:
        """The folded evidence as the arithmetic takes it: times in days since the Unix epoch."""
        sums = _sums_of(self)
        moments = _days(self.first_unwanted_at), _days(self.last_unwanted_at)
        return Evidence._make((to_days(self.evidence_at), *sums[:-2], *moments, *sums[-2:]))

    @evidence.setter
    def evidence(self, folded: Evidence) -> None:
        self.evidence_at = from_days(folded.at)
        self.first_unwanted_at = _moment(folded.first_unwanted)
        self.last_unwanted_at = _moment(folded.last_unwanted)
        vars(self).update(zip(EVIDENCE_SUMS, _sums_of(folded), strict=True))

    @property
    def sums(self) -> Evidence:
        """The evidence without dates and counts: what the log-odds need."""
        return Evidence(
            to_days(self.evidence_at), self.unwanted_short, self.unwanted_long, self.legitimate
        )

    @property
    def standing(self) -> Standing:
        """The decisions of people and the trust pass, as the arithmetic takes them."""
        return _stood(_standing_of(self))

    def told_campaign(self) -> str:
        """The key of the campaign that the published answer names; "" if none links the number."""
        if not self.told or not self.standing.link(-inf):
            return ""
        key: str = orjson.loads(self.told)[0]
        return key


class DueNumber(models.Model):
    """A number that the trust pass must weigh again, since the record of a reporter moved.

    A table of its own, since writing to the number's row costs an entry in each of its indexes. A
    mark is made after the record was written, and weighing a number deletes it before reading
    records.
    """

    number = models.OneToOneField(
        Number,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        db_constraint=False,  # no number is ever deleted
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number_id)
