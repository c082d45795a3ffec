from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reputation.models.authority import COUNTRY, Authority
from reputation.models.sourced import Sourced


class Template(Sourced):
    """A text with placeholders (reputation.complaints.wording), in one language.

    The most specific template applies: that of the authority, else of its kind, else of its
    country, else the general one. Lines whose placeholders are all empty are left out.
    """

    class Kind(models.TextChoices):
        LETTER = "letter", _("letter")
        EMAIL = "email", _("covering e-mail")

    kind = models.CharField(max_length=6, choices=Kind)
    language = models.CharField(
        max_length=10, help_text=_("A language code such as zh-hans, en or de.")
    )
    country = models.CharField(
        max_length=2, blank=True, help_text=_("ISO 3166 code; empty for any.")
    )
    authority_kind = models.CharField(max_length=11, blank=True, choices=Authority.Kind)
    authority = models.ForeignKey(
        Authority, on_delete=models.CASCADE, null=True, blank=True, related_name="templates"
    )
    subject = models.TextField()
    body = models.TextField()
    active = models.BooleanField(default=True)

    class Meta(Sourced.Meta):
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            *Sourced.Meta.constraints,
            models.UniqueConstraint(
                fields=["kind", "language", "country", "authority_kind", "authority"],
                condition=Q(active=True),
                nulls_distinct=False,
                name="template_one_for_each_case",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=COUNTRY), name="template_country_is_code"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["letter", "email"]), name="template_kind_known"
            ),
        ]
