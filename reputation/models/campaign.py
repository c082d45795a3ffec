from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from reputation.scoring import CATEGORIES
from reputation.scoring import Campaign as Told


class Campaign(models.Model):
    """Reports about the same caller, mostly on several numbers, as of the last grouping.

    `key` stays the same over groupings (scoring.campaigns.ids). A campaign about which a moderator
    decided stays stored when its reports are gone.
    """

    key = models.CharField(max_length=16, unique=True)
    phrases = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        help_text=_("Masked words that several reports share."),
    )
    category = models.CharField(max_length=20, blank=True, default="")
    reports = models.IntegerField(default=0)
    numbers = models.IntegerField(default=0)
    reporters = models.IntegerField(default=0)
    listed = models.IntegerField(
        default=0, help_text=_("Numbers that are flagged or blocked by evidence of their own.")
    )
    known = models.BooleanField(
        default=False, help_text=_("Its numbers show that the campaign is abusive.")
    )
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    grouped_at = models.DateTimeField(help_text="When its reports were last grouped again.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_until = models.DateTimeField(null=True, blank=True)
    like = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The larger campaign with similar words."),
    )
    joined_to = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="joined",
        help_text=_("The campaign of the same caller, as a moderator decided."),
    )
    held = models.BooleanField(
        default=False,
        help_text=_("Its numbers are disputed: the campaign only flags, and blocks nothing."),
    )

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(reports__gte=0, numbers__gte=0, reporters__gte=0, listed__gte=0),
                name="campaign_counts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_until=None)
                | Q(confirmed_at__isnull=False, confirmed_until__isnull=False),
                name="campaign_confirmation_ends",
            ),
            models.CheckConstraint(
                condition=Q(joined_to=None) | ~Q(joined_to=F("id")), name="campaign_joins_another"
            ),
        ]
        indexes = [models.Index(fields=["-last_at", "-id"], name="campaign_newest")]

    def __str__(self) -> str:
        """The campaign's phrase or, if several reports share none, its category and size."""
        if self.phrases:
            return self.phrases[0]
        known = CATEGORIES.get(self.category)
        return ngettext(
            "%(kind)s: %(count)d number, first on %(day)s",
            "%(kind)s: %(count)d numbers, first on %(day)s",
            self.numbers,
        ) % {
            "kind": gettext(known.label) if known else gettext("campaign"),
            "count": self.numbers,
            "day": f"{self.first_at:%Y-%m-%d}",
        }

    @property
    def told(self) -> Told:
        """The campaign's figures in reasons; lookups read them from the numbers that it links."""
        words = self.phrases[0] if self.phrases else ""
        confirmed = self.confirmed_at is not None
        return Told(self.key, words, self.reports, self.numbers, confirmed)


class CampaignExample(models.Model):
    """A text that represents a part of a campaign, as hashes (scoring.campaigns.Example)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="examples")
    part = models.IntegerField()
    keys = ArrayField(
        models.BigIntegerField(), help_text="The terms by which the example is found."
    )
    terms = ArrayField(models.BigIntegerField())
    total = models.FloatField()
    asks = models.FloatField()

    class Meta:
        default_permissions = ()
        indexes = [
            # No pending list: rows are inserted all at once and read soon after, and every report
            # would search the whole list.
            GinIndex(fields=["keys"], name="campaign_example_by_key", fastupdate=False),
            models.Index(fields=["part"], name="campaign_example_by_part"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.part}"


class CampaignMark(models.Model):
    """A call-back number, or a name with an act, by which reports join a campaign."""

    mark = models.TextField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="marks")
    at = models.DateTimeField(help_text="When it was last reported.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.mark


class CampaignTerm(models.Model):
    """How many of the grouped texts contain a term, by the place of its hash (scoring.campaigns),
    for the most frequent terms. ALL: how many texts there are."""

    ALL: ClassVar = -1

    place = models.IntegerField(primary_key=True)
    texts = models.IntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.place}: {self.texts}"
