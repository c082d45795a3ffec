"""Complaints of a reporter: preparing one, making its pack, and noting its outcome."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from edge import as_csv
from reputation.complaints.cases import ComplaintError, Details, own_reports, require_language
from reputation.complaints.packs import ChannelUnknown, Pack, build_pack
from reputation.models import (
    NOBODY,
    Authority,
    AuthorityQuerySet,
    Channel,
    Complaint,
    Reporter,
)
from reputation.reports import CLOCK_SKEW, ReporterBlocked

# Per reporter in any 24 hours. Authorities have limits too: NIFA takes five a day from a person.
COMPLAINTS_A_DAY = 20
PACKS_OF_ONE = 50
REFERENCE_LENGTH = 100
# Acts after which the police come before any regulator.
FOR_THE_POLICE = frozenset({"threats", "witness_retaliation", "repeated_intimidation"})
PAGE = 50
EXPORTED = (
    *("id", "authority", "channel", "status", "prepared_at", "filed_at", "reference"),
    *("answered_at", "outcome", "reports", "packs"),
)


class ComplaintNotFound(ComplaintError):
    """The reporter has no such complaint."""


class AuthorityUnknown(ComplaintError):
    """No active authority has this slug."""

    field = "authority"


class QuotaUsed(ComplaintError):
    """The reporter has used up the complaints of a day, or the packs of one complaint."""


class StatusWrong(ComplaintError):
    """The parts of an update contradict each other. `field` is the part at fault."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


def where_to_complain(
    *,
    country: str,
    categories: Sequence[str] = (),
    conduct: str = "",
    acts: Collection[str] | None = None,
) -> Sequence[Authority]:
    """The authorities of a country (ISO 3166) for one of the categories and the conduct, the most
    fitting first: where there were threats, the police; then authorities for one of the acts in
    particular; then those for the first category.

    `conduct` leaves out authorities that do not take this act. `acts`: everything that the caller
    did, None if that is not known; authorities that take none of them come last. Their active
    channels are in `channels_in_use`.
    """
    authorities: AuthorityQuerySet = Authority.objects.of(country)
    if categories:
        authorities = authorities.for_categories(categories)
    if conduct:
        authorities = authorities.for_conduct(conduct)
    channels = Channel.objects.filter(active=True).order_by("rank", "slug")
    found = list(
        authorities.prefetch_related(Prefetch("channels", channels, to_attr="channels_in_use"))
    )
    done = {conduct, *(acts or ())} - {""}
    threatened = "threat" in categories or not FOR_THE_POLICE.isdisjoint(done)

    def place(authority: Authority) -> tuple[int, int]:
        taken = [at for at, name in enumerate(categories) if name in authority.categories]
        if threatened and authority.kind == Authority.Kind.POLICE:
            fits = 0
        elif not authority.conduct or (acts is None and not conduct):
            fits = 2
        else:
            fits = 3 if done.isdisjoint(authority.conduct) else 1
        return fits, min(taken, default=0)

    return sorted(found, key=place)


def _refuse_blocked(reporter: Reporter) -> None:
    if reporter.blocked_at is not None or reporter.handle.startswith(NOBODY):
        raise ReporterBlocked(
            _("This reporter can no longer prepare complaints. Write to the moderators to appeal.")
        )


@transaction.atomic
def prepare_complaint(
    *,
    reporter: Reporter,
    reports: Sequence[uuid.UUID],
    authority: str,
    channel: str = "",
    language: str = "",
    now: datetime,
) -> Complaint:
    """Stores a complaint of the reporter to an authority about their reports, by public id.

    Authority and channel by slug; a channel restricts the pack to itself. An empty `language` is
    the authority's own. The same once more is the same complaint, until it is filed. Raises
    ReporterBlocked, ReportNotFound, ComplaintError.
    """
    _refuse_blocked(reporter)
    chosen = own_reports(reporter, reports)
    to = Authority.objects.filter(slug=authority, active=True).first()
    if to is None:
        raise AuthorityUnknown(
            _("There is no authority “%s”. See the list for a country.") % authority
        )
    if language:
        require_language(language)
    through = to.channels.filter(slug=channel, active=True).first() if channel else None
    if channel and through is None:
        raise ChannelUnknown
    # One at a time for each reporter: two at once could both be the last of the day.
    locked = Reporter.objects.select_for_update(no_key=True).get(pk=reporter.pk)
    _refuse_blocked(locked)
    said = {"reporter": reporter, "authority": to, "channel": through, "language": language}
    for known in Complaint.objects.of(reporter).filter(**said, status=Complaint.Status.PREPARED):
        if set(known.reports.all()) == set(chosen) and len(known.manifests) < PACKS_OF_ONE:
            same: Complaint = known
            return same
    today = Complaint.objects.filter(reporter=reporter, prepared_at__gt=now - timedelta(days=1))
    if today.count() >= COMPLAINTS_A_DAY:
        raise QuotaUsed(
            _(
                "You prepared %d complaints within a day. Go on tomorrow, or put more reports into "
                "one."
            )
            % COMPLAINTS_A_DAY
        )
    complaint = Complaint.objects.create(**said, prepared_at=now)
    complaint.reports.set(chosen)
    return complaint


def hand_out_pack(
    *, reporter: Reporter, public_id: uuid.UUID, details: Details, now: datetime
) -> Pack:
    """Makes the pack of a complaint from the current content of its reports. The caller closes it.

    Stores the manifest's hash, so that a forged pack can be detected. The complaint's language and
    channel override those of `details`. Raises ComplaintError, ReportNotFound, StorageUnavailable.
    """
    complaint = find_complaint(reporter=reporter, public_id=public_id)
    _require_room(complaint)  # before the work
    pack = pack_of(reporter=reporter, complaint=complaint, details=details, now=now)
    try:
        _note(complaint, pack.manifest)
    except BaseException:
        pack.file.close()
        raise
    return pack


