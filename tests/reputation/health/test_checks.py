"""What is wrong is found, and said with what it means and what to do."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from procrastinate.contrib.django import app
from pytest_django import Settings

from config import backups, known_keys
from config.cache import parse
from reputation import health
from reputation.health import checks
from reputation.models import KeyMark
from tests.given.heartbeat import beat
from tests.given.reporters import crowd
from tests.given.staff import member, signed_in

pytestmark = pytest.mark.django_db


def ended(name: str, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH job AS (INSERT INTO procrastinate_jobs (task_name, queue_name, status)"
            " VALUES (%s, 'q', %s) RETURNING id, status) INSERT INTO procrastinate_events"
            " (job_id, type) SELECT id, status::text::procrastinate_job_event_type FROM job",
            [name, status],
        )


def states(**options: bool) -> dict[str, str]:
    found = health.look(now=timezone.now(), **options)
    for check, finding in found:
        assert all((finding.wrong, finding.meaning, finding.remedy)) is bool(finding.level), check
    return {check.name: finding.word for check, finding in found if finding.level}


def test_a_database_that_cannot_be_reached_is_named_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"HOST": "127.0.0.1", "PORT": 9}.items():
        monkeypatch.setitem(connections.settings["default"], name, value)
    with ThreadPoolExecutor(1) as fresh:  # a connection of its own
        finding = fresh.submit(checks.database, timezone.now()).result()
    assert finding.word == "unavailable"
    assert "127.0.0.1" in finding.wrong
    assert "Connection refused" in finding.wrong


def test_a_cache_that_is_away_is_said_to_keep_people_from_signing_in(settings: Settings) -> None:
    """As tests/web/test_signing_in.py shows."""
    settings.CACHES = {"default": parse("unix:///nowhere/redis?db=0", workers=2)}
    assert checks.cached(timezone.now()).meaning == (
        "Nobody can sign in, and rate limits are not counted; all else works."
    )


@pytest.fixture
def well(settings: Settings, tmp_path: Path) -> None:
    """A service for strangers that is in order."""
    settings.DATA_DIR = tmp_path
    settings.IS_SERVER = settings.IS_PUBLIC = True
    settings.PUBLIC_URL = "https://ringscore.invalid"
    settings.EMAIL_URL, settings.CODE_SENDER = "smtp://mail.example", "https://sms.example"
    backups.note_backup(now=timezone.now())
    backups.note_verified(now=timezone.now())
    known_keys.check()
    beat()
    settings.KEYS_DIR = ""
    app.perform_import_paths()
    for job in app.periodic_registry.periodic_tasks.values():
        ended(job.task.name, "succeeded")
    ended("learn", "failed")
    ended("learn", "succeeded")


def silent(settings: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    beat(ago=61)


def failing(settings: Settings) -> None:
    ended("learn", "failed")


def unpublished(settings: Settings) -> None:
    settings.FEEDS_DIR = settings.DATA_DIR / "feeds"
    crowd(3, at=timezone.now() - timedelta(minutes=21))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reputation_feedchange SET changed_at = now() - interval '21 min'")


def other_key(settings: Settings) -> None:
    KeyMark.objects.filter(purpose=KeyMark.Purpose.PSEUDONYM).update(mark="00")


def console_mail(settings: Settings) -> None:
    settings.EMAIL_URL = "console:"


def no_codes(settings: Settings) -> None:
    settings.CODE_SENDER = "off:"


def lax(settings: Settings) -> None:
    settings.ALLOW_ON_SERVER = frozenset({"http"})


def full(settings: Settings) -> None:
    settings.DISK_RESERVE_BYTES = 1 << 60


def old_backup(settings: Settings) -> None:
    backups.note_backup(now=timezone.now() - timedelta(days=3))


def unverified(settings: Settings) -> None:
    backups.note_verified(now=timezone.now() - timedelta(days=33))


def no_backup(settings: Settings) -> None:
    (settings.DATA_DIR / "last_backup.json").unlink()


def readable_keys(settings: Settings) -> None:
    settings.KEYS_DIR = str(settings.DATA_DIR)
    file = settings.DATA_DIR / "secret_key"
    file.write_text("x")
    file.chmod(0o640)


def repeated_key(settings: Settings) -> None:
    settings.SECRET_KEY = "0123456789abcdef" * 4


def late(settings: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - interval '3 days' WHERE job_id IN"
            " (SELECT id FROM procrastinate_jobs WHERE task_name = 'learn')"
        )


def pending(settings: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'api'")


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (silent, {"worker": "away"}),
        (failing, {"worker": "failing"}),
        (unpublished, {"feeds": "old"}),
        (other_key, {"keys": "other"}),
        (console_mail, {"mail": "nowhere"}),
        (no_codes, {"code sender": "off"}),
        (lax, {"settings": "lax"}),
        (full, {"disk": "low"}),
        (old_backup, {"backup": "old"}),
        (unverified, {"backup": "unverified"}),
        (no_backup, {"backup": "none"}),
        (readable_keys, {"key strength": "readable"}),
        (repeated_key, {"key strength": "weak"}),
        (late, {"jobs": "late"}),
        (pending, {"migrations": "pending"}),
    ],
)
def test_what_is_wrong_is_found(
    harm: Callable[[Settings], None], found: dict[str, str], settings: Settings
) -> None:
    owner = {"role": "owner"}  # of the tests' tables
    assert states() == owner
    harm(settings)
    assert states() == found | owner


@pytest.mark.usefixtures("well")
def test_a_clock_that_is_ahead_is_found() -> None:
    found = health.look(now=timezone.now() + timedelta(seconds=30))
    assert {check.name: finding.word for check, finding in found}["clock"] == "apart"


@pytest.mark.usefixtures("well")
def test_doctor_asks_the_mail_server_too_and_fails_for_what_does_not_work(
    settings: Settings,
) -> None:
    settings.CODE_SENDER = "https://gateway.invalid"
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1},
        }
    }
    out = StringIO()
    with pytest.raises(CommandError, match="2 of 24 parts do not work"):
        call_command("doctor", stdout=out)
    assert "degraded   mail server: The mail server refuses us" in out.getvalue()
    assert "degraded   code gateway: The gateway for codes at gateway.invalid" in out.getvalue()
    assert "last run  learn: " in out.getvalue()
    settings.CODE_SENDER = "file:/nowhere"
    settings.MAILERS["default"] = {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
    out = StringIO()
    call_command("doctor", "--json", stdout=out)
    checks = json.loads(out.getvalue())["checks"]
    assert checks["role"]["level"] == "advice"
    assert checks["database"] == {
        "level": "ok",
        "state": "ok",
        "wrong": "",
        "meaning": "",
        "remedy": "",
    }


def test_a_check_that_fails_is_a_finding_and_hides_no_other(settings: Settings) -> None:
    settings.DISK_RESERVE_BYTES = None
    found = {check.name: finding.word for check, finding in health.look(now=timezone.now())}
    assert (found["disk"], found["worker"], found["feeds"]) == ("unknown", "away", "ok")


@pytest.mark.usefixtures("well")
def test_the_panel_says_the_same_in_the_readers_language() -> None:
    client = signed_in(member("administrator"))
    page = client.get("/admin/health/", headers={"Accept-Language": "zh"}).content.decode()
    assert "服务以数据表所有者的身份运行。" in page
    assert 'href="/admin/health/"' in client.get("/admin/").content.decode()
