"""Several moderators take items about one number at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from reputation.models import QueueItem, Report
from reputation.moderation import handing, queue, reject_reports
from tests.given.concurrency import together, until_one_waits
from tests.given.decisions import refusal
from tests.given.reporters import NOW, crowd, moderator, row
from tests.given.rows import a_queue_item

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KINDS = ("number", "claim", "dispute", "audit")


def about_one_number() -> list[QueueItem]:
    crowd(1)
    number = row()
    return [a_queue_item(number=number, kind=kind, subject_id=number.pk) for kind in KINDS]


def test_one_of_them_has_all_items_about_the_number():
    items = about_one_number()
    who = [User.objects.create_superuser(name) for name in ("anna", "bert", "carl", "dora")]
    for _round in range(10):
        QueueItem.objects.update(claimed_by=None, claimed_until=None)
        acts = [
            partial(refusal, partial(queue.claim, actor=actor, item_id=item.pk, now=NOW))
            for actor, item in zip(who, items, strict=True)
        ]
        assert sorted(together(*acts)) == ["", *["TakenByAnother"] * 3]
        assert QueueItem.objects.values("claimed_by").distinct().count() == 1


def test_of_two_who_assign_items_of_one_number_both_are_heard_in_turn():
    first, *_others, last = about_one_number()
    who = [User.objects.create_superuser(name) for name in ("anna", "bert")]
    for _round in range(10):
        QueueItem.objects.update(assigned_to=None)
        acts = [
            partial(handing.assign, actor=actor, item_id=item.pk, to=actor, now=NOW)
            for actor, item in zip(who, (first, last), strict=True)
        ]
        together(*acts)
        assert QueueItem.objects.values("assigned_to").distinct().count() == 1


def test_a_decision_on_reports_in_any_order_and_a_claim_do_not_wait_for_each_other():
    crowd(2)
    reports = list(Report.objects.order_by("-pk"))
    about = [
        a_queue_item(number=row(), kind="report", subject_id=report.pk, report=report)
        for report in reversed(reports)
    ]
    actor, other, done = moderator(), User.objects.create_superuser("anna"), threading.Event()

    def claim() -> str:
        try:
            return refusal(partial(queue.claim, actor=other, item_id=about[0].pk, now=NOW))
        finally:
            done.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            reject_reports(reports=reports[:1], actor=actor, reason="r", now=NOW)
            claimed = pool.submit(claim)
            until_one_waits(done)
            reject_reports(reports=reports[1:], actor=actor, reason="r", now=NOW)
        assert claimed.result(20) == "ItemGone"
