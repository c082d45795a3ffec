"""Apart from test_demo.py, whose world is built once for all its tests."""

import pytest
from django.db import transaction
from pytest_django import Settings

from reputation.models import EvidenceBucket, Number
from tests.given.reporters import moderator
from tests.reputation.test_demo import build

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def told() -> list[list]:
    """Everything about the numbers but what a database counts up from one world to the next."""
    numbers = [
        {name: value for name, value in number.items() if name != "id"}
        for number in Number.objects.order_by("key").values()
    ]
    columns = ("number__key", "side", "kind", "bucket", "short", "long", "at")
    return [numbers, list(EvidenceBucket.objects.order_by(*columns).values_list(*columns))]


def test_the_same_world_each_time(settings: Settings):
    settings.FICTIONAL_NUMBERS = True
    worlds = []
    for name in ("first", "second"):
        with transaction.atomic():
            build(moderator(name))
            worlds.append(told())
            transaction.set_rollback(True)
    assert worlds[0] == worlds[1]
