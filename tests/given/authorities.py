"""The reviewed authorities, statutes and templates, as `manage.py load_authorities` brings them."""

from functools import cache
from typing import Any

from django.db import models, transaction

from reputation.complaints.seeding import load
from reputation.models import Authority, Channel, Provision, ProvisionAct, Statute, Template

KINDS: tuple[type[models.Model], ...] = (
    Authority,
    Channel,
    Statute,
    Provision,
    ProvisionAct,
    Template,
)


def load_authorities() -> None:
    """As loading them, in a few statements: tests do it by the hundred."""
    for rows in _loaded():
        rows[0]._meta.default_manager.bulk_create(rows)  # type: ignore[union-attr]


@cache
def _loaded() -> list[list[Any]]:
    """What loading makes, once for this process. It leaves nothing in the database."""
    with transaction.atomic():
        load()
        rows = [list(kind._default_manager.all()) for kind in KINDS]
        transaction.set_rollback(True)
    return rows
