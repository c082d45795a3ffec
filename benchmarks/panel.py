"""The server's time for each page of the panel, on 1,000,000 reports and as many numbers.

    python benchmarks/panel.py              # BENCH_REPORTS=300000 fills fewer

Each page is requested as a superuser, in this process, through all middleware. The output is the
least of 15 (other load on the machine only adds) and the ratio to the reference: Django's plain
admin (a ModelAdmin with the same columns and filters, no more) for the list of the same reports,
measured alike. Exits with 1 when a page takes 200 ms or more.
"""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _panel_world

TIMES, WARM = 15, 2
LIMIT = 0.200


def main() -> int:
    now = datetime.now(UTC)
    _panel_world.prepare(now)
    from django.contrib.auth.models import User
    from django.test import Client

    from reputation.moderation import figures, queue

    _settle()
    jobs: tuple[tuple[str, Callable[..., int]], ...] = (
        ("the queue's refresh", queue.refresh),
        ("the first count of the figures", figures.count_up),
        ("the next", figures.count_up),
    )
    for name, act in jobs:
        start = time.perf_counter()
        act(now=now)
        print(f"{(time.perf_counter() - start) * 1000:8.0f} ms  {name}, by the worker")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(
        User.objects.get_or_create(username="b", is_superuser=True, is_staff=True)[0]
    )
    reference = _reference(client)
    print(
        f"{reference * 1000:8.0f} ms  the reference: Django's admin as it comes, list of reports\n"
    )
    slow = 0
    for path, query in _pages():
        took, size = _ask(client, path, query)
        slow += took >= LIMIT
        shown = path + ("?" + "&".join(f"{key}={value}" for key, value in query.items())) * bool(
            query
        )
        print(
            f"{took * 1000:8.1f} ms  {took / reference:6.3f} ×  {size / 1000:6.0f} kB  {shown}"
            f"{'   TOO SLOW' if took >= LIMIT else ''}"
        )
    print(f"\n{slow} pages take {LIMIT * 1000:.0f} ms or more.")
    return 1 if slow else 0


def _settle() -> None:
    from django.conf import settings
    from django.db import connection

    settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
    settings.MODERATOR_MFA_REQUIRED = False
    with connection.cursor() as cursor:  # read all rows once: the system may have dropped them
        for table in ("number", "report", "reporter"):
            cursor.execute(f"SELECT count(*) FROM reputation_{table}")  # noqa: S608


def _ask(client: Any, path: str, query: dict[str, str]) -> tuple[float, int]:
    """Seconds and bytes of a page."""
    took = []
    for _ in range(TIMES + WARM):
        start = time.perf_counter()
        response = client.get(path, query)
        took.append(time.perf_counter() - start)
    if response.status_code != 200:
        sys.exit(f"{path} answers {response.status_code}")
    return min(took[WARM:]), len(response.content)


def _pages() -> Iterator[tuple[str, dict[str, str]]]:
    from django.contrib import admin
    from django.urls import NoReverseMatch, reverse

    from reputation.models import (
        AuditEntry,
        Campaign,
        DecisionBatch,
        Dispute,
        Number,
        Proposal,
        QueueItem,
        Report,
        Reporter,
    )

    for name in ("index", "desk", "health", "reputation_decisionbatch_rollback"):
        yield reverse(f"admin:{name}"), {}
    for model in admin.site._registry:
        try:
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), {}
        except NoReverseMatch:  # it has none
            continue
    numbers = reverse("admin:reputation_number_changelist")
    reports = reverse("admin:reputation_report_changelist")
    hot = Number.objects.order_by("id")[0]
    rare = Number.objects.order_by("-id")[5]
    report = Report.objects.order_by("-id")[0]
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
    yield reverse("admin:reputation_number_decide", args=[rare.pk, "clear_number"]), {}
    # The hot number has a twentieth of all reports.
    for verb in ("clear_number", "mark_spoofed", "pin_number", "mark_reassigned"):
        yield reverse("admin:reputation_number_decide", args=[hot.pk, verb]), {}
    big = Campaign.objects.order_by("id")[0]
    yield reverse("admin:reputation_campaign_decide", args=[big.pk, "confirm_campaign"]), {}
    yield reverse("admin:reputation_report_decide", args=[report.pk, "reject_report"]), {}
    yield (
        reverse("admin:reputation_reporter_decide", args=[report.reporter_id, "block_reporter"]),
        {},
    )
    queue = reverse("admin:reputation_queueitem_changelist")
    for query in ({"kind": "dispute"}, {"kind": "campaign"}, {"p": "20"}, {"mine": "1"}):
        yield queue, query
    yield reverse("admin:reputation_decisionbatch_changelist"), {"p": "20"}
    proposals = reverse("admin:reputation_proposal_changelist")
    for query in ({"state": "waiting"}, {"p": "20"}):
        yield proposals, query
    yield reverse("admin:reputation_reporter_changelist"), {"kind": "sms"}
    yield reverse("admin:reputation_dispute_changelist"), {"status": "open"}
    yield reverse("admin:reputation_officialnumber_changelist"), {"q": hot.key}
    yield reverse("admin:reputation_auditentry_changelist"), {"p": "20"}
    rows: tuple[tuple[str, Any], ...] = (
        ("number", hot), ("number", rare), ("report", report),
        ("reporter", Reporter.objects.filter(cluster__isnull=False).order_by("id")[0]),
        ("reporter", report.reporter), ("dispute", Dispute.objects.open().order_by("id")[0]),
        ("campaign", big), ("campaign", Campaign.objects.order_by("-id")[0]),
        ("proposal", Proposal.objects.filter(expires_at__gt=datetime.now(UTC)).order_by("pk")[0]),
        ("decisionbatch", DecisionBatch.objects.order_by("pk")[0]),
        ("auditentry", AuditEntry.objects.order_by("-id")[0]),
        ("queueitem", QueueItem.objects.order_by("-harm", "id")[0]),
    )  # fmt: skip
    for name, row in rows:
        yield reverse(f"admin:reputation_{name}_change", args=[row.pk]), {}


def _reference(client: Any) -> float:
    """The list of reports by an admin class with only its columns and filters."""
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.test import RequestFactory

    from reputation.models import Report

    plain: Any = type(
        "Plain",
        (admin.ModelAdmin,),
        {
            "list_display": ("counted_at", "number", "category", "status", "comment_public"),
            "list_filter": ("status", "category", "channel"),
            "list_select_related": ("number",),
        },
    )(Report, admin.site)
    request = RequestFactory(HTTP_HOST="127.0.0.1").get("/admin/reputation/report/")
    request.user = User.objects.get(username="b")
    took = []
    for _ in range(TIMES // 3):
        start = time.perf_counter()
        plain.changelist_view(request).render()
        took.append(time.perf_counter() - start)
    return min(took)


if __name__ == "__main__":
    sys.exit(main())
