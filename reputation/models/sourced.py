"""Common fields of facts that go stale: their source, and whether a person checked them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Sourced(models.Model):
    """A fact with its source. `checked`: a moderator compared it with the official text.

    `seed` is the digest of the row as reputation.complaints.seeding last wrote it. While it
    matches, a newer seed may replace the row; a row that a moderator edited stays unchanged.
    """

    slug = models.SlugField(
        max_length=60, unique=True, help_text=_("The name used in addresses and data files.")
    )
    source = models.TextField(help_text=_("Where this is from: an address, a document, a person."))
    source_date = models.DateField(
        null=True,
        blank=True,
        help_text=_("The date for which the source says this; empty if it names none."),
    )
    checked = models.BooleanField(
        default=False, help_text=_("Somebody compared it with the official text or channel.")
    )
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    seed = models.CharField(max_length=64, blank=True, default="", editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="%(class)s_has_source"),
            models.CheckConstraint(
                condition=Q(checked=False, checked_at=None)
                | Q(checked=True, checked_at__isnull=False),
                name="%(class)s_checked_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.slug
