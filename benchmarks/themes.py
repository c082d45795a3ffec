"""Django's own admin beside django-unfold: one list of 100 numbers, the same columns and filters.

    python benchmarks/themes.py

Each runs in a process of its own, on the same small database, made for the run. Printed: the
server's time for the page (median of 60), its bytes, the files a first visit asks for and their
bytes, and what a content security policy without 'unsafe-inline' and 'unsafe-eval' would stop.
"""

import gzip
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from django.conf import settings  # noqa: E402

ROWS = 100
TIMES = 60
PATH = "/admin/reputation/number/"
DIRECTIVE = re.compile(r'\s(?:x-[a-z][\w:.-]*|@[a-z][\w.-]*|:[a-z][\w.-]*)="')


def main() -> None:
    for theme in ("plain", "unfold"):
        subprocess.run([sys.executable, __file__, theme], check=True)


def measure(theme: str) -> None:
    if theme == "unfold":
        settings.INSTALLED_APPS = ["unfold", *settings.INSTALLED_APPS]
    settings.DATABASES["default"]["TEST"] = {"NAME": f"ringscore_themes_{os.getpid()}"}
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0)
    try:
        _fill()
        print(f"{theme:>6}: {_page(theme)}")
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def _fill() -> None:
    from django.utils import timezone

    from reputation.models import Number

    now = timezone.now()
    Number.objects.bulk_create(
        Number(
            key=f"+1202555{n:04}", country="US", created_at=now, evidence_at=now, prior=0.1,
            last_reported_at=now,
        )
        for n in range(ROWS)
    )  # fmt: skip


def _page(theme: str) -> str:
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.test import Client

    from reputation.admin.reading import ReadingAdmin, choice
    from reputation.models import Number
    from reputation.scoring.policy import Action, Status

    bases: tuple[type[Any], ...] = (ReadingAdmin,)
    if theme == "unfold":
        from unfold.admin import ModelAdmin as Unfolded

        bases = (ReadingAdmin, Unfolded)
    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = "benchmarks._admin_only"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each.startswith("django.")]
    admin.site.unregister(Number)
    admin.site.register(
        Number,
        type(
            "Numbers",
            bases,
            {
                "list_display": ("key", "action", "score", "status", "last_reported_at", "country"),
                "list_filter": (choice("action", Action), choice("status", Status)),
                "search_fields": ("key",),
            },
        ),
    )
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    took, body = [], b""
    for _ in range(TIMES):
        start = time.perf_counter()
        response = client.get(PATH)
        took.append(time.perf_counter() - start)
        body = response.content
    assert response.status_code == 200
    files = {url: _size(url) for url in _asked(body.decode())}
    return (
        f"{statistics.median(took[5:]) * 1000:.1f} ms, page {len(body):,} bytes "
        f"({len(gzip.compress(body)):,} packed), {len(files)} files of {sum(files.values()):,} "
        f"bytes; against the policy: {', '.join(_offences(body.decode()))}"
    )


def _asked(page: str) -> list[str]:
    found = re.findall(r'<(?:script|link|img)[^>]*?(?:src|href)="(/static/[^"?]+)', page)
    return sorted(set(found))


def _size(url: str) -> int:
    from django.contrib.staticfiles import finders

    path = finders.find(url.removeprefix("/static/"))
    return Path(str(path)).stat().st_size if path else 0


def _offences(page: str) -> Iterator[str]:
    inline = [
        tag
        for tag in re.findall(r"<script\b[^>]*>", page)
        if "src=" not in tag and "json" not in tag
    ]
    yield f"{len(inline)} inline scripts"
    yield f"{len(re.findall(r'<[^>]* style=|<style', page))} inline styles"
    yield f"{len(DIRECTIVE.findall(page))} expressions that need 'unsafe-eval'"


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