def pack_of(*, reporter: Reporter, complaint: Complaint, details: Details, now: datetime) -> Pack:
    """The pack that would be handed out now. Nothing is noted. Raises what `build_pack` does."""
    return build_pack(
        reporter=reporter,
        reports=list(complaint.reports.order_by("pk")),
        authority=complaint.authority,
        details=replace(
            details,
            language=complaint.language or details.language,
            channel=complaint.channel or details.channel,
        ),
        now=now,
    )


def find_complaint(*, reporter: Reporter, public_id: uuid.UUID) -> Complaint:
    """The reporter's own complaint. Raises ComplaintNotFound, also for another reporter's."""
    found = Complaint.objects.of(reporter).filter(public_id=public_id).first()
    if found is None:
        raise ComplaintNotFound(
            _("You have no complaint %s. Use the id that preparing it answered.") % public_id
        )
    complaint: Complaint = found
    return complaint


def list_complaints(
    *, reporter: Reporter, after: tuple[datetime, int] | None = None
) -> list[Complaint]:
    """The reporter's complaints, newest first, PAGE + 1 at most; `after` is (prepared_at, id)."""
    found = Complaint.objects.of(reporter)
    if after is not None:
        moment, pk = after
        found = found.filter(Q(prepared_at__lt=moment) | Q(prepared_at=moment, id__lt=pk))
    return list(found[: PAGE + 1])


@transaction.atomic
def update_complaint(
    *,
    reporter: Reporter,
    public_id: uuid.UUID,
    now: datetime,
    status: str | None = None,
    filed_at: datetime | None = None,
    reference: str | None = None,
    answered_at: datetime | None = None,
    outcome: str | None = None,
) -> Complaint:
    """Notes the progress of a complaint; None leaves a part unchanged.

    Filed or answered without a time means now. A return to an earlier status clears the parts of
    the later ones. Raises ComplaintNotFound, StatusWrong.
    """
    complaint = find_complaint(reporter=reporter, public_id=public_id)
    complaint = Complaint.objects.select_for_update(no_key=True).get(pk=complaint.pk)
    steps = Complaint.Status
    complaint.status = status or complaint.status
    if complaint.status == steps.PREPARED:
        if filed_at or reference or answered_at or outcome:
            raise StatusWrong("status", _("Say that it is filed, and then the rest."))
        complaint.filed_at, complaint.reference = None, ""
    else:
        complaint.filed_at = filed_at or complaint.filed_at or now
        complaint.reference = complaint.reference if reference is None else reference
    if complaint.status == steps.ANSWERED:
        complaint.answered_at = answered_at or complaint.answered_at or now
        complaint.outcome = outcome or complaint.outcome
    else:
        if answered_at or outcome:
            raise StatusWrong("status", _("Say that it is answered, and then how."))
        complaint.answered_at, complaint.outcome = None, ""
    _require_order(complaint, now)
    complaint.save(update_fields=["status", "filed_at", "reference", "answered_at", "outcome"])
    return find_complaint(reporter=reporter, public_id=public_id)


def export_complaints(*, reporter: Reporter) -> bytes:
    """The reporter's complaints as CSV, oldest first, in UTF-8 with a byte order mark."""
    rows = [
        [
            each.public_id,
            each.authority.slug,
            each.channel.slug if each.channel else "",
            each.status,
            _moment(each.prepared_at),
            _moment(each.filed_at),
            each.reference,
            _moment(each.answered_at),
            each.outcome,
            " ".join(sorted(str(report.public_id) for report in each.reports.all())),
            " ".join(each.manifests),
        ]
        for each in Complaint.objects.of(reporter).order_by("prepared_at", "id")
    ]
    return as_csv([EXPORTED, *rows]).encode("utf-8-sig")


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


@transaction.atomic
def _note(complaint: Complaint, manifest: str) -> None:
    locked = Complaint.objects.select_for_update(no_key=True).get(pk=complaint.pk)
    if manifest not in locked.manifests:
        _require_room(locked)  # others may have made packs meanwhile
        locked.manifests.append(manifest)
        locked.save(update_fields=["manifests"])


def _require_room(complaint: Complaint) -> None:
    if len(complaint.manifests) >= PACKS_OF_ONE:
        raise QuotaUsed(
            _("%d packs of this complaint were made. Prepare it again if you need more.")
            % PACKS_OF_ONE
        )


def _require_order(complaint: Complaint, now: datetime) -> None:
    if complaint.status == Complaint.Status.ANSWERED and not complaint.outcome:
        raise StatusWrong("outcome", _("Say how it was answered."))
    earliest = complaint.prepared_at - timedelta(days=1)  # a day may be given by its midnight
    if complaint.filed_at is not None and complaint.filed_at < earliest:
        raise StatusWrong("filed_at", _("It cannot be filed before it was prepared."))
    if (
        complaint.answered_at is not None
        and complaint.filed_at is not None
        and complaint.answered_at < complaint.filed_at - timedelta(days=1)
    ):
        raise StatusWrong("answered_at", _("It cannot be answered before it was filed."))
    for field in ("filed_at", "answered_at"):
        moment = getattr(complaint, field)
        if moment is not None and moment > now + CLOCK_SKEW:
            raise StatusWrong(field, _("This lies in the future: check date and offset."))
