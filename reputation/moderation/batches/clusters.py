"""Blocks all reporters of a cluster, as one batch."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reputation.models import DecisionBatch, Reporter
from reputation.moderation.batches.starting import BatchError, start
from reputation.moderation.batches.steps import advance
from reputation.moderation.recording import require_reason


@transaction.atomic
def block_cluster(*, actor: User, cluster: int, reason: str, now: datetime) -> DecisionBatch:
    """Blocks all reporters of one cluster, as one batch. Raises ReasonMissing, BatchError,
    StillPending."""
    require_reason(reason)
    members = free_members(cluster)
    if not members:
        raise BatchError(_("No reporter of this cluster may still report."))
    batch = start(
        actor=actor,
        subject=DecisionBatch.Subject.REPORTER,
        verb="block_reporter",
        targets=members,
        reason=reason,
        now=now,
    )
    return advance(batch=batch, now=now, limit=len(members) + 1)


def free_members(cluster: int) -> list[int]:
    """The ids of the reporters of a cluster who may still report."""
    members = Reporter.objects.filter(cluster=cluster, blocked_at=None).order_by("pk")
    return list(members.values_list("pk", flat=True))
