"""The server's time for each page of the panel, on 1,000,000 reports and as many numbers.

    python benchmarks/panel.py              # BENCH_REPORTS=300000 fills fewer

Each page is requested as a superuser, in this process, through all middleware. The output is the
least of 15 (other load on the machine only adds), the ratio to the reference, and the CPU time of
the request on average: of this process, and of the database's with its workers (and with whatever
else on that server ended meanwhile: let it have no other clients). The reference is Django's plain
admin (a ModelAdmin with the same columns and filters, no more) for the list of the same reports,
measured alike. A loop of ten million additions tells what CPU time is worth there: on a machine
with other load it takes twice as long or longer, and so does everything else.

Exits with 1 when a page takes 200 ms or more, or is left out (`left_out`).
"""

import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.db import connection

from benchmarks import _panel_world

TIMES, WARM = 15, 2
LIMIT = 0.200
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


def main() -> int:
    now = datetime.now(UTC)
    _panel_world.prepare(now)
    from django.contrib.auth.models import User
    from django.test import Client

    _settle()
    print(f"{_loop() * 1000:8.0f} ms  of CPU for ten million additions")
    _time_jobs(now)
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(
        User.objects.get_or_create(username="b", is_superuser=True, is_staff=True)[0]
    )
    slow, asked = _time_pages(client)
    took, *_ = _ask(client, *_taking_back())
    print(
        f"{took * 1000:8.0f} ms  no page: a hundred decisions taken back on trial, to show the "
        "outcome"
    )
    print(f"\n{slow} pages take {LIMIT * 1000:.0f} ms or more.")
    if missing := sorted(left_out(asked)):
        print("Not measured:", *missing)
    return 1 if slow or missing else 0


def _time_jobs(now: datetime) -> None:
    from reputation import quality
    from reputation.moderation import figures, queue

    jobs: tuple[tuple[str, Callable[..., int]], ...] = (
        ("the queue's refresh", queue.refresh),
        ("the first count of the figures", figures.count_up),
        ("the next", figures.count_up),
        ("the first count of how decisions hold", quality.tallies.count_up),
        ("the next", quality.tallies.count_up),
    )
    for name, act in jobs:
        start = time.perf_counter()
        act(now=now)
        print(f"{(time.perf_counter() - start) * 1000:8.0f} ms  {name}, by the worker")


def _time_pages(client: Any) -> tuple[int, set[str]]:
    """Prints how long each page takes; returns how many are too slow, and the names of all."""
    from django.urls import resolve

    reference = _reference()
    print(
        f"{reference * 1000:8.0f} ms  the reference: Django's admin as it comes, list of reports\n"
    )
    slow, asked = 0, set()
    for path, query in _pages():
        took, size, own, database = _ask(client, path, query)
        asked.add(resolve(path).view_name)
        slow += took >= LIMIT
        shown = path + ("?" + "&".join(f"{key}={value}" for key, value in query.items())) * bool(
            query
        )
        print(
            f"{took * 1000:8.1f} ms  {took / reference:6.3f} ×  CPU {own * 1000:4.0f} + "
            f"{database * 1000:4.0f} ms  {size / 1000:5.0f} kB  {shown}"
            f"{'   TOO SLOW' if took >= LIMIT else ''}",
            flush=True,
        )
    return slow, asked


def left_out(asked: Collection[str]) -> set[str]:
    """The names of the panel's pages that are neither among those asked nor NO_PAGES."""
    from django.contrib import admin

    return {f"admin:{name}" for name in _names(admin.site.get_urls())} - set(asked)


def _names(patterns: Iterable[Any]) -> Iterator[str]:
    from django.urls import URLPattern

    for each in patterns:
        if not isinstance(each, URLPattern):
            yield from _names(each.url_patterns)
        elif each.name and not each.name.endswith(NO_PAGES):
            yield each.name


def _settle() -> None:
    from django.conf import settings

    settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
    settings.MODERATOR_MFA_REQUIRED = False
    with connection.cursor() as cursor:  # read all rows once: the system may have dropped them
        for table in ("number", "report", "reporter"):
            cursor.execute(f"SELECT count(*) FROM reputation_{table}")  # noqa: S608


def _loop() -> float:
    """Seconds of CPU that ten million additions take here and now."""
    start, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - start


def _of_database() -> float:
    """Seconds of CPU that this connection's server process and the workers of its queries took so
    far; 0 where the system does not tell (/proc)."""
    server = Path(f"/proc/{connection.connection.info.backend_pid}")
    try:
        own = int((server / "schedstat").read_text().split()[0]) / 1e9
        parent = (server / "stat").read_text().rpartition(")")[2].split()[1]
        fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    workers = int(fields[13]) + int(fields[14])  # cutime, cstime: of children that have ended
    return own + workers / os.sysconf("SC_CLK_TCK")


