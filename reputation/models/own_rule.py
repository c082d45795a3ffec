from django.db import models
from django.db.models import Q


class OwnRule(models.Model):
    """A rule of a person's own list. Nobody else sees it, and it affects no other person."""

    class Action(models.TextChoices):
        ALLOW = "allow"
        BLOCK = "block"

    reporter = models.ForeignKey(
        "reputation.Reporter", on_delete=models.CASCADE, related_name="own_rules"
    )
    action = models.CharField(max_length=5, choices=Action)
    pattern = models.TextField(
        help_text="The pattern in the notation of reputation.lists.patterns."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reporter", "pattern"], name="own_rule_once"),
            models.CheckConstraint(
                condition=Q(action__in=["allow", "block"]), name="own_rule_action_known"
            ),
            models.CheckConstraint(condition=~Q(pattern=""), name="own_rule_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pattern}"
