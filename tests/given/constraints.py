"""The constraints that models name."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import models

# Modules of models whose constraints have a file of their own.
COMPLAINTS_AND_INTAKE = {"authority", "statute", "template", "complaint", "intake", "linking"}
MODERATION = {"audit", "decision_batch", "desk", "note", "proposal", "queue", "second_review"}


def constraints_by_module() -> dict[str, set[str]]:
    """Module of reputation.models -> names of the constraints that the database checks."""
    found: dict[str, set[str]] = {}
    for model in apps.get_app_config("reputation").get_models():
        names = found.setdefault(model.__module__.rpartition(".")[2], set())
        names |= {
            constraint.name % {"class": model._meta.model_name}
            for constraint in model._meta.constraints
            if isinstance(constraint, models.CheckConstraint | models.UniqueConstraint)
        }
    return found


def twice(make: Callable[..., Any], **fields: Any) -> None:
    """Makes the same row two times."""
    make(**fields)
    make(**fields)
