"""The pages of the panel that benchmarks/panel.py requests. Django must be set up before this."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import NoReverseMatch, URLPattern, reverse

from reputation.models import (
    AuditEntry,
    Campaign,
    DecisionBatch,
    Dispute,
    IntakeMessage,
    KeyGrant,
    Number,
    NumbersFile,
    Proposal,
    QueueItem,
    Report,
    Reporter,
    SecondReview,
)

type Page = tuple[str, dict[str, str]]  # an address, and its query

# Ends of the names of addresses that show no page of the panel: what they do is asked for by POST;
# they send a file; Django's own, which the panel does not change or which nobody may open.
NO_PAGES = (
    *("_advance", "_answer", "_assign", "_claim", "_escalate", "_next", "_note", "_note_remove"),
    *("_release", "_start", "decisionbatch_undo", "_preview", "_refresh", "_keep", "_drop"),
    *("_evidence_content", "_evidence_look", "officialnumber_export"),
    "officialnumber_change",  # leads to the number's page
    *("_delete", "autocomplete", "jsi18n", "login", "logout", "view_on_site"),
    *("password_change", "password_change_done", "app_list"),
)


def left_out(asked: Collection[str]) -> set[str]:
    """The names of the panel's pages that are neither among those asked nor NO_PAGES."""
    return {f"admin:{name}" for name in _names(admin.site.get_urls())} - set(asked)


def _names(patterns: Iterable[Any]) -> Iterator[str]:
    for each in patterns:
        if not isinstance(each, URLPattern):
            yield from _names(each.url_patterns)
        elif each.name and not each.name.endswith(NO_PAGES):
            yield each.name


def taking_back() -> Page:
    """The newest hundred decisions of the one account that has decided all."""
    hundredth = AuditEntry.objects.order_by("-at")[99].at
    return reverse("admin:reputation_decisionbatch_rollback"), {
        "account": str(User.objects.get(username="bench-moderator").pk),
        "since": hundredth.strftime("%Y-%m-%dT%H:%M:%S"),
    }


def pages() -> Iterator[Page]:
    for name in (
        *("index", "desk", "health", "reputation_decisionbatch_rollback"),
        *("reputation_auditentry_export", "reputation_officialnumber_import"),
    ):
        yield reverse(f"admin:{name}"), {}
    yield from _of_tables()
    yield from _of_second_reviews()
    yield from _of_searches()
    yield from _of_filters()
    yield from _of_decisions()
    yield from _of_actions()
    yield from _of_rows()


def _hot() -> Any:
    """The number that has a twentieth of all reports."""
    return Number.objects.order_by("id")[0]


def _rare() -> Any:
    """A number with few reports."""
    return Number.objects.order_by("-id")[5]


def _of_searches() -> Iterator[Page]:
    """The lists of numbers and reports, filtered and searched."""
    numbers = reverse("admin:reputation_number_changelist")
    reports = reverse("admin:reputation_report_changelist")
    hot, rare, report = _hot(), _rare(), Report.objects.order_by("-id")[0]
    for query in (
        {"action": "block"}, {"action": "flag"}, {"status": "official"}, {"category": "phishing"},
        {"moderated": "-1"}, {"p": "20"}, {"q": hot.key}, {"action": "block", "p": "20"},
    ):  # fmt: skip
        yield numbers, query
    for query in (
        {"status": "rejected"}, {"category": "legitimate"}, {"channel": "sms"}, {"p": "20"},
        {"q": hot.key}, {"q": rare.key}, {"q": str(report.public_id)},
        {"status": "withdrawn", "category": "threat", "channel": "sms"},
    ):  # fmt: skip
        yield reports, query
    cluster = Reporter.objects.filter(cluster__isnull=False).order_by("id")[0].cluster
    for term in ("+86138*", "nobody said this", f"cluster:{cluster}"):
        yield numbers, {"q": term}
        yield reports, {"q": term}
    yield reports, {"q": "loan"}
    yield reports, {"q": str(rare.key), "o": "1"}
    yield reverse("admin:reputation_auditentry_changelist"), {"q": "a recording"}
    yield reverse("admin:reputation_officialnumber_changelist"), {"q": hot.key}


def _of_filters() -> Iterator[Page]:
    """The other lists, filtered, and late pages of long ones."""
    for name, query in (
        ("queueitem", {"kind": "dispute"}),
        ("queueitem", {"kind": "campaign"}),
        ("queueitem", {"p": "20"}),
        ("queueitem", {"mine": "1"}),
        ("decisionbatch", {"p": "20"}),
        ("proposal", {"state": "waiting"}),
        ("proposal", {"p": "20"}),
        ("reporter", {"kind": "sms"}),
        ("dispute", {"status": "open"}),
        ("auditentry", {"p": "20"}),
    ):
        yield reverse(f"admin:reputation_{name}_changelist"), query


