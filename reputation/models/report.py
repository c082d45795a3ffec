import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from reputation.models.number import Number
from reputation.scoring import CATEGORIES, EPOCH, Voice, to_days

# Reports and audit entries are dated before their transactions begin, and a long import commits
# late. So a reader of new rows by date begins this long before its last time.
COMMITS_LATE: Final = timedelta(hours=2)

# Up to this many reports on a number settling reads all; more cost less by an index.
FEW_REPORTS: Final = 50

# The columns that `voice_of` takes, in its order.
VOICE = (
    *("category", "counted_at", "since", "weight", "established"),
    *("network", "reporter__cluster"),
)


def voice_of(
    category: str,
    counted_at: datetime,
    since: datetime | None,
    weight: float,
    established: bool,
    network: str,
    cluster: int | None,
) -> Voice:
    """A report as a voice of the fold."""
    return Voice(
        side=CATEGORIES[category].side,
        at=to_days(counted_at),
        since=None if since is None else to_days(since),
        weight=weight,
        category=category,
        network=network_of(network, cluster),
        established=established,
    )


def network_of(network: str, cluster: int | None) -> str:
    """The network under which a report counts. Reporters in one cluster share one."""
    return f"cluster:{cluster}" if cluster else network


class ReportQuerySet(models.QuerySet["Report"]):
    def live(self) -> "ReportQuerySet":
        return self.filter(status=Report.Status.LIVE)

    def not_withdrawn(self) -> "ReportQuerySet":
        """Those that their reporter did not withdraw, also while they stand rejected or merged."""
        withdrawn = Report.Status.WITHDRAWN
        return self.exclude(Q(status=withdrawn) | Q(returns_as=withdrawn))

    def voices(self) -> list[Voice]:
        return [voice_of(*row) for row in self.values_list(*VOICE)]

    def said_by(self, *reporters: Any) -> "ReportQuerySet":
        """Reports of reporters, or of their ids, for `newest_first`: one reporter's are read in
        this order by an index that no other query can use."""
        return self.filter(reporter__in=reporters, counted_at__gt=EPOCH)

    def newest_first(self) -> "ReportQuerySet":
        return self.order_by("-counted_at", "-id")

    def public_of(self, key: str, *, after: tuple[datetime, int] | None = None) -> "ReportQuerySet":
        """Live reports, newest first; `after` is the (counted_at, id) to continue from.

        What was said of a former holder is void, and nothing that the present one did.
        """
        # An index by the number's id has them in this order; a join would read all of them.
        number = Number.objects.filter(key=key)
        since = Coalesce(models.Subquery(number.values("epoch_at")[:1]), EPOCH)
        standing = self.live().filter(number=number.values("pk")[:1], counted_at__gte=since)
        if after is not None:
            moment, pk = after
            standing = standing.filter(counted_at__lte=moment)
            standing = standing.filter(Q(counted_at__lt=moment) | Q(counted_at=moment, id__lt=pk))
        return standing.newest_first()


