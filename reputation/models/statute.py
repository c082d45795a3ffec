from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reputation.languages import choose, is_chinese, nearest, of_country
from reputation.models.authority import COUNTRY
from reputation.models.report import Report
from reputation.models.sourced import Sourced


class Statute(Sourced):
    """A law about the acts of callers."""

    country = models.CharField(max_length=2, help_text=_("ISO 3166 code."))
    title = models.TextField(help_text=_("The title in its own language, as cited."))
    title_en = models.TextField(help_text=_("The title in English."))
    title_zh = models.TextField(help_text=_("The title in Simplified Chinese."))
    categories = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        help_text=_("The categories of calls to which it applies; empty for all."),
    )
    authority_kinds = ArrayField(
        models.CharField(max_length=11),
        default=list,
        blank=True,
        help_text=_("The kinds of authorities to which it is cited; empty for all."),
    )

    class Meta(Sourced.Meta):
        verbose_name = _("statute")
        verbose_name_plural = _("statutes")
        constraints = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=Q(country__regex=COUNTRY), name="statute_country_is_code"
            ),
        ]

    def is_written_in(self, language: str) -> bool:
        """Whether its wording suits readers of this Chinese without conversion."""
        return is_chinese(language) and of_country(self.country) == nearest(language)

    def title_in(self, language: str) -> str:
        if self.is_written_in(language):
            return self.title
        if language.startswith("en") or is_chinese(language):
            return choose(language, english=self.title_en, chinese=self.title_zh)
        return self.title


class ProvisionQuerySet(models.QuerySet["Provision"]):
    def of(self, country: str) -> "ProvisionQuerySet":
        """The provisions of a country, whenever in force, with their acts."""
        return (
            self.filter(statute__country=country)
            .select_related("statute")
            .prefetch_related("acts")
            .order_by("statute__slug", "slug")
        )


class Provision(Sourced):
    """One article of a statute in one wording, from its first day in force to its last.

    A provision with an unknown article (`article` empty) is cited as the statute alone.
    """

    statute = models.ForeignKey(Statute, on_delete=models.CASCADE, related_name="provisions")
    article = models.CharField(
        max_length=60,
        blank=True,
        help_text=_("The article as cited, such as 第四十二条 or § 241; empty if unknown."),
    )
    article_en = models.CharField(max_length=60, blank=True, help_text=_("The same in English."))
    effective_from = models.DateField(null=True, blank=True, help_text=_("First day in force."))
    effective_to = models.DateField(null=True, blank=True, help_text=_("Last day in force."))
    penalty = models.TextField(blank=True, help_text=_("The penalty in short, in English."))
    penalty_zh = models.TextField(
        blank=True, help_text=_("The penalty in short, in Simplified Chinese.")
    )

    objects: ClassVar[models.Manager["Provision"]] = ProvisionQuerySet.as_manager()

    def is_in_force(self, day: date) -> bool:
        """Whether it was in force on that day; the law of the day of an act applies to the act."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)

    class Meta(Sourced.Meta):
        verbose_name = _("provision")
        verbose_name_plural = _("provisions")
        constraints = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=Q(effective_from=None)
                | Q(effective_to=None)
                | Q(effective_to__gte=F("effective_from")),
                name="provision_ends_after_it_begins",
            ),
        ]


class ProvisionAct(models.Model):
    """The words of a provision about one reportable act, or about a pattern of calls."""

    class Pattern(models.TextChoices):
        """A pattern in the log of calls, whatever was said in them."""

        ANY = "any", _("any call of the statute's categories")
        HOURS = "hours", _("calls at forbidden hours")
        FREQUENCY = "frequency", _("too many calls")

    provision = models.ForeignKey(Provision, on_delete=models.CASCADE, related_name="acts")
    conduct = models.CharField(max_length=24, choices=[*Report.Conduct.choices, *Pattern.choices])
    hours_from = models.SmallIntegerField(
        null=True, blank=True, help_text=_("Hour after which calls are forbidden, such as 21.")
    )
    hours_to = models.SmallIntegerField(
        null=True, blank=True, help_text=_("Hour until which calls are forbidden, such as 8.")
    )
    most_calls = models.SmallIntegerField(
        null=True, blank=True, help_text=_("The most calls that may be made within these days.")
    )
    in_days = models.SmallIntegerField(
        null=True, blank=True, help_text=_("The number of consecutive days.")
    )
    item = models.CharField(
        max_length=30, blank=True, help_text=_("The item in the article, such as (五) or (5).")
    )
    wording = models.TextField(help_text=_("The act that it forbids, in English."))
    wording_zh = models.TextField(blank=True, help_text=_("The same in Simplified Chinese."))
    wording_own = models.TextField(
        blank=True, help_text=_("The same in the statute's language, if it is another.")
    )

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        constraints = [
            models.UniqueConstraint(fields=["provision", "conduct"], name="act_once_per_provision"),
            models.CheckConstraint(
                condition=Q(conduct__in=[*sorted(Report.Conduct.values), "any"])
                | Q(conduct="hours", hours_from__range=(0, 23), hours_to__range=(0, 23))
                | Q(conduct="frequency", most_calls__gt=0, in_days__gt=0),
                name="act_conduct_known",
            ),
        ]

    def __str__(self) -> str:
        return self.item

    def wording_in(self, language: str) -> str:
        if language.startswith("en") or is_chinese(language):
            chinese = self.wording_zh or self.wording
            return choose(language, english=self.wording, chinese=chinese)
        return self.wording_own or self.wording
