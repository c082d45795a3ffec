"""Decisions about reporters: whether they may report, and whether their reports count."""

from collections import defaultdict
from collections.abc import Collection
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from reputation.models import Report, Reporter, VoiceLink
from reputation.moderation import restating
from reputation.moderation.recording import By, DecisionError, record, require_reason
from reputation.reports import linking, unlinking


@transaction.atomic
def block_reporter(*, reporter: Reporter, **by: Unpack[By]) -> Reporter:
    """Bars the reporter from reporting; their reports stop counting."""
    block_reporters(reporters=[reporter], **by)
    return reporter


@transaction.atomic
def block_reporters(*, reporters: Collection[Reporter], **by: Unpack[By]) -> None:
    """Blocks several reporters in one transaction, each with an entry on record.

    If they have many reports, these stop counting later (`restating`). Raises StillPending.
    """
    require_reason(by["reason"])
    ids = [reporter.pk for reporter in reporters]
    restating.hold(ids)
    live = Report.objects.live().filter(reporter__in=ids)
    dropped = defaultdict[int, list[int]](list)
    later = live.count() > restating.AT_ONCE
    if later:
        for pk, reporter_id in live.order_by("pk").values_list("pk", "reporter_id"):
            dropped[reporter_id].append(pk)
    else:
        numbers = restating.lock_numbers(live, reporters=ids)
        for report in restating.switch(live, numbers, Report.Status.REJECTED, now=by["now"]):
            dropped[report.reporter_id].append(report.pk)
    chosen = Reporter.objects.filter(pk__in=ids).order_by("pk")
    for reporter in chosen.select_for_update(no_key=True):
        before = {"blocked_at": reporter.blocked_at}
        reporter.blocked_at = reporter.blocked_at or by["now"]
        reporter.save(update_fields=["blocked_at"])
        after = {
            "blocked_at": reporter.blocked_at,
            "reports": dropped[reporter.pk],
        }
        entry = record(verb="block_reporter", before=before, after=after, reporter=reporter, **by)
        if later:
            restating.put_off(entry, dropped[reporter.pk], Report.Status.REJECTED)
    for reporter in reporters:
        reporter.refresh_from_db(fields=["blocked_at"])


@transaction.atomic
def unblock_reporter(*, reporter: Reporter, **by: Unpack[By]) -> Reporter:
    """Lets the reporter report again. Their earlier reports stay as they are: see `undo`. Raises
    StillPending."""
    require_reason(by["reason"])
    restating.hold([reporter.pk])
    locked = Reporter.objects.select_for_update(no_key=True).get(pk=reporter.pk)
    before = {"blocked_at": locked.blocked_at}
    locked.blocked_at = None
    locked.save(update_fields=["blocked_at"])
    after = {"blocked_at": None}
    record(verb="unblock_reporter", before=before, after=after, reporter=reporter, **by)
    reporter.blocked_at = None
    return reporter


@transaction.atomic
def unlink_reporter(*, reporter: Reporter, **by: Unpack[By]) -> Reporter:
    """Undoes the link by which the reporter speaks as another: `unlinking.unlink`.

    Raises DecisionError if it has no link, or if a later link has to be undone first; StillPending.
    """
    require_reason(by["reason"])
    link = hold_link(reporter)
    if link is None:
        raise DecisionError(
            _("This reporter speaks for itself, or was linked before links were kept.")
        )
    try:
        unlinking.unlink(link=link, now=by["now"])
    except linking.ReportsPending as error:
        raise restating.StillPending from error
    except linking.LinkRefused as error:
        raise DecisionError(
            _("The account was linked again after this: undo the later link first.")
        ) from error
    before, after = {"merged_into_id": link.into_id}, {"merged_into_id": None}
    record(verb="unlink_reporter", before=before, after=after, reporter=reporter, **by)
    reporter.refresh_from_db()
    return reporter


def hold_link(reporter: Reporter) -> VoiceLink | None:
    """The link by which the reporter speaks as another, held as `unlinking.hold` does; None if it
    speaks for itself."""
    link = VoiceLink.objects.filter(other=reporter, undone_at=None).first()
    if link is not None:
        unlinking.hold(link)
    return link