class Report(models.Model):
    """A statement by one reporter about one number; a repetition updates it.

    Withdrawn, rejected and merged reports stay, uncounted.
    """

    class Status(models.TextChoices):
        LIVE = "live"
        WITHDRAWN = "withdrawn"
        REJECTED = "rejected"
        SETTLED = "settled"  # the calls stopped, according to the reporter
        MERGED = "merged"

    class Channel(models.TextChoices):
        CALL = "call"
        SMS = "sms"

    class Attestation(models.TextChoices):
        """The network's verdict on the caller ID; empty if there is none."""

        A = "A"
        B = "B"
        C = "C"
        FAILED = "failed"
        NONE = "none"

    class Conduct(models.TextChoices):
        """The acts that public-security law names (see docs), and those of collectors."""

        THREATS = "threats"
        INSULT = "insult_or_defamation"
        FALSE_ACCUSATION = "false_accusation"
        RETALIATION = "witness_retaliation"
        INTIMIDATION = "repeated_intimidation"
        PRIVACY = "privacy_disclosure"
        THIRD_PARTIES = "contacted_third_parties"
        UNDISCLOSED = "undisclosed_collector"
        NO_NOTICE = "no_written_notice"

    # By a moderator's decision, which outlives what the reporter says or withdraws.
    KEPT_OUT: ClassVar[tuple[str, ...]] = (Status.REJECTED, Status.MERGED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # No index of their own: constraints and indexes below begin with them, or hold only rare rows.
    number = models.ForeignKey(
        "reputation.Number", on_delete=models.PROTECT, db_index=False, related_name="statements"
    )
    reporter = models.ForeignKey(
        "reputation.Reporter", on_delete=models.PROTECT, db_index=False, related_name="reports"
    )
    status = models.CharField(max_length=9, choices=Status, default=Status.LIVE)

    returns_as = models.CharField(
        max_length=9,
        blank=True,
        default="",
        db_default="",
        help_text="The status that the reporter last gave the report while it was rejected or "
        "merged: withdrawn, settled, or live (reported again). Undoing the decision restores it.",
    )

    # The statement.
    category = models.CharField(max_length=20)
    conduct = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    comment = models.TextField(blank=True, default="")
    comment_public = models.TextField(
        blank=True, default="", help_text="The comment with personal data masked."
    )
    transcript = models.TextField(
        blank=True,
        default="",
        help_text=_("The caller's words, as call screening transcribed them."),
    )
    other_accounts = models.TextField(
        blank=True,
        default="",
        help_text=_(
            "Accounts, links and apps of the caller. Complaints name them; they are never public."
        ),
    )
    transcript_public = models.TextField(
        blank=True, default="", help_text="The transcript with personal data masked."
    )
    hidden = models.BooleanField(
        default=False, help_text=_("A moderator hid the words; the report still counts.")
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="duplicates",
        help_text=_("The report of the same person or call that counts for both."),
    )
    occurred_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=4, choices=Channel, default=Channel.CALL)
    attestation = models.CharField(max_length=6, choices=Attestation, blank=True, default="")
    was_warned = models.BooleanField(default=False)
    callback_number = models.TextField(blank=True, default="")
    claimed_name = models.TextField(blank=True, default="")
    call_count = models.IntegerField(default=1)
    filed_at = models.DateTimeField(help_text=_("When the reporter first reported this number."))
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When its words, names, numbers and files were erased.")
    )

    campaign = models.ForeignKey(
        "reputation.Campaign",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
    )

    # The values of the fold, stored so that a rebuild gives the same sums.
    seq = models.IntegerField(
        help_text=_("Position in the order in which the number's reports are folded.")
    )
    counted_at = models.DateTimeField()
    since = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Since when the reporter says so without a break; null: since counted_at.",
    )
    network = models.CharField(max_length=32, help_text=_("Keyed hash of the network of origin."))
    weight = models.FloatField(help_text=_("Log-likelihood ratio before saturation."))
    established = models.BooleanField()
    first = models.BooleanField(
        default=False,
        help_text=_("No other reporter had recently said the same (scoring.trust.is_first)."),
    )
    contribution = models.FloatField(default=0.0, help_text=_("The weight after saturation."))
    credit = models.FloatField(
        default=0.0,
        help_text=_(
            "The settled truth: above 0 unwanted, below 0 legitimate; the size is the credit."
        ),
    )
    full_side = models.SmallIntegerField(
        default=0,
        db_default=0,
        help_text="The side by which settling cannot change the credit any more (trust.full_side); "
        "0 if unknown. Noted only on numbers with at least FEW_REPORTS reports.",
    )

    objects: ClassVar[models.Manager["Report"]] = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        permissions = [("unmask_report", "Can read personal data in reports, on record")]
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "number"], name="report_one_per_reporter_and_number"
            ),
            models.UniqueConstraint(fields=["number", "seq"], name="report_seq_unique"),
            models.CheckConstraint(
                condition=Q(status__in=["live", "withdrawn", "rejected", "merged", "settled"]),
                name="report_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False)
                | (~Q(status="merged") & Q(merged_into=None)),
                name="report_merged_into_another",
            ),
            models.CheckConstraint(
                condition=Q(category__in=sorted(CATEGORIES)), name="report_category_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["call", "sms"]), name="report_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(attestation__in=["", "A", "B", "C", "failed", "none"]),
                name="report_attestation_known",
            ),
            models.CheckConstraint(
                condition=Q(call_count__gte=1, call_count__lte=10_000),
                name="report_call_count_range",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=0, contribution__gte=0), name="report_weight_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["number", "-counted_at", "-id"], name="report_by_number_newest"),
            # All reports are later: the condition only keeps other queries from using the index
            # (ADR 0043).
            models.Index(
                fields=["reporter", "-counted_at", "-id"],
                name="report_by_reporter_newest",
                condition=Q(counted_at__gt=EPOCH),
            ),
            # Rows lie in order of time, so one index entry for 32 pages is precise enough.
            BrinIndex(
                fields=["filed_at"], name="report_lately", pages_per_range=32, autosummarize=True
            ),
            models.Index(
                fields=["campaign", "-id"],
                name="report_by_campaign_newest",
                condition=Q(campaign__isnull=False),
            ),
            models.Index(
                fields=["merged_into"],
                name="report_by_merged_into",
                condition=Q(merged_into__isnull=False),
            ),
            models.Index(fields=["status", "-id"], name="report_gone", condition=~Q(status="live")),
            # Reports whose credit may still change, of numbers with many reports
            # (counting.settling).
            models.Index(
                fields=["number", "full_side", "seq", "counted_at"],
                name="report_to_settle",
                condition=Q(seq__gt=FEW_REPORTS, status="live", was_warned=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    def becoming(self, status: Status) -> Status:
        """The status that it gets when a moderator gives it this one: the last word of its reporter
        wins, if they said one meanwhile."""
        if status in self.KEPT_OUT or not self.returns_as:
            return status
        return self.after(status, self.Status(self.returns_as))

    @classmethod
    def after(cls, said: str, wish: Status) -> Status:
        """The status of a report whose reporter had set `said` ("" for none) and now sets `wish`. A
        withdrawn report has no calls that could stop."""
        stays = said == cls.Status.WITHDRAWN and wish == cls.Status.SETTLED
        return cls.Status.WITHDRAWN if stays else wish

    @property
    def words(self) -> str:
        """All that it says in words: the reporter's comment, and what the caller said."""
        return "\n".join(filter(None, (self.comment, self.transcript)))

    @property
    def voice(self) -> Voice:
        return voice_of(
            self.category,
            self.counted_at,
            self.since,
            self.weight,
            self.established,
            self.network,
            self.reporter.cluster,
        )


class ReportRevision(models.Model):
    """The content of a report before it was updated, withdrawn, rejected or restored.

    `corrected`: the reporter says that the update replaces this content, so this content is about
    no call. Any other update adds to it.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="revisions")
    content = models.JSONField()
    change = models.CharField(max_length=9)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    change__in=[
                        "updated",
                        "corrected",
                        "withdrawn",
                        "rejected",
                        "merged",
                        "restored",
                        "settled",
                    ]
                ),
                name="revision_change_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.change}"
