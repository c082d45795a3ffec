from collections.abc import Sequence
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reputation.languages import choose
from reputation.models.sourced import Sourced

COUNTRY = r"^([A-Z]{2})?$"


class AuthorityQuerySet(models.QuerySet["Authority"]):
    def of(self, country: str) -> "AuthorityQuerySet":
        """The active authorities for complaints from `country` (ISO 3166), the best match first."""
        here = self.filter(active=True, country__in=("", country.upper()))
        return here.order_by("rank", "slug")

    def for_conduct(self, conduct: str) -> "AuthorityQuerySet":
        """Authorities for this act; an empty list in a row means every act."""
        return self.filter(Q(conduct=[]) | Q(conduct__contains=[conduct]))

    def for_categories(self, categories: Sequence[str]) -> "AuthorityQuerySet":
        """Authorities for one of these categories; an empty list in a row means every category."""
        return self.filter(Q(categories=[]) | Q(categories__overlap=list(categories)))


class Authority(Sourced):
    """An addressee of complaints: a regulator, the police, a carrier, the lender itself."""

    class Kind(models.TextChoices):
        HOTLINE = "hotline", _("reporting centre")
        POLICE = "police", _("police")
        REGULATOR = "regulator", _("regulator")
        ASSOCIATION = "association", _("industry association")
        CARRIER = "carrier", _("carrier")
        LENDER = "lender", _("lender or collector")
        PROSECUTOR = "prosecutor", _("attorney general or prosecutor")

    kind = models.CharField(max_length=11, choices=Kind)
    country = models.CharField(
        max_length=2,
        blank=True,
        help_text=_("ISO 3166 code; empty if it serves every country, such as the lender."),
    )
    name = models.TextField(help_text=_("The name in English."))
    name_zh = models.TextField(help_text=_("The name in Simplified Chinese."))
    addressee = models.TextField(
        help_text=_("The lines that open a letter to it, in its own language.")
    )
    addressee_en = models.TextField(
        blank=True,
        db_default="",
        default="",
        help_text=_("The same for letters in English, if its language is another."),
    )
    addressee_zh = models.TextField(
        blank=True,
        db_default="",
        default="",
        help_text=_("The same for letters in Chinese, if its language is another."),
    )
    takes = models.TextField(
        help_text=_("The subjects of the complaints that it accepts, in English.")
    )
    takes_zh = models.TextField(help_text=_("The same in Simplified Chinese."))
    conduct = ArrayField(
        models.CharField(max_length=24),
        default=list,
        blank=True,
        help_text=_("The acts about which it accepts complaints; empty for all."),
    )
    categories = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        help_text=_("The categories about which it accepts complaints; empty for all."),
    )
    answer_days = models.SmallIntegerField(
        null=True,
        blank=True,
        help_text=_("The days within which it must answer; empty if unknown."),
    )
    answer_basis = models.TextField(
        blank=True,
        db_default="",
        default="",
        help_text=_("The office that must answer and the rule that says so, in English."),
    )
    answer_basis_zh = models.TextField(
        blank=True, db_default="", default="", help_text=_("The same in Simplified Chinese.")
    )
    rank = models.SmallIntegerField(default=50, help_text=_("Lower ranks come first."))
    active = models.BooleanField(default=True)

    objects: ClassVar[models.Manager["Authority"]] = AuthorityQuerySet.as_manager()

    class Meta(Sourced.Meta):
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")
        constraints = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=Q(country__regex=COUNTRY), name="authority_country_is_code"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "hotline",
                        "police",
                        "regulator",
                        "association",
                        "carrier",
                        "lender",
                        "prosecutor",
                    ]
                ),
                name="authority_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(answer_days=None, answer_basis="", answer_basis_zh="")
                | (
                    Q(answer_days__isnull=False, answer_days__gt=0)
                    & ~Q(answer_basis="")
                    & ~Q(answer_basis_zh="")
                ),
                name="authority_term_has_its_basis",
            ),
        ]

    def name_in(self, language: str) -> str:
        return choose(language, english=self.name, chinese=self.name_zh)

    def addressee_in(self, language: str) -> str:
        """The salutation's name of the authority in a language other than its own; its name if none
        is stored."""
        return choose(
            language,
            english=self.addressee_en or self.name,
            chinese=self.addressee_zh or self.name_zh,
        )

    def answer_basis_in(self, language: str) -> str:
        return choose(language, english=self.answer_basis, chinese=self.answer_basis_zh)

    def takes_in(self, language: str) -> str:
        return choose(language, english=self.takes, chinese=self.takes_zh)


class Channel(Sourced):
    """A way to reach an authority, and the form of its messages.

    `grammar` has placeholders (reputation.complaints.wording.PLACEHOLDERS). Each of its lines is,
    for SMS, one message, in that order; for e-mail, a line before the letter; for a form or a call,
    one field: its label, a colon, its value.
    """

    class Kind(models.TextChoices):
        SMS = "sms", _("text message")
        EMAIL = "email", _("e-mail")
        WEB = "web", _("web form")
        PHONE = "phone", _("telephone")
        APP = "app", _("app or mini-program")
        POST = "post", _("letter by post")
        PERSON = "person", _("in person")

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=6, choices=Kind)
    address = models.TextField(
        blank=True,
        help_text=_("Number, e-mail, web or postal address; empty if there is none."),
    )
    grammar = models.TextField(blank=True, help_text=_("The text to send, with {placeholders}."))
    note = models.TextField(blank=True, help_text=_("Advice on using the channel, in English."))
    note_zh = models.TextField(blank=True, help_text=_("The same in Simplified Chinese."))
    rank = models.SmallIntegerField(default=50, help_text=_("Lower ranks come first."))
    active = models.BooleanField(default=True)

    class Meta(Sourced.Meta):
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=["sms", "email", "web", "phone", "app", "post", "person"]),
                name="channel_kind_known",
            ),
        ]

    def note_in(self, language: str) -> str:
        return choose(language, english=self.note, chinese=self.note_zh)
