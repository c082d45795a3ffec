"""Vouching: a moderator gives a reporter the weight of a good record in advance.

For the cold start, when nothing is settled yet and no reporter can have earned a record: a consumer
advice centre, a moderator's own account, people known from elsewhere. Their errors count against
them as against any reporter.
"""

from datetime import datetime
from typing import Unpack

from django.db import transaction

from reputation.models import RECORD, Reporter
from reputation.moderation.recording import By, record, require_reason
from reputation.reports import linking
from reputation.scoring import trust


def vouch_for_reporter(*, reporter: Reporter, **by: Unpack[By]) -> bool:
    """Adds trust.VOUCHED to the record, and lets the account count as old enough.

    The trust pass (minutes) counts its reports again. Returns False if it already was vouched for.
    """
    return _vouch("vouch_for_reporter", reporter, by["now"], by)


def stop_vouching(*, reporter: Reporter, **by: Unpack[By]) -> bool:
    """Ends the vouching; earned credits stay. Returns False if no moderator vouched."""
    return _vouch("stop_vouching", reporter, None, by)


@transaction.atomic
def _vouch(verb: str, reporter: Reporter, vouched_at: datetime | None, by: By) -> bool:
    require_reason(by["reason"])
    locked = Reporter.objects.select_for_update(no_key=True).get(pk=reporter.pk)
    if (locked.vouched_at is None) == (vouched_at is None):
        return False
    before = {"vouched_at": locked.vouched_at}
    if vouched_at is None:
        locked.record = trust.unvouched(locked.record)
    else:
        locked.record = linking.sum_of(locked.record, trust.VOUCHED)
    locked.vouched_at = vouched_at
    locked.moved_seq += 1
    locked.save(update_fields=["vouched_at", "moved_seq", *RECORD])
    record(verb=verb, before=before, after={"vouched_at": vouched_at}, reporter=locked, **by)
    reporter.refresh_from_db()
    return True
