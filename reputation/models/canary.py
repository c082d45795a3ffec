from django.db import models


class Canary(models.Model):
    """A number of the operator's own on which nobody calls anybody: only a liar reports it.

    Kept as a keyed hash, without a moment or a link to the number, so that no page, no answer and
    no copy of the database tells which numbers these are (reputation.counting.canaries).
    """

    digest = models.CharField(primary_key=True, max_length=32)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest
