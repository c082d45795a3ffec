from django.db import models


class Canary(models.Model):
    """A number of the operator from which nobody calls, so every report about it is false.

    Stored as a keyed hash, without a moment or a link to the number, so that no page, answer or
    copy of the database reveals these numbers (reputation.counting.canaries).
    """

    digest = models.CharField(primary_key=True, max_length=32)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest
