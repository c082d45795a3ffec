"""The queue is rebuilt while moderators claim and decide."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from reputation.models import QueueItem
from reputation.moderation import queue
from tests.given.concurrency import meanwhile, until_one_waits
from tests.given.disputes import a_dispute
from tests.given.reporters import BAKERY, DAY, NOW, reported, row

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LATER = NOW + DAY / 24


def two_items_of_one_number() -> tuple[QueueItem, QueueItem]:
    """Those of a dispute and of doubt, in the order in which claims lock them. A refresh reads
    doubts first."""
    reported(BAKERY)
    a_dispute(number=row(BAKERY))
    queue.refresh(now=NOW)
    first, second = QueueItem.objects.order_by("pk")
    QueueItem.objects.filter(pk=first.pk).update(kind="audit", subject_id=0)
    QueueItem.objects.filter(pk=second.pk).update(kind=first.kind, subject_id=first.subject_id)
    QueueItem.objects.filter(pk=first.pk).update(kind=second.kind, subject_id=second.subject_id)
    return QueueItem.objects.get(pk=first.pk), QueueItem.objects.get(pk=second.pk)


def test_a_refresh_and_who_claims_item_after_item_do_not_wait_for_each_other():
    first, second = two_items_of_one_number()
    done = threading.Event()

    def refresh() -> None:
        try:
            queue.refresh(now=LATER)
        finally:
            done.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            QueueItem.objects.select_for_update().get(pk=first.pk)
            refreshed = pool.submit(refresh)
            until_one_waits(done)
            QueueItem.objects.select_for_update().get(pk=second.pk)
        refreshed.result(20)
    second.refresh_from_db()
    assert second.seen_at == LATER


def test_a_refresh_passes_over_what_a_moderator_takes_at_that_moment():
    first, _second = two_items_of_one_number()
    QueueItem.objects.filter(pk=first.pk).update(subject_id=0)
    actor = User.objects.create_superuser("anna")

    def claim() -> None:
        queue.claim(actor=actor, item_id=first.pk, now=LATER)

    meanwhile(claim, lambda: queue.refresh(now=LATER))
    first.refresh_from_db()
    assert (first.claimed_by, first.seen_at) == (actor, NOW)


def test_who_asks_for_the_next_item_during_a_refresh_gets_it():
    two_items_of_one_number()
    actor = User.objects.create_superuser("anna")
    refreshed = meanwhile(
        lambda: queue.refresh(now=LATER), lambda: queue.claim_next(actor=actor, now=LATER)
    )
    assert refreshed is not None