def _ask(client: Any, path: str, query: dict[str, str]) -> tuple[float, int, float, float]:
    """Seconds and bytes of a page; seconds of CPU of this process and of the database."""
    took = []
    for turn in range(TIMES + WARM):
        if turn == WARM:
            own, database = time.process_time(), _of_database()
        start = time.perf_counter()
        response = client.get(path, query)
        took.append(time.perf_counter() - start)
    own, database = time.process_time() - own, _of_database() - database
    # 403: of what nobody may add. It is the panel's answer, too.
    if response.status_code not in (200, 403):
        sys.exit(f"{path} answers {response.status_code}")
    size = len(b"".join(response)) if response.streaming else len(response.content)
    return min(took[WARM:]), size, own / TIMES, database / TIMES


def _taking_back() -> tuple[str, dict[str, str]]:
    """The newest hundred decisions of the one account that has decided all."""
    from django.contrib.auth.models import User
    from django.urls import reverse

    from reputation.models import AuditEntry

    hundredth = AuditEntry.objects.order_by("-at")[99].at
    return reverse("admin:reputation_decisionbatch_rollback"), {
        "account": str(User.objects.get(username="bench-moderator").pk),
        "since": hundredth.strftime("%Y-%m-%dT%H:%M:%S"),
    }


def _pages() -> Iterator[tuple[str, dict[str, str]]]:
    from django.urls import reverse

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
    from reputation.models import Number

    return Number.objects.order_by("id")[0]


def _rare() -> Any:
    """A number with few reports."""
    from reputation.models import Number

    return Number.objects.order_by("-id")[5]


def _of_searches() -> Iterator[tuple[str, dict[str, str]]]:
    """The lists of numbers and reports, filtered and searched."""
    from django.urls import reverse

    from reputation.models import Report, Reporter

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


def _of_filters() -> Iterator[tuple[str, dict[str, str]]]:
    """The other lists, filtered, and late pages of long ones."""
    from django.urls import reverse

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


def _of_decisions() -> Iterator[tuple[str, dict[str, str]]]:
    """The previews of decisions."""
    from django.urls import reverse

    from reputation.models import Campaign, Dispute, KeyGrant, NumbersFile, Report

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


def _of_actions() -> Iterator[tuple[str, dict[str, str]]]:
    """Pages that do something else: open a file, take decisions back, reset an account."""
    from django.contrib.auth.models import User
    from django.urls import reverse

    from reputation.models import AuditEntry, DecisionBatch, Dispute, IntakeMessage, Report

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


def _of_rows() -> Iterator[tuple[str, dict[str, str]]]:
    """The pages of single rows."""
    from django.urls import reverse

    from reputation.models import (
        AuditEntry,
        Campaign,
        DecisionBatch,
        Dispute,
        Proposal,
        QueueItem,
        Report,
        Reporter,
    )

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


def _of_tables() -> Iterator[tuple[str, dict[str, str]]]:
    """Each table's list, form to add (or its refusal), and its newest row's pages."""
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.test import RequestFactory
    from django.urls import NoReverseMatch, reverse

    request = RequestFactory(HTTP_HOST="127.0.0.1").get("/admin/")
    request.user = User.objects.get(username="b")
    for model, pages in admin.site._registry.items():
        row = pages.get_queryset(request).order_by("-pk").first()
        for page in ("changelist", "add", "change", "history"):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
            if name.endswith(NO_PAGES):
                continue
            args = [row.pk] if row and page in ("change", "history") else []
            try:
                yield reverse(name, args=args), {}
            except NoReverseMatch:  # it has none
                continue


def _of_second_reviews() -> Iterator[tuple[str, dict[str, str]]]:
    """The pages on which the user judges a decision blind, and settles a disagreement."""
    from django.contrib.auth.models import User
    from django.urls import reverse

    from reputation.models import Number, QueueItem, SecondReview

    user = User.objects.get(username="b")
    hot = Number.objects.order_by("id")[0]
    split = QueueItem.objects.filter(kind="split").order_by("-harm", "id")[0]
    yield reverse("admin:reputation_queueitem_settle", args=[split.pk, "second"]), {}
    # Of another number than the hot one: what is judged blind hides all other pages about it.
    open_ones = SecondReview.objects.filter(judged_at=None).exclude(entry__number=hot)
    review = open_ones.order_by("id")[0]
    item = QueueItem.objects.get(kind="review", subject_id=review.pk)
    SecondReview.objects.filter(pk=review.pk).update(reviewer=user)
    for page in ("judge", "change", "leave"):
        args = [item.pk, "leave"] if page == "judge" else [item.pk]
        yield reverse(f"admin:reputation_queueitem_{page}", args=args), {}
    SecondReview.objects.filter(pk=review.pk).update(reviewer=None)


def _reference() -> float:
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