def _of_decisions() -> Iterator[Page]:
    """The previews of decisions."""
    hot, report = _hot(), Report.objects.order_by("-id")[0]
    for name, pk, verb in (
        ("number", _rare().pk, "clear_number"),
        ("number", hot.pk, "clear_number"),
        ("number", hot.pk, "mark_spoofed"),
        ("number", hot.pk, "pin_number"),
        ("number", hot.pk, "mark_reassigned"),
        ("campaign", Campaign.objects.order_by("id")[0].pk, "confirm_campaign"),
        ("report", report.pk, "reject_report"),
        ("reporter", report.reporter_id, "block_reporter"),
        ("dispute", Dispute.objects.open().order_by("id")[0].pk, "uphold_dispute"),
        ("keygrant", KeyGrant.objects.order_by("-id")[0].pk, "grant_key"),
        ("numbersfile", NumbersFile.objects.order_by("-id")[0].pk, "accept_numbers_file"),
    ):
        yield reverse(f"admin:reputation_{name}_decide", args=[pk, verb]), {}


def _of_actions() -> Iterator[Page]:
    """Pages that do something else: open a file, take decisions back, reset an account."""
    report = Report.objects.order_by("-id")[0]
    of_report, of_dispute = report.evidence.get(), Dispute.objects.order_by("id")[0].files.get()
    for name, args in (
        ("auth_user_reset", [User.objects.get(username="bench-moderator").pk]),
        ("reputation_report_evidence", [report.pk, of_report.sha256]),
        ("reputation_dispute_evidence", [of_dispute.dispute_id, of_dispute.sha256]),
        ("reputation_intakemessage_act", [IntakeMessage.objects.order_by("-id")[0].pk, "read"]),
        ("reputation_queueitem_undo", [AuditEntry.objects.filter(undone_by=None).latest("id").pk]),
    ):
        yield reverse(f"admin:{name}", args=args), {}
    batch = {"batch": str(DecisionBatch.objects.order_by("pk")[0].pk)}
    yield reverse("admin:reputation_decisionbatch_rollback"), batch


def _of_rows() -> Iterator[Page]:
    """The pages of single rows."""
    report = Report.objects.order_by("-id")[0]
    rows: tuple[tuple[str, Any], ...] = (
        ("number", _hot()), ("number", _rare()), ("report", report),
        ("reporter", Reporter.objects.filter(cluster__isnull=False).order_by("id")[0]),
        ("reporter", report.reporter), ("dispute", Dispute.objects.open().order_by("id")[0]),
        ("campaign", Campaign.objects.order_by("id")[0]),
        ("campaign", Campaign.objects.order_by("-id")[0]),
        ("proposal", Proposal.objects.filter(expires_at__gt=datetime.now(UTC)).order_by("pk")[0]),
        ("decisionbatch", DecisionBatch.objects.order_by("pk")[0]),
        ("auditentry", AuditEntry.objects.order_by("-id")[0]),
        ("queueitem", QueueItem.objects.order_by("-harm", "id")[0]),
    )  # fmt: skip
    for name, row in rows:
        yield reverse(f"admin:reputation_{name}_change", args=[row.pk]), {}


def _of_tables() -> Iterator[Page]:
    """Each table's list, form to add (or its refusal), and its newest row's pages."""
    request = RequestFactory(HTTP_HOST="127.0.0.1").get("/admin/")
    request.user = User.objects.get(username="b")
    for model, shown in admin.site._registry.items():
        row = shown.get_queryset(request).order_by("-pk").first()
        for page in ("changelist", "add", "change", "history"):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
            if name.endswith(NO_PAGES):
                continue
            args = [row.pk] if row and page in ("change", "history") else []
            try:
                yield reverse(name, args=args), {}
            except NoReverseMatch:  # it has none
                continue


def _of_second_reviews() -> Iterator[Page]:
    """The pages on which the user judges a decision blind, and settles a disagreement."""
    user = User.objects.get(username="b")
    split = QueueItem.objects.filter(kind="split").order_by("-harm", "id")[0]
    yield reverse("admin:reputation_queueitem_settle", args=[split.pk, "second"]), {}
    # Of another number than the hot one: what is judged blind hides all other pages about it.
    open_ones = SecondReview.objects.filter(judged_at=None).exclude(entry__number=_hot())
    review = open_ones.order_by("id")[0]
    item = QueueItem.objects.get(kind="review", subject_id=review.pk)
    SecondReview.objects.filter(pk=review.pk).update(reviewer=user)
    for page in ("judge", "change", "leave"):
        args = [item.pk, "leave"] if page == "judge" else [item.pk]
        yield reverse(f"admin:reputation_queueitem_{page}", args=args), {}
    SecondReview.objects.filter(pk=review.pk).update(reviewer=None)
