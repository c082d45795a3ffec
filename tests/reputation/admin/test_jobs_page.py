"""The worker's jobs on a page of the panel."""

import pytest
from django.db import connection
from django.test import Client

from tests.given.staff import member, signed_in, text

pytestmark = pytest.mark.django_db

JOBS = "/admin/procrastinate/procrastinatejob/"


@pytest.fixture
def job() -> int:
    """One that failed; the library's models write nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts)"
            " VALUES ('default', 'tidy', 'failed', 2) RETURNING id"
        )
        return int(cursor.fetchone()[0])


@pytest.fixture
def boss() -> Client:
    return signed_in(member("boss"))


def test_jobs_are_told_in_the_readers_language(boss: Client, job: int):
    chinese = {"accept-language": "zh-CN"}
    for page in (
        boss.get(JOBS, headers=chinese),
        boss.get(f"{JOBS}{job}/change/", headers=chinese),
    ):
        said = text(page)
        assert page.status_code == 200
        assert "tidy" in said
        for words in ("任务", "状态", "失败", "尝试次数", "最近进展"):
            assert words in said
        for english in ("Retry", "Lock", "Succeeded", "procrastinate"):
            assert english not in said
        assert "style=" not in page.content.decode()  # our Content-Security-Policy refuses it


def test_jobs_are_found_by_their_state(boss: Client, job: int):
    for state, found in (("failed", [job]), ("todo", [])):
        rows = boss.get(JOBS, {"status": state}).context["cl"].result_list
        assert [row.pk for row in rows] == found
