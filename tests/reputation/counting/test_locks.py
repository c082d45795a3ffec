"""Rows that name numbers are inserted without the locks of these numbers, and wait for none."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from reputation.counting import lock_numbers, rescoring, trust_pass
from reputation.models import Report
from reputation.moderation import confirm_number, queue, reject_report
from reputation.reports import withdraw_report
from tests.given.concurrency import together
from tests.given.reporters import BAKERY, NOW, SCAMMER, moderator, reported, row

pytestmark = pytest.mark.django_db(transaction=True)


def _withdraw() -> None:
    report = Report.objects.filter(number=row()).latest("pk")
    withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)


def _reject() -> None:
    report = Report.objects.filter(number=row()).latest("pk")
    reject_report(actor=moderator(), report=report, reason="r", now=NOW)


@pytest.mark.parametrize(
    "holding",
    [
        lambda: lock_numbers([SCAMMER, BAKERY], now=NOW),
        lambda: confirm_number(actor=moderator(), identity=SCAMMER, reason="r", now=NOW),
        lambda: rescoring.rescore(limit=10, now=NOW),
        lambda: trust_pass.reweigh_due(),
        _withdraw,
        _reject,
    ],
    ids=["filing", "deciding", "rescoring", "reweighing", "withdrawing", "rejecting"],
)
def test_the_queue_is_refreshed_while_numbers_are_held(holding: Callable[[], object]):
    """It names them in the order of harm: waiting for their locks it was a deadlock with whoever
    takes several."""
    reported(SCAMMER)
    reported(BAKERY)

    def refresh() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 300")
        return queue.refresh(now=NOW)

    with transaction.atomic():
        holding()
        assert together(refresh) == [2]
