from django.conf import settings
from django.db import models
from django.db.models import Q


class Desk(models.Model):
    """How a moderator works: whether they are away, and whether they get mails about what waits."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="desk"
    )
    away_until = models.DateTimeField(null=True, blank=True)
    digest_hours = models.IntegerField(
        default=0, help_text="The least hours between two mails; 0 for no mails."
    )
    language = models.CharField(max_length=10, default="en", help_text="Language of the mails.")
    told = models.JSONField(default=list, help_text="The items that the last mail named.")
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hours__gte=0, digest_hours__lte=168), name="desk_digest_range"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class SavedFilter(models.Model):
    """A list page with its filters, under a name, for its owner or for all moderators."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    page = models.CharField(max_length=30, help_text="The list: the name of a model, or queue.")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="filter_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="filter_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
