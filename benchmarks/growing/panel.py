"""What pages of the panel and of a number cost, of benchmarks/growth.py."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from benchmarks import _numbers
from benchmarks.growing.costs import Act
from reputation.models import Number, Report, Reporter


def acts(known: Callable[[], str], gateway: str) -> dict[str, Act]:
    hot = _numbers.key_of(0)
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(
        User.objects.get_or_create(username="b", is_superuser=True, is_staff=True)[0]
    )

    def get(path: str) -> None:
        response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answers {response.status_code}")

    def page(path: str) -> Act:
        return Act(lambda times: [path] * times, get)

    def of_number(key: str) -> str:
        return reverse(
            "admin:reputation_number_change", args=[Number.objects.only("pk").get(key=key).pk]
        )

    numbers = reverse("admin:reputation_number_changelist")
    newest = Report.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return {
        "panel: numbers": page(numbers),
        "panel: numbers, blocked": page(f"{numbers}?action=block"),
        "panel: a number found": Act(
            lambda times: [f"{numbers}?q=%2B{known()[1:]}" for _ in range(times)], get
        ),
        "panel: a number": Act(lambda times: [of_number(known()) for _ in range(times)], get),
        "panel: the most reported number": page(of_number(hot)),
        "page of the most reported number": page(f"/numbers/{hot}"),
        "panel: the queue": page(reverse("admin:reputation_queueitem_changelist")),
        "panel: reports": page(reverse("admin:reputation_report_changelist")),
        "panel: a report": page(reverse("admin:reputation_report_change", args=[newest])),
        "panel: the reporter with most reports": page(
            reverse(
                "admin:reputation_reporter_change", args=[Reporter.objects.get(handle=gateway).pk]
            )
        ),
    }
