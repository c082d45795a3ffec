"""Decisions about reporters: whether they may report, and whether their reports count."""

from collections.abc import Collection
from datetime import datetime
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from reputation import counting
from reputation.models import Number, Report, Reporter, ReportQuerySet, VoiceLink
from reputation.moderation.recording import By, DecisionError, record, require_reason
from reputation.reports import hold_with_linked, keep_revisions, linking, unlinking


class NotLinked(DecisionError):
    """The reporter is not linked to another, or this link cannot be undone yet."""


@transaction.atomic
def block_reporter(*, reporter: Reporter, **by: Unpack[By]) -> Reporter:
    """Bars the reporter from reporting; their reports stop counting."""
    block_reporters(reporters=[reporter], **by)
    return reporter


@transaction.atomic
def block_reporters(*, reporters: Collection[Reporter], **by: Unpack[By]) -> None:
    """Blocks several reporters in one transaction, each with an entry on record."""
    require_reason(by["reason"])
    ids = [reporter.pk for reporter in reporters]
    live = Report.objects.live().filter(reporter__in=ids)
    numbers = lock_numbers(live, reporters=ids)
    dropped = switch(live, numbers, Report.Status.REJECTED, now=by["now"])
    for reporter in Reporter.objects.filter(pk__in=ids).order_by("pk"):
        before = {"blocked_at": reporter.blocked_at}
        reporter.blocked_at = reporter.blocked_at or by["now"]
        reporter.save(update_fields=["blocked_at"])
        after = {
            "blocked_at": reporter.blocked_at,
            "reports": [report.pk for report in dropped if report.reporter_id == reporter.pk],
        }
        record(verb="block_reporter", before=before, after=after, reporter=reporter, **by)
    for reporter in reporters:
        reporter.refresh_from_db(fields=["blocked_at"])


@transaction.atomic
def unblock_reporter(*, reporter: Reporter, **by: Unpack[By]) -> Reporter:
    """Lets the reporter report again. Their earlier reports stay as they are: see `undo`."""
    require_reason(by["reason"])
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

    Raises NotLinked if it has no link, or if a later link has to be undone first.
    """
    require_reason(by["reason"])
    link = VoiceLink.objects.filter(other=reporter, undone_at=None).first()
    if link is None:
        raise NotLinked(_("This reporter speaks for itself, or was linked before links were kept."))
    try:
        unlinking.unlink(link=link, now=by["now"])
    except linking.LinkRefused as error:
        raise NotLinked(
            _("The account was linked again after this: undo the later link first.")
        ) from error
    before, after = {"merged_into_id": link.into_id}, {"merged_into_id": None}
    record(verb="unlink_reporter", before=before, after=after, reporter=reporter, **by)
    reporter.refresh_from_db()
    return reporter


def lock_numbers(reports: ReportQuerySet, *, reporters: Collection[int]) -> list[Number]:
    """Locks the numbers of these reports, all reporters of these numbers, and these reporters, who
    report nothing meanwhile.

    Numbers in the order of their keys, then reporters in the order of their ids, as all code does.
    """
    hold_with_linked(reporters)
    found = reports.order_by().values_list("number_id", flat=True).distinct()
    chosen = Number.objects.filter(pk__in=list(found)).select_for_update().order_by("key")
    numbers = list(chosen)
    # While these locks are held, no new reporter can report the numbers. A query of its own: with a
    # join, PostgreSQL would read all reporters.
    spoke = Report.objects.filter(number__in=numbers).values_list("reporter", flat=True)
    concerned = Reporter.objects.filter(pk__in={*spoke.distinct(), *reporters})
    list(concerned.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    return numbers


def switch(
    reports: ReportQuerySet, numbers: list[Number], status: Report.Status, *, now: datetime
) -> list[Report]:
    """Gives these reports on locked numbers another status. Returns them.

    Settles no truth, like `reports.restate`.
    """
    changed = list(reports.filter(number__in=numbers).select_related("reporter").order_by("pk"))
    keep_revisions(changed, "restored" if status == Report.Status.LIVE else status.value, now)
    for report in changed:
        report.status = status.value
    Report.objects.filter(pk__in=[report.pk for report in changed]).update(status=status.value)
    counting.revise(*numbers, **{"back" if status == Report.Status.LIVE else "gone": changed})
    counting.publish_all(numbers, now=now)
    return changed
