"""The server's time for each page of the panel, on 1,000,000 reports and as many numbers.

    python benchmarks/panel.py              # BENCH_REPORTS=300000 fills fewer

Each page is requested as a superuser, in this process, through all middleware. The output is the
least of 15 (other load on the machine only adds), the ratio to the reference, and the CPU time of
the request on average: of this process, and of the database's with its workers (and with whatever
else on that server ended meanwhile: let it have no other clients). The reference is Django's plain
admin (a ModelAdmin with the same columns and filters, no more) for the list of the same reports,
measured alike. A loop of ten million additions tells what CPU time is worth there: on a machine
with other load it takes twice as long or longer, and so does everything else.

Exits with 1 when a page takes 200 ms or more, or is left out (`_panel_pages.left_out`).
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.db import connection

from benchmarks import _panel_world

TIMES, WARM = 15, 2
LIMIT = 0.200


def main() -> int:
    now = datetime.now(UTC)
    _panel_world.prepare(now)
    from django.contrib.auth.models import User
    from django.test import Client

    from benchmarks import _panel_pages

    _settle()
    print(f"{_loop() * 1000:8.0f} ms  of CPU for ten million additions")
    _time_jobs(now)
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(
        User.objects.get_or_create(username="b", is_superuser=True, is_staff=True)[0]
    )
    slow, asked = _time_pages(client)
    took, *_ = _ask(client, *_panel_pages.taking_back())
    print(
        f"{took * 1000:8.0f} ms  no page: a hundred decisions taken back on trial, to show the "
        "outcome"
    )
    print(f"\n{slow} pages take {LIMIT * 1000:.0f} ms or more.")
    if missing := sorted(_panel_pages.left_out(asked)):
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

    from benchmarks import _panel_pages

    reference = _reference()
    print(
        f"{reference * 1000:8.0f} ms  the reference: Django's admin as it comes, list of reports\n"
    )
    slow, asked = 0, set()
    for path, query in _panel_pages.pages():
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
